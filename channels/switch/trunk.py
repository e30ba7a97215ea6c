"""The bureau's trunk: how numbers are dialled on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trunk:
    """``dial`` is how a number is rung, e.g. ``PJSIP/{number}@trunk``: ``{number}`` as it is dialled in China, ``{e164}``
    with its country. ``shown`` is the number that people see."""

    dial: str
    shown: str

    def channel(self, number: str) -> str:
        return self.dial.format(number=national(number), e164=number)


def national(number: str) -> str:
    """An E.164 number as it is dialled in China: 13900000021, 057463000001, 12316, 008520000000; short codes stay."""
    if not number.startswith("+"):
        return number
    if not number.startswith("+86"):
        return f"00{number[1:]}"
    inland = number.removeprefix("+86")
    is_whole = inland.startswith("1") and len(inland) in (5, 11)
    return inland if is_whole else f"0{inland}"
