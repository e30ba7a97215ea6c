"""Product spans of a text: longest match, with the form and variety that the neighbours give."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from matching.codes import coded_varieties, speaks_in_codes
from matching.direction import MASK
from matching.lexicon import Lexicon, Sense
from matching.measures import UNITS

FILLERS = {
    "的",
    "嫁接",
    "脱温",
    "优质",
    "脱毒",
    "扦插",
    "实生",
    "一年生",
    "两年生",
    "早熟",
    "晚熟",
    "大棚",
    "绿化",
    "正宗",
    "本地",
    "新",
    "老",
    "专用",
}
_NUMERALS = frozenset("一二两三四五六七八九十百千几半0123456789")
_PLOTS = {"地": "土地", "田": "水田", "山": "山林", "林": "山林", "塘": "鱼塘", "水面": "鱼塘", "棚": "大棚"}
_PLOT = re.compile(
    r"(?:亩(?:左右|多)?的?|[包租](?:点|个|块|几个|些|一)?)(?P<kind>地|田|山|林|塘|棚|水面)(?![里膜头瓜梨豆瓜])|收(?P<got>[地田塘山])(?=[ ,。]|$)|找(?:个|块|片|口)?(?P<sought>[地田塘山])(?=[种养栽流租包]|[ ,。]|$)|有(?:没有|无)?(?P<held>[地田塘山])(?=[\d一二两三四五六七八九十百千多来几]{0,6}亩?要?(?:往外|对外|外)?[租包转])|(?<![一-鿿])(?:有|家里有)?(?P<out>地|田|塘)(?=往外|对外|外包|出租|转包|租)"
)
_HOUSES = frozenset({"温室大棚"})
"""Built things that are land where they are let."""
_LEASE = re.compile(
    r"租|流转|承包|转包|转让|发包|外包|[想要](?:长期)?包|包[地塘山田棚]|收[地田塘山](?=[ ,。]|$)|找(?:个|块|片|口)?[地田塘山](?=[种养栽流租包]|[ ,。]|$)"
)
_GOT = frozenset("来到有进买卖收")
"""What happened to goods before they are named: 来了鸭苗."""
_FIRSTS = frozenset("茬水潮刀批季")
_COINS = re.compile(r"\s?(?:钱|[一每1/](?:公?斤|个|只))")
_PRICED = re.compile(r"[斤吨只个株头]\s?$")
_MOST_NAMED = 32
"""Goods looked at in one text: a list of more is no post, and each is held against each other."""
_TOWN = frozenset("镇乡村屯寨")
_LOOKS = frozenset("红黄白青绿黑紫大小老")
"""Signs that may stand between a form and its product."""
_NEXT = frozenset(
    "价死病吃拉咳喘得要卖出有的了都和跟与或、种苗肉蛋毛皮粪场羔崽仔犊羊牛不没收求买处批现共一二两三四五六七八九十百千几数半每各,.。;:!?()/ 大小多少好价可能便急低高在还想送来去到带全已快刚正是自包也就哦啊呀嘛噢哎啦我你他挖熟长开摘下采转租承放明今昨"
)
_BEFORE = frozenset(
    "嘛啊呀呢哈吧把将天在里家日发报看问查听收卖买要求购养售出有的和跟与或、活土肥大小老公母好黑白青红鲜干湿生嫩野山水乡肉点些缺招雇租拉进拿订搞弄逮捉只头斤吨批种群家本散车筐箱袋,.。;:!?()/ 供应需找处理杀宰牵赶抓喂新早晚春秋冬夏优甜糯粉紫是个条匹各卤烤"
)


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a product of one sign is said by itself: what touches it on both sides goes with goods."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before == "了" and text[start - 2 : start - 1] in _GOT:
        before = ""
    return (not before or before in _BEFORE or not "一" <= before <= "鿿") and (
        not after or after in _NEXT or not "一" <= after <= "鿿"
    )


@dataclass(frozen=True, slots=True)
class Span:
    """A product read at a place in the text; `head` is its last sign's end, `sure` is False for a guess by sound."""

    start: int
    end: int
    concept: str
    form: str | None = None
    variety: str | None = None
    sure: bool = True


