"""The doors that carriers and the demo use: who may come in, and what every signed webhook has in common."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import wraps
from threading import Lock
from typing import Any, TypeVar

from flask import Response, request
from twilio.request_validator import RequestValidator, compare
from twilio.twiml.messaging_response import MessagingResponse
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

View = TypeVar("View", bound=Callable[..., Any])
Form = MultiDict[str, str]
Hook = Callable[[Form], Response]

_log = logging.getLogger(__name__)
_BODY_LIMIT = 64 * 1024
_REMEMBERED = 2000
_NOTHING = str(MessagingResponse())
_DELIVERY = re.compile(r"[0-9a-f]{32}")


def allowed(who: str) -> Callable[[View], View]:
    """Mark who may enter a view: ``carrier`` (proved by signature) or ``demo`` (exists in the demo only)."""

    def mark(view: View) -> View:
        view.allowed = who  # type: ignore[attr-defined]
        return view

    return mark


@dataclass(slots=True)
class Answered:
    """The last answers by the carrier's idempotency token: a webhook sent twice is answered alike, acted on once."""

    limit: int = _REMEMBERED
    _kept: OrderedDict[str, bytes] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, token: str) -> bytes | None:
        with self._lock:
            return self._kept.get(token)

    def keep(self, token: str, body: bytes) -> None:
        with self._lock:
            self._kept[token] = body
            while len(self._kept) > self.limit:
                self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class CarrierDoor:
    """Lets a carrier's signed POST in: size, signature, wanted fields; an inside that fails is a 503.

    The signature is checked against the configured public address, for behind a proxy the address that Flask
    sees is not the one that the carrier signed. Twilio's retries carry ``I-Twilio-Idempotency-Token``; where one has
    none, a view that names ``once`` is known by its path and these fields.
    """

    auth_token: str = field(repr=False)
    public_url: str
    answered: Answered = field(default_factory=Answered)

    def hook(self, *wanted: str, once: Collection[str] = ()) -> Callable[[Hook], Callable[[], Response]]:
        """Wrap a view that takes the verified form; ``wanted`` fields must be there.

        ``once``: the fields that make two requests the same one, where their values say all that there is to act on.
        """

        def wrap(view: Hook) -> Callable[[], Response]:
            @allowed("carrier")
            @wraps(view)
            def enter() -> Response:
                return self._enter(view, wanted, once)

            return enter

        return wrap

    def _enter(self, view: Hook, wanted: Collection[str], once: Collection[str]) -> Response:
        request.max_content_length = _BODY_LIMIT
        try:
            form = request.form
        except HTTPException as error:
            return plain(error.code or 400)
        if not self.is_signed(form):
            return plain(403)
        if any(name not in form for name in wanted):
            return plain(400)
        token = request.headers.get("I-Twilio-Idempotency-Token", "") or "\n".join(
            form[name] for name in once
        )
        if token and (body := self.answered.get(f"{request.path} {token}")) is not None:
            return Response(body, mimetype="text/xml")
        try:
            response = view(form)
        except HTTPException as error:
            return plain(error.code or 400)
        except Exception as error:  # whatever failed inside, the carrier is told to come back, never a 500
            _log.error("hook.failed path=%s error=%s", request.path, type(error).__name__)
            return plain(503, {"Retry-After": "5"})
        if token and response.status_code == 200:
            self.answered.keep(f"{request.path} {token}", response.get_data())
        return response

    def is_signed(self, form: Form) -> bool:
        """Whether the request now being answered carries the carrier's signature."""
        query = request.query_string.decode("ascii", "replace")
        url = self.public_url + request.path + (f"?{query}" if query else "")
        signature = request.headers.get("X-Twilio-Signature", "")
        proof = RequestValidator(self.auth_token)
        # the address as it stands is nearly always the one; `validate` tries it with and without its port, three times the work
        as_it_stands = compare(proof.compute_signature(url, form), signature)
        return bool(as_it_stands or proof.validate(url, form, signature))


def plain(status: int, headers: dict[str, str] | None = None) -> Response:
    """An answer with no page: carriers read only the number."""
    return Response(status=status, headers=headers, mimetype="text/plain")


def twiml(markup: str) -> Response:
    return Response(markup, mimetype="text/xml")


def nothing_to_say() -> Response:
    """An empty TwiML answer: taken, and nothing rides back on the webhook."""
    return twiml(_NOTHING)


def delivery_named() -> str | None:
    """Our own delivery id, which the carrier gives back in the address of its receipt or call."""
    named = request.args.get("delivery", "")
    return named if _DELIVERY.fullmatch(named) else None
