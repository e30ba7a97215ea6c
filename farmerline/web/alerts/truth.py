"""What the truth screen says: figures and facts of an alert made into lines, and what this reader may do with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from farmerline.clock import noon
from farmerline.domain import Alert, AlertKind, AlertState, Colour, Role, alert_signing, quiet
from farmerline.domain.alert_words import COLOURS, DEGREES
from farmerline.domain.audience import Overview
from farmerline.queries.alert_truth import Reports, Truth
from farmerline.web.doors import actor, now, settings
from farmerline.web.format import calendar_day, money, span
from farmerline.web.language import _, current_language

Facts = list[tuple[str, str]]

_WAYS = (
    ("sms", "by text {n}"),
    ("voice", "by call {n}"),
    ("mailbox", "by letter {n}"),
    ("person", "in person {n}"),
)
_FOLLOWS = {
    AlertKind.UPDATE: "{number}: new facts take its place at once",
    AlertKind.CORRECTION: "{number}: it was wrong, and this takes its place at once",
    AlertKind.CANCEL: "{number}: void at once",
    AlertKind.ALL_CLEAR: "{number}: over at once",
}
FIELDS = {
    "colour": "the colour",
    "crop": "the crop",
    "growth_stage": "the growth stage",
    "pest": "the pest",
    "degree": "the degree",
    "evidence_place": "the place of the evidence",
    "evidence_on": "the day of the evidence",
    "evidence_method": "how it was found",
    "evidence_count": "how many were found",
    "evidence_unit": "the unit",
    "window_from": "the days to act",
    "window_to": "the days to act",
    "look_step": "what to look at first",
    "threshold": "from when to act",
    "action": "what to do",
    "ingredient": "the ingredient",
    "interval_days": "the safety interval",
    "valid_until": "the last day",
    "short_text": "the text message",
    "voice_text": "the words of the call",
    "full_text": "the full text",
    "audience_crop": "whose crop it is",
    "audience_kind": "which people",
    "audience_group": "whose members",
    "areas": "the places",
    "send_at": "the time of sending",
}
"""The fields of an alert as people call them, by their names in its row."""


@dataclass(frozen=True, slots=True)
class Shown:
    """``told`` is everybody on the list but those who said no; ``box`` are the four things to be clear about.

    ``leaves_at`` is when its messages leave, None for at once; ``held`` says that the quiet hours put it off till then.
    """

    told: int
    visits: int
    box: Facts
    evidence: Facts
    advice: Facts
    changed: tuple[str, ...]
    leaves_at: datetime | None
    held: bool


@dataclass(frozen=True, slots=True)
class May:
    """What this reader may do with an alert that waits; ``alone_from`` is when its drafter may send it alone."""

    sign: bool = False
    alone: bool = False
    alone_from: datetime | None = None
    take_back: bool = False
    why_not: str = ""


def show(alert: Alert, overview: Overview, beside: Truth) -> Shown:
    """The lines of the screen."""
    begins = max(alert.send_at or now(), now())
    leaves_at = quiet.alert_time(begins, alert.colour, settings())
    changed = dict.fromkeys(
        _(FIELDS[name]) for name in (beside.returned.changed if beside.returned else ()) if name in FIELDS
    )
    return Shown(
        told=overview.people - overview.excluded,
        visits=sum(one.person for one in overview.villages),
        box=_box(alert, overview, beside),
        evidence=_evidence(alert, beside.reports),
        advice=_advice(alert),
        changed=tuple(changed),
        leaves_at=leaves_at if leaves_at > now() else None,
        held=leaves_at > begins,
    )


def may(alert: Alert) -> May:
    """What this reader may do with the alert now, and why not."""
    if alert.state is not AlertState.SUBMITTED:
        return May()
    own = actor().account_id in (alert.drafted_by, alert.edited_by, alert.submitted_by)
    signs = reader_is(alert, Role.SIGNER)
    if signs and not own:
        return May(sign=True)
    writes = reader_is(alert, Role.OFFICER)
    if not own:
        return May(take_back=writes, why_not=_("Only a signing officer can sign it."))
    why_not = _("You wrote or changed it: another person has to sign it.")
    lonely = alert.colour is Colour.RED and not alert.exercise and alert.drafted_by == actor().account_id
    if not lonely or alert.submitted_at is None:
        return May(take_back=writes, why_not=why_not)
    opens = alert.submitted_at + alert_signing.ALONE_AFTER
    return May(take_back=writes, why_not=why_not, alone=now() >= opens, alone_from=opens)


def reader_is(alert: Alert, *roles: Role) -> bool:
    """Whether this reader holds one of the roles around each of the alert's areas."""
    mine = actor().areas(*roles)
    return bool(mine) and all(area.area_code.startswith(mine) for area in alert.areas)


