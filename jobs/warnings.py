"""Taking up warnings of other bureaus: files of CAP 1.2 out of a folder, each made a draft once."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from farmerline.domain import foreign_warnings
from farmerline.domain.foreign_warnings import Said
from farmerline.errors import Refusal
from farmerline.render import cap
from farmerline.render.cap import BadCap, CapMessage
from jobs.context import Context

_log = logging.getLogger(__name__)
_KNOWN = "warning_known"
_REAL = frozenset({"Actual", "Exercise"})


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: the number of its draft, else why there is none (an English sentence with values filled in)."""

    file: Path
    number: str = ""
    why: str = ""
    known: bool = False


def take_new(context: Context) -> int:
    """Draft alerts of what is new in the folder of the settings; returns how many."""
    folder = context.settings.cap_folder
    if folder is None or not folder.is_dir():
        return 0
    done = [take_file(context, path) for path in files_of([folder])]
    for one in done:
        if not one.number and not one.known:
            _log.warning("warning.refused file=%s why=%s", one.file.name, one.why)
    return sum(bool(one.number) for one in done)


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


def take_file(context: Context, path: Path) -> Taken:
    """Draft an alert of one file."""
    try:
        message = cap.read(path.read_bytes()[: cap.LARGEST + 1])
        if message.status not in _REAL or message.kind != "Alert":
            return Taken(
                path,
                why=f"{message.status} {message.kind} is not taken: an officer follows up an alert by hand",
            )
        with context.database.write() as session:
            alert = foreign_warnings.take(
                session, _warning(message), settings=context.settings, now=context.now()
            )
            return Taken(path, number=alert.number)
    except (OSError, BadCap) as error:
        return Taken(path, why=str(error))
    except Refusal as refusal:
        return Taken(path, why=str(refusal), known=refusal.code == _KNOWN)


def _warning(message: CapMessage) -> Said:
    return Said(
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
