"""How bad it is, in people's words: the part of the plant, how many plants of ten, and since when.

Roughly said is roughly read: 两三棵 counts as two, 一大半 as seven of ten. What is not said stays empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from matching.lexicon import Lexicon
from matching.normalize import clean
from matching.numerals import NUMBER, parse_number

PARTS = ("整株", "叶", "果", "茎", "根", "花", "穗", "枝", "芽")
"""The parts of a plant, as a reading names them."""

_EARLIEST = 365  # days; what is said to be older is misread or no sighting
_WORDS = {
    "整株": "整株|全株|整棵|全棵|一整棵|死苗|倒苗|苗.{0,2}死",
    "叶": "叶",
    "果": "果|荚|铃|桃子|瓜条",
    "茎": "茎|秆|杆|杆子",
    "根": "根",
    "花": "花",
    "穗": "穗",
    "枝": "枝|藤|蔓|梢",
    "芽": "芽",
}
_PART = re.compile("|".join(f"(?P<{name}>{words})" for name, words in _WORDS.items()))
_PLANT = "(?:株|棵|颗|个|穴|丛|兜|蔸|片|张|根|穗|头|只|条|朵|串|枝)"
_OF = re.compile(
    rf"(?P<whole>{NUMBER})\s?{_PLANT}\s?(?:叶子?|果子?|苗|穗|花)?\s?(?:里面?|里头|当中|之中|中间?|上|有|死|坏|病|烂|黄|大概|大约|差不多|约|左右|就|都|得|了|出|,|\s){{0,4}}"
    rf"(?P<some>{NUMBER})\s?{_PLANT}"
)
_TENTHS = re.compile(rf"(?P<some>{NUMBER})\s?成(?!熟|活|本|品|交|立|都|功|员|色|果|株|虫)")
_PERCENT = re.compile(
    r"(?P<some>\d{1,3}(?:\.\d+)?)\s?%|百分之(?P<han>[零一二三四五六七八九十百几半两\d]{1,5})"
)
_PART_OF = re.compile(rf"(?P<whole>{NUMBER})分之(?P<some>{NUMBER})")
_LOOSE = (
    (re.compile(r"十有八九|十之八九"), 8),
    (re.compile(r"少半|小半"), 4),
    (re.compile(r"大半|多半|大部分|大部份|大多数?|绝大"), 7),
    (re.compile(r"一半|半数|对半|近半|过半|半边|半块田"), 5),
    (re.compile(r"小部分|少量|少数|零星|个别|极少|不多|没几[棵株个]|(?:就|才|只有?)几[棵株个]|一两[棵株个]|有几[棵株个]"), 1),
    (re.compile(r"(?<!不)(?<!没)都有|(?<!不)(?<!没)都是|全都|全部|全是|全有|每[一]?[棵株个].{0,2}都|到处|遍地|满田|满园|全田|全园|整片|(?:都|全)(?:得|死|烂|黄|枯|倒|坏|病)"), 10),
)  # fmt: skip
_UNITS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30}
_AGO = re.compile(
    rf"(?<!药)(?<!雨)(?<!水)(?P<many>{NUMBER}|好几|几)\s?(?:来|多)?\s?个?(?:多)?(?P<unit>天|日|周|星期|礼拜|月)(?:多|左右)?(?:以前|之前|前|以来|来|了|\s?开始)"
)
_DAYS = (
    (re.compile(r"大前[天日晚]"), 3),
    (re.compile(r"前[天日晚]"), 2),
    (re.compile(r"昨[天日晚夜早]|昨儿"), 1),
    (re.compile(r"今[天日晚早]|今儿|刚刚|刚才|刚发现|才发现"), 0),
)
_WEEKDAY = re.compile(
    r"(?<!下)(?<!下个)(?P<which>上上|上|这|本)?个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天1-7](?!个|天[前了]|周|[株棵]))?"
)
_MONTH_DAY = re.compile(
    r"(?<!\d)(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?P<day>[1-3]?\d|[一二三四五六七八九十廿卅]{1,3}|初)?(?:日|号)?(?!\d)"
)
_LAST_MONTH = re.compile(r"上个?月")


@dataclass(frozen=True, slots=True)
class Symptoms:
    """What words say of a trouble: ``part`` one of ``PARTS`` or "", ``in_ten`` 0 to 10, ``since`` a day."""

    part: str = ""
    in_ten: int | None = None
    since: date | None = None


def is_extent(text: str) -> bool:
    """Whether the words say how many plants of how many (十株里三株): a count of trouble, not an amount for sale."""
    return _OF.search(clean(text)) is not None


def read_symptoms(text: str, today: date, lexicon: Lexicon | None = None) -> Symptoms:
    """What the words say about part, extent and beginning; ``today`` is the day they were said. Never raises."""
    said = clean(text)
    return Symptoms(_part(said, lexicon or Lexicon.default()), _in_ten(said), _since(said, today))


def _part(said: str, lexicon: Lexicon) -> str:
    """The part named first, not counting names of pests and crops that hold one (叶蝉, 西兰花)."""
    bare = said
    for word in _holding_parts(lexicon):
        if word in bare:
            bare = bare.replace(word, " " * len(word))
    found = _PART.search(bare)
    return (found.lastgroup or "") if found else ""


@lru_cache(maxsize=4)
def _holding_parts(lexicon: Lexicon) -> tuple[str, ...]:
    """The vocabulary's words that hold a part's sign, the longest first."""
    words = {*lexicon.pest_words, *lexicon.senses}
    names = (word for word in words if len(word) > 1 and _PART.search(word))
    return tuple(sorted(names, key=lambda word: (-len(word), word)))


def _in_ten(said: str) -> int | None:
    for found in _OF.finditer(said):
        share = _share(found["some"], found["whole"])
        if share is not None:
            return share
    if found_part := _PART_OF.search(said):
        share = _share(found_part["some"], found_part["whole"])
        if share is not None:
            return share
    if tenths := _TENTHS.search(said):
        share = _share(tenths["some"], "10")
        if share is not None:
            return share
    if percent := _PERCENT.search(said):
        share = _share(percent["some"] or percent["han"], "100")
        if share is not None:
            return share
    return next((value for words, value in _LOOSE if words.search(said)), None)


def _share(some: str, whole: str) -> int | None:
    """So many of so many, as so many of ten; a few of many are still one. None where it makes no sense."""
    part, of = parse_number(some), parse_number(whole)
    if part is None or not of or of < 2 or part > of:
        return None
    return 0 if part == 0 else max(1, int(part / of * 10 + 0.5))


def _since(said: str, today: date) -> date | None:
    ago = _AGO.search(said)
    if ago:
        many = 3.0 if ago["many"] in ("几", "好几") else parse_number(ago["many"])
        days = many * _UNITS[ago["unit"]] if many is not None else None
        if ago["unit"] == "月" and "个" not in ago.group():
            days = None  # 三月前 is a time of the year
        if days is not None and days <= _EARLIEST:
            return today - timedelta(days=int(days))
    for words, count in _DAYS:
        if words.search(said):
            return today - timedelta(days=count)
    if dated := _MONTH_DAY.search(said):
        day = _day_of(dated["month"], dated["day"], today)
        if day is not None:
            return day
    if _LAST_MONTH.search(said):
        return today - timedelta(days=30)
    weeks = (_in_week(week["which"] or "", week["day"] or "", today) for week in _WEEKDAY.finditer(said))
    return next((day for day in weeks if day is not None), None)


def _in_week(which: str, day: str, today: date) -> date | None:
    if not day:
        return today - timedelta(days=7 * len(which)) if which.startswith("上") else None
    place = "一二三四五六".find(day) if day in "一二三四五六" else int(day) - 1 if day.isdigit() else 6
    monday = today - timedelta(days=today.weekday())
    if which.startswith("上"):
        return monday - timedelta(days=7 * len(which)) + timedelta(days=place)
    found = monday + timedelta(days=place)
    return found if found <= today else found - timedelta(days=7)


def _day_of(month: str, day: str | None, today: date) -> date | None:
    """The last such day that is not to come; without a day of the month nothing is known."""
    if not day:
        return None
    months, days = parse_number(month), 1.0 if day == "初" else parse_number(day)
    for year in (today.year, today.year - 1):
        try:
            found = date(year, int(months or 0), int(days or 0))
        except ValueError:
            return None
        if found <= today:
            return found
    return None
