"""Sentences for generated posts: 200 shapes (two directions, ten openings, five orders, with and without a greeting)."""

from __future__ import annotations

import random

OPENINGS = {
    "supply": "出售{} 有{}要卖 自家的{}卖 供应{} 大量供应{} 急卖{} {}出售 {}对外销售 手里有一批{}想卖 卖{}".split(),
    "demand": "求购{} 收购{} 收{} 大量收{} 想买{} 急需{} 长期收购{} 谁有{}卖 要买{} 高价收{}".split(),
}
ORDERS = (
    "{hello}{what}{qty}，{price}，{place}。{tail}",
    "{hello}{place}，{what}，{qty}，{price}，{tail}",
    "{hello}{what} {qty} {price} {place} {tail}",
    "{hello}{what}，{place}的，{qty}，{price}。{tail}",
    "{hello}{place} {what}{qty} {price} {tail}",
)
GREETINGS = ("老板们好，", "各位老乡，", "乡亲们，", "大家好，", "你好，", "各位老板，")
TAILS = (
    "", "", "", "", "电话联系", "量大从优", "可以看货", "到地头看货", "自提", "货好价优", "诚信交易", "随时装车", "微信同号", "中介勿扰",
    "价格好商量", "品质保证", "长期有效", "要的抓紧", "联系老王", "联系李大姐", "可以送到镇上", "现款现货", "不赊账", "下雨天也可以装",
    "路好走大车能进", "包装车", "周末都在家", "先到先得", "数量有限", "打电话给张师傅",
)  # fmt: skip
SHAPES = tuple(
    (direction, opening, order, greeted)
    for direction, openings in OPENINGS.items()
    for opening in openings
    for order in ORDERS
    for greeted in (False, True)
)

_DIGITS = "零一二三四五六七八九"
_TIDY = (("，，", "，"), ("，。", "。"), ("  ", " "), ("  ", " "))


def sentence(direction: str, name: str, qty: str, price: str, place: str, chance: random.Random) -> str:
    """A post in one of the shapes."""
    opening = chance.choice(OPENINGS[direction]).format(name)
    order = chance.choice(ORDERS)
    said = (order if place else order.replace("{place}的", "")).format(
        hello=chance.choice(GREETINGS) if chance.random() < 0.2 else "", what=opening, qty=qty, price=price,
        place=place, tail=chance.choice(TAILS),
    )  # fmt: skip
    for clumsy, neat in _TIDY:
        said = said.replace(clumsy, neat)
    return said.strip("，。 ")


def number(figure: int, chance: random.Random) -> str:
    """A round figure in digits or, one time in three, in Chinese (三千, 两万)."""
    head, power = int(str(figure)[0]), len(str(figure)) - 1
    if chance.random() > 0.33 or power > 5 or figure != head * 10**power:
        return str(figure)
    if power == 5:
        return f"{_DIGITS[head]}十万"
    word = "两" if head == 2 and power >= 2 else _DIGITS[head]
    return word + ("", "十", "百", "千", "万")[power]


def price(tenths: int, chance: random.Random) -> str:
    """A price for half a kilo, from its tenths of a yuan: 1.8元一斤, 每斤1.8元, 1块8一斤, 8毛一斤."""
    yuan, rest = divmod(tenths, 10)
    way = chance.random()
    if way < 0.4:
        return f"{tenths / 10:g}元一斤"
    if way < 0.6:
        return f"每斤{tenths / 10:g}元"
    if not yuan:
        return f"{rest}毛一斤"
    return f"{yuan}块{rest}一斤" if rest else f"{yuan}块一斤"
