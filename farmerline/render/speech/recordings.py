"""Recordings of people in place of fixed phrases: a folder of the county's own, a folder in it for each dialect.

``<folder>/dialects.tsv`` names the dialects, one a line: code, name, and the area whose callers hear it (empty: everybody).
Without that file there is one dialect, ``main``. A recording is ``<folder>/<dialect>/<phrase>.wav``, 8000 Hz, mono, 16 bit. A
file ``<phrase>.txt`` beside it holds the words that it says: once the phrase is worded otherwise the recording is no longer
played. Without that file it is taken to say what the phrase says now. What was removed lies in ``removed`` and can be put back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from farmerline.messages import Ask, PlayRecording, Say, SpokenScript, SpokenStep
from farmerline.render.speech.files import write_whole
from farmerline.render.speech.wav import TELEPHONE, is_ours

MAIN = "main"
_LISTING, _REMOVED = "dialects.tsv", "removed"
_MARK = "phrase:"
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")
_AREA = re.compile(r"(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})?")


@dataclass(frozen=True, slots=True)
class Dialect:
    """``name`` is "" for the one dialect that is there by itself; ``area_code`` "" for everybody."""

    code: str
    name: str = ""
    area_code: str = ""


@dataclass(slots=True)
class Recordings:
    """The recordings of a folder, which need not be there; ``phrases`` are the words of each phrase by its name.

    Reads the folder anew once it changed. A wrong line, and a file that no telephone can play, is passed over: no call fails.
    """

    folder: Path | None = None
    phrases: Mapping[str, str] = field(default_factory=dict)
    _seen: tuple[int, ...] = ()
    _found: dict[str, dict[str, str]] = field(default_factory=dict)
    _dialects: tuple[Dialect, ...] = ()

    @property
    def dialects(self) -> tuple[Dialect, ...]:
        self._freshen()
        return self._dialects

    def find(self, words: str, area_code: str = "") -> str | None:
        """The id of the recording that callers of an area hear in place of the words: of the nearest dialect that has one."""
        self._freshen()
        if words not in self._found:
            return None
        here = self._found[words]
        fit = [one for one in self._dialects if one.code in here and area_code.startswith(one.area_code)]
        nearest = max(fit, key=lambda one: len(one.area_code), default=None)
        return f"{_MARK}{nearest.code}:{here[nearest.code]}" if nearest else None

    def path(self, dialect: str, phrase: str) -> Path | None:
        """Where the recording of a phrase would lie; None for a dialect or a phrase that there is not."""
        known = phrase in self.phrases and dialect in {one.code for one in self.dialects}
        return self.folder / dialect / f"{phrase}.wav" if self.folder and known else None

    def get(self, recording_id: str) -> bytes | None:
        """The WAV bytes of an id of ``find``; None where there is none, or what the id names is no recording of a phrase."""
        mark, dialect, phrase = [*recording_id.split(":"), "", ""][:3]
        path = self.path(dialect, phrase) if f"{mark}:" == _MARK else None
        try:
            return path.read_bytes() if path else None
        except OSError:
            return None

    def played(self, script: SpokenScript, pronounce: Callable[[str], str]) -> SpokenScript:
        """The script with recordings in place of the words that there are recordings of; ``pronounce`` is for the others."""

        def prompt(step: Say | PlayRecording) -> Say | PlayRecording:
            if isinstance(step, PlayRecording):
                return step
            found = self.find(step.text, script.area_code)
            return PlayRecording(found) if found else replace(step, text=pronounce(step.text))

        def fit(step: SpokenStep) -> SpokenStep:
            if isinstance(step, Ask):
                return replace(step, prompt=tuple(map(prompt, step.prompt)))
            return prompt(step) if isinstance(step, Say) else step

        return replace(script, steps=tuple(map(fit, script.steps)))

    def keep(self, dialect: str, phrase: str, wav: bytes) -> bool:
        """Let a recording be heard from now on; one that was there is put aside. Returns whether there was one.

        Raises ``LookupError`` for a dialect or a phrase that there is not, or without a folder.
        """
        path = self._demand(dialect, phrase)
        path.parent.mkdir(parents=True, exist_ok=True)
        replaced = self.remove(dialect, phrase)
        write_whole(path.with_suffix(".txt"), self.phrases[phrase].encode())
        write_whole(path, wav)
        return replaced

    def remove(self, dialect: str, phrase: str) -> bool:
        """Put a recording aside; returns whether there was one. Raises as ``keep``."""
        path = self._demand(dialect, phrase)
        there = path.is_file()
        if there:
            aside = path.parent / _REMOVED
            aside.mkdir(exist_ok=True)
            path.replace(aside / path.name)
            words = path.with_suffix(".txt")
            if words.is_file():
                words.replace(aside / words.name)
        return there

    def put_back(self, dialect: str, phrase: str) -> bool:
        """Let the recording that was put aside last be heard again, the one that is there now put aside. Raises as ``keep``."""
        path = self._demand(dialect, phrase)
        aside = path.parent / _REMOVED / path.name
        if not aside.is_file():
            return False
        wav, words = aside.read_bytes(), aside.with_suffix(".txt")
        said = words.read_bytes() if words.is_file() else None
        aside.unlink()
        words.unlink(missing_ok=True)
        self.remove(dialect, phrase)
        if said is not None:
            write_whole(path.with_suffix(".txt"), said)
        write_whole(path, wav)
        return True

    def was_removed(self, dialect: str, phrase: str) -> bool:
        """Whether there is one to put back."""
        path = self.path(dialect, phrase)
        return path is not None and (path.parent / _REMOVED / path.name).is_file()

    def state(self, dialect: str, phrase: str) -> str:
        """``there``, ``outdated`` (it says other words than the phrase does now), ``unplayable`` or ``missing``."""
        path = self.folder / dialect / f"{phrase}.wav" if self.folder else None
        if path is None or not path.is_file():
            return "missing"
        if not _is_playable(path):
            return "unplayable"
        return "there" if _says(path, self.phrases[phrase]) else "outdated"

    def add(self, dialect: Dialect) -> None:
        """One more dialect. Raises ``ValueError`` for a code that is taken or no code."""
        if self.folder is None or not _fits(dialect) or dialect.code in {one.code for one in self.dialects}:
            raise ValueError(dialect.code)
        lines = [f"{one.code}\t{one.name}\t{one.area_code}\n" for one in (*self.dialects, dialect)]
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / _LISTING, "".join(lines).encode())

    def _demand(self, dialect: str, phrase: str) -> Path:
        path = self.path(dialect, phrase)
        if path is None:
            raise LookupError(phrase)
        return path

    def _freshen(self) -> None:
        if self.folder is None or not self.folder.is_dir():
            self._found, self._dialects, self._seen = {}, (Dialect(MAIN),), ()
            return
        if self._dialects and self._stamp(self.folder) == self._seen:
            return
        self._dialects = tuple(one for one, problem in read_dialects(self.folder) if not problem)
        self._seen = self._stamp(self.folder)
        self._found = {}
        for dialect in self._dialects:
            for name, words in self.phrases.items():
                if self.state(dialect.code, name) == "there":
                    self._found.setdefault(words, {})[dialect.code] = name

    def _stamp(self, folder: Path) -> tuple[int, ...]:
        places = (folder, *(folder / one.code for one in self._dialects))
        return tuple(place.stat().st_mtime_ns if place.is_dir() else 0 for place in places)


def read_dialects(folder: Path) -> Iterator[tuple[Dialect, str]]:
    """The dialects of a folder in their order; with each what is wrong with its line, "" for nothing."""
    listing = folder / _LISTING
    if not listing.is_file():
        yield Dialect(MAIN), ""
        return
    for number, line in enumerate(listing.read_text("utf-8", errors="replace").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            one = Dialect(*[part.strip() for part in [*line.split("\t"), "", ""][:3]])
            yield one, "" if _fits(one) else f"{listing}, line {number}"


def _fits(one: Dialect) -> bool:
    return bool(
        _CODE.fullmatch(one.code) and one.code != _REMOVED and _AREA.fullmatch(one.area_code)
    ) and not (set("\t\n\r") & set(one.name))


def _says(path: Path, words: str) -> bool:
    beside = path.with_suffix(".txt")
    return not beside.is_file() or beside.read_text("utf-8").strip() == words


def _is_playable(path: Path) -> bool:
    try:
        return is_ours(path.read_bytes(), TELEPHONE)
    except OSError:
        return False
