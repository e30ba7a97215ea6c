"""Numbers as people say them: 2000, 两千三, 一万五, 5千, 半吨, 三千来, 十几, 两三千 (the lower bound)."""

from __future__ import annotations

import re

_DIGIT = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "俩": 2, "三": 3, "仨": 3, "四": 4, "五": 5, "六": 6, "七": 7,
          "八": 8, "九": 9, "几": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9}  # fmt: skip
_SCALE = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10_000, "亿": 100_000_000,
          "w": 10_000, "k": 1000}  # fmt: skip
_HAN = "零〇一二两三四五六七八九十百千万亿半几廿卅壹贰叁肆伍陆柒捌玖拾佰仟"

FIRST = rf"[\d{_HAN}]"
"""The signs with which a number can begin, as a set of a regular expression."""
NUMBER = rf"(?={FIRST})(?:\d{{1,9}}(?:\.\d{{1,4}})?(?:[百千万]+|[wk](?![a-z]))?(?:(?<=[百千万])[\d{_HAN}]{{1,4}})?|[{_HAN}]{{1,12}})"
"""A number, as the body of a regular expression; `parse_number` says whether it really is one."""


def parse_number(said: str) -> float | None:
    """The value of a number as written; None where it is none (半 alone is .5, a range gives its lower bound)."""
    text = said.replace("廿", "二十").replace("卅", "三十")
    if not text or text in {"万", "千", "百", "十", "亿", "几", "零"}:
        return {"十": 10.0, "百": 100.0, "千": 1000.0}.get(text)
    half = 0.0
    if text.endswith("半"):
        if text == "半":
            return 0.5
        text, half = text[:-1], 0.5
    if text.startswith("半"):
        return None
    arabic = re.fullmatch(r"(\d+(?:\.\d+)?)([百千万wk]*)(.*)", text)
    if arabic:
        value = float(arabic[1])
        step = 1.0
        for scale in arabic[2]:
            step *= _SCALE[scale]
        rest = _tail(arabic[3], step) if arabic[3] else 0.0
        return None if rest is None else _round(value * step + rest + half * step)
    value_or_none = _han(text)
    if value_or_none is None:
        return None
    last = _SCALE.get(text[-1], 1)
    return _round(value_or_none + half * last)


def _tail(said: str, step: float) -> float | None:
    if said.isdigit():
        return float(said) * step / 10 ** len(said) if len(said) < 3 else float(said)
    if len(said) == 1 and said in _DIGIT:
        return _DIGIT[said] * step / 10
    return _han(said)


def _han(text: str) -> float | None:
    """A Chinese number with scales; two digits side by side are a range, of which the first counts."""
    total = section = 0.0
    digit: int | None = None
    scale = 0
    zero = False
    for position, sign in enumerate(text):
        if sign in _DIGIT:
            if digit is not None and sign not in "零〇":
                if digit == 0 or zero:
                    digit = _DIGIT[sign]
                    continue
                if sign == "几" or _DIGIT[sign] == digit + 1 or (digit, _DIGIT[sign]) == (3, 5):
                    continue
                total = section = 0.0
                digit = _DIGIT[sign]
                continue
            if sign in "零〇":
                zero = True
                continue
            if sign == "几" and position:
                continue
            digit = _DIGIT[sign]
        elif sign in _SCALE:
            step = _SCALE[sign]
            if step >= 10_000:
                section += digit or 0
                total = (total + (section or 1)) * step
                section = 0.0
            else:
                section += (digit if digit is not None else 1) * step
            scale, digit, zero = step, None, False
        elif sign == "半":
            return None
        else:
            return None
    if digit is not None:
        section += digit * scale / 10 if scale >= 100 and not zero and text[-2:-1] in _SCALE else digit
    return total + section


def _round(value: float) -> float:
    return round(value, 6)


def show_number(value: float) -> str:
    """A number in figures without needless zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".") if value != int(value) else str(int(value))
