"""A registration: who registers, of which village, and what is grown if that is said."""

from __future__ import annotations

import re

from matching.reading import Matcher

_LEAD = r"(?:你好|您好|喂|请|麻烦|帮我|给我|我要|我想|我来|想|要|申请|在这里|新|怎么|咋个|咋|如何)"
_START = re.compile(
    rf"{_LEAD}{{0,3}}\s?(?:注册|zc|zhuce|开户|新户|入网|报名|加入|(?:加|算)(?:上)?我一个(?=\W))(?:一下|个|登记)?(?:账号|帐号|用户)?(?!商标|公司|证|费|码|资|卖|买|发)\W*"
)
_ENTER = re.compile(
    rf"{_LEAD}{{0,3}}\s?登记(?:一下|个|注册|入网)?(?:\W+|(?=我叫|姓名))(?=我叫|姓名|名字|(?P<name>[一-鿿]{{2,3}})(?:\W|$))"
)
_NAMED = re.compile(
    r"(?:你好|您好|喂)?\W*(?:我叫|我的名字(?:是|叫)|我名叫|我是|俺叫|我姓名|姓名|(?:我|俺)姓[一-鿿](?=\W))\W*(?P<name>[一-鿿]{2,3}?)(?=\W|$|家|住|是|在|[一-鿿]{2,9}(?:村|镇|乡|县|的))"
)
_PLACED = re.compile(
    r"(?:你好|您好|喂)?\W*(?:我|俺)是(?P<place>[一-鿿]{2,8}?)的(?P<name>[一-鿿]{2,3})(?=\W|$)(?P<more>.*)"
)
_WISH = re.compile(
    r"(?:我|俺)?(?:想|要)?(?:在你们(?:这|这儿|这里)?)?(?:给|帮|替)?我?(?:登个记|入一?个|报个?名|记上|记一下|登上|登记|注册|录一下|加上|加入|入个?(?:网|户|会)|开个户|算我一个|加我)"
)
_KNOWN_AS = re.compile("[老小阿]")
_ASKING = re.compile(r"\W*(?:你好|您好|喂)?\W*(?:怎么|咋|如何)")
_NOT_TRADE = re.compile(r"[卖收买售求]|出租|多少|怎么|咋")
_BEFORE_PLACE = re.compile(r"^(?:家是|家住|家在|家里?|我们|我是|俺是|住址?|住在|地址|是|在|来自|村名?)\W*")
_GROWER = re.compile(r"(?P<place>[一-鿿]{2,6}?)(?:种|养|做|卖|收|搞|喂)(?P<goods>[一-鿿]{1,6}?)的?")
"""Where somebody lives and what he lives by, in one word: 平和种柚子的."""
_BEFORE_GOODS = re.compile(r"^(?:家里)?(?:种|养|做|搞|卖|喂|产|有|收|包|打(?=[鱼虾蟹]))(?:了|点|些|的)?")


def read_registration(bare: str, matcher: Matcher) -> dict[str, str | float] | None:
    """The slots name, place and product of a registration; None where the text is none."""
    begun = _START.match(bare) or _ENTER.match(bare)
    if begun and _ASKING.match(begun[0]) and not _NAMED.match(bare[begun.end() :]):
        return None  # how it is done, and nobody named
    if begun and begun.re is _ENTER and begun["name"] and matcher.lexicon.resolve(begun["name"]):
        return None  # a thing is entered, not a person
    if begun:
        return _parts(bare[begun.end() :], matcher)
    if (placed := _PLACED.match(bare)) and (
        _WISH.search(bare) or (not placed["more"] and _KNOWN_AS.match(placed["name"]))
    ):
        return {"name": placed["name"], "place": placed["place"]}
    named = _NAMED.match(bare)
    if named and (
        _WISH.search(bare) or (re.match(r"\W*(?:我|俺)(?:名?叫|姓)", bare) and not _NOT_TRADE.search(bare))
    ):
        return _parts(bare, matcher)
    return None


def _parts(rest: str, matcher: Matcher) -> dict[str, str | float]:
    slots: dict[str, str | float] = {}
    parts = [part for part in re.split(r"[\s,;、/+:。]+", _WISH.sub(" ", rest)) if part]
    if parts and (named := _NAMED.match(parts[0])):
        left = parts[0][named.end() :]
        parts = [named["name"], *([left] if left else []), *parts[1:]]
    if not parts:
        return slots
    if (
        len(parts) == 2
        and (grower := _GROWER.fullmatch(parts[1]))
        and matcher.lexicon.resolve(grower["goods"])
    ):
        parts = [parts[0], grower["place"], grower["goods"]]
    if len(parts) == 1:
        whole = re.fullmatch(r"([一-鿿]{2,3}?)([一-鿿]{2,}(?:村|镇|乡|屯|寨|社区|县|市).*)", parts[0])
        parts = [whole[1], whole[2]] if whole else parts
    slots["name"] = re.sub(r"^(?:我叫|我是|姓名|名字|我)", "", parts[0]) or parts[0]
    for part in parts[1:]:
        grown = _BEFORE_GOODS.match(part)
        goods = matcher.lexicon.resolve(part[grown.end() :] if grown else part)
        place = _BEFORE_PLACE.sub("", part).removesuffix("的") or part
        if "place" not in slots and not (grown and goods):
            slots["place"] = place
        elif goods and "product" not in slots:
            slots["product"] = goods.concept
        elif "product" not in slots and grown is None and slots["place"] and not goods and len(parts) == 3:
            slots["place"] = f"{slots['place']}{place}"
    return slots
