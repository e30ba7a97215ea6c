"""Text as people type it to the text the rules read: one width, one script, no links, phones or pictures."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

LONGEST, CLOSING = 400, 100
"""Characters read of one text, so many of them from its end: goods are named first, name and village last. A message of
400 characters is six parts; what is not read is kept by the caller."""

_SPOKEN = {"嘅": "的", "唔": "不", "冇": "没", "嚟": "来", "咗": "了", "喺": "在", "啲": "些", "係": "是", "噉": "这", "脷": "利",
           "俾": "给", "睇": "看", "哋": "们", "乜": "什", "咁": "这", "圆": "元", "¥": "元", "￥": "元"}  # fmt: skip
_ENGLISH = {
    "sell": "卖", "selling": "卖", "buy": "求购", "buying": "求购", "want": "求购", "find": "查", "price": "价", "report": "报虫", "ask": "问",
    "register": "注册", "done": "停", "resume": "恢复", "renew": "续期", "letter": "信",
    "subscribe": "订", "unsubscribe": "退订", "appeal": "申诉",
}  # fmt: skip
_FIRST_WORD = re.compile(rf"\A\s*({'|'.join(_ENGLISH)})\b[\s:,.]*")
"""The words by which English texts of the service say what can be written; only at the beginning."""
_UNITS = {
    "jin": "斤",
    "kilo": "公斤",
    "kilos": "公斤",
    "ton": "吨",
    "tons": "吨",
    "tonne": "吨",
    "tonnes": "吨",
    "mu": "亩",
    "yuan": "元",
}
_AMOUNT = re.compile(rf"(?<=\d) ?({'|'.join(_UNITS)})\b(?: ?(?:/|per|a|each) ?({'|'.join(_UNITS)})\b)?")
_LINK = re.compile(r"(?:https?://|www\.)[\w./?=&%#:~+-]{1,200}", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)")
_GROUPS = re.compile(r"(?<![\d.])(\d{1,3}),(\d{3})(?![\d.])")
_BLANK = re.compile(r"\s+")
_DIGIT = re.compile(r"\d")
_UNCOMMON = re.compile(r"[^\w ,.!?;:。、()/+-]")


@lru_cache(maxsize=1)
def _script() -> dict[int, str]:
    table: dict[int, str] = {}
    for line in (files("matching") / "data" / "traditional.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            old, new = line.split("\t")
            table[ord(old)] = new
    table.update({ord(old): new for old, new in _SPOKEN.items()})
    return table


def simplified(word: str) -> str:
    """A word in the signs that texts are read in."""
    return word.translate(_script())


def clean(text: str) -> str:
    """The text in NFKC, simplified characters, lower case, without links, phone numbers, control signs or
    pictures. Line ends and runs of blanks become one blank. Of a text longer than `LONGEST` its beginning and its end."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - CLOSING]} {text[-CLOSING:]}"
    folded = unicodedata.normalize("NFKC", text)[: LONGEST * 2]
    folded = folded.translate(_script()).lower()
    if folded[:1] < "一" and (english := _FIRST_WORD.match(folded)):
        folded = f"{_ENGLISH[english[1]]} {folded[english.end() :]}"
    numbered = _DIGIT.search(folded) is not None
    if numbered:
        folded = _AMOUNT.sub(_chinese_amount, folded)
    if "http" in folded or "www." in folded:
        folded = _LINK.sub(" ", folded)
    if numbered:
        folded = _PHONE.sub(" ", folded)
    folded = " ".join(_UNCOMMON.sub(_kept, folded).split())
    return _GROUPS.sub(r"\1\2", folded) if numbered and "," in folded else folded


def _kept(found: re.Match[str]) -> str:
    """A sign that people write with; a blank for a picture or a control sign."""
    sign = found[0]
    return sign if unicodedata.category(sign)[0] in "LNPZ" or sign in "=<>~|^$\n\t" else " "


def _chinese_amount(found: re.Match[str]) -> str:
    """``3000 jin`` and ``2.5 yuan per jin`` as a Chinese reader writes them."""
    return _UNITS[found[1]] + (f"/{_UNITS[found[2]]}" if found[2] else "")
