"""SMS parts: equal to an independent count, and what is counted is what is cut."""

from __future__ import annotations

import json
import random
import subprocess
from functools import cache

import pytest

from farmerline.parts import Encoding, count, split, with_signature
from tests.parts import node

FEW, JOINED = 2_000, 300
SIGNATURES = ("", "", "慈溪农业", "Bureau")
_PLAIN = "abcdefgh XYZ 0123456789.,!?\r\n@£$¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉÄÖÑÜ§¿äöñüà"
_EXTENDED = "\f^{}\\[~]|€"
_CHINESE = "梨园今晚有霜请在凌晨两点前点烟或喷水防冻棚内温度不要低于五度，。；：！？【】"
_PAIRS = "🌾🐛🍐🌧🚜𠮷𠀀𪚥𫝀"
_CLUSTERS = ("👨‍👩‍👧", "👍🏽", "🇨🇳", "1️⃣", "e\u0301", "葛󠄀")
_BORDERS = (2, 20, 67, 70, 70, 70)
_LATIN_BORDERS = (2, 67, 70, 153, 160)
_LONG_BORDERS = (134, 201, 306)


def _anywhere(chance: random.Random) -> str:
    """A sign of any plane that stands for itself: no half of a pair."""
    while (
        0xD800
        <= (code := chance.choice([chance.randrange(top) for top in (0x80, 0x10000, 0x110000)]))
        < 0xE000
    ):
        pass
    return chr(code)


def _text(chance: random.Random, number: int) -> str:
    """A text of about the length of a border between parts; pairs and escape pairs at any place of it."""
    borders = _LONG_BORDERS if number % 40 < 3 else _LATIN_BORDERS if number % 5 < 2 else _BORDERS
    length = chance.choice(borders) + chance.randrange(-2, 3)
    alphabet = ((_PLAIN,), (_PLAIN, _EXTENDED), (_CHINESE,), (_CHINESE, _PAIRS, _PLAIN), (_PLAIN, _PAIRS))[
        number % 5
    ]
    odd = chance.random() * 0.3
    signs = [
        chance.choice(alphabet[0] if chance.random() > odd else chance.choice(alphabet))
        for _ in range(length)
    ]
    if number % 9 == 4:
        some = chance.choice((0.01, 0.2))
        signs = [sign if chance.random() > some else _anywhere(chance) for sign in signs]
    return "".join(signs)


@cache
def counted(amount: int) -> list[tuple[str, list[object]]]:
    """The texts, and what the independent calculator makes of each."""
    if node.find() is None:
        pytest.skip(node.MISSING)
    chance = random.Random(20261012)
    texts = [with_signature(_text(chance, number), SIGNATURES[number % 4]) for number in range(amount)]
    texts += [
        _text(chance, 2) + chance.choice(_CLUSTERS) * chance.randrange(1, 9) + _text(chance, 3)
        for _ in range(JOINED)
    ]
    done = subprocess.run(
        node.command("segments.js"), input=json.dumps(texts).encode(), stdout=subprocess.PIPE, check=True,
        env=node.environment(),
    )  # fmt: skip
    return list(zip(texts, json.loads(done.stdout), strict=True))


def _units(encoding: Encoding, part: str) -> int:
    return len(part.encode("gsm0338")) if encoding is Encoding.GSM7 else len(part.encode("utf-16-be")) // 2


@pytest.mark.parametrize("amount", [FEW, pytest.param(10_000, marks=pytest.mark.long)])
def test_texts_are_counted_as_an_independent_calculator_counts_them(amount: int) -> None:
    """Its parts have the same lengths as ours; a sign that is joined of several (a family) it never parts, see below."""
    different, alone = [], 0
    for text, (encoding, parts, joined, units) in counted(amount)[:amount]:
        if joined:
            continue
        alone += 1
        ours, cut = split(text)
        mine = (ours.value, count(text).parts, [_units(ours, part) for part in cut])
        if mine != (encoding, parts if text else 0, units if text else []):
            different.append((text, mine, parts, units))
    assert not different[:3]
    assert alone > amount * 0.95


def test_signs_joined_of_several_never_cost_more_than_the_calculator_says() -> None:
    """A carrier parts a text between the code points of one joined sign as anywhere else, and so do we."""
    for text, (encoding, parts, joined, _cut) in counted(FEW):
        if joined:
            ours = count(text)
            assert ours.encoding == encoding
            assert isinstance(parts, int)
            assert parts - 1 <= ours.parts <= parts


def test_the_parts_are_the_text_and_each_fits_on_the_air() -> None:
    """At most 140 bytes with the header of six that joins them (3GPP TS 23.040)."""
    for text, _theirs in counted(FEW):
        encoding, cut = split(text)
        assert "".join(cut) == text
        for part in cut:
            room = (
                (160 if len(cut) == 1 else 153)
                if encoding is Encoding.GSM7
                else (70 if len(cut) == 1 else 67)
            )
            assert 0 < _units(encoding, part) <= room
