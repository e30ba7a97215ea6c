"""Placeholders in the settings of an HTTP gateway, such as ``{to}``, and what stands in their place.

Words are put into leaves of a structure which is encoded afterwards, in one pass: whatever a text holds, quotes,
braces, a placeholder's name, it can neither end its field nor be filled in itself.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from farmerline.clock import local

Leaf = Any
"""A string, number or truth value, or a table or list of these, as TOML has them."""
_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[a-z0-9_-]+)?)\}")
_SECRET = "secret."  # noqa: S105 - the beginning of a placeholder


@dataclass(frozen=True, slots=True)
class Facts:
    """What one request is about. ``day`` is the day asked for, where a carrier looks things up by day."""

    now: datetime
    day: datetime
    id: str = ""
    to: str = ""
    text: str = ""
    signature: str = ""
    purpose: str = ""
    template: str = ""
    ref: str = ""
    mac: str = ""
    since: datetime | None = None
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def national(number: str) -> str:
    """A number as carriers in China want it: eleven digits at home, country code and number abroad."""
    return number.removeprefix("+86") if number.startswith("+86") else number.lstrip("+")


PLACEHOLDERS: Mapping[str, Callable[[Facts], str]] = {
    "id": lambda facts: facts.id,
    "to": lambda facts: facts.to,
    "to_digits": lambda facts: facts.to.lstrip("+"),
    "to_national": lambda facts: national(facts.to),
    "text": lambda facts: facts.text,
    "signature": lambda facts: facts.signature,
    "purpose": lambda facts: facts.purpose,
    "template": lambda facts: facts.template,
    "ref": lambda facts: facts.ref,
    "mac": lambda facts: facts.mac,
    "nonce": lambda facts: facts.nonce,
    "now": lambda facts: f"{facts.now:%Y-%m-%dT%H:%M:%SZ}",
    "timestamp": lambda facts: str(int(facts.now.timestamp())),
    "millis": lambda facts: str(int(facts.now.timestamp() * 1000)),
    "local": lambda facts: f"{local(facts.now):%Y%m%d%H%M%S}",
    "day": lambda facts: f"{local(facts.day):%Y%m%d}",
    "since": lambda facts: f"{facts.since or facts.now:%Y-%m-%dT%H:%M:%SZ}",
    "since_timestamp": lambda facts: str(int((facts.since or facts.now).timestamp())),
}
"""Each placeholder, and how it is said. ``now``, ``timestamp`` and ``since`` are UTC, ``local`` and ``day`` China's."""


def fill(given: Leaf, facts: Facts, after: Mapping[str, str] = MappingProxyType({})) -> Leaf:
    """The structure with each placeholder's value in its place; ``after`` knows some more."""
    if isinstance(given, str):
        return (
            _PLACEHOLDER.sub(lambda found: _value(found[1], facts, after), given) if "{" in given else given
        )
    if isinstance(given, Mapping):
        return {key: fill(value, facts, after) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return [fill(value, facts, after) for value in given]
    return given


def put(given: str, known: Mapping[str, str]) -> str:
    """The words with what is known in its place; nothing stands for what is not."""
    return _PLACEHOLDER.sub(lambda found: known.get(found[1], ""), given)


def names(given: Leaf) -> Iterator[str]:
    """The placeholders in a structure."""
    if isinstance(given, str):
        yield from _PLACEHOLDER.findall(given)
    elif isinstance(given, Mapping):
        for value in given.values():
            yield from names(value)
    elif isinstance(given, list | tuple):
        for value in given:
            yield from names(value)


def unknown(given: Leaf, secrets: Iterable[str], more: Iterable[str] = ()) -> str:
    """The first placeholder that stands for nothing; empty where all stand for something."""
    known = {*PLACEHOLDERS, *more, *(_SECRET + name for name in secrets)}
    return next((name for name in names(given) if name not in known), "")


def _value(name: str, facts: Facts, after: Mapping[str, str]) -> str:
    if name in after:
        return after[name]
    if name.startswith(_SECRET):
        return facts.secrets[name.removeprefix(_SECRET)]
    return PLACEHOLDERS[name](facts)
