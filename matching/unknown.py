"""The word that stands where a product should and that the vocabulary has not: plain rules, for a person to look at."""

from __future__ import annotations

import re
from functools import lru_cache

from matching.lexicon import Lexicon, read_rows
from matching.measures import find_measures
from matching.place import Gazetteer
from matching.spans import FILLERS
from matching.values import Reading

SURE = 0.6
"""Items below this were guessed from their sound."""
_LEAST, _MOST = 2, 8
_VERB = re.compile(
    r"高价收|大量收|长期收|常年收|出售|售卖|销售|供应|供货|转让|转卖|处理|甩卖|出租|批发|直销|求购|收购|采购|订购|急购|购买|回收|急收|想买|要买|想卖|要卖|想收|想要|需要|急需|想找|"
    r"有人要|有人收|谁家有|谁有|谁要|谁收|哪里有|哪有|有没有|有卖|卖|买|收|求|售|要|购|供|出|有|找"
)
_LOOSE = re.compile(
    r"每天|今天|明天|昨天|现在|马上|随时|联系|电话|老板|价格|面议|质量|上门|自提|包送|可以|大家|朋友|大概|大约|左右|以上|以下|多少|一点|一些|一批|"
    r"便宜|急用|现货|新鲜|自家|自己|我家|家里|我们|本人|这里|那里|种的|养的|的话|因为|所以|但是|还是|没有|不要|不卖|请问|麻烦|谢谢|你好|您好|师傅|赶紧|赶快|什么|怎么|怎样"
)
_TAIL = re.compile(r"(?<=[一-鿿]{2})(?:树苗|种苗|秧苗|苗子|苗木|苗|秧|种子|籽种)$")
_EDGE = "的了呢吗吧啊呀哦嘛着过我你您他她们这那个些点也都就还再又很太好大小多少来去到在和跟与或是给把被让从对向里上下只不没想能会急新老家熟"
_EDGES = re.compile(rf"^[{_EDGE}]+|[{_EDGE}]+$")
_RUN = re.compile(r"[一-鿿]+")
_SOLD, _COUNTED, _OTHER = "\ue001", "\ue002", "\ue003"


def unknown_word(reading: Reading, lexicon: Lexicon | None = None) -> str:
    """The word of a text that trades in something nobody knows; "" where there is none. What was only guessed from its
    sound counts as unknown."""
    words = lexicon or Lexicon.default()
    if any(item.confidence >= SURE for item in reading.items):
        return ""
    quiet = _quiet(reading)
    best: tuple[int, int, str] = (0, 0, "")
    for run in _RUN.finditer(re.sub("[的了吗呢吧]", _OTHER, quiet)):
        word = _fit(run[0], words)
        near = _nearness(quiet, run.start(), run.end())
        if word and near:
            best = max(best, (near, len(word), word))
    guessed = reading.items[0].text if reading.items else ""
    return best[2] or _fit(guessed, words)


def is_everyday(word: str) -> bool:
    """Whether a word is one of everyday speech, by which goods are never named."""
    return (
        word in _ordinary()
        or word in FILLERS
        or all(sign in _EDGE for sign in word)
        or bool(_VERB.fullmatch(word) or _LOOSE.fullmatch(word))
        or bool(find_measures(f"一{word}") or find_measures(word))
    )


def is_place(word: str) -> bool:
    """Whether a province, city or county bears this name."""
    return word in Gazetteer.default().words


@lru_cache(maxsize=1)
def _ordinary() -> frozenset[str]:
    return frozenset(row[0] for row in read_rows("ordinary.tsv"))


def _quiet(reading: Reading) -> str:
    """The text with amounts, verbs of trade and everything else that is known replaced by one sign each."""
    signs = list(reading.text)
    for measure in find_measures(reading.text):
        signs[measure.start : measure.end] = _COUNTED * (measure.end - measure.start)
    said = "".join(signs)
    for known in (reading.place_text, reading.name):
        said = said.replace(known, _OTHER) if known else said
    said = _LOOSE.sub(_OTHER, _known_out(said))
    return _VERB.sub(_SOLD, said)


def _known_out(said: str) -> str:
    """Everyday words and names of places out, the longest first."""
    places = Gazetteer.default().words
    kept: list[str] = []
    at = 0
    while at < len(said):
        for length in (6, 5, 4, 3, 2):
            word = said[at : at + length]
            if len(word) == length and (word in _ordinary() or word in FILLERS or word in places):
                kept.append(_OTHER)
                at += length
                break
        else:
            kept.append(said[at])
            at += 1
    return "".join(kept)


def _fit(run: str, lexicon: Lexicon) -> str:
    """A run of signs as a word, without what clings to it; "" where it is none, or known."""
    word = _TAIL.sub("", _EDGES.sub("", run.strip()))
    if not _LEAST <= len(word) <= _MOST or not _RUN.fullmatch(word):
        return ""
    if lexicon.resolve(word) is not None or word in lexicon.forbidden or is_everyday(word):
        return ""
    return word


def _nearness(quiet: str, start: int, end: int) -> int:
    """How clearly a run stands where goods are named: right behind a verb of trade, right before an amount."""
    aside = f" ,{_OTHER}"
    before, after = quiet[:start].rstrip(aside)[-1:], quiet[end:].lstrip(aside)[:1]
    return 2 * (before == _SOLD) + 2 * (after == _COUNTED) + (after == _SOLD) + (before == _COUNTED)
