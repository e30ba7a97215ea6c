"""What people typed, made safe to work with: no control signs, no more than fits; and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import request
from werkzeug.routing import BaseConverter, Map

from farmerline.errors import Invalid, Refusal
from farmerline.render import pictures
from farmerline.web.language import _


class IdConverter(BaseConverter):
    """A row's id in an address: 32 hex digits, nothing else."""

    regex = "[0-9a-f]{32}"


class NumberConverter(BaseConverter):
    """A short public number in an address."""

    regex = r"[1-9]\d{0,8}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: object) -> str:
        return str(value)


class AlertConverter(BaseConverter):
    """An alert's number in an address: 2026-12, an exercise 2026-Y3."""

    regex = r"20\d\d-Y?[1-9]\d{0,3}"


def install(addresses: Map) -> None:
    """``<id:name>``, ``<number:name>`` and ``<alert:alert_number>`` in addresses; before any view is registered."""
    addresses.converters.update(id=IdConverter, number=NumberConverter, alert=AlertConverter)


def typed(name: str, *, most: int = 200) -> str:
    """One line as it was typed, without control signs; "" where it is missing. Raises ``Invalid`` as ``words`` does."""
    return " ".join(words(name, most=most).split())


def words(name: str, *, most: int = 4000) -> str:
    """Several lines as they were typed, without control signs; "" where it is missing.

    Raises ``Invalid`` for more than ``most`` signs: words are never cut behind a person's back.
    """
    said = request.form.get(name, "") if request.method == "POST" else request.args.get(name, "")
    plain = "".join(sign for sign in said.replace("\r\n", "\n") if sign.isprintable() or sign == "\n").strip()
    if len(plain) > most:
        raise Invalid(
            "too_long", "This has {count} signs; {most} fit.", field=name, count=len(plain), most=most
        )
    return plain


def number(name: str) -> int:
    """A short number out of the address's question; 0 where there is none that makes sense."""
    said = request.args.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


def secret(name: str) -> str:
    """A password as it was typed, untouched; "" where it is missing or absurdly long."""
    said = request.form.get(name, "")
    return said if len(said) <= 1000 else ""


def ticked(name: str) -> bool:
    return bool(request.form.get(name))


def photo() -> bytes | None:
    """The photo that was sent, made small; None without one. Raises ``Invalid`` for what is no picture."""
    sent = request.files.get("photo")
    body = sent.read() if sent is not None else b""
    return pictures.shrink(body) if body else None


def own_address(address: str) -> str:
    """An address to go on to, if it is one of ours; else ""."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    is_ours = (
        not parts.scheme
        and not parts.netloc
        and address.startswith("/")
        and not address.startswith(("//", "/\\"))
    )
    return address if is_ours and address.isprintable() and len(address) <= 500 else ""


def errors_of(refusals: Sequence[Refusal]) -> list[tuple[str, str]]:
    """The list on top of a form: each refusal's field ("" where it has none) and sentence, in the reader's language."""
    return [
        (refusal.field if isinstance(refusal, Invalid) else "", _(refusal.sentence, **refusal.values))
        for refusal in refusals
    ]
