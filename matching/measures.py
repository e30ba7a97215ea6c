"""Quantities and prices in a text: 三千来斤, 十几亩, 块八一斤, 每株3元, 540一吨, 一块三毛五."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matching.numerals import FIRST, NUMBER, parse_number, show_number

WEIGHTS = {"斤": 0.5, "市斤": 0.5, "公斤": 1.0, "kg": 1.0, "千克": 1.0, "担": 50.0, "吨": 1000.0, "t": 1000.0,
           "两": 0.05, "克": 0.001, "g": 0.001, "dun": 1000.0, "jin": 0.5, "gongjin": 1.0}  # fmt: skip
_COUNTS = {"棵": "株", "兜": "株", "蔸": "株", "羽": "只", "隻": "只", "个": "个", "枚": "枚", "zhu": "株", "ke": "株", "zhi": "只",
           "tou": "头", "mu": "亩", "垧": "垧", "晌": "垧", "口": "头", "平": "平方米", "平米": "平方米", "平方": "平方米",
           "立方": "方", "立方米": "方", "元钱": "元"}  # fmt: skip
_PLAIN = ("麻袋 布袋 蛇皮袋 串 挂车 拖挂车 半挂车 半挂 板车 三轮车 拖车 车皮 株 头 只 条 尾 盆 袋 箱 筐 件 盘 根 套 台 亩 车 组 盒 桶 瓶 张 米 捆 对 窝 群 辆 架 把 包 片 粒 颗 支 枝 扎 束 人 名 位 天 间 座 篮 匹 挂 "
          "蓬 丛 棒 排 卷 块地 脾 丈 份 板 蛋 坛 刀 提 听 篓 罐 平方米 方 工 趟 窖 坨 饼 杯 穴 钵 池 口 床 个月 小时").split()  # fmt: skip
UNITS = frozenset(_PLAIN)
"""Words that count things, some of which name things as well (挂车, 棒)."""
_UNIT = "|".join(
    sorted({*WEIGHTS, *_COUNTS, *_PLAIN} - {"t", "g", "个月", "小时", "元钱", "天"}, key=len, reverse=True)
)
_UNIT += r"|t(?![a-z])|g(?![a-z])"
_LOOSE = r"(?:多|来|余|把|几|好几|左右)?"
_TIME = "天|日|晚|夜|月|年|季"
_COIN = r"(?:块钱|块|元钱|元|蚊|文)"
_DIGITS = r"[\d一二两三四五六七八九]"
_MONEY = (
    rf"(?:(?P<yuan>{NUMBER})?{_COIN}(?:零(?P<odd>{_DIGITS})(?![百千万十])|(?P<jiao>{_DIGITS}{{2}}(?!\s?(?:{_UNIT}|[百千万]))|{_DIGITS}(?![百千万])(?!(?<=[一1])\s?(?:{_UNIT}|{_TIME}))|半)?)(?:(?<={_DIGITS})[毛角](?:(?![一1]\s?(?:{_UNIT}))(?P<fen>{_DIGITS}))?分?)?钱?"
    rf"|(?P<mao>{NUMBER})(?:毛|角)(?P<maofen>{_DIGITS}(?!(?<=[一1])\s?(?:{_UNIT})))?分?钱?|(?P<cents>{NUMBER})分(?P<mills>{_DIGITS}(?!\s?(?:{_UNIT}|[百千万])(?<!一个)(?<!一只)))?钱?(?!钟|地|管|之|货))"
)
_PER = rf"(?:每|一|1|/|钱一|钱1)\s?(?P<per>{_UNIT})(?!\d)"
_PRICED = re.compile(
    rf"(?={FIRST}|[块元蚊文])(?P<money>{_MONEY})(?:(?:\s?左右|上下)?,?\s?{_PER}|(?P<near>斤|公斤|吨|株|棵|头|只)(?![多来]))?"
)
_EACH = re.compile(
    rf"(?:(?:每|单)\s?(?P<per>{_UNIT})(?:价|价格)?(?:不超过|不高于|大概|大约|约|要|卖|出|给|就|只要|才|是|:|,| )?\s?|(?:一|1)(?P<one>{_UNIT}))"
    rf"(?:(?P<money>{_MONEY})|(?P<bare>{NUMBER})(?![一-鿿\d.]))"
)
_SLASH = re.compile(rf"(?P<bare>{NUMBER})\s?(?:元|块)?\s?(?P<one>/|每|一|1)\s?(?P<per>{_UNIT})(?![多来余])")
_COUNT = re.compile(
    rf"(?P<number>{NUMBER})\s?{_LOOSE}\s?(?P<unit>{_UNIT})(?!小时|孔|月|白|(?<=两)[十百千万])(?P<half>半(?!年|个|天|月))?"
)
_BARE = re.compile(
    rf"(?P<number>\d{{1,3}}(?:\.\d+)?万(?!\d)|{NUMBER})(?:来|多|左右)?(?P<after>以内|以下|之内|左右|上下|内|封顶|不讲价)?"
)
_NOT_PRICE = re.compile(
    r"^(?:多|几|来|余)|^\s?(?:\ue000|的|果|蛋白|年|行|天|公分|厘米|cm|毫米|mm|米|个|月|号|级|匹|马力|千瓦|kw|%|度|层|季|芽|叶|茬|样|点|寸|型|代|岁|日|小时|分|期|组|次|斤|公斤|以上|村|组|社|"
    r"队|路|区|县|镇|乡|号|楼|:|-\d|垄|垅|轮|孔|伏|v|升|l|成新|成|月份|季|胎|两|元|块|毛|亩|指|工|k|p|g|点钟|ml|瓣|头|目|目数|市|州|里|[a-z])"
)
_NOT_PRICE_BEFORE = re.compile(
    r"(?:水分|水份|含水|衣分|出油率?|出米率?|出肉率?|含油|容量|水|糖度|甜度|容重|胸径|米径|地径|直径|高度|高|冠幅|冠|规格|径|型号|第|蛋白|出米率|尾号|电话|微信|热线|qq|编号|宽|长|厚|粗|大约|约|重|公|母|"
    r"一级|二级|三级|年龄|胎|杆|芽|差|离|路|开|拨|打|按|[a-z*.\-#]|\d|查|回)\s?$"
)
_ABOUT_AFTER = re.compile(r"^\s?(?:(?P<least>以上|往上|起步)|以下|往下|左右|上下)")
_SPEC_AFTER = re.compile(
    r"^\s?(?:一个|一只|一头|一条|一颗|一尾|一根|一棵|每个|每只|每头|每条|重|大小|一枚|一袋|一筐|一捆|一包|装|规格|的个头|个头|的(?=[\d一二两三四五六七八九十]))"
)


_BUNDLE = re.compile(
    rf"(?P<bare>{NUMBER})(?:元|块)(?P<many>[\d二两三四五六七八九十]{{1,2}})(?P<per>斤|公斤|个|只|枚|株|棵|根|把)(?![\d一二两三四五六七八九])"
)
_TOTAL = re.compile(r"^\s?钱?(?:包圆|打包|全要|全拿|包干|一起|全部)")
_TOTAL_BEFORE = re.compile(r"(?:一起|整块|整片|全部|打包|一共|总共|包圆)(?:卖|出|转|处理|要|给)?[ ,]?$")
_PACKS = frozenset("箱 袋 筐 包 盒 桶 件 篓 篮 提 坛 瓶".split())
_PACKED = re.compile(r"(?:每|一|1)(?:箱|袋|筐|包|盒|桶|件|篓|篮|提|坛|瓶|捆)\s?(?:装|有|净重|约|大概)?$")
_PAIR = re.compile(r"公(?P<males>\d{1,4})[只头]?母(?P<females>\d{1,5})(?![两钱\d])(?P<unit>[只头])?")
_RANGE = re.compile(
    rf"(\d{{1,6}}(?:\.\d+)?)([万千百]?)\s?(?:到|至|-|~|—)\s?(\d{{1,6}}(?:\.\d+)?)([万千百]?)(?=(\s?(?:{_COIN}|毛|角))?)"
)


_ABOUT = r"(?:多|来|半|左右|上下|以上|以下|往上){0,2}"
_PIECE = "条|只|个|头|尾|颗|棵|株|串|根|枚|匹"
_SIZES = re.compile(
    rf"(?={FIRST}|[每平])(?:(?:\d{{1,2}}|[一二两三四五六])米(?:\d{{1,2}}(?![\d.])|[一二三四五六七八九半](?![一二三四五六七八九十百千万]))|\d{{1,6}}(?:\.\d{{1,6}})?(?:\s?[乘x×*]\s?\d{{1,6}}(?:\.\d{{1,6}})?)+|"
    rf"{NUMBER}{_ABOUT}[斤两钱](?:[一二两三四五六七八九半\d](?:两|钱)?)?{_ABOUT}(?:一|每|1)(?:{_PIECE})(?:的)?|(?:一|每|1)(?:{_PIECE})(?:有|重|大概|都|在)?{NUMBER}{_ABOUT}[斤两](?:半|[一二两三四五六七八九\d]两)?{_ABOUT}|"
    rf"平均(?:每[一-鿿])?{NUMBER}{_ABOUT}[斤两](?:半|[一二两三四五六七八九\d]两)?|(?<![块元毛角多少分有])(?:{NUMBER}|\d[-~到]\d)钱(?=的|往上|以上|左右|[ ,。]|$)|"
    rf"(?:\d{{1,6}}[到~-])?\d{{1,6}}头的|[一二两三四五\d]公[一二两三四五\d]母|(?<![\d.])\d{{1,2}}[、)](?=[一-鿿\ue000])|{NUMBER}个(?:糖|水)(?!果)|\d{{1,6}}果(?![一-鿿]))"
)
"""Sizes, grades and the numbers of a list: they are no amounts (2米4, 三两一只的, 400乘90, 六七钱的, 1、)."""
_WAGE = re.compile(
    rf"(?={FIRST}|每)(?:(?P<before>{NUMBER})(?:元|块钱|块)?\s?(?:一|每|/|(?<!\d)1)(?:个)?(?P<per>天|日|工|小时|月|年)|(?:一|每|1)(?:个)?(?P<unit>天|日|工|小时|月|年)\s?(?P<after>{NUMBER})(?![\d.一二两三四五六七八九十百千万])(?:元|块钱|块)?(?!\s?(?:(?!包[吃住饭])(?:{_UNIT})|多|来|[^一-鿿 ,。;!]?[左把余])))"
)
_HUNDREDS = re.compile(
    rf"(?<![一二两三四五六七八九\d])(?P<many>一百|一千)(?P<per>根|条)(?P<money>{_MONEY})(?!\s?(?:一|每|/|1)\s?(?:根|条))"
)
_ANY_NUMBER = re.compile(r"[\d一二两三四五六七八九十百千万半几俩仨廿卅壹贰叁肆伍陆柒捌玖拾佰仟]")
_COINS, _TO, _TIMES, _EACH_SIGNS = map(frozenset, ("块元毛角分蚊文", "到至-~—", "天日工时月年", "/每一1"))
"""Signs without which there is no money, no range, no wage, no price for each."""
_NEAR = 10
"""Signs before and behind a number that tell what it counts."""
_SLIP = re.compile(r"不对|说错|讲错|哦不|搞错")


def _one_end(match: re.Match[str]) -> str:
    """A range as one number of the same length: the upper end of a price, the lower end of a quantity."""
    price = match[5] or (match[4] and not re.match(_UNIT, match.string[match.end() :]))
    number = match[3] + match[4] if price else match[1] + (match[2] or match[4])
    return number.rjust(len(match[0]), "~")


@dataclass(frozen=True, slots=True)
class Measure:
    """One quantity or price found: `unit` canonical ("kg" or a counting unit), `said` in figures as spoken."""

    kind: str
    start: int
    end: int
    value: float
    unit: str | None
    said: str
    spoken_unit: str = ""


def canonical(unit: str) -> tuple[str, float]:
    """The unit we compare in, and how many of it one spoken unit makes: 斤 → ("kg", .5), 棵 → ("株", 1)."""
    if unit in WEIGHTS:
        return "kg", WEIGHTS[unit]
    return _COUNTS.get(unit, unit), 1.0


def money_value(found: re.Match[str]) -> float | None:
    """Yuan in a match of the money expression: 块八 1.8, 7毛5 .75, 一块三毛五 1.35."""
    if found["mao"] is not None:
        tens = parse_number(found["mao"])
        rest = parse_number(found["maofen"]) if found["maofen"] else 0.0
        return None if tens is None or rest is None else tens / 10 + rest / 100
    if found["cents"] is not None:
        cents = parse_number(found["cents"])
        mills = parse_number(found["mills"]) if found["mills"] and found["mills"] not in "一1" else 0.0
        return None if cents is None else round(cents / 100 + (mills or 0.0) / 1000, 4)
    yuan = parse_number(found["yuan"]) if found["yuan"] else (1.0 if found["jiao"] else None)
    if yuan is None:
        return None
    if found["odd"]:
        yuan += (parse_number(found["odd"]) or 0.0) / 100
    jiao = found["jiao"]
    if jiao == "半":
        return yuan + 0.5
    if jiao:
        digits = "".join(sign if sign.isdigit() else str(int(parse_number(sign) or 0)) for sign in jiao)
        yuan += int(digits) / 10 ** len(digits)
    if found["fen"]:
        yuan += (parse_number(found["fen"]) or 0.0) / 100
    return round(yuan, 4)


def find_measures(text: str) -> list[Measure]:
    """All quantities and prices of a cleaned text, in order. Signs that belong to product names must have been
    masked by the caller (any sign that is no digit, letter or Chinese numeral will do)."""
    if not _ANY_NUMBER.search(text):
        return []
    text = _SIZES.sub(lambda size: "~" * len(size[0]), text)
    signs = frozenset(text)
    if not signs.isdisjoint(_TO):
        text = _RANGE.sub(_one_end, text)
    monied = not signs.isdisjoint(_COINS)
    found: list[Measure] = []
    taken = [False] * len(text)

    def free(start: int, end: int) -> bool:
        return not any(taken[start:end])

    def keep(measure: Measure) -> None:
        found.append(measure)
        for position in range(measure.start, measure.end):
            taken[position] = True

    for match in _HUNDREDS.finditer(text) if monied else ():
        money, many = money_value(match), parse_number(match["many"])
        if money and many:
            keep(_price(match.start(), match.end(), round(money / many, 6), match["per"]))
    for match in _WAGE.finditer(text) if not signs.isdisjoint(_TIMES) else ():
        value = parse_number(match["before"] or match["after"])
        if (
            value
            and value >= 20
            and not (match["before"] and text[match.start() - 1 : match.start()] in {"第", "钱"})
        ):
            keep(_price(match.start(), match.end(), value, match["per"] or match["unit"]))
    for match in _EACH.finditer(text):
        value = money_value(match) if match["money"] else parse_number(match["bare"])
        before = text[: match.start()][-1:]
        if (
            value is None
            or match["bare"] == "半"
            or (before and before in "0123456789.一二三四五六七八九十百千万两")
        ):
            continue
        if match["bare"] and _NOT_PRICE.match(text[match.end() : match.end() + _NEAR]):
            continue
        keep(_price(match.start(), match.end(), value, match["per"] or match["one"]))
    for match in _BUNDLE.finditer(text) if monied else ():
        money, many = parse_number(match["bare"]), parse_number(match["many"])
        if money and many and free(match.start(), match.end()):
            keep(_price(match.start(), match.end(), round(money / many, 4), match["per"]))
    for match in _PAIR.finditer(text) if "母" in text else ():
        males, females = parse_number(match["males"]), parse_number(match["females"])
        if males and females and free(match.start(), match.end()):
            unit = match["unit"] or "只"
            said = show_number(males + females) + unit
            keep(Measure("qty", match.start(), match.end(), males + females, unit, said, unit))
    for match in _PRICED.finditer(text) if monied else ():
        if match["money"] and free(match.start(), match.end()):
            value = money_value(match)
            if _TOTAL.match(text[match.end() : match.end() + _NEAR]) or _TOTAL_BEFORE.search(
                text[: match.start()]
            ):
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
            elif value is not None and value > 0:
                keep(_price(match.start(), match.end(), value, match["per"] or match["near"]))
    counts = [match for match in _COUNT.finditer(text) if free(match.start(), match.end())]
    for match in _SLASH.finditer(text) if not signs.isdisjoint(_EACH_SIGNS) else ():
        if not free(match.start(), match.end()) or not _is_price(match, text, bool(found) or bool(counts)):
            continue
        value = parse_number(match["bare"])
        if value:
            keep(_price(match.start(), match.end(), value, match["per"]))
    for match in counts:
        if not free(match.start(), match.end()):
            continue
        value = parse_number(match["number"])
        if match["number"] == "万" and match[0][1:2] == "把":
            value = 10_000.0
        if (
            value is None
            or value <= 0
            or text[max(0, match.start() - 1) : match.start()] in {"第", "每", "钱", "价"}
        ):
            continue
        if match["half"]:
            value += 0.5
        unit, factor = canonical(match["unit"])
        after = text[match.end() : match.end() + _NEAR]
        spec = (
            bool(_SPEC_AFTER.match(after) and (unit == "kg" or after.lstrip()[:1] not in "一每"))
            or _is_size(value * factor, unit, _ABOUT_AFTER.match(after))
            or match["unit"] in {"两", "克", "g"}
            or (match["unit"] == "米" and value < 30)
        )
        spec = spec or text[max(0, match.start() - 1) : match.start()] in {"径", "高", "公", "母"}
        spec = spec or bool(
            value == 1 and unit in _PACKS and re.match(rf"\s?(?:装|净重|有|约)?{NUMBER}", after)
        )
        packed = unit == "kg" and bool(_PACKED.search(text[max(0, match.start() - _NEAR) : match.start()]))
        end = match.end()
        per_weight = re.match(r"\s?(?:一|每|1|/)(?:斤|公斤)", after)
        if per_weight and unit != "kg":
            spec, end = True, end + per_weight.end()
        shown = show_number(value) + match["unit"]
        keep(
            Measure(
                "pack" if packed else "spec" if spec else "qty",
                match.start(),
                end,
                round(value * factor, 6),
                unit,
                shown,
                match["unit"],
            )
        )
    if any(measure.kind != "spec" for measure in found) or len(text) < 40:
        _bare_price(text, taken, found)
    return _corrected(text, sorted(found, key=lambda measure: measure.start))


def _corrected(text: str, found: list[Measure]) -> list[Measure]:
    """What was said before 不对 is not meant where the same is said anew behind it."""
    slips = list(_SLIP.finditer(text))
    if not slips:
        return found
    anew = {(measure.kind, measure.unit) for measure in found if measure.start > slips[-1].start()}
    return [
        measure
        for measure in found
        if measure.start > slips[-1].start() or (measure.kind, measure.unit) not in anew
    ]


def _is_size(value: float, unit: str, about: re.Match[str] | None) -> bool:
    """Whether 两斤左右, 三十斤以上 is the weight of a piece: a lot is heavier."""
    return about is not None and unit == "kg" and value <= (50 if about["least"] else 7.5)


def _price(start: int, end: int, value: float, per: str | None) -> Measure:
    unit, factor = canonical(per) if per else (None, 1.0)
    said = show_number(value) + "元" + (f"/{per}" if per else "")
    return Measure("price", start, end, round(value / factor, 6), unit, said, per or "")


def _is_price(match: re.Match[str], text: str, numbered: bool) -> bool:
    """Whether 二十五一斤 is a price (25 a jin) and not a quantity (251 jin)."""
    bare = match["bare"]
    if match["one"] in "/每":
        return True
    if bare[-1].isdigit() and match["one"] == "1":
        return False
    if bare[-1] in "0123456789.":
        return True
    if bare[-1] in "一二两三四五六七八九":
        return len(bare) > 1 or numbered
    return numbered and match.start() > 0


def _bare_price(text: str, taken: list[bool], found: list[Measure]) -> None:
    """A number without any unit, where no price was read: 三百个二十五, 水分12,1.22."""
    if any(measure.kind == "price" for measure in found):
        return
    for match in _BARE.finditer(text):
        value = parse_number(match["number"])
        if any(taken[match.start() : match.end()]) or not value or value < 0.05:
            continue
        after = text[match.end() : match.end() + _NEAR]
        before = text[max(0, match.start() - _NEAR) : match.start()]
        if not match["after"] and _NOT_PRICE.match(after):
            continue
        if _NOT_PRICE_BEFORE.search(before) or (
            len(match["number"]) == 1 and not (match["number"].isdecimal() and match["number"] != "0")
        ):
            continue
        if match["number"] == "一半" or (len(match["number"]) > 6 and match["number"].isdigit()):
            continue
        if (
            match["number"].isdigit()
            and len(match["number"]) == 4
            and match["number"].startswith(("20", "19"))
            and not match["after"]
        ):
            if after[:1] in "-/.年":
                continue
        found.append(Measure("price", match.start(), match.end(), value, None, show_number(value) + "元"))
        return