def _box(alert: Alert, overview: Overview, beside: Truth) -> Facts:
    language = current_language()
    ways = [(name, sum(getattr(one, name) for one in overview.villages)) for name, _words in _WAYS]
    counts = dict(ways)
    by_way = [_(sentence, n=counts[name]) for name, sentence in _WAYS if counts[name]]
    if overview.excluded:
        by_way.append(_("left out {n}", n=overview.excluded))
    follows = _("none: it is the first about this")
    if beside.parent is not None and alert.kind in _FOLLOWS:
        name = _("{number} ({colour})", number=beside.parent.number, colour=_(COLOURS[beside.parent.colour]))
        follows = _(_FOLLOWS[alert.kind], number=name)
    return [
        (_("On the list"), _("{n} people: {how}", n=overview.people, how=_(", ").join(by_way))),
        (_("Done within"), _finish(overview)),
        (_("It costs"), money(language, round(overview.yuan, 2))),
        (_("It replaces"), follows),
    ]


def _finish(overview: Overview) -> str:
    language = current_language()
    texts, calls = overview.sms_seconds, overview.call_seconds
    said = []
    if texts:
        said.append(_("texts {span}", span=span(language, texts)))
    if calls:
        said.append(_("calls {span}", span=span(language, calls)))
    return _(", ").join(said) or _("at once")


def _evidence(alert: Alert, reports: Reports) -> Facts:
    place = alert.evidence_place
    day = _day(alert.evidence_on) if alert.evidence_on else ""
    count = "" if alert.evidence_count is None else f"{alert.evidence_count:g}{alert.evidence_unit}"
    seen = _(", ").join(part for part in (place, day, alert.evidence_method, count) if part)
    found = [
        (
            _("What it is"),
            _("{crop}, {pest}: {degree}", crop=alert.crop, pest=alert.pest, degree=_(DEGREES[alert.degree])),
        ),
        (_("Seen"), seen or _("nothing is written down")),
        (_("Threshold"), alert.threshold),
        (
            _("Farmers"),
            _(
                "reports of the last 7 days: {confirmed} checked and right, {otherwise} checked and not it, {unseen} not checked",
                confirmed=reports.confirmed,
                otherwise=reports.otherwise,
                unseen=reports.unseen,
            ),
        ),
    ]
    if alert.growth_stage:
        found.insert(1, (_("Growth stage"), alert.growth_stage))
    return [(term, words) for term, words in found if words]


def _advice(alert: Alert) -> Facts:
    days = dict.fromkeys(_day(day) for day in (alert.window_from, alert.window_to) if day)
    interval = (
        _("{n} days before harvest it must not be used", n=alert.interval_days) if alert.interval_days else ""
    )
    last = calendar_day(current_language(), alert.last_day, now())
    found = [
        (_("When"), _(" to ").join(days)),
        (_("First"), alert.look_step),
        (_("Then"), alert.action),
        (_("With"), _("; ").join(part for part in (alert.ingredient, interval) if part)),
        (_("Holds"), _("until {day}, to its end", day=last)),
    ]
    return [(term, words) for term, words in found if words]


def _day(day: date) -> str:
    return calendar_day(current_language(), noon(day), now())
