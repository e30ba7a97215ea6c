"""Products guessed from their sound, where none was read: 葡桃苗 is heard as 葡萄苗."""

from __future__ import annotations

from collections.abc import Container
from functools import cached_property, lru_cache
from operator import add, ne

from matching.lexicon import Lexicon, read_rows
from matching.spans import Span, stands_alone

_NEAR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"), ("ang", "an"))


_COUNTING = frozenset("一二三四五六七八九十百千万两半斤吨块毛元亩株棵只头0123456789")
_GOODS = frozenset(
    "grain cash veg fruit nut tea herb mushroom tree livestock poultry aquatic bee straw feed manure input processed machine equipment land service".split()
)
_NEVER_MEANT = frozenset(
    "啥什么的了是不我你他她们在有这那哪怎咋吗呢吧啊要收买卖求一二三四五六七八九十百千万两半几个里上下外前后中边家自种养喂做用给和跟与或来去到从向为把被让叫说看想会能可就都还也再又很太好大小多少新老每各位霉摆讲厉价掰挖摘采割砍拔捡剪拾剥刨抠春个害没嘛哈哦噢哟咯滴全江河湖山县市区镇乡村桥"
)
"""Signs of everyday grammar: where one stands in place of a like-sounding sign, it was meant as it stands (塘里鱼)."""
_EVERYDAY = frozenset(
    "啥什么的了是不我你他她们在有这那哪怎咋吗呢吧啊要收买卖求售购供需租转让出进一二三四五六七八九十百千万两半个"
)


_READ_OTHERWISE = {
    "术": "zhu",
    "荠": "qi",
    "薄": "bo",
    "参": "shen",
    "茄": "qie",
    "蛤": "ge",
    "柏": "bo",
    "莎": "suo",
    "藏": "zang",
}
_LONGEST = 6


@lru_cache(maxsize=1)
def _table() -> dict[str, str]:
    return {sign: row[0] for row in read_rows("pinyin.tsv") for sign in row[1]}


@lru_cache(maxsize=1)
def _voices() -> dict[int, str]:
    """For each sign the one that stands for all of its sound, so that a text is heard by one translation."""
    voice_of: dict[str, str] = {}
    return {ord(sign): voice_of.setdefault(sound, sign) for sign, sound in _table().items()}


@lru_cache(maxsize=1)
def _other_voices() -> dict[int, str]:
    """The same, with the other reading of signs that names of goods read otherwise: 白术 is bai zhu."""
    sounds = {sound: sign for sign, sound in _table().items()}
    return _voices() | {ord(sign): _voices()[ord(sounds[sound])] for sign, sound in _READ_OTHERWISE.items()}


@lru_cache(maxsize=2048)
def _folded(syllable: str) -> str:
    for sharp, plain in _NEAR:
        syllable = syllable.replace(sharp, plain)
    return "l" + syllable[1:] if syllable.startswith("n") else syllable


