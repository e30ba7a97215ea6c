"""The words of the printed report, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby

from farmerline import parts
from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import Alert, Settled, alert_words, reach_words
from farmerline.queries.alert_report import AlertReport, Bill, Relative
from farmerline.queries.alerts import VillageLine
from farmerline.render.report import Column, Facts, Figures, Note, Quote, Report, Section, Table
from farmerline.web.alerts import follow_words
from farmerline.web.format import money, span
from farmerline.web.language import _, current_language

_HOW = {
    Settled.REPLY: "answered the text: {n}",
    Settled.PAGE: "pressed the button on a page: {n}",
    Settled.KEY: "pressed 1 in a call: {n}",
    Settled.HEARD: "heard it to the end: {n}",
    Settled.RECEIPT: "the carrier's receipt: {n}",
}
_EXCLUDED = {
    "consent": "want no alerts: {n}",
    "left": "have left: {n}",
    "not_mine": "said it is not for them: {n}",
    "exercise": "not on the exercise's list: {n}",
    "erased": "asked to be erased: {n}",
}


def write(alert: Alert, found: AlertReport, *, settings: Settings, now: datetime) -> Report:
    """The report of an alert as it stands now."""
    language = current_language()
    colour = _(alert_words.COLOURS[alert.colour])
    return Report(
        language=language,
        issuer=" · ".join(name for name in (settings.bureau_name, settings.service_name) if name),
        made=_("As of {time}", time=_at(now)),
        level=f"{alert_words.DRILL}{colour}" if alert.exercise else colour,
        squares=alert.colour.urgency + 1,
        title=f"{_('No. {number}', number=alert.number)} {alert.crop} {alert.pest}",
        subtitle=_subtitle(alert),
        fact=_fact(alert, found),
        figures=_figures(found),
        sections=(
            Section(_("Who stands for it"), [Facts(list(_signatures(alert, found)))]),
            Section(_("What it said"), _quotes(alert, settings)),
            Section(_("To whom, and what became of it"), [Facts(list(_course(alert, found)))]),
            Section(_("What it cost"), _money(found.bill, settings)),
            *_village_section(found.villages, found),
            *_people_section(found),
            Section(_("What was done when"), [_history(found)]),
        ),
        foot=_("Report on alert {number}", number=alert.number),
        page_words=_("Page {page} of {pages}"),
        made_at=now,
    )


def _at(moment: datetime | None) -> str:
    """With its year: a report is read years later."""
    return f"{local(moment):%Y-%m-%d %H:%M}" if moment else ""


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _subtitle(alert: Alert) -> str:
    degree = _("degree {n} of 5, {word}", n=alert.degree, word=_(alert_words.DEGREES[alert.degree]))
    where = _("now: {state}", state=reach_words.state(current_language(), alert.state))
    return " · ".join(part for part in (degree, alert.growth_stage, where) if part)


def _fact(alert: Alert, found: AlertReport) -> str:
    if alert.issued_at is None:
        return _("It has not gone out.")
    told = found.status
    if told.unreached == 0:
        return _("Everybody is accounted for: {confirmed} confirmed, {told} were told in person.",
                 confirmed=told.confirmed, told=told.told)  # fmt: skip
    if alert.ended_at is not None:
        return _("It is over: {n} people had neither confirmed nor been told in person.", n=told.unreached)
    nobody = sum(not line.going for line in found.people)
    if nobody == told.unreached:
        return _("{n} people are not reached yet, and nobody goes to them.", n=nobody)
    if nobody:
        return _(
            "{n} people are not reached yet, and nobody goes to {nobody} of them.",
            n=told.unreached,
            nobody=nobody,
        )
    return _("{n} people are not reached yet; somebody goes to each of them.", n=told.unreached)


def _figures(found: AlertReport) -> Figures:
    told = found.status
    return Figures(
        (
            (str(told.planned), _("on the list")),
            (str(told.sent), _("sent to")),
            (str(told.delivered), _("delivered")),
            (str(told.heard), _("heard")),
            (str(told.confirmed), _("confirmed")),
            (str(told.told), _("in person")),
            (str(told.unreached), _("not reached")),
            (str(told.excluded), _("not to be told")),
        )
    )


def _signatures(alert: Alert, found: AlertReport) -> Iterator[tuple[str, str]]:
    def by(account_id: str | None, moment: datetime | None) -> str:
        return f"{found.names.get(account_id or '', '')}  {_at(moment)}".strip() if moment else ""

    yield _("Drafted by"), by(alert.drafted_by, alert.drafted_at)
    if alert.edited_at != alert.drafted_at:
        yield _("Last changed by"), by(alert.edited_by, alert.edited_at)
    yield _("Handed over by"), by(alert.submitted_by, alert.submitted_at)
    if alert.alone:
        yield _("Sent alone by"), by(alert.signed_by or alert.drafted_by, alert.signed_at or alert.issued_at)
        looked = by(alert.reviewed_by, alert.reviewed_at)
        yield _("Looked at again by"), looked or _("nobody yet; due {time}", time=_at(alert.review_due_at))
        yield _("What was found"), alert.review_note
    else:
        yield _("Signed by"), by(alert.signed_by, alert.signed_at) or _("not signed")
    yield (
        _("List frozen"),
        _("{time}, {n} people", time=_at(alert.frozen_at), n=alert.people) if alert.frozen_at else "",
    )
    yield _("Gone out"), _at(alert.issued_at)
    yield _("Holds until"), _day(local(alert.last_day).date())
    yield _("Ended"), by(alert.ended_by, alert.ended_at)
    yield _("Follows"), _relative(found.parent, alert) if found.parent else ""
    yield _("Followed by"), "\n".join(_child(one) for one in found.children)


def _relative(parent: Relative, alert: Alert) -> str:
    what = reach_words.kind(current_language(), alert.kind)
    return _("No. {number}; this is {kind} to it", number=parent.number, kind=what)


def _child(child: Relative) -> str:
    what = reach_words.kind(current_language(), child.kind)
    return _("No. {number}, {kind}, {time}", number=child.number, kind=what, time=_at(child.issued_at))


def _quotes(alert: Alert, settings: Settings) -> list[Quote | Facts]:
    text = parts.with_signature(alert_words.as_sent(alert), settings.sms_signature)
    count = parts.count(alert_words.as_sent(alert), settings.sms_signature)
    lasts = span(current_language(), alert.voice_seconds) if alert.voice_seconds else ""
    return [
        Quote(_("Text message ({n} signs, SMS parts: {parts})", n=count.characters, parts=count.parts), text),
        Quote(_("Call ({span})", span=lasts) if lasts else _("Call"), alert_words.as_spoken(alert)),
        Quote(_("Full text"), alert.full_text),
        Facts(list(_grounds(alert))),
    ]


def _grounds(alert: Alert) -> Iterator[tuple[str, str]]:
    """What it rested on and asked for, as it was entered."""
    count = "" if alert.evidence_count is None else f"{alert.evidence_count:g}{alert.evidence_unit}"
    seen = (alert.evidence_place, _day(alert.evidence_on), alert.evidence_method, count)
    yield _("Evidence"), " · ".join(part for part in seen if part)
    yield (
        _("Days to act"),
        " — ".join(part for part in (_day(alert.window_from), _day(alert.window_to)) if part),
    )
    yield _("Look first"), " · ".join(part for part in (alert.look_step, alert.threshold) if part)
    yield _("What to do"), " · ".join(part for part in (alert.action, alert.ingredient) if part)
    if alert.interval_days is not None:
        yield _("Safety interval"), _("{n} days before harvest", n=alert.interval_days)


def _course(alert: Alert, found: AlertReport) -> Iterator[tuple[str, str]]:
    times = found.times
    yield _("Areas"), _list(found.areas)
    if alert.audience_crop or alert.audience_kind:
        yield (
            _("Only those with"),
            " · ".join(part for part in (alert.audience_crop, alert.audience_kind) if part),
        )
    yield _("Texts"), _between(times.first_text, times.last_text)
    yield _("Calls"), _between(times.first_call, times.last_call)
    yield _("On contact points' lists"), _at(times.listed)
    yield _("On the town's list"), _at(times.town)
    yield _("Half had confirmed"), _at(times.half)
    yield _("Nine of ten had confirmed"), _at(times.most)
    yield _("How they confirmed"), _list(_(_HOW[how], n=n) for how, n in found.settled.items() if how in _HOW)
    yield (
        _("Not to be told"),
        _list(
            _(_EXCLUDED[why], n=n) if why in _EXCLUDED else f"{why}: {n}" for why, n in found.excluded.items()
        ),
    )


def _between(first: datetime | None, last: datetime | None) -> str:
    if first is None or last is None or first == last:
        return _at(first)
    return _("{first} until {last}", first=_at(first), last=_at(last))


def _money(bill: Bill, settings: Settings) -> list[Facts | Note]:
    language = current_language()
    each = _("nobody has confirmed") if bill.a_person is None else money(language, bill.a_person)
    rates = _("Rates: {part} yuan an SMS part, {minute} yuan a started minute of a call (settings).",
              part=f"{settings.sms_part_yuan:g}", minute=f"{settings.call_minute_yuan:g}")  # fmt: skip
    return [
        Facts(
            [
                (_("Texts"), _("{n} parts, {yuan}", n=bill.parts, yuan=money(language, bill.texts_yuan))),
                (
                    _("Calls answered"),
                    _("{n} calls, {minutes} minutes, {yuan}", n=bill.calls, minutes=bill.minutes,
                      yuan=money(language, bill.calls_yuan)),
                ),
                (_("Together"), money(language, bill.yuan)),
                (_("For each who confirmed"), each),
            ]
        ),
        Note(rates),
    ]  # fmt: skip


def _village_section(lines: Sequence[VillageLine], found: AlertReport) -> Iterator[Section]:
    if not lines:
        return
    columns = (
        Column(_("Village"), 3.4),
        *(
            Column(head, 1.2, figures=True)
            for head in (
                _("on the list"), _("delivered"), _("heard"), _("confirmed"), _("in person"), _("not reached"),
                _("not to be told"),
            )
        ),
    )  # fmt: skip
    rows = [(found.places[line.area_code], *map(str, _counts(line))) for line in lines]
    total = (_("Together"), *map(str, _counts(found.status)))
    yield Section(_("Each village"), [Table(columns, rows, total)])


def _counts(line: VillageLine | object) -> tuple[int, ...]:
    keys = ("planned", "delivered", "heard", "confirmed", "told", "unreached", "excluded")
    return tuple(getattr(line, key) for key in keys)


def _people_section(found: AlertReport) -> Iterator[Section]:
    if not found.people:
        return
    language = current_language()
    columns = (
        Column(_("Name"), 1.7), Column(_("Phone"), 1.9), Column(_("Why not yet"), 3.2), Column(_("What is done"), 2.8),
        Column(_("Going there"), 1.8),
    )  # fmt: skip
    rows: list[tuple[str, ...]] = []
    ordered = sorted(found.people, key=lambda line: (line.area_code, bool(line.going), line.name))
    for code, group in groupby(ordered, key=lambda line: line.area_code):
        members = list(group)
        rows.append((_("{village}: {n} people", village=found.places[code], n=len(members)),))
        for line in members:
            why, step = reach_words.why(language, line), reach_words.step(language, line.step)
            nobody = "" if line.step == "done" else _("nobody yet")
            rows.append((line.name, line.phone, why, step, line.going or nobody))
    yield Section(_("Who is not reached yet"), [Table(columns, rows)])


def _history(found: AlertReport) -> Facts:
    said = ((_at(at), follow_words.act(act, who)) for at, act, who in found.history)
    return Facts([(at, words) for at, words in said if words])


def _list(parts_of: Iterator[str] | Sequence[str]) -> str:
    return (_("; ")).join(parts_of)
