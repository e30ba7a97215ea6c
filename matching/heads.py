"""Which of the products named are traded, and which only say who speaks, what for, or what kind."""

from __future__ import annotations

import re
from dataclasses import replace

from matching.direction import negated_spans
from matching.lexicon import Lexicon
from matching.marks import OVER, is_beside, is_done_to, is_mark, is_renamed, picker, specify, weaned
from matching.spans import Span, kind, mask

_VENUE = re.compile(
    r"^(?:加工厂|专业户|大户|场|厂(?!家?直)|店|馆|户|商|行|队|坊|铺|公司|合作社|老板|市场|食堂|贩|批发部|基地收|庄|摊|作坊|烧烤|火锅|档|大?排档|餐馆|的人家|人家|酒楼|饭店|农场|农庄)"
)
_VENUE_NEAR = re.compile(
    r"^[一-鿿]{1,3}?(?:店|馆|厂|铺|坊|庄|楼)(?=收|求|要|长|大|需|采|买|招|每|找|高|急|的|[, ]|$)"
)
_MAKER_OF = re.compile(r"^的(?:小)?(?:作坊|厂|店|铺|摊|馆|公司|合作社|老板|人家|食堂)")
_SELF = re.compile(
    r"(?:专门|我们?|本人|我家|我是)?(?:养|种|做|搞|发|酿|加工|喂|开|腌|卤|烤|泡|炒|卖烤|卖炸|卖炒|卖卤|卖熟|卖|贩|育)$"
)
_PURPOSE = re.compile(
    r"(?:养|(?<![各几品一这那多两])种|喂|做|搭|拉|运|酿|泡|腌|磨|榨|套|割|摘|采|打|装|盖|包|栽|卤|烤|炒|收|育|捕|捞|烘|晒|储|存)$"
)
_FOR = re.compile(r"^(?:专用|用的|用|上用|地用|棚用|架用|园用|树用|地里|地边|塘用|场用|架|地|塘|园|树)")
_OF = re.compile(r"^[一-鿿]{0,4}的[新旧老大小好]{0,2}$")
"""What stands between a modifier and its head: 中蜂的格子箱, 拆葡萄架下来的旧水泥桩."""
_TRAILING = re.compile(
    r"^(?:枝|皮|壳)?(?:(?:做|吃|发酵|沤|沤好|熏|酿|喂)?的(?:颗粒|粉状|细粉)?(?=[ ,。]|$|最好|也行|都行|更好)|用(?=[ ,。]|$))"
)
"""What is told of the goods behind them: 鱼饲料 草鱼的, 酒糟 白酒的."""
_LAND_DEAL = re.compile(r"租|流转|承包|包(?:地|田|塘|山|给|出)|转让|转包|发包|外包|出让|[想要]包|亩")
_REACH = 24
"""Signs before and behind a product that can say what it is to the post."""
_MAKERS = frozenset({"input", "machine", "equipment", "land", "service", "labour", "manure", "feed"})
_CORRECTED = re.compile(r"不对|不是不是|不是,?要的是|说错|讲错|搞错|哦不|打错|写错")
_BUYING = re.compile(r"^\s?(?:长期|常年|大量|急|现|专业|高价|,)?(?:收|求|要|需|采购|买|招|想|找|拿货|进)")
_SHELTERS = frozenset({"温室大棚", "大棚地", "冷库", "果园地"})
_SHELTER_DEAL = re.compile(
    r"包(?:个|几个|点|一个)?(?:大棚|冷库|棚)|转让|出租|求租|承包|出让|租|安装|建造|搭建|出售.{0,3}(?:大棚|冷库)|(?:大棚|冷库).{0,4}(?:出售|转让|处理)|(?:求购|买|收)[^ ,。]{0,4}(?:大棚|冷库|温室)(?!存|货|里)"
)
GENERAL = {"食用菌": {"mushroom"}, "水果": {"fruit", "nut"}, "蔬菜": {"veg", "mushroom"}, "苗木": {"tree", "fruit", "nut"}, "杂鱼": {"aquatic"},
            "中药材": {"herb"}, "杂粮": {"grain"}, "饲料": {"feed"}, "干货": {"mushroom", "fruit", "nut", "veg", "herb", "aquatic", "cash"},
            "农机": {"machine"}, "化肥": {"input"}, "农药": {"input"}, "货运": {"service"}, "加工": {"service"}, "小工": {"labour"}, "野菜": {"veg"}, "土地": {"land"}, "木材": {"tree"},
            "海鲜": {"aquatic"}, "水产品": {"aquatic"}, "禽蛋": {"poultry", "egg"}, "家禽": {"poultry"}, "牲畜": {"livestock"}, "农具": {"machine", "equipment"}, "香料": {"cash"},
            "绿植": {"tree"}, "代用茶": {"herb"}, "皮张": {"livestock"}, "农家肥": {"manure"}, "预混料": {"feed"}, "养猪设备": {"equipment"}, "养鸡设备": {"equipment"}}  # fmt: skip
