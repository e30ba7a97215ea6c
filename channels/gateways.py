"""The gateways file: a county's carrier connections, one ``[[gateway]]`` table each (docs/gateways.md).

Read and checked once at the start. A secret never stands in it: ``key = "env:NAME"`` takes it from the environment,
``key_file = "path"`` from a file.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from channels.contract import Gateway, Sender
from farmerline.errors import Misconfigured
from farmerline.messages import Channel

RESERVED = frozenset({"mailbox", "email", "web", "contact", "twilio"})
"""Names that rows and addresses use already."""
_LONGEST = 256 * 1024
_PREFIX = re.compile(r"\+[1-9][0-9]{0,14}")


class Keys(BaseModel):
    """A table of the file: it knows its keys, and fetches its secrets."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _fetch_secrets(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        fetched = dict(given)
        for name, field in cls.model_fields.items():
            if field.annotation not in (SecretStr, SecretStr | None):
                continue
            if f"{name}_file" in fetched:
                fetched[name] = read_secret(name, fetched.pop(f"{name}_file"), from_file=True)
            elif name in fetched:
                fetched[name] = read_secret(name, fetched[name])
        return fetched


class Table(Keys):
    """What every connection has, whatever its kind."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9-]{0,23}$",
        description="The connection's name in rows, pages and webhooks: small letters, digits and hyphens, 24 at most.",
    )
    kind: str = Field(description="What stands behind it.")
    channel: Channel = Field(Channel.SMS, description="What it carries: `sms` or `voice`.")
    rate: float = Field(gt=0, le=1e6, description="SMS parts or calls a second that the carrier takes.")
    signature: str | None = Field(
        None, max_length=12, description="Put before each SMS in 【】; without it, FARMERLINE_SMS_SIGNATURE."
    )
    prefixes: tuple[str, ...] = Field(
        (), description="Beginnings of the numbers it may carry, such as `+8613`; without it, all."
    )
    cost: float | None = Field(
        None,
        ge=0,
        le=10,
        description="Yuan for one part, or a started minute; without it, FARMERLINE_SMS_PART_YUAN or _CALL_MINUTE_YUAN.",
    )
    longest: int = Field(0, ge=0, le=20, description="Parts of the longest text it carries; 0 for any.")

    @field_validator("name")
    @classmethod
    def _check_name(cls, value: str) -> str:
        if value in RESERVED:
            raise ValueError(f"{value} is a name of the service's own")
        return value

    @field_validator("channel")
    @classmethod
    def _check_channel(cls, value: Channel) -> Channel:
        if value not in (Channel.SMS, Channel.VOICE):
            raise ValueError("must be sms or voice")
        return value

    @field_validator("prefixes")
    @classmethod
    def _check_prefixes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for prefix in value:
            if not _PREFIX.fullmatch(prefix):
                raise ValueError(f"{prefix!r} is not the beginning of a number such as +8613")
        return value

    def stays_here(self) -> bool:
        """Whether nothing of it leaves this machine."""
        return False

    def gateway(self, sender: Sender, **more: Any) -> Gateway:
        """The connection that hands over by ``sender``; ``more`` is what its kind can do besides."""
        return Gateway(
            self.name,
            self.channel,
            sender,
            self.rate,
            self.signature or "",
            prefixes=self.prefixes,
            cost=self.cost or 0.0,
            longest=self.longest,
            kind=self.kind,
            **more,
        )


class LineTable(Table):
    """A connection of the county's own line; its account is told by the settings FARMERLINE_TWILIO_…."""


def read_tables(path: Path, kinds: Mapping[str, type[Table]]) -> tuple[Table, ...]:
    """The file's connections in its order; raises ``Misconfigured`` with one line that names file, table and key."""
    try:
        if path.stat().st_size > _LONGEST:
            raise Misconfigured(f"{path} is too large for a gateways file.")
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"FARMERLINE_GATEWAYS names {path}, which cannot be read.") from error
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path} is not TOML: {error}.") from error
    tables = given.pop("gateway", None)
    if given:
        raise Misconfigured(
            f"{path}: {next(iter(given))} is not known here; there are only [[gateway]] tables."
        )
    if not isinstance(tables, list) or not tables:
        raise Misconfigured(f"{path} has no [[gateway]] table.")
    read = [_read_table(path, number, table, kinds) for number, table in enumerate(tables, 1)]
    names = [table.name for table in read]
    if twice := [name for name in names if names.count(name) > 1]:
        raise Misconfigured(f'{path}: two gateways are called "{twice[0]}".')
    return tuple(read)


def read_secret(name: str, given: object, *, from_file: bool = False) -> str:
    """A secret's value; raises ``ValueError`` where it stands in the open, or is not where it should be."""
    if from_file:
        try:
            found = Path(str(given)).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{name}_file names {given}, which cannot be read") from error
        if not found:
            raise ValueError(f"{name}_file names {given}, which is empty")
        return found
    variable = str(given).removeprefix("env:")
    if not isinstance(given, str) or variable == given:
        raise ValueError(f'{name} is a secret: give {name} = "env:NAME" or {name}_file = "path"')
    if not os.environ.get(variable):
        raise ValueError(f"{name} is taken from {variable}, which the environment does not hold")
    return os.environ[variable]


def _read_table(path: Path, number: int, given: object, kinds: Mapping[str, type[Table]]) -> Table:
    if not isinstance(given, dict):
        raise Misconfigured(f"{path}: gateway is not a table; write [[gateway]].")
    called = f'{path}: gateway "{given["name"]}"' if given.get("name") else f"{path}: gateway number {number}"
    kind = str(given.get("kind", ""))
    if kind not in kinds:
        said = f"kind {kind} is not known" if kind else "kind is missing"
        raise Misconfigured(f"{called}: {said}; there are {', '.join(sorted(kinds))}.")
    try:
        return kinds[kind].model_validate(given)
    except ValidationError as error:
        raise Misconfigured(f"{called}: {_said(kinds[kind], error.errors()[0])}") from error


def _said(model: type[Table], error: ErrorDetails) -> str:
    """One line on what is wrong, with what the key means."""
    place, meaning = _named(model, error["loc"])
    said = error["msg"].removeprefix("Value error, ")
    if error["type"] == "missing":
        return f"{place} is missing. {meaning}".strip()
    if error["type"] == "extra_forbidden":
        return f"{place} is not a key of this table; docs/gateways.md lists them."
    return f"{place} is wrong ({said}). {meaning}".strip() if place else f"{said}."


def _named(model: Any, loc: Sequence[int | str]) -> tuple[str, str]:
    """A key's way through the tables, and its meaning. What names no key (the tag of a choice) is left out."""
    shown: list[str] = []
    meaning = ""
    for step in loc:
        field = _field(model, str(step))
        if field is not None:
            shown.append(str(step))
            meaning, model = field.description or "", field.annotation
        elif not (choice := _choice(model, str(step))):
            shown.append(str(step))
        else:
            model = choice
    return ".".join(shown), meaning


def _field(model: Any, name: str) -> FieldInfo | None:
    for one in _models(model):
        for key, field in one.model_fields.items():
            if name in (key, field.alias):
                return field
    return None


def _choice(model: Any, tag: str) -> type[BaseModel] | None:
    """The member of a choice of tables that this tag stands for."""
    found = [one for one in _models(model) if tag in [str(f.default) for f in one.model_fields.values()]]
    return found[0] if len(found) == 1 else None


def _models(kind: Any) -> list[type[BaseModel]]:
    """The tables in a key's type."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [model for part in getattr(kind, "__args__", ()) for model in _models(part)]
