"""From a text to what it offers: product spans by longest match, heads, forms, varieties, numbers, place."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass, replace

from matching.direction import MASK, negated_spans
from matching.lexicon import Lexicon

_VENUE = re.compile(r"^(?:加工厂|专业户|大户|场|厂|店|馆|户|商|行|队|坊|铺|公司|合作社|老板|市场|食堂|贩|批发部|基地收|庄|摊|作坊|烧烤|火锅|的人家|人家|酒楼|饭店|农场|农庄)")
_SELF = re.compile(r"(?:专门|我们?|本人|我家|我是)?(?:养|种|做|搞|发|酿|加工|喂|开|腌|卤|烤|泡|炒|卖|贩|育)$")
_PURPOSE = re.compile(r"(?:养|种|喂|做|搭|拉|运|酿|泡|腌|磨|榨|套|割|摘|采|打|装|盖|包|栽|卤|烤|炒|收|育|捕|捞|烘|晒|储|存)$")
_FOR = re.compile(r"^(?:专用|用的|用|上用|地用|棚用|架用|园用|树用|地里|地边|塘用|场用|架|地|塘|园|树)")
_LIST = re.compile(r"^(?:\s?[、和跟与及/+&,]\s?|\s?以及\s?|\s?还有\s?|\s?或者?\s?|\s)+$")
_MAKERS = frozenset({"input", "machine", "equipment", "land", "service", "labour", "manure", "feed"})
_GAP = {"的", "嫁接", "脱温", "优质", "脱毒", "扦插", "实生", "一年生", "两年生", "早熟", "晚熟", "大棚", "绿化", "正宗", "本地", "新", "老", "专用"}
_SERVICES = {"收割机": "收割", "玉米收割机": "收割", "旋耕机": "犁地", "拖拉机": "犁地", "插秧机": "插秧", "播种机": "播种",
             "植保无人机": "植保飞防", "打捆机": "打捆", "烘干机": "烘干", "喷雾器": "植保飞防", "花生收获机": "收割",
             "土豆收获机": "收割", "微耕机": "犁地", "碾米机": "碾米", "榨油机": "榨油", "孵化机": "孵化", "冷库": "冷库出租"}  # fmt: skip
_SERVES = re.compile(r"帮人|代(?:收|割|耕|播|烘|加工|打|插)|作业|服务|承接|来收|来割|来打|来耕|出租|租(?:用)?|雇")
_SERVED = {"水稻": ("割", "插"), "小麦": ("割",)}


_CORRECTED = re.compile(r"不对|说错|讲错|搞错|哦不|打错|写错")
_BUYING = re.compile(r"^\s?(?:长期|常年|大量|急|现|专业|高价|,)?(?:收|求|要|需|采购|买|招|想|找|拿货|进)")
_SHELTERS = frozenset({"温室大棚", "大棚地", "冷库", "果园地"})
_SHELTER_DEAL = re.compile(r"转让|出租|求租|承包|出让|租|安装|建造|搭建|出售.{0,3}(?:大棚|冷库)|(?:大棚|冷库).{0,4}(?:出售|转让|处理)|(?:求购|买|收).{0,4}(?:大棚|冷库|温室)")
_GENERAL = {"食用菌": {"mushroom"}, "水果": {"fruit", "nut"}, "蔬菜": {"veg", "mushroom"}, "苗木": {"tree", "fruit", "nut"}, "杂鱼": {"aquatic"},
            "中药材": {"herb"}, "杂粮": {"grain"}, "饲料": {"feed"}, "干货": {"mushroom", "fruit", "nut", "veg", "herb", "aquatic", "cash"},
            "农药": {"input"}, "货运": {"service"}, "加工": {"service"}, "小工": {"labour"}, "野菜": {"veg"}, "土地": {"land"}, "木材": {"tree"},
            "农家肥": {"manure"}, "预混料": {"feed"}, "养猪设备": {"equipment"}, "养鸡设备": {"equipment"}}  # fmt: skip
_TOWN = frozenset("镇乡村屯寨")
_NEXT = frozenset("要卖出有的了都和跟与或、种苗肉蛋毛皮粪场羔崽仔犊羊牛不没收求买处批现共一二两三四五六七八九十百千几数半每各,.。;:!?()/ 大小多少好价可能便急低高在还想送来去到带全已快刚正是自包也就")
_BEFORE = frozenset("收卖买要求购养售出有的和跟与或、活土肥大小老公母好黑白青红鲜干湿生嫩野山水乡肉点些只头斤吨批种群家本散车筐箱袋,.。;:!?()/ 供应需找处理杀宰牵赶抓喂新早晚春秋冬夏优甜糯粉紫是个条匹各卤烤")


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a product of one sign is said by itself: what touches it on both sides goes with goods."""
    before, after = text[start - 1 : start], text[end : end + 1]
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


