"""The matcher as the editors left it: taken up in each process while it runs, a moment after an edit.

Whether something was changed is one small look at the database, at most every two seconds and before a transaction where
that can be chosen. The new matcher is made aside; who reads meanwhile reads with the one before, which is then let go.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import Lock
from time import monotonic

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from farmerline.domain import vocabulary
from farmerline.models import Area
from farmerline.places import short_name
from matching import Matcher, Understood, understand
from matching.editing import Edit, edited

_log = logging.getLogger(__name__)
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class _Version:
    """A state of the vocabulary: its matcher, and what was read with it last."""

    mark: vocabulary.Mark
    matcher: Matcher
    read: Callable[[str, frozenset[str]], Understood]


class Reader:
    """Reads words with the newest vocabulary. ``view`` opens a session that reads; ``shipped`` gives the matcher without
    any edit; ``every`` is how many seconds may pass between two looks."""

    def __init__(
        self,
        view: Callable[[], AbstractContextManager[Session]],
        shipped: Callable[[], Matcher],
        *,
        every: float = 2.0,
    ) -> None:
        self.every = every
        self._view = view
        self._shipped = shipped
        self._version: _Version | None = None
        self._turn = Lock()
        self._looks_at = 0.0

    def understand(self, text: str, open_kinds: frozenset[str] = frozenset()) -> Understood:
        """What a text wants. Pure for one state of the vocabulary; the last readings are kept."""
        return self._current().read(text, open_kinds)

    @property
    def matcher(self) -> Matcher:
        """The matcher of the newest state that is known here."""
        return self._current().matcher

    def with_edits(self, edits: Sequence[Edit]) -> Matcher:
        """The matcher with just these edits; the shipped one where there are none."""
        shipped = self._shipped()
        return shipped.with_lexicon(edited(shipped.lexicon, edits)) if edits else shipped

    def freshen(self, *, at_once: bool = False) -> None:
        """Take up what editors changed, where it is time to look, or ``at_once``. Best called before a transaction.

        A database that cannot be read leaves the vocabulary as it is, but ``at_once`` raises.
        """
        if self._version is not None and not at_once and monotonic() < self._looks_at:
            return
        wait = at_once or self._version is None  # the first one is waited for
        if not self._turn.acquire(blocking=wait):
            return  # somebody looks already
        try:
            self._look()
        except SQLAlchemyError as error:
            if at_once:
                raise
            _log.warning("vocabulary.unseen error=%s", type(error).__name__)
            self._version = self._version or _version((0, 0), self._shipped())
        finally:
            self._turn.release()

    def _current(self) -> _Version:
        self.freshen()
        if self._version is None:
            raise RuntimeError("no vocabulary")
        return self._version

    def _look(self) -> None:
        self._looks_at = monotonic() + self.every
        with self._view() as session:
            if self._version is not None and vocabulary.mark(session) == self._version.mark:
                return
            mark, edits = vocabulary.in_force(session)
        self._version = _version(mark, self.with_edits(edits))


def places(session: Session, county: str) -> list[tuple[str, str, str, str]]:
    """The county's towns and villages as the matcher takes them: code, name, level, parent's code."""
    here = select(Area).where(Area.code.startswith(county)).order_by(Area.code)
    return [
        (row.code, short_name(row.name), row.level.value, row.parent_code or "")
        for row in session.scalars(here)
    ]


def _version(mark: vocabulary.Mark, matcher: Matcher) -> _Version:
    return _Version(mark, matcher, lru_cache(maxsize=_REMEMBERED)(partial(understand, matcher=matcher)))
