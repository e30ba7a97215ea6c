"""Written words made fit for the ear: 3元/株 is heard as 三元一株, a telephone number digit by digit.

A speech program reads signs that people never say (slash, star, per cent) or reads them in English, drops the point of
0.8, and says 1143 as a quantity. Only such places are changed: a fixed phrase stays as it is, so that a recording of it
is found.
"""

from __future__ import annotations

import re

_DIGITS = "零一二三四五六七八九"
_UNITS = (
    "公斤 千克 毫克 平方米 立方米 平方 立方 个月 小时 分钟 公里 公顷 厘米 毫米 毫升 摄氏度 斤 担 吨 株 棵 头 只 羽 尾 条 "
    "盆 袋 箱 筐 包 件 根 套 台 亩 车 盒 桶 瓶 张 捆 对 群 辆 把 片 粒 颗 枝 束 人 名 位 天 间 篮 份 坛 罐 篓 枚 户 家 封 组 "
    "趟 个 次 遍 里 米 升 克 倍 丛 穴 蔸 期 度 级 代 届 成 秒 岁 元 块 毛 角 分 年 月 日 点 周 种 口 样"
).split()
_ORDINAL = tuple("月日年级代期届度")
"""Before these two is 二, not 两."""
_MEASURE = "|".join(_UNITS)
_SIGNS = {
    "mg/kg": "毫克每公斤", "km": "公里", "kg": "公斤", "mg": "毫克", "ml": "毫升", "mL": "毫升", "cm": "厘米", "mm": "毫米",
    "m²": "平方米", "m2": "平方米", "m³": "立方米", "m3": "立方米", "hm²": "公顷", "g": "克", "t": "吨", "L": "升", "m": "米",
    "℃": "度", "°C": "度",
}  # fmt: skip
"""Units that are written in letters, as they are said."""
_LETTERS = re.compile(
    r"(?<=\d)\s*(" + "|".join(map(re.escape, sorted(_SIGNS, key=len, reverse=True))) + r")(?![A-Za-z²³\d])"
)
_LOOSE = re.compile(rf"(?<=\d)[ \n]+(?={_MEASURE})")
_RANGE = re.compile(r"(?<![\d.\-年])(\d+(?:\.\d+)?)(?:[-–—~～]|至)(\d+(?:\.\d+)?)(?=" + rf"%|{_MEASURE})")
_BELOW = re.compile(r"(?<![\d一-鿿A-Za-z.])[-－−](?=\d+(?:\.\d+)?度)")
_UNTIL = re.compile(r"(?<=[日号点分月])[-–—~～](?=[\d一二三四五六七八九十两零])")
_NUMBERED = re.compile(r"(?<![\d.\-])(\d{1,2})(?=号)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=年)")
_SHARED = re.compile(r"(?<![\d/.])([1-9])/([2-9]|10)(?![\d/.])")
_SPACED = re.compile(r"(?<!\d)\d(?: \d){2,}(?!\d)")
_RATIO = re.compile(r"(?<![\d:.])(\d{1,2}):(\d{3,5})(?![\d:])")
_COINS = re.compile(r"(?<![\d.])(\d+)([块毛角元])(\d)(?![\d.]|[点分])")
_PRICE = re.compile(rf"(?<![\d.])(\d+)(?:\.(\d{{1,2}}))?[元块](?:/({_MEASURE}))?(?!\d)")
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-4]):([0-5]\d)(?!\d)")
_DAY = re.compile(r"(?<!\d)(20\d\d)-(\d{1,2})-(\d{1,2})(?!\d)")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)%")
_DIALLED = re.compile(r"(?<![\d.])(?:\d{3,4}-)?\d{7,}(?![\d.])")
_COUNTED = re.compile(rf"(?<![\d.\-])(\d+(?:\.\d+)?)(?={_MEASURE})")
_NUMBER = re.compile(r"(?<![\d.])\d{3,}(?:-\d+)?(?![\d.])")
_POINT = re.compile(r"\d+\.\d+")
_MASKED = re.compile(r"([一-鿿])\*+")
_GAP = re.compile(r"(?<=[一-鿿)])(?<!幺)[ \n]+(?=[一-鿿0-9])|(?<=[0-9])[ \n]+(?=[一-鿿])(?!幺)")
_PER = re.compile(rf"(?<=[一-鿿])/(?={_MEASURE})")
# Seconds that each kind of sign takes, measured on the voice of ``farmerline.render.speech`` at its normal speed.
_SECONDS = {
    "zh": {r"[一-鿿]": 0.28, r"\d": 0.25, r"[，；：、]": 0.28, r"[。！？!?.]": 0.44, r"[A-Za-z]": 0.09},
    "en": {r"[A-Za-z]": 0.057, r"\d": 0.3, r"[,:;]": 0.24, r"[.!?]": 0.95},
}
_SLOWER = 165 / 115  # names and numbers are said at that share of the speed


