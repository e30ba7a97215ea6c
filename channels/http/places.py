"""Where something stands in what a carrier says: ``data.0.id`` in JSON, or ``re:^0,(\\d+)`` in any text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator

_BY_PATTERN = "re:"
_DEEPEST = 12


class Unreadable(ValueError):
    """What was said is not JSON, though a place in it was asked for."""


def check_place(place: str) -> str:
    """Raises ``ValueError`` for a place that cannot be looked at."""
    if not place.strip():
        raise ValueError("is empty")
    if place.startswith(_BY_PATTERN) and _pattern(place).groups != 1:
        raise ValueError(f"{place} must have one group in brackets: what it finds")
    if place.count(".") >= _DEEPEST and not place.startswith(_BY_PATTERN):
        raise ValueError(f"{place} is too deep")
    return place


def check_pattern(pattern: str) -> str:
    """Raises ``ValueError`` for what is no regular expression."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern} is not a regular expression: {error}") from error
    return pattern


Place = Annotated[str, AfterValidator(check_place)]
Pattern = Annotated[str, AfterValidator(check_pattern)]


@dataclass(slots=True)
class Said:
    """What a carrier said, in an answer or a webhook. Parsed once, when a place in its JSON is first asked for."""

    text: str
    _parsed: Any = None
    _is_parsed: bool = False

    @classmethod
    def of(cls, value: Any) -> Said:
        """What is parsed already: one entry of a list."""
        return cls(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), value, True)

    def at(self, place: str) -> str | None:
        """What stands there, as text; None for nothing. Raises ``Unreadable``."""
        if place.startswith(_BY_PATTERN):
            found = _pattern(place).search(self.text)
            return found[1] if found else None
        return _plain(self._walk(place))

    def all_match(self, wanted: Mapping[str, str]) -> bool:
        """Whether each place holds what its pattern says, from beginning to end."""
        return all(
            (value := self.at(place)) is not None and re.fullmatch(pattern, value) is not None
            for place, pattern in wanted.items()
        )

    def entries(self, place: str | None) -> Iterator[Said]:
        """The entries of the list there; a single table counts as a list of one. Raises ``Unreadable``."""
        found = self._walk(place) if place else self._json()
        if isinstance(found, list):
            yield from map(Said.of, found)
        elif isinstance(found, dict):
            yield Said.of(found)

    def _walk(self, place: str) -> Any:
        value = self._json()
        for step in place.split("."):
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return value

    def _json(self) -> Any:
        if not self._is_parsed:
            try:
                self._parsed = json.loads(self.text)
            except (ValueError, RecursionError) as error:
                raise Unreadable from error
            self._is_parsed = True
        return self._parsed


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    return None


@lru_cache(maxsize=64)
def _pattern(place: str) -> re.Pattern[str]:
    return re.compile(check_pattern(place.removeprefix(_BY_PATTERN)))
