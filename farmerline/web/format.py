"""Times, amounts and places as people say them, in Chinese or English. Values in, words out.

Each function takes the language first; ``install`` gives templates the same as filters in the reader's
language (``{{ post.published_at|when(now) }}``). Moments are aware; days are those of China.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

from flask import Flask
from markupsafe import Markup

from farmerline.clock import SHANGHAI, local
from farmerline.web.language import current_language
from farmerline.words import say

Number = int | float | Decimal

SOON_DAYS = 4

_NEAR_DAYS = {
    2: "2 days ago",
    1: "yesterday",
    0: "today",
    -1: "tomorrow",
    -2: "in 2 days",
}

# Units as farmers write them; English: after a slash, and after a number other than 1.
_UNITS = {
    "株": ("plant", "plants"),
    "棵": ("plant", "plants"),
    "苗": ("seedling", "seedlings"),
    "斤": ("jin", "jin"),
    "公斤": ("kg", "kg"),
    "千克": ("kg", "kg"),
    "克": ("g", "g"),
    "吨": ("t", "t"),
    "亩": ("mu", "mu"),
    "公顷": ("ha", "ha"),
    "平方米": ("m²", "m²"),
    "米": ("m", "m"),
    "头": ("head", "head"),
    "只": ("head", "head"),
    "羽": ("bird", "birds"),
    "尾": ("fish", "fish"),
    "条": ("piece", "pieces"),
    "个": ("piece", "pieces"),
    "枚": ("egg", "eggs"),
    "盆": ("pot", "pots"),
    "箱": ("box", "boxes"),
    "筐": ("basket", "baskets"),
    "袋": ("bag", "bags"),
    "包": ("bag", "bags"),
    "瓶": ("bottle", "bottles"),
    "桶": ("barrel", "barrels"),
    "车": ("truckload", "truckloads"),
    "台": ("machine", "machines"),
    "人": ("person", "people"),
    "天": ("day", "days"),
    "小时": ("hour", "hours"),
    "次": ("time", "times"),
    "间": ("room", "rooms"),
    "晚": ("night", "nights"),
}


def number(value: Number) -> str:
    """Figures without needless zeros: 2000, 3.2, 0.045. No signs between thousands, as in a text message."""
    text = format(Decimal(str(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def unit_name(language: str, unit: str, value: Number = 1) -> str:
    """A unit in the language; one we have no English for stays as it is."""
    if language == "zh" or unit not in _UNITS:
        return unit
    return _UNITS[unit][0 if value == 1 else 1]


def quantity(language: str, value: Number | None, unit: str | None, most: Number | None = None) -> str:
    """2000株, 1500到2000株; "" when nothing was said."""
    if value is None:
        return ""
    count = number(value)
    if most is not None and most != value:
        count = say(language, "{low} to {high}", low=count, high=number(most))
    name = unit_name(language, unit or "", most or value)
    return f"{count}{name}" if language == "zh" else f"{count} {name}".strip()


def money(language: str, yuan: Number) -> str:
    """3.2元, ¥3.2."""
    return say(language, "¥{amount}", amount=number(yuan))


def price(language: str, yuan: Number | None, unit: str | None, at_most: bool = False) -> str:
    """3.2元/株; with ``at_most`` 4元/株以内; without a price 面议."""
    if yuan is None:
        return say(language, "price to agree")
    text = money(language, yuan)
    if unit:
        text = f"{text}/{unit_name(language, unit)}"
    return say(language, "up to {price}", price=text) if at_most else text


def distance(language: str, km: Number | None) -> str:
    """12公里; 本村 for 0; 不到1公里; "" when nobody knows."""
    if km is None:
        return ""
    if km == 0:
        return say(language, "this village")
    if km < 1:
        return say(language, "under 1 km")
    return say(language, "{n} km", n=round(km))


def clock_time(moment: datetime) -> str:
    """8:40 on a wall clock in China."""
    at = local(moment)
    return f"{at.hour}:{at.minute:02}"


def days_between(earlier: datetime, later: datetime) -> int:
    """Nights between two moments in China; negative when they stand the other way round."""
    return (local(later).date() - local(earlier).date()).days


def calendar_day(language: str, moment: datetime, now: datetime) -> str:
    """10月9日; with the year when it is another one."""
    at = local(moment)
    if at.year == local(now).year:
        return say(language, "{day} {month}", day=at.day, month=_month(language, at.month))
    return say(language, "{day} {month} {year}", day=at.day, month=_month(language, at.month), year=at.year)


def day(language: str, moment: datetime, now: datetime) -> str:
    """今天, 昨天, 前天, 3天前 (up to 9), else the calendar's day; ahead: 明天, 后天, 3天后."""
    ago = days_between(moment, now)
    if ago in _NEAR_DAYS:
        return say(language, _NEAR_DAYS[ago])
    if 0 < ago < 10:
        return say(language, "{n} days ago", n=ago)
    if -10 < ago < 0:
        return say(language, "in {n} days", n=-ago)
    return calendar_day(language, moment, now)


