"""An alert's form as it was typed, and what it means: nothing typed is lost, and every slip is found at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time

from flask import request

from farmerline.clock import SHANGHAI, local
from farmerline.domain import Alert, Colour
from farmerline.domain.alert_words import SHORT_ROOM
from farmerline.domain.alerts import Draft
from farmerline.errors import Invalid
from farmerline.web.forms import words

TICK = "a"
"""The name of the boxes of the areas: short, for a county has four hundred."""
_MOST = 20_000
_LONGEST: Mapping[str, int] = {
    "crop": 40, "growth_stage": 40, "pest": 40, "evidence_place": 80, "evidence_method": 80, "evidence_unit": 40,
    "look_step": 120, "threshold": 120, "action": 200, "ingredient": 80, "short_text": SHORT_ROOM, "voice_text": 400,
    "full_text": 4000,
}  # fmt: skip
_SEVERAL_LINES = frozenset({"short_text", "voice_text", "full_text"})


@dataclass(frozen=True, slots=True)
class Written:
    """Each field as it was typed, under the name it has on the page.

    ``areas`` holds the codes ticked; ``send`` is "now" or "later"; days are as browsers send them (2026-10-12). ``centre`` and
    ``km`` draw a circle, ``audience`` names a kept one: neither is stored with the alert.
    """

    exercise: str = ""
    colour: str = ""
    crop: str = ""
    growth_stage: str = ""
    pest: str = ""
    degree: str = ""
    evidence_place: str = ""
    evidence_on: str = ""
    evidence_method: str = ""
    evidence_count: str = ""
    evidence_unit: str = ""
    window_from: str = ""
    window_to: str = ""
    look_step: str = ""
    threshold: str = ""
    action: str = ""
    ingredient: str = ""
    interval_days: str = ""
    valid_until: str = ""
    short_text: str = ""
    voice_text: str = ""
    full_text: str = ""
    audience_crop: str = ""
    audience_kind: str = ""
    audience_group: str = ""
    audience: str = ""
    centre: str = ""
    km: str = ""
    send: str = "now"
    send_day: str = ""
    send_time: str = ""
    areas: tuple[str, ...] = field(default=())

    @property
    def is_exercise(self) -> bool:
        return self.exercise == "yes"


def read() -> Written:
    """The form that was sent."""
    given = {one.name: words(one.name, most=_MOST) for one in fields(Written) if one.name != "areas"}
    plain = {name: text if name in _SEVERAL_LINES else " ".join(text.split()) for name, text in given.items()}
    ticked = tuple(code for code in request.form.getlist(TICK) if code.isascii() and code.isdigit())
    return Written(**plain, areas=_widest(ticked))


def of_alert(alert: Alert) -> Written:
    """A stored alert as its form."""
    send_at = local(alert.send_at) if alert.send_at else None
    return Written(
        exercise="yes" if alert.exercise else "no",
        colour=alert.colour.value,
        degree=str(alert.degree),
        evidence_on=_day_text(alert.evidence_on),
        evidence_count="" if alert.evidence_count is None else f"{alert.evidence_count:g}",
        window_from=_day_text(alert.window_from),
        window_to=_day_text(alert.window_to),
        interval_days="" if alert.interval_days is None else str(alert.interval_days),
        valid_until=local(alert.last_day).date().isoformat(),
        send="later" if send_at else "now",
        send_day=send_at.date().isoformat() if send_at else "",
        send_time=f"{send_at:%H:%M}" if send_at else "",
        areas=codes_of(alert),
        **{name: getattr(alert, name) for name in _LONGEST},
        audience_crop=alert.audience_crop,
        audience_kind=alert.audience_kind,
        audience_group=alert.audience_group or "",
    )


def codes_of(alert: Alert) -> tuple[str, ...]:
    """The areas an alert goes to."""
    return tuple(each.area_code for each in alert.areas)


def to_draft(form: Written, *, follows: bool = False) -> tuple[Draft | None, list[Invalid]]:
    """What the form means, and all that is wrong with it; no draft where something is.

    One that ``follows`` another goes where that one went, whatever its form says.
    """
    found = _Reading(form)
    values = Draft(
        exercise=found.exercise(),
        colour=found.colour(),
        degree=found.degree(),
        areas=form.areas,
        audience_crop=form.audience_crop,
        audience_kind=form.audience_kind,
        audience_group=form.audience_group,
        evidence_on=found.day("evidence_on"),
        evidence_count=found.number("evidence_count"),
        window_from=found.day("window_from"),
        window_to=found.day("window_to"),
        interval_days=found.whole("interval_days"),
        valid_until=found.last_day(),
        send_at=found.send_at(),
        **{name: found.text(name) for name in _LONGEST},
    )
    if not follows:
        found.check_areas()
    return (None if found.wrong else values), found.wrong


_YEARS = range(2000, 2200)  # beyond it clocks and calendars overflow


class _Reading:
    """Reads a form's fields one by one; what cannot be read is written down and stands as a harmless value."""

    def __init__(self, form: Written) -> None:
        self.form = form
        self.wrong: list[Invalid] = []

    def text(self, name: str) -> str:
        said: str = getattr(self.form, name)
        if len(said) > _LONGEST[name]:
            self.wrong.append(
                Invalid(
                    "too_long", "This has {count} signs; {most} fit.",
                    field=name, count=len(said), most=_LONGEST[name],
                )
            )  # fmt: skip
        elif not said and name in _MISSING:
            self.wrong.append(Invalid("field_missing", _MISSING[name], field=name))
        return said

    def colour(self) -> Colour:
        if self.form.colour in set(Colour):
            return Colour(self.form.colour)
        self.wrong.append(Invalid("field_missing", "Choose how urgent it is: the colour.", field="colour"))
        return Colour.BLUE

    def degree(self) -> int:
        if self.form.degree in {"1", "2", "3", "4", "5"}:
            return int(self.form.degree)
        self.wrong.append(Invalid("field_missing", "Choose how bad it is: the degree.", field="degree"))
        return 1

    def day(self, name: str) -> date | None:
        said: str = getattr(self.form, name)
        try:
            read = date.fromisoformat(said) if said else None
        except ValueError:
            read = date.min
        if read is None or read.year in _YEARS:
            return read
        self.wrong.append(Invalid("date_shape", "Write the day like 2026-10-12.", field=name))
        return None

    def last_day(self) -> date:
        read = self.day("valid_until")
        if not self.form.valid_until:
            self.wrong.append(
                Invalid("field_missing", "Write the last day on which it holds.", field="valid_until")
            )
        return read or date.max

    def number(self, name: str) -> float | None:
        said: str = getattr(self.form, name)
        try:
            value = float(said) if said else None
        except ValueError:
            value = -1.0
        if value is not None and not 0 <= value < 10**9:
            self.wrong.append(Invalid("number_shape", "Write a number here, like 34.", field=name))
            return None
        return value

    def whole(self, name: str) -> int | None:
        said: str = getattr(self.form, name)
        if not said:
            return None
        if not (said.isascii() and said.isdigit() and int(said) <= 365):
            self.wrong.append(Invalid("days_shape", "Write the days as a number, 0 to 365.", field=name))
            return None
        return int(said)

    def exercise(self) -> bool:
        if self.form.exercise not in ("yes", "no"):
            self.wrong.append(
                Invalid("field_missing", "Choose whether it is real or practice.", field="exercise")
            )
        return self.form.is_exercise

    def send_at(self) -> datetime | None:
        if self.form.send not in ("now", "later"):
            self.wrong.append(Invalid("field_missing", "Choose now or a time.", field="send"))
        if self.form.send != "later":
            return None
        day = self.day("send_day")
        try:
            at = time.fromisoformat(self.form.send_time)
        except ValueError:
            self.wrong.append(Invalid("time_shape", "Write the time like 06:30.", field="send_time"))
            return None
        if day is None:
            if not self.form.send_day:
                self.wrong.append(
                    Invalid("field_missing", "Write the day on which it is to go out.", field="send_day")
                )
            return None
        return datetime.combine(day, at.replace(tzinfo=None), SHANGHAI).astimezone(UTC)

    def check_areas(self) -> None:
        if not self.form.areas:
            self.wrong.append(
                Invalid("area_missing", "Tick the towns or villages that it goes to.", field="areas")
            )


_MISSING: Mapping[str, str] = {
    "crop": "Write which crop it is about.",
    "pest": "Write which pest or disease it is.",
    "short_text": "Write the text message.",
    "voice_text": "Write what the call says.",
    "full_text": "Write the full text.",
}


def _widest(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes without those that lie inside another."""
    kept: list[str] = []
    for code in sorted(set(codes), key=lambda one: (len(one), one)):
        if not code.startswith(tuple(kept)):
            kept.append(code)
    return tuple(kept)


def _day_text(day: date | None) -> str:
    return day.isoformat() if day else ""