"""Words for many products, and the categories whose members say more."""


def is_general(concept: str) -> bool:
    """Whether a product is a word for many (水果, 农机)."""
    return concept in GENERAL


def members_of(concept: str) -> frozenset[str]:
    """The categories of the things that a general word means; empty for any other."""
    return frozenset(GENERAL.get(concept, ()))


_WAGES = re.compile(
    r"管饭|管吃|管住|包吃|包住|工钱|工资|日结|一天[\d一二两三四五六七八九]{1,2}[\d百]|每天\d{3}"
)
"""Who speaks of wages speaks of work."""


class Judge:
    """Tells heads from what describes them, with one vocabulary."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def heads(self, text: str, spans: list[Span]) -> tuple[list[Span], list[Span]]:
        """The spans that are traded, and those that only describe: who speaks, what for, a modifier of the head."""
        if len(spans) < 2:
            return spans, []
        corrected = _CORRECTED.search(text)
        negated = negated_spans(mask(text, spans))
        kept: list[Span] = []
        aside: list[Span] = []
        refused = [span for span in spans if any(start <= span.start < end for start, end in negated)]
        if len(refused) == len(spans):
            refused = refused[1:]  # what is refused is a part of what is wanted: 茧子, 双宫茧烂茧不要
        left_out = set(refused)
        for position, span in enumerate(spans):
            following = spans[position + 1] if position + 1 < len(spans) else None
            after = text[span.end : span.end + _REACH]
            before = text[max(0, span.start - _REACH) : span.start]
            category = kind(self.lexicon, span)
            venue = _VENUE.match(after) or (len(spans) > position + 1 and _VENUE_NEAR.match(after))
            gap = text[span.end : following.start] if following else ""
            if span in left_out:
                continue
            if corrected and span.end <= corrected.start() and spans[-1].start > corrected.start():
                continue
            if venue and category not in {"land", "service", "labour"} and span.form != "land":
                aside.append(span)
            elif following and _MAKER_OF.match(after):
                aside.append(span)
            elif category == "land" and following and _BUYING.match(after):
                aside.append(span)
            elif span.concept in _SHELTERS and len(spans) > 1 and not _SHELTER_DEAL.search(text):
                aside.append(span)
            elif _SELF.search(before) and re.match(
                r"^(?:的|,的|这块的|生意)(?![\d一二两三四五六七八九十百千])", after
            ):
                aside.append(span)
            elif following and _FOR.match(gap) and len(gap) <= 5 and kind(self.lexicon, following) in _MAKERS:
                aside.append(span)
            elif (
                following
                and not gap
                and (span.concept in _SHELTERS or category == "land")
                and (span.form != "land" or kind(self.lexicon, following) == "land")
            ):
                aside.append(span)
            elif (
                following
                and not gap
                and (following.concept not in _SHELTERS or _SHELTER_DEAL.search(text))
                and kind(self.lexicon, following) in _MAKERS
                and category not in _MAKERS - {"manure"}
                and category != kind(self.lexicon, following)
                and not is_done_to(self.lexicon, text, following)
            ):
                aside.append(span)
            elif kept and is_beside(self.lexicon, text, span, kept):
                aside.append(span)
            elif OVER.search(before) or is_mark(self.lexicon, text, span, spans):
                aside.append(span)
            elif following and is_renamed(text, span, following):
                continue
            elif following and gap in {"发酵", "发酵的", "做的"}:
                aside.append(span)
            elif category == "land" and span.form is None and not _LAND_DEAL.search(text):
                aside.append(span)
            elif following and not gap and category == "equipment":
                aside.append(span)
            elif (
                kept
                and span.concept != kept[-1].concept
                and kept[-1].concept not in GENERAL
                and _TRAILING.match(after)
            ):
                aside.append(span)
            elif following and _OF.match(gap) and kind(self.lexicon, following) != category:
                aside.append(span)
            else:
                kept.append(span)
        purposes = [
            span
            for span in kept
            if _PURPOSE.search(text[max(0, span.start - _REACH) : span.start])
            and not self._is_object(text, span)
            and kind(self.lexicon, span) != "land"
        ]
        others = _without(kept, purposes)
        sought = {(purpose.concept, purpose.form) for purpose in purposes}
        if purposes and any(
            (span.concept, span.form) not in sought
            and (span.concept not in GENERAL or kind(self.lexicon, span) == "land")
            for span in others
        ):
            aside += purposes
            kept = others
        kept, aside = self._settle(text, kept, aside)
        if not kept and aside:
            kept, aside = aside[-1:], aside[:-1]
        return kept, aside

    def _settle(self, text: str, kept: list[Span], aside: list[Span]) -> tuple[list[Span], list[Span]]:
        """Goods beside services and machines: which of them is meant; and general words beside particular ones."""
        services = [span for span in kept if kind(self.lexicon, span) in {"service", "labour"}]
        goods = _without(kept, services)
        if services and goods:
            paid = _WAGES.search(text)
            meant = [span for span in services if paid or self._is_asked_for(text, span, kept)]
            if meant:
                crops = [
                    span for span in goods if kind(self.lexicon, span) not in {"machine", "land", "equipment"}
                ]
                drop = crops if len(crops) < len(goods) else goods
                if re.search("[采摘]", text):
                    kept = [picker(self.lexicon, span, goods) for span in kept]
                drop = [
                    span
                    for span in drop
                    if not (span.end < meant[0].start and _has_own_price(text, span, meant[0]))
                ]
            else:
                drop = services
            aside = aside + drop
            kept = _without(kept, drop)
        makers = [
            span for span in kept if kind(self.lexicon, span) in {"land", "machine", "equipment", "part"}
        ]
        crops = [
            span for span in _without(kept, makers) if kind(self.lexicon, span) not in {"service", "labour"}
        ]
        if makers and crops and not any(_has_number(text, span) for span in crops):
            aside = aside + crops
            kept = _without(kept, crops)
        kept = weaned(text, specify(text, kept))
        general = [span for span in kept if span.concept in GENERAL]
        particular = {kind(self.lexicon, span) for span in kept if span.concept not in GENERAL}
        for span in general:
            kin = GENERAL[span.concept]
            if particular & kin:
                kept = [
                    replace(other, form=span.form)
                    if span.form and not other.form and other is not span
                    else other
                    for other in kept
                    if other is not span
                ]
        return kept, aside

    def _is_asked_for(self, text: str, span: Span, spans: list[Span]) -> bool:
        said = text[span.start : span.end]
        if any(other.start == span.end for other in spans) and len(said) <= 2 and "代" not in said:
            return False
        if re.match(r"\s?的", text[span.end :]) and not re.search(r"队|工|车|人", said):
            return False
        if re.search(r"服务|队|代|作业|车|工$|手$|员$|出租", said):
            return True
        floor = max((other.end for other in spans if other.end <= span.start), default=0)
        if re.search(
            r"(?:找|请|求|需|要|出租|可以|承接|提供|专业|专门|帮|招|雇|缺|对外|接)[^,。;]{0,6}$",
            text[max(floor, span.start - _REACH) : span.start],
        ):
            return True
        return bool(re.search(r"(?:元|块|毛|\d|[一二三四五六七八九十百])(?:钱)?(?:一|每|/)亩", text))

    def _is_object(self, text: str, span: Span) -> bool:
        """收 or 采 in front of what is really bought: 收牛粪, unless a direction verb stands further left."""
        verb = text[span.start - 1 : span.start]
        return verb in "收" or (
            verb in "打包套" and text[max(0, span.start - 2) : span.start - 1] in {"", " ", ","}
        )


def _without(spans: list[Span], others: list[Span]) -> list[Span]:
    if not others:
        return spans
    gone = set(others)
    return [span for span in spans if span not in gone]


def _has_own_price(text: str, span: Span, service: Span) -> bool:
    """Whether goods have a quantity and a price of their own before the service is named."""
    between = text[span.end : service.start]
    return bool(re.search(r"[斤吨株只头]", between) and re.search(r"[元块毛]", between))


def _has_number(text: str, span: Span) -> bool:
    return bool(
        re.match(
            r".{0,4}?[\d一二两三四五六七八九十百千万]+(?![\d一二两三四五六七八九十百千万]|\s?(?:年|岁|个?月|茬|行|季|一亩))",
            text[span.end :],
        )
    )
