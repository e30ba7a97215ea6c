"""Words for an alert, put together from its fields: a text message, a call, the full text. Farmers read Chinese."""

from __future__ import annotations

from datetime import date

from farmerline.domain.alert_words import DEGREES, SHORT_ROOM
from farmerline.web.alerts.written import Written
from farmerline.words import DEFAULT_LANGUAGE, say


def short_text(form: Written, *, today: date, room: int = SHORT_ROOM) -> str:
    """What, how bad, when to do what; then how to look first, as far as there is room."""
    days = _days(form, near=today)
    head = _closed(_comma(_what(form), f"{days}{form.action}"))
    look, limit = form.look_step, form.threshold
    for more in (_comma(look and _say("First {look}", look=look), limit), limit, ""):
        text = head + _closed(more)
        if len(text) <= room:
            return text
    return head


def voice_text(form: Written) -> str:
    """The same in short sentences for the ear, and the safety interval."""
    sentences = [
        _comma(
            _say("{crop} has {pest}", crop=form.crop, pest=form.pest) if form.crop and form.pest else "",
            _degree(form),
        ),
        _comma(_days(form), form.action),
        _comma(form.look_step and _say("First {look}", look=form.look_step), form.threshold),
        _interval(form),
    ]
    return "".join(_closed(one) for one in sentences)


def all_clear(form: Written) -> str:
    """That the danger is over."""
    return _say("{crop}: {pest} is over. No more spraying is needed.", crop=form.crop, pest=form.pest)


def full_text(form: Written) -> str:
    """Everything that the fields say, a line each."""
    place = "".join((form.evidence_place, _day(form.evidence_on), form.evidence_method))
    count = f"{form.evidence_count}{form.evidence_unit}"
    lines = [
        _comma(_what(form), form.growth_stage),
        (place or form.evidence_count) and _say("Seen: {what}", what=_comma(place, count)),
        _days(form) and _say("When to act: {days}", days=_days(form)),
        form.look_step and _say("Look first: {look}", look=form.look_step),
        form.threshold and _say("Act when: {threshold}", threshold=form.threshold),
        form.action and _say("What to do: {action}", action=form.action),
        form.ingredient and _say("With: {ingredient} (the active ingredient)", ingredient=form.ingredient),
        _interval(form),
        form.valid_until and _say("Holds until {day}", day=_day(form.valid_until)),
    ]
    return "\n".join(_closed(line) for line in lines if line)


def _say(sentence: str, /, **values: object) -> str:
    return say(DEFAULT_LANGUAGE, sentence, **values)


def _closed(words: str) -> str:
    return words.rstrip("。") + "。" if words else ""


def _comma(*parts: str) -> str:
    return "，".join(part.rstrip("。，") for part in parts if part)


def _degree(form: Written) -> str:
    return _say(DEGREES[int(form.degree)]) if form.degree in ("1", "2", "3", "4", "5") else ""


def _what(form: Written) -> str:
    return f"{form.crop}{form.pest}{_degree(form)}"


def _interval(form: Written) -> str:
    if not form.interval_days.isdecimal() or form.interval_days == "0":
        return ""
    return _say("Not in the last {n} days before harvest", n=form.interval_days)


def _days(form: Written, near: date | None = None) -> str:
    """11月13至15日; without the month where it is the coming days of ``near``'s month."""
    first, last = _date(form.window_from), _date(form.window_to)
    if first is None or last is None or first == last:
        only = first or last
        if only is None:
            return ""
        sentence = "By {month}-{day}" if first is None else "On {month}-{day}"
        return _say(sentence, month=only.month, day=only.day)
    if near is not None and (near.year, near.month) == (first.year, first.month) == (last.year, last.month):
        return _say("{first} to {last}", first=first.day, last=last.day)
    if first.month == last.month:
        return _say("{month}-{first} to {last}", month=first.month, first=first.day, last=last.day)
    return _say(
        "{month}-{first} to {end}-{last}",
        month=first.month, first=first.day, end=last.month, last=last.day,
    )  # fmt: skip


def _day(text: str) -> str:
    day = _date(text)
    return "" if day is None else _say("{day} {month}", day=day.day, month=day.month)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
