"""The answers that set up a county: how each is read, asked for again, and written down as settings."""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from farmerline.cli.language import tell
from farmerline.config import PREFIX
from farmerline.domain.init_county import FirstPerson
from farmerline.domain.people import check_name
from farmerline.errors import Absent, Conflict, Invalid, Misconfigured
from farmerline.identity import is_mobile, normalise_phone
from farmerline.places import Level, PlaceRow, read_vendored, short_name

T = TypeVar("T")
_LISTED = 6


class Asker:
    """Takes an answer from what was given, else asks for it; a bad one is explained and asked for again."""

    def __init__(self, facts: Mapping[str, str], *, may_ask: bool) -> None:
        self._facts = facts
        self._may_ask = may_ask

    def ask(
        self,
        name: str,
        question: str,
        read: Callable[[str], T],
        *,
        default: str | None = None,
        hidden: bool = False,
    ) -> T:
        """The answer called ``name``. Raises ``Invalid`` where nobody can be asked."""
        said = self._facts.get(name)
        while True:
            if said is None and not self._may_ask:
                if default is None:
                    raise Invalid("answer_missing", "The answer {name} is missing.", field=name, name=name)
                said = default
            try:
                return read(
                    click.prompt(question, default=default, hide_input=hidden) if said is None else said
                )
            except (Invalid, Absent) as refusal:
                if not self._may_ask:
                    raise
                click.echo(tell(refusal.sentence, **refusal.values), err=True)
                said = None


def read_answers(file: Path, known: Iterable[str]) -> dict[str, str]:
    """A TOML file of answers; raises ``Misconfigured`` for what is no TOML or no answer."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file} is not a TOML file of answers: {error}") from error
    for name, value in found.items():
        if name not in known or not isinstance(value, str):
            raise Misconfigured(
                f"{file}: {name} is not an answer; the answers are: {', '.join(sorted(known))}."
            )
    return found


def find_county(text: str) -> PlaceRow:
    """The county of a name (慈溪, 慈溪市) or six-digit code; raises ``Invalid``, with the choices where several fit."""
    said = text.strip()
    counties = [row for row in read_vendored(through=Level.COUNTY) if row.level is Level.COUNTY]
    found = [row for row in counties if said in (row.code, row.name)]
    found = found or [row for row in counties if said == short_name(row.name)]
    if not found:
        raise Invalid(
            "county_unknown",
            "There is no county {said}. Write its name or its six-digit code.",
            said=said[:20],
        )
    if len(found) > 1:
        choices = "、".join(f"{row.code} {row.name}" for row in found[:_LISTED])
        raise Invalid("county_several", "Several counties fit: {choices}. Write the code.", choices=choices)
    return found[0]


def check_service_name(text: str) -> str:
    """The service's name, 2 to 30 signs."""
    said = " ".join(text.split())
    if not 2 <= len(said) <= 30 or not said.isprintable():
        raise Invalid("service_name", "The service's name has 2 to 30 characters.")
    return said


def check_gateway(text: str) -> str:
    """``twilio``, ``pbx`` or ``simulator``."""
    said = text.strip().lower()
    if said not in ("twilio", "pbx", "simulator"):
        raise Invalid("gateway_unknown", "The carrier is twilio, pbx or simulator.")
    return said


def make_account(number: str) -> dict[str, str]:
    """An account made up between the service and a switch of the county's own; ``number`` is the trunk's."""
    return {
        "twilio_account_sid": f"AC{secrets.token_hex(16)}",
        "twilio_auth_token": secrets.token_hex(16),
        "twilio_number": number.replace(" ", "").replace("-", ""),
        "twilio_api": "http://127.0.0.1:8090",
        "pbx_manager_secret": secrets.token_hex(16),
    }


def check_line(text: str) -> str:
    """A telephone number as people dial it."""
    said = text.strip()
    if (
        not re.fullmatch(r"\+?[0-9][0-9 -]{1,18}[0-9]", said)
        or not 3 <= sum(sign.isdigit() for sign in said) <= 15
    ):
        raise Invalid("line_number", "Write a telephone number, as people dial it.")
    return said


def check_filled(text: str) -> str:
    """Any text without spaces."""
    if not re.fullmatch(r"\S+", text.strip()):
        raise Invalid("answer_empty", "This must be filled in, without spaces.")
    return text.strip()


def read_person(text: str) -> FirstPerson:
    """A real name and a mobile number: ``沈秋月 13900000001``."""
    said = text.replace(",", " ").replace("，", " ").split()
    if len(said) < 2:
        raise Invalid("person_shape", "Write the real name and the mobile number, like 沈秋月 13900000001.")
    phone = normalise_phone(said[-1])
    if not is_mobile(phone):
        raise Invalid("person_shape", "Write the real name and the mobile number, like 沈秋月 13900000001.")
    return FirstPerson(check_name(" ".join(said[:-1])), phone)


def read_second(text: str, first: FirstPerson) -> FirstPerson:
    """The same, of another person."""
    person = read_person(text)
    if person.phone == first.phone or person.name == first.name:
        raise Invalid("person_same", "The second must be another person with another phone.")
    return person


def check_folder(text: str) -> Path:
    """A folder that can be written to; it is made when it is not there."""
    folder = Path(text.strip()).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid("folder", "The folder {folder} cannot be made.", folder=folder) from error
    if not os.access(folder, os.W_OK):
        raise Invalid("folder", "The folder {folder} cannot be written to.", folder=folder)
    return folder


def write_settings(path: Path, values: Mapping[str, Any], *, day: date) -> Path:
    """Write the settings to a new file beside ``path`` that only its owner may read; ``put_in_place`` names it ``path``."""
    fresh = path.with_name(path.name + ".part")
    fresh.unlink(missing_ok=True)
    lines = [
        f"# Written by `farmerline init` on {day}. docs/settings.md explains each line.",
        "# Keep a copy of the keys apart from the backups: without them nobody can read the names and numbers.",
        *(f"{PREFIX}{name.upper()}={_quoted(str(value))}" for name, value in values.items()),
    ]
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write("\n".join(lines) + "\n")
    return fresh


def put_in_place(fresh: Path, path: Path) -> None:
    """Give the new file its name; raises ``Conflict`` rather than overwrite another."""
    try:
        os.link(fresh, path)
    except FileExistsError as error:
        raise Conflict(
            "settings_exist", "{file} is there already; init never overwrites settings.", file=path
        ) from error
    finally:
        fresh.unlink(missing_ok=True)


def _quoted(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_./:+=@,-]*", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