def on_day(language: str, day_of: date, now: datetime) -> str:
    """A day without a time, as ``day`` says it."""
    return day(language, _noon(day_of), now)


def on_date(language: str, day_of: date, now: datetime) -> str:
    """A day without a time, as the calendar has it."""
    return calendar_day(language, _noon(day_of), now)


def when(language: str, moment: datetime, now: datetime) -> str:
    """今天8:40, 昨天16:05, 明天9:00; further away the day alone."""
    text = day(language, moment, now)
    if abs(days_between(moment, now)) > 1:
        return text
    return say(language, "{day} {time}", day=text, time=clock_time(moment))


def exact(language: str, moment: datetime, now: datetime) -> str:
    """10月9日8:40: for records, where the minute counts."""
    return say(language, "{day} {time}", day=calendar_day(language, moment, now), time=clock_time(moment))


def ends(language: str, moment: datetime, now: datetime) -> str:
    """还有59天到期, 明天到期, 今天到期, 到期了."""
    if moment <= now:
        return say(language, "ended")
    left = days_between(now, moment)
    if left < 2:
        return say(language, "ends tomorrow" if left else "ends today")
    return say(language, "{n} days left", n=left)


def ends_soon(moment: datetime, now: datetime) -> bool:
    """Whether an end needs its △: four days or fewer."""
    return days_between(now, moment) <= SOON_DAYS


def span(language: str, seconds: Number) -> str:
    """26秒, 3分20秒, 3小时10分, 2天5小时: the two largest parts, never less than a second."""
    left = max(int(seconds), 1)
    parts = []
    for size, sentence in ((86400, "{n} d"), (3600, "{n} h"), (60, "{n} min"), (1, "{n} s")):
        count, left = divmod(left, size)
        if count:
            parts.append(say(language, sentence, n=count))
        elif parts:
            break
    return ("" if language == "zh" else " ").join(parts[:2])


def time_left(language: str, deadline: datetime, now: datetime) -> str:
    """还剩3小时10分; past the hour: 过了25分. Whole minutes."""
    seconds = (deadline - now).total_seconds()
    minutes = max(int(abs(seconds) // 60), 1) * 60
    if seconds < 0:
        return say(language, "{span} late", span=span(language, minutes))
    return say(language, "{span} left", span=span(language, minutes))


def greeting(language: str, now: datetime) -> str:
    """上午好 until 12, 下午好 until 18, then 晚上好."""
    hour = local(now).hour
    return say(language, "good morning" if hour < 12 else "good afternoon" if hour < 18 else "good evening")


def tel(display: str) -> str:
    """The address of a call link: ``tel:`` and the digits (and a leading +) of a number as shown."""
    return "tel:" + "".join(sign for sign in display if sign.isdigit() or sign == "+")


def nb(text: str) -> Markup:
    """Markup that keeps a number or a short phrase on one line."""
    return Markup('<span class="nb">{}</span>').format(text)


def install(app: Flask) -> None:
    """The functions above as filters; those that speak do it in the reader's language."""
    spoken: tuple[Callable[..., str], ...] = (
        *(unit_name, quantity, money, price, distance),
        *(calendar_day, day, on_day, on_date, when, exact, ends, span, time_left, greeting),
    )
    for function in spoken:
        app.jinja_env.filters[function.__name__] = _in_readers_language(function)
    for plain in (number, clock_time, tel, ends_soon, nb):
        app.jinja_env.filters[plain.__name__] = plain


def _in_readers_language(function: Callable[..., str]) -> Callable[..., str]:
    def spoken(*values: object, **named: object) -> str:
        return function(current_language(), *values, **named)

    return spoken


def month_name(language: str, month: int) -> str:
    """10月, Oct."""
    return f"{month}月" if language == "zh" else _month(language, month)


def _noon(day_of: date) -> datetime:
    return datetime.combine(day_of, time(12), SHANGHAI)


def _month(language: str, month: int) -> str:
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return str(month) if language == "zh" else names[month - 1]