class Sounds:
    """The vocabulary by sound."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._words = frozenset(row[0] for row in read_rows("soundalikes.tsv"))

    @cached_property
    def _goods(self) -> list[str]:
        """The names of goods that can be heard: products before their other names, bare varieties last."""
        signs, lexicon = _table().keys(), self._lexicon
        ranked: tuple[list[str], list[str], list[str]] = ([], [], [])
        for word, sense in lexicon.senses.items():
            if len(word) >= 2 and lexicon.category(sense.concept) in _GOODS:
                ranked[2 if sense.variety is not None else word not in lexicon.concepts].append(word)
        return [word for words in ranked for word in words if signs >= set(word)]

    @cached_property
    def _starts(self) -> dict[str, dict[int, dict[str, list[str]]]]:
        """The words of up to five signs by their first two sounds, their length, then all sounds; bare varieties and works
        from three signs on."""
        starts: dict[str, dict[int, dict[str, list[str]]]] = {}
        for word in self._goods:
            sense = self._lexicon.senses[word]
            plain = not sense.variety and self._lexicon.category(sense.concept) not in {"service", "machine"}
            if len(word) <= 5 and (len(word) > 2 or plain):
                heard = word.translate(_voices())
                for way in dict.fromkeys((heard, word.translate(_other_voices()))):
                    alike = starts.setdefault(way[:2], {}).setdefault(len(way), {})
                    alike.setdefault(way, []).append(word)
        return starts

    @cached_property
    def _by_sound(self) -> dict[tuple[str, ...], str]:
        """Words by how they sound, words of more than two signs by how they nearly sound."""
        heard: dict[tuple[str, ...], str] = {}
        for word in self._goods:
            sounds = tuple(map(_table().__getitem__, word))
            heard.setdefault(tuple(map(_folded, sounds)) if len(word) > 2 else sounds, word)
        return heard

    @cached_property
    def _by_letters(self) -> dict[str, str]:
        letters: dict[str, str] = {}
        for word in self._goods:
            letters.setdefault("".join(map(_table().__getitem__, word)), word)
        return letters

    def mend(self, text: str, words: list[tuple[str, int, int]], places: Container[str] = ()) -> str:
        """The text with words of two to five signs put right where one sign is another of the same sound: 羊角密, 黄其.

        Of two signs only what is no everyday word is put right, and not behind one of the `places`: it may be a village."""
        if len(text) > 300:
            return text
        slips = self._slips(text)
        if not slips:
            return text
        known, cut, named = [False] * len(text), [False] * len(text), [False] * (len(text) + 1)
        inside = [False] * (len(text) + 1)
        for word, begin, end in words:
            if end - begin > 1:
                goods = word in self._lexicon.senses or word in self._lexicon.forbidden
                known[begin:end] = [goods] * (end - begin)
                inside[begin + 1 : end] = [goods] * (end - begin - 1)
                cut[begin:end] = [True] * (end - begin)
                named[end] = word in places
        for short, start, meant in sorted(slips, key=lambda slip: slip[:2]):
            end = start - short
            heard = text[start:end]
            odd = next((place for place in range(start, end) if text[place] != meant[place - start]), start)
            if heard == meant or set(heard) & _COUNTING or known[odd] or text[odd] in self._lexicon.suffixes:
                continue
            if inside[end]:
                continue  # 带旋耕机 holds no 代旋耕
            if any(known[start:end]) and (cut[odd] or len(heard) < 3 or text[odd] in _NEVER_MEANT):
                continue
            if len(heard) == 2 and (
                named[start]
                or any(cut[start:end])
                or not self._is_slip(heard, meant)
                or not self._is_named(text, start, end)
            ):
                continue
            known[start:end] = cut[start:end] = [True] * len(heard)
            text = text[:start] + meant + text[end:]
        return text

    def _slips(self, text: str) -> list[tuple[int, int, str]]:
        """Where a word is heard of which one sign is another: (minus its length, its place, the word)."""
        heard, starts = text.translate(_voices()), self._starts
        return [
            (-length, at, meant)
            for at, alike in enumerate(map(starts.get, map(add, heard, heard[1:])))
            if alike
            for length, exact in alike.items()
            for meant in exact.get(heard[at : at + length], ())
            if not text.startswith(meant, at) and sum(map(ne, text[at : at + length], meant)) == 1
        ]

    def _is_named(self, text: str, start: int, end: int) -> bool:
        """Whether two signs stand where goods are named, and not inside another word (一米高, 垃圾料, 酸汤鱼)."""
        return stands_alone(text, start, end) or (
            text[end : end + 1] in self._lexicon.suffixes and stands_alone(text, start, len(text))
        )

    def _is_slip(self, heard: str, better: str) -> bool:
        odd = next(sign for sign, meant in zip(heard, better, strict=True) if sign != meant)
        return heard not in self._words and odd not in _NEVER_MEANT and heard[0] not in "老小阿"

    def guess(self, text: str) -> list[Span]:
        """The longest word of the vocabulary, of two signs or more, that sounds like a part of the text and shares a sign
        with it (three signs or more need not share one)."""
        table = _table()
        for banned in self._lexicon.forbidden:
            text = text.replace(banned, " " * len(banned))
        plain = [table.get(sign, "") for sign in text[:200]]
        sounds = [_folded(sound) if sound else "" for sound in plain]
        for length in range(_LONGEST, 1, -1):
            for start in range(len(sounds) - length + 1):
                window = (
                    tuple(sounds[start : start + length]) if length > 2 else tuple(plain[start : start + 2])
                )
                word = self._by_sound.get(window)
                if word is None:
                    continue
                heard = text[start : start + length]
                if length == 2 and (not set(heard) & set(word) or set(heard) & _EVERYDAY):
                    continue
                sense = self._lexicon.senses[word]
                form = sense.form
                end = start + length
                for reach in (2, 1):
                    given = self._lexicon.form_by(
                        self._lexicon.suffixes, text[end : end + reach], sense.concept
                    )
                    if given:
                        form, end = given, min(len(text), end + reach)
                        break
                return [Span(start, end, sense.concept, form, sense.variety, sure=False)]
        return self._letters(text)

    def _letters(self, text: str) -> list[Span]:
        """Pinyin typed without characters: shou da suan 5 dun."""
        words = text.split(" ")
        for length in range(4, 0, -1):
            for first in range(len(words) - length + 1):
                joined = "".join(words[first : first + length])
                word = self._by_letters.get(joined) if joined.isascii() and joined.isalpha() else None
                if word:
                    start = len(" ".join(words[:first])) + (1 if first else 0)
                    end = start + len(" ".join(words[first : first + length]))
                    sense = self._lexicon.senses[word]
                    return [Span(start, end, sense.concept, sense.form, sense.variety, sure=False)]
        return []
