"""Taking up warnings of other bureaus: messages of CAP 1.2 out of a folder or from listed addresses, each made a draft once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from farmerline.domain import feeds, foreign_warnings
from farmerline.domain.feeds import Source
from farmerline.domain.foreign_warnings import WarningMessage
from farmerline.errors import Invalid, Refusal
from farmerline.render import cap
from farmerline.render.cap import BadCap, CapMessage
from jobs import fetching
from jobs.context import Context
from jobs.fetching import May, Unreached
from jobs.links import agent_of

_log = logging.getLogger(__name__)
_KNOWN = "warning_known"
_MAY_CHANGE = frozenset({"no_officer"})
"""Refusals that the county can put right: such a file is looked at again."""
_REAL = frozenset({"Actual", "Exercise"})


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message, of a file or from an address: the number of its draft, else why there is none (an English
    sentence with values filled in, and its code)."""

    file: Path | str
    number: str = ""
    why: str = ""
    why_code: str = ""
    known: bool = False
    settled: bool = True
    """Looking at it again would come to the same."""


_LINKS = 20
"""Messages of a feed that are read at one time."""
_HEAD = 2000
_read_at: set[str] = set()
"""Addresses of messages that are settled: each is read once by this process."""
_looked_at: set[tuple[Path, int, int]] = set()
"""Files of the folder that are settled, as they were: each is read once by this process, however often the job runs."""


def take_new(context: Context) -> int:
    """Draft alerts of what is new in the folder of the settings; returns how many."""
    folder = context.settings.cap_folder
    if folder is None or not folder.is_dir():
        return 0
    taken = 0
    for path in files_of([folder]):
        if (mark := _mark(path)) in _looked_at:
            continue
        done = take_file(context, path)
        taken += bool(done.number)
        if done.settled and mark:
            _looked_at.add(mark)
        if not done.number and not done.known:
            _log.warning("warning.refused file=%r why=%s", path.name[:60], done.why_code)
    return taken


def _mark(path: Path) -> tuple[Path, int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return path, state.st_mtime_ns, state.st_size


def has_work(context: Context) -> bool:
    """Whether there is a folder with files in it."""
    folder = context.settings.cap_folder
    return folder is not None and folder.is_dir() and bool(files_of([folder]))


def files_of(places: Iterable[Path]) -> list[Path]:
    """The files meant by files and folders, in order of their names."""
    found: list[Path] = []
    for place in places:
        found += sorted(place.glob("*.xml")) + sorted(place.glob("*.cap")) if place.is_dir() else [place]
    return found


def fetch_new(context: Context, may: May = fetching.is_public) -> int:
    """Draft alerts of what is new at the addresses of the settings; returns how many.

    An address gives a message, or a feed (RSS, Atom) of the addresses of messages. What cannot be had is asked again next time.
    """
    taken = 0
    for address in context.settings.cap_urls:
        try:
            body = _get(context, address, may)
            for place, document in [(address, body)] if _is_message(body) else _linked(context, body, may):
                done = _take(context, place, document)
                taken += bool(done.number)
                if done.settled:
                    _read_at.add(place)
                if not done.number and not done.known:
                    _log.warning("warning.refused from=%s why=%s", urlsplit(place).hostname, done.why_code)
        except (Unreached, Invalid) as error:
            _log.warning("warning.unreached from=%s why=%s", urlsplit(address).hostname, error)
    return taken


def has_addresses(context: Context) -> bool:
    """Whether any address is listed."""
    return bool(context.settings.cap_urls)


def _linked(context: Context, body: bytes, may: May) -> Iterator[tuple[str, bytes]]:
    """The messages that a feed points to, but those that were read before: what a message says does not change."""
    for one in feeds.read_feed(body, Source(name="cap", place=""))[:_LINKS]:
        if one.link and one.link not in _read_at:
            yield one.link, _get(context, one.link, may)


def _get(context: Context, address: str, may: May) -> bytes:
    answer = fetching.get(address, agent=agent_of(context.settings), most=cap.LARGEST + 1, may=may)
    if answer.status != 200:
        raise Unreached(str(answer.status))
    return answer.body


def _is_message(body: bytes) -> bool:
    return cap.NAMESPACE.encode() in body[:_HEAD]


def take_file(context: Context, path: Path) -> Taken:
    """Draft an alert of one file."""
    try:
        with path.open("rb") as file:
            return _take(context, path, file.read(cap.LARGEST + 1))
    except OSError as error:
        return Taken(path, why=str(error), why_code="unreadable", settled=False)


def _take(context: Context, path: Path | str, document: bytes) -> Taken:
    """Draft an alert of one message; ``path`` is where it came from."""
    try:
        message = cap.read(document)
        if message.status not in _REAL or message.kind != "Alert":
            why = f"{message.status} {message.kind} is not taken: an officer follows up an alert by hand"
            return Taken(path, why=why, why_code="kind")
        with context.database.write() as session:
            alert = foreign_warnings.take(
                session, _warning(message), settings=context.settings, now=context.now()
            )
            return Taken(path, number=alert.number)
    except BadCap as error:
        return Taken(path, why=str(error), why_code="not_cap")
    except Refusal as refusal:
        known, settled = refusal.code == _KNOWN, refusal.code not in _MAY_CHANGE
        return Taken(path, why=str(refusal), why_code=refusal.code, known=known, settled=settled)


def _warning(message: CapMessage) -> WarningMessage:
    return WarningMessage(
        sender=message.sender,
        identifier=message.identifier,
        event=message.event,
        severity=cap.SEVERITIES.index(message.severity),
        headline=message.headline,
        text="\n".join(part for part in (message.description, message.instruction) if part),
        places=tuple((area.name, area.codes) for area in message.areas),
        expires=message.expires,
        exercise=message.status == "Exercise",
    )