class Finder:
    """Finds the products named in a text."""

    def __init__(self, lexicon: Lexicon, ordinary: frozenset[str]) -> None:
        self.lexicon = lexicon
        self._ordinary = ordinary

    def spans(self, text: str, words: list[tuple[str, int, int]]) -> list[Span]:
        """The products named, in order, each with the form and variety its neighbours give it. `words` is the
        text as cut."""
        found: list[Span] = []
        senses = self.lexicon.senses
        index = 0
        while index < len(words) and len(found) < _MOST_NAMED:
            word, start, end = words[index]
            if word not in senses or word in self._ordinary:
                index += 1
                continue
            if word[-1] == "头" and text[end : end + 1] in _FIRSTS and word[:-1] in senses:
                word, end = word[:-1], end - 1  # 枸杞头茬 is no 枸杞头
            sense = self._sense(text, word, start, end)
            if (
                (word == "八角" and (_COINS.match(text, end) or (found and _PRICED.search(text[:start]))))
                or (word in UNITS and text[start - 1 : start] in _NUMERALS)
                or (text[end : end + 1] in _TOWN and text[end : end + 2] not in {"乡下", "村里", "村民"})
                or (
                    end - start == 1
                    and not stands_alone(text, start, end)
                    and not self._has_suffix(words, index, sense.concept)
                )
            ):
                index += 1
                continue
            span = Span(start, end, sense.concept, sense.form, sense.variety)
            index += 1
            span, index = self._take_suffix(text, words, index, span)
            span = self._take_prefix(text, found[-1].end if found else 0, span)
            found.append(span)
        return self._join(text, self._with_land(text, self._with_codes(text, words, found)))

    def _sense(self, text: str, word: str, start: int, end: int) -> Sense:
        """What a word means here: of a variety's name that several products bear, the product spoken of elsewhere."""
        rivals = self.lexicon.rivals.get(word)
        if not rivals:
            return self.lexicon.senses[word]
        rest = text[:start] + MASK + text[end:]

        def named(sense: Sense) -> int:
            concept = self.lexicon.concepts.get(sense.concept)
            names = (sense.concept, *(concept.synonyms if concept else ()))
            return 2 * any(name in rest for name in names) + any(name[-1] in rest for name in names)

        return max(rivals, key=named)

    def _with_codes(self, text: str, words: list[tuple[str, int, int]], found: list[Span]) -> list[Span]:
        """Varieties by their code, with the form that follows them (烟富3大苗)."""
        if not speaks_in_codes(text):
            return found
        taken = {position for span in found for position in range(span.start, span.end)}
        coded: list[Span] = []
        for start, end, crop, variety in coded_varieties(text, taken):
            if crop in self.lexicon.concepts:
                index = next((i for i, word in enumerate(words) if word[1] >= end), len(words))
                coded.append(self._take_suffix(text, words, index, Span(start, end, crop, None, variety))[0])
        return sorted([*found, *coded], key=lambda span: span.start) if coded else found

    def _with_land(self, text: str, spans: list[Span]) -> list[Span]:
        """Land said only by its measure: 想租一百亩地."""
        if _LEASE.search(text):
            spans = [replace(span, form="land") if span.concept in _HOUSES else span for span in spans]
        plot = _PLOT.search(text)
        if not plot or not _LEASE.search(text) or any(kind(self.lexicon, span) == "land" for span in spans):
            return spans
        name = next(name for name in ("kind", "got", "sought", "held", "out") if plot[name])
        sense = self.lexicon.senses.get(_PLOTS[plot[name]])
        if sense is None:
            return spans
        kept = [span for span in spans if not span.start < plot.end() <= span.end]
        return sorted(
            [*kept, Span(plot.start(name), plot.end(name), sense.concept, "land")],
            key=lambda span: span.start,
        )

    def _has_suffix(self, words: list[tuple[str, int, int]], index: int, concept: str) -> bool:
        joined = ""
        for word, _start, _end in words[index + 1 : index + 3]:
            joined += word
            if len(joined) > 1 and self.lexicon.form_by(self.lexicon.suffixes, joined, concept):
                return True
        return False

    def _take_suffix(
        self, text: str, words: list[tuple[str, int, int]], index: int, span: Span
    ) -> tuple[Span, int]:
        """The form words that follow: up to three, with at most one filler between."""
        for _ in range(3):
            at = index
            while at < len(words) and words[at][0] in FILLERS and at - index < 2:
                at += 1
            if at >= len(words):
                break
            best: tuple[int, str, int] | None = None
            joined = ""
            for step in range(at, min(at + 3, len(words))):
                joined += words[step][0]
                form = self.lexicon.form_by(self.lexicon.suffixes, joined, span.concept)
                follows = text[words[step][2] : words[step][2] + 1]
                planted = joined == "种" and follows and follows in "了多得着满在过植养"
                inside = len(joined) == 1 and joined in "地园塘田林场" and follows and follows in "里头边上中"
                if (
                    form
                    and not planted
                    and not inside
                    and not (len(joined) == 1 and at > index and words[at - 1][0] == "的")
                ):
                    best = (step + 1, form, words[step][2])
            if best is None:
                break
            if (
                span.form
                and best[1] in {"young", "seedling"}
                and span.form in {"meat", "egg", "manure", "byproduct", "feed"}
            ):
                break
            part = self.lexicon.senses.get(words[best[0] - 1][0]) if best[1] == "part" else None
            index = best[0]
            span = replace(span, form=best[1], end=best[2])
            if part and self.lexicon.default_form(part.concept) == "part":
                span = replace(span, concept=part.concept, variety=None)
        return span, index

    def _take_prefix(self, text: str, floor: int, span: Span) -> Span:
        for length in (3, 2, 1):
            start = span.start - length
            if start < floor:
                continue
            word = text[start : span.start]
            form = self.lexicon.form_by(self.lexicon.prefixes, word, span.concept)
            if not form and length == 2 and word[1] in _LOOKS:  # 干红辣子
                form = self.lexicon.form_by(self.lexicon.prefixes, word[0], span.concept)
            if form and text[start - 1 : start] + word not in {
                "引种",
                "留种",
                "想种",
                "要种",
                "我种",
                "没种",
            }:
                if span.form is None:
                    span = replace(span, start=start, form=form)
                else:
                    span = replace(span, start=start)
                break
        return span

    def _join(self, text: str, spans: list[Span]) -> list[Span]:
        """Variety and product side by side become one (翠冠梨, 葡萄苗夏黑, 黄桃 锦绣)."""
        joined: list[Span] = []
        for span in spans:
            last = joined[-1] if joined else None
            if last and last.concept == span.concept and not text[last.end : span.start].strip(" 的"):
                rivals = (last.variety, span.variety) if last.variety and span.variety else (None, None)
                forms = (last.form, span.form) if last.form and span.form else (None, None)
                if rivals[0] == rivals[1] and forms[0] == forms[1]:
                    form, variety = last.form or span.form, span.variety or last.variety
                    joined[-1] = replace(last, end=span.end, form=form, variety=variety)
                    continue
            joined.append(span)
        return joined


def mask(text: str, spans: list[Span]) -> str:
    """The text with the spans' signs replaced, so that other rules do not read into product names."""
    signs = list(text)
    for span in spans:
        signs[span.start : span.end] = MASK * (span.end - span.start)
    return "".join(signs)


def kind(lexicon: Lexicon, span: Span) -> str:
    """What is traded: the category of the product, or the form where that says more (land, feed, manure, part)."""
    if span.form in {"land", "feed", "manure", "part"}:
        return span.form
    return lexicon.category(span.concept)