class Reader:
    """Finds the products of a text with one vocabulary and one set of place names."""

    def __init__(self, lexicon: Lexicon, ordinary: frozenset[str], places: Container[str] = ()) -> None:
        self.lexicon = lexicon
        self._places = places
        self._ordinary = ordinary

    def spans(self, text: str, words: list[tuple[str, int, int]]) -> list[Span]:
        """The products named, in order, each with the form and variety its neighbours give it. `words` is the
        text as cut."""
        found: list[Span] = []
        index = 0
        while index < len(words):
            word, start, end = words[index]
            sense = self.lexicon.senses.get(word)
            if sense is None or word in self._ordinary or (
                text[end : end + 1] in _TOWN and text[end : end + 2] not in {"乡下", "村里", "村民"}
            ) or (
                end - start == 1 and not _stands_alone(text, start, end) and not self._has_suffix(words, index, sense.concept)
            ):
                index += 1
                continue
            span = Span(start, end, sense.concept, sense.form, sense.variety)
            index += 1
            span, index = self._take_suffix(text, words, index, span)
            span = self._take_prefix(text, found[-1].end if found else 0, span)
            found.append(span)
        return self._join(text, found)

    def _has_suffix(self, words: list[tuple[str, int, int]], index: int, concept: str) -> bool:
        joined = ""
        for word, _start, _end in words[index + 1 : index + 3]:
            joined += word
            if len(joined) > 1 and self.lexicon.form_by(self.lexicon.suffixes, joined, concept):
                return True
        return False

    def _take_suffix(self, text: str, words: list[tuple[str, int, int]], index: int, span: Span) -> tuple[Span, int]:
        """The form words that follow: up to three, with at most one filler between."""
        for _ in range(3):
            at = index
            while at < len(words) and words[at][0] in _GAP and at - index < 2:
                at += 1
            if at >= len(words):
                break
            best: tuple[int, str, int] | None = None
            joined = ""
            for step in range(at, min(at + 3, len(words))):
                joined += words[step][0]
                form = self.lexicon.form_by(self.lexicon.suffixes, joined, span.concept)
                if form and not (len(joined) == 1 and at > index and words[at - 1][0] == "的"):
                    best = (step + 1, form, words[step][2])
            if best is None:
                break
            if span.form and best[1] in {"young", "seedling"} and span.form not in {"young", "seedling"}:
                break
            index = best[0]
            span = replace(span, form=best[1], end=best[2])
        return span, index

    def _take_prefix(self, text: str, floor: int, span: Span) -> Span:
        for length in (3, 2, 1):
            start = span.start - length
            if start < floor:
                continue
            word = text[start : span.start]
            form = self.lexicon.form_by(self.lexicon.prefixes, word, span.concept)
            if form and text[start - 1 : start] + word not in {"引种", "留种", "想种", "要种", "我种", "没种"}:
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
                if not (last.variety and span.variety and last.variety != span.variety and span.start == last.end and not last.form):
                    if not (last.form and span.form and last.form != span.form):
                        joined[-1] = replace(
                            last, end=span.end, form=last.form or span.form, variety=span.variety or last.variety
                        )
                        continue
            joined.append(span)
        return joined

    def heads(self, text: str, spans: list[Span]) -> tuple[list[Span], list[Span]]:
        """The spans that are traded, and those that only describe: who speaks, what for, a modifier of the head."""
        corrected = _CORRECTED.search(text)
        negated = negated_spans(mask(text, spans))
        kept: list[Span] = []
        aside: list[Span] = []
        for position, span in enumerate(spans):
            following = spans[position + 1] if position + 1 < len(spans) else None
            after = text[span.end :]
            before = text[: span.start]
            category = _category(self, span)
            venue = _VENUE.match(after)
            gap = text[span.end : following.start] if following else ""
            if any(start <= span.start < end for start, end in negated):
                continue
            if corrected and span.end <= corrected.start() and spans[-1].start > corrected.start():
                continue
            if venue and category not in {"land", "service", "labour"} and span.form != "land":
                aside.append(span)
            elif category == "land" and following and _BUYING.match(after):
                aside.append(span)
            elif span.concept in _SHELTERS and len(spans) > 1 and not _SHELTER_DEAL.search(text):
                aside.append(span)
            elif _SELF.search(before) and re.match(r"^(?:的|,的|这块的|生意)(?![\d一二两三四五六七八九十百千])", after):
                aside.append(span)
            elif following and _FOR.match(after) and len(gap) <= 5 and _category(self, following) in _MAKERS:
                aside.append(span)
            elif following and not gap and (span.concept in _SHELTERS or category == "land") and span.form != "land":
                aside.append(span)
            elif following and not gap and following.concept not in _SHELTERS and _category(self, following) in _MAKERS and category not in _MAKERS - {"manure"}:
                aside.append(span)
            elif kept and re.search(r"(?:带|配|送|附带|附)$", before):
                aside.append(span)
            elif following and gap in {"发酵", "发酵的", "做的"}:
                aside.append(span)
            else:
                kept.append(span)
        purposes = [span for span in kept if _PURPOSE.search(text[: span.start]) and not self._is_object(text, span)]
        others = [span for span in kept if span not in purposes]
        if purposes and any(
            span.concept not in {purpose.concept for purpose in purposes} and span.concept not in _GENERAL for span in others
        ):
            aside += purposes
            kept = others
        kept, aside = self._settle(text, kept, aside)
        if not kept and aside:
            kept, aside = aside[-1:], aside[:-1]
        return kept, aside

    def _settle(self, text: str, kept: list[Span], aside: list[Span]) -> tuple[list[Span], list[Span]]:
        """Goods beside services and machines: which of them is meant; and general words beside particular ones."""
        services = [span for span in kept if _category(self, span) in {"service", "labour"}]
        goods = [span for span in kept if span not in services]
        if services and goods:
            meant = [span for span in services if self._is_asked_for(text, span, kept)]
            if meant:
                crops = [span for span in goods if _category(self, span) not in {"machine", "land", "equipment"}]
                drop = crops if len(crops) < len(goods) else goods
                drop = [span for span in drop if not (span.end < meant[0].start and _has_own_price(text, span, meant[0]))]
            else:
                drop = services
            aside = aside + drop
            kept = [span for span in kept if span not in drop]
        makers = [span for span in kept if _category(self, span) in {"land", "machine", "equipment", "part"}]
        crops = [span for span in kept if span not in makers and _category(self, span) not in {"service", "labour"}]
        if makers and crops and not any(_has_number(text, span) for span in crops):
            aside = aside + crops
            kept = [span for span in kept if span not in crops]
        general = [span for span in kept if span.concept in _GENERAL]
        particular = {_category(self, span) for span in kept if span.concept not in _GENERAL}
        for span in general:
            kin = _GENERAL[span.concept]
            if particular & kin:
                kept = [
                    replace(other, form=span.form) if span.form and not other.form and other is not span else other
                    for other in kept
                    if other is not span
                ]
        return kept, aside

    def _is_asked_for(self, text: str, span: Span, spans: list[Span]) -> bool:
        said = text[span.start : span.end]
        if any(other.start == span.end for other in spans) and len(said) <= 2:
            return False
        if re.match(r"\s?的", text[span.end :]) and not re.search(r"队|工|车|人", said):
            return False
        if re.search(r"服务|队|代|作业|车|工$|手$|员$|出租", said):
            return True
        if re.search(r"(?:找|请|求|需|要|承接|提供|专业|专门|帮|招|雇|缺|对外|接)[^,。;]{0,6}$", text[: span.start]):
            return True
        return bool(re.search(r"(?:元|块|毛|\d|[一二三四五六七八九十百])(?:钱)?(?:一|每|/)亩", text))

    def _is_object(self, text: str, span: Span) -> bool:
        """收 or 采 in front of what is really bought: 收牛粪, unless a direction verb stands further left."""
        verb = text[span.start - 1 : span.start]
        return verb in "收" or (verb in "打包套" and text[max(0, span.start - 2) : span.start - 1] in {"", " ", ","})

    def share(self, text: str, spans: list[Span]) -> list[Span]:
        """A list shares its last member's form: 梨、桃、李子树苗."""
        shared = list(spans)
        for position in range(len(shared) - 2, -1, -1):
            span, following = shared[position], shared[position + 1]
            gap = text[span.end : following.start]
            if span.form is None and following.form and (not gap or _LIST.match(gap)) and gap not in {",", ", "}:
                own = self.lexicon.category(span.concept)
                if own == _category(self, following) or following.form in {"seedling", "seed", "young"}:
                    if following.form != self.lexicon.default_form(span.concept):
                        shared[position] = replace(span, form=following.form)
        return shared

    def loosen(self, text: str, masked: str, spans: list[Span]) -> list[Span]:
        """Forms and short variety names said elsewhere in the text: 干的, 苗子, 牛心的, 紫皮."""
        loosened: list[Span] = []
        forms = {span.concept: span.form for span in spans if span.form and not span.variety}
        for span in spans:
            if span.form is None and span.variety and span.concept in forms:
                span = replace(span, form=forms[span.concept])
            form, variety = span.form, span.variety
            if form is None:
                for word, _row in self.lexicon.loose.items():
                    where = masked.find(word)
                    if where >= 0 and not re.search(r"(?:不要|没有|不是)$", masked[:where]):
                        given = self.lexicon.form_by(self.lexicon.loose, word, span.concept)
                        if given and (len(word) > 1 or re.match(r"[\s,的]|$", masked[where + 1 :])):
                            form = given
                            break
            if variety is None:
                shorts = self.lexicon.short_varieties.get(span.concept, {})
                heard = [short for short in shorts if len(short) >= 2 and short in masked and short not in self._places]
                heard = heard or [short for short in shorts if len(short) == 1 and f"{short}的" in masked]
                if heard:
                    variety = shorts[max(heard, key=len)]
            loosened.append(replace(span, form=form, variety=variety))
        return loosened

    def serve(self, text: str, spans: list[Span], units: set[str]) -> list[Span]:
        """A machine offered by the 亩 or to work for people is a service."""
        served: list[Span] = []
        for span in spans:
            service = _SERVICES.get(span.concept)
            if service and span.form is None and (units & {"亩", "垧"} or _SERVES.search(text)):
                span = replace(span, concept=service)
            served.append(span)
        return served


def mask(text: str, spans: list[Span]) -> str:
    """The text with the spans' signs replaced, so that other rules do not read into product names."""
    signs = list(text)
    for span in spans:
        for position in range(span.start, span.end):
            signs[position] = MASK
    return "".join(signs)


def _category(reader: Reader, span: Span) -> str:
    if span.form in {"land", "feed", "manure", "part"}:
        return span.form
    return reader.lexicon.category(span.concept)


def _has_own_price(text: str, span: Span, service: Span) -> bool:
    """Whether goods have a quantity and a price of their own before the service is named."""
    between = text[span.end : service.start]
    return bool(re.search(r"[斤吨株只头]", between) and re.search(r"[元块毛]", between))


def _has_number(text: str, span: Span) -> bool:
    return bool(re.match(r"^.{0,4}?[\d一二两三四五六七八九十百千万]", text[span.end :]))
