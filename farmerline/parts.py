"""How many SMS parts a text takes: GSM-7 where every sign is in its alphabet, else UCS-2. The signature counts.

One part holds 160 GSM-7 or 70 UCS-2 signs; each part of a longer text holds 153 or 67 (3GPP TS 23.038, 23.040).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import smsutil

_ESCAPE = "\x1b"


class Encoding(StrEnum):
    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


@dataclass(frozen=True, slots=True)
class Count:
    """``characters`` as people count them, signature included; ``parts`` as the carrier bills them (0: no text).

    ``left`` is how many more plain signs fit before another part is needed.
    """

    characters: int
    encoding: Encoding
    parts: int
    left: int


def with_signature(text: str, signature: str = "") -> str:
    """The text as it is sent: ``signature`` stands before it in 【】, unless it is empty."""
    name = signature.strip("【】 ")
    return f"【{name}】{text}" if name else text


@lru_cache(maxsize=64)  # a broadcast's text is counted for each of its people
def count(text: str, signature: str = "") -> Count:
    """Count a text as it is sent, with the signature before it."""
    whole = with_signature(text, signature)
    if not whole:
        return Count(0, Encoding.GSM7, 0, smsutil.GSM_SINGLE_PART_BYTES)
    encoding, split = _split(whole)
    unit = 1 if encoding is Encoding.GSM7 else 2
    single, multi = (
        (smsutil.GSM_SINGLE_PART_BYTES, smsutil.GSM_MULTI_PART_BYTES)
        if encoding is Encoding.GSM7
        else (smsutil.UNICODE_SINGLE_PART_BYTES, smsutil.UNICODE_MULTI_PART_BYTES)
    )
    room = single if len(split.parts) == 1 else multi
    return Count(len(whole), encoding, len(split.parts), (room - split.parts[-1].bytes) // unit)


def split(text: str) -> tuple[Encoding, tuple[str, ...]]:
    """A text as it is sent, cut into the parts that ``count`` counts; an escape pair or surrogate pair is never torn."""
    if not text:
        return Encoding.GSM7, ()
    encoding, found = _split(text)
    return encoding, tuple(part.content for part in found.parts)


def _split(text: str) -> tuple[Encoding, smsutil.SplitResult]:
    """A bare escape sign is in no alphabet: it would turn the sign after it into another."""
    if _ESCAPE not in text and smsutil.is_valid_gsm(text):
        return Encoding.GSM7, smsutil.gsm_split(text)
    return Encoding.UCS2, smsutil.unicode_split(text)
