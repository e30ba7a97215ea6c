"""How words are read: a table by pinyin, applied before any voice speaks.

A voice reads some signs of a word wrongly (铅山 is Yánshān, not qiānshān). Such a sign is replaced by an everyday sign that has
one reading alone, the right one (言山): every voice understands that, where phoneme input is understood by its own voice only.
The product's table is ``pronunciation.tsv`` beside this file; a county's own stands before it, in the same form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from farmerline.render.speech.files import write_whole

BUILT_IN = Path(__file__).with_name("pronunciation.tsv")
_SYLLABLE = re.compile(r"[a-zü]{1,6}[1-5]")
_SIGN = re.compile(r"[一-鿿]+")
_LONGEST = 12
_FIRST, _LAST = 0xB0A1, 0xD7F9
"""The everyday signs: level 1 of GB/T 2312, in its encoding."""
_MISREAD = frozenset("匠矩笆酬嘎呵哄乎勒肋哩拇撇颇嗽苔奄爷蔗拽楚欢娘淆稼")
"""Everyday signs that the built-in voice reads wrongly."""


class BadReading(ValueError):
    """No reading of the word: ``str()`` is the part that is wrong."""


class Table:
    """What is said in place of words."""

    def __init__(self, said: Mapping[str, str]) -> None:
        self._said = said
        longest_first = sorted(map(re.escape, said), key=len, reverse=True)
        self._words = re.compile("|".join(longest_first)) if said else None

    def apply(self, text: str) -> str:
        """The text with the signs that sound right; the longest word that fits counts."""
        return self._words.sub(lambda found: self._said[found.group()], text) if self._words else text


class Pronunciation:
    """The product's table, and before it a county's own in ``file``, which need not be there: it is read anew once it changed."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self._seen, self._own, self._all = -1, Table({}), Table({})

    def apply(self, text: str) -> str:
        """The text as the built-in voice is to be given it."""
        self._freshen()
        return self._all.apply(text)

    def apply_own(self, text: str) -> str:
        """The same by the county's own table alone: for voices that read the rest rightly."""
        self._freshen()
        return self._own.apply(text)

    @property
    def own(self) -> dict[str, tuple[str, str]]:
        """The county's own words: pinyin, and what is said for it ("" where a line is wrong)."""
        rows = read_rows(self.file) if self.file and self.file.is_file() else ()
        return {word: (pinyin, read_reading(word, pinyin, said)) for word, pinyin, said in rows}

    def keep(self, word: str, pinyin: str) -> None:
        """Let a word be read so from now on. Raises ``BadReading``."""
        say_as(word, pinyin)
        self._write({**self._lines(), word: f"{word}\t{pinyin}\n"})

    def drop(self, word: str) -> bool:
        """Let a word be read as the voice would; whether it was there."""
        lines = self._lines()
        there = lines.pop(word, "") != ""
        if there:
            self._write(lines)
        return there

    def _lines(self) -> dict[str, str]:
        """The county's file line by line, by its words; remarks by themselves."""
        there = self.file.read_text("utf-8", errors="replace") if self.file and self.file.is_file() else ""
        return {line.partition("\t")[0].strip(): f"{line}\n" for line in there.splitlines() if line.strip()}

    def _write(self, lines: Mapping[str, str]) -> None:
        if self.file is None:
            raise BadReading
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.file, "".join(lines.values()).encode())

    def _freshen(self) -> None:
        seen = self.file.stat().st_mtime_ns if self.file and self.file.is_file() else 0
        if seen != self._seen:
            own = read_table(self.file) if self.file and seen else {}
            self._seen, self._own, self._all = seen, Table(own), Table({**read_table(BUILT_IN), **own})


def read_rows(file: Path) -> Iterator[tuple[str, str, str]]:
    """Each line's word, its pinyin, and the signs that are said for it where they are written, right or wrong."""
    for line in file.read_text("utf-8", errors="replace").splitlines():
        if line.strip() and not line.startswith("#"):
            word, pinyin, said = [part.strip() for part in [*line.split("\t"), "", ""][:3]]
            yield word, pinyin, said


def read_reading(word: str, pinyin: str, said: str) -> str:
    """What is said for a line of a table; "" where it is wrong."""
    try:
        return said or say_as(word, pinyin)
    except BadReading:
        return ""


def read_table(file: Path) -> dict[str, str]:
    """What is said in place of each word of a table; a line that is wrong is passed over."""
    told = {word: read_reading(word, pinyin, said) for word, pinyin, said in read_rows(file)}
    return {word: said for word, said in told.items() if said and word}


def say_as(word: str, pinyin: str) -> str:
    """The word in signs that sound like its pinyin: (铅山, "yan2 shan1") → 言山. Raises ``BadReading``."""
    if not _SIGN.fullmatch(word) or len(word) > _LONGEST:
        raise BadReading(word)
    wanted = pinyin.lower().replace("v", "ü").replace("u:", "ü").split()
    if len(wanted) != len(word):
        raise BadReading(pinyin)
    known, said = everyday(), []
    for sign, syllable in zip(word, wanted, strict=True):
        if not _SYLLABLE.fullmatch(syllable):
            raise BadReading(syllable)
        if syllable not in known:
            raise BadReading(syllable)
        is_sure = _is_everyday(sign) and _readings(sign) == (syllable,) and sign not in _MISREAD
        said.append(sign if is_sure else known[syllable])
    return "".join(said)


@cache
def everyday() -> Mapping[str, str]:
    """An everyday sign for each syllable: one that is read so and in no other way, else one that is mostly read so."""
    sure: dict[str, str] = {}
    mostly: dict[str, str] = {}
    for code in range(_FIRST, _LAST + 1):
        sign = code.to_bytes(2, "big").decode("gb2312", "ignore") if code & 0xFF >= 0xA1 else ""
        if sign and sign not in _MISREAD:
            readings = _readings(sign)
            (sure if len(readings) == 1 else mostly).setdefault(readings[0], sign)
    return mostly | sure


def _is_everyday(sign: str) -> bool:
    try:
        return _FIRST <= int.from_bytes(sign.encode("gb2312"), "big") <= _LAST
    except UnicodeEncodeError:
        return False


@cache
def _readings(sign: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin

    found = pinyin(sign, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True, v_to_u=True)
    return tuple(found[0])