def spoken(text: str, language: str = "zh") -> str:
    """The text as it is read aloud: no sign that only the eye understands, amounts as people say them."""
    if language != "zh":
        return _DIALLED.sub(_by_digits, text).replace("*", "")
    text = _LOOSE.sub("", _LETTERS.sub(lambda found: _SIGNS[found[1]], text))
    text = _RANGE.sub(lambda found: f"{say_number(found[1])}到{found[2]}", text)
    text = _GAP.sub(",", _MASKED.sub(r"姓\1的", _BELOW.sub("零下", text)))
    text = _RATIO.sub(lambda found: f"{say_number(found[1])}比{say_number(found[2])}", text)
    text = _DAY.sub(_say_day, text)
    text = _UNTIL.sub("到", _CLOCK.sub(_say_time, text))
    text = _SHARE.sub(lambda found: "百分之" + say_number(found[1]), text)
    text = _SHARED.sub(lambda found: f"{say_number(found[2])}分之{say_number(found[1])}", text)
    text = _COINS.sub(lambda found: f"{_count(found[1], found[2])}{found[2]}{_DIGITS[int(found[3])]}", text)
    text = _PRICE.sub(_say_price, text)
    text = _PER.sub("一", text)
    text = _YEAR.sub(lambda found: "".join(_DIGITS[int(sign)] for sign in found[1]), text)
    text = _NUMBERED.sub(lambda found: say_number(found[1]), text)
    text = _COUNTED.sub(lambda found: _count(found[1], text[found.end() :]), text)
    text = _POINT.sub(lambda found: say_number(found.group()), text)
    text = _NUMBER.sub(_dial, _DIALLED.sub(_dial, text))
    return _SPACED.sub(lambda found: found.group().replace("1", "幺"), text)


def seconds_of(text: str, language: str = "zh", *, slow: bool = False) -> float:
    """About how long it takes to say a text; sentences of ten seconds and more within a tenth."""
    said = spoken(text, language).strip().rstrip("。！？!?. ")
    kinds = _SECONDS["zh" if language == "zh" else "en"]
    seconds = sum(length * len(re.findall(signs, said)) for signs, length in kinds.items())
    return round(seconds * (_SLOWER if slow else 1.0), 1)


def cut(text: str, seconds: float) -> str:
    """As much of a text as is said in that time."""
    while seconds_of(text) > seconds:
        text = text[: len(text) * 9 // 10]
    return text


def say_number(digits: str) -> str:
    """A number in figures as it is said: 2026 → 两千零二十六, 0.8 → 零点八, 15000 → 一万五千."""
    whole, _, rest = digits.partition(".")
    said = _say_whole(int(whole))
    return said + ("点" + "".join(_DIGITS[int(each)] for each in rest) if rest.strip("0") else "")


def _say_whole(number: int) -> str:
    if number < 20:
        return ("十" if number >= 10 else "") + (_DIGITS[number % 10] if number % 10 or not number else "")
    for size, name in ((100_000_000, "亿"), (10_000, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number < size:
            continue
        front, rest = divmod(number, size)
        head = "两" if front == 2 and size >= 1000 else _say_whole(front)
        link = "零" if rest and rest < size // 10 else ""
        return head + name + (link + _full(rest) if rest else "")
    return _DIGITS[number]


def _full(number: int) -> str:
    """As within a larger number: 一十五, not 十五."""
    return ("一" if 10 <= number < 20 else "") + _say_whole(number)


def _count(digits: str, after: str) -> str:
    counted = digits == "2" and not after.startswith(_ORDINAL)
    return "两" if counted else say_number(digits)


def _say_price(found: re.Match[str]) -> str:
    """3元/株 → 三元一株; 1.8元/斤 → 一块八毛一斤; 0.45元 → 四毛五分."""
    yuan, cents, unit = int(found[1]), (found[2] or "").ljust(2, "0"), found[3]
    per = f"一{unit}" if unit else ""
    jiao, fen = int(cents[0]), int(cents[1])
    if not jiao and not fen:
        return f"{_count(found[1], '元')}元{per}"
    coins = (f"{_count(found[1], '块')}块" if yuan else "") + (
        "零" if yuan and not jiao else f"{_count(str(jiao), '毛')}毛" if jiao else ""
    )
    return coins + (f"{_DIGITS[fen]}分" if fen else "") + (f",{per}" if fen and per else per)


def _say_time(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    if not minute:
        return f"{_count(str(hour), '钟')}点"
    return f"{_count(str(hour), '钟')}点{'零' if minute < 10 else ''}{_say_whole(minute)}分"


def _say_day(found: re.Match[str]) -> str:
    year = "".join(_DIGITS[int(sign)] for sign in found[1])
    return f"{year}年{say_number(found[2])}月{say_number(found[3])}日"


def _dial(found: re.Match[str]) -> str:
    """Digit by digit as Chinese numbers are: one is 幺, which no line makes of seven."""
    return _by_digits(found).replace("1", "幺")


def _by_digits(found: re.Match[str]) -> str:
    """Digit by digit; the stroke before an area's own digits is not said, any other is."""
    said = found.group()
    return " ".join(said.replace("-", "") if _DIALLED.fullmatch(said) else said).replace(" - ", "杠")
