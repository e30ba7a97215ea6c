"""Writing an alert: its fields, its words, whom it reaches; then it is handed to a second person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.clock import local
from farmerline.config import Module
from farmerline.domain import Alert, AlertKind, AlertState, Colour, Role, Session, alerts
from farmerline.errors import Absent, Conflict, Invalid, Refusal
from farmerline.queries import alert_form, alert_truth
from farmerline.web.alerts import aiming, suggest, written
from farmerline.web.alerts.choices import choices_for
from farmerline.web.alerts.desk import blueprint
from farmerline.web.alerts.preview import count_signs, preview_for, words_for
from farmerline.web.alerts.refusals import deciding, deciding_on
from farmerline.web.alerts.written import Written
from farmerline.web.doors import actor, allow, now, reading, settings
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done
from farmerline.web.language import _

HOLDS_DAYS = 14
"""Days for which a new alert holds unless its writer says otherwise."""
FOLLOWS = (AlertKind.UPDATE, AlertKind.CORRECTION, AlertKind.ALL_CLEAR)
_officers = allow(Role.OFFICER, module=Module.ALERTS)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form belongs: the alert it edits, or the one that a new one follows, and as what."""

    address: str
    alert: Alert | None = None
    kind: AlertKind = AlertKind.ALERT
    parent: Alert | None = None


Find = Callable[[Session], Place]


@blueprint.get("/alerts/new")
@_officers
def show_new() -> str:
    """An empty form; with ``?from=village:crop:pest`` one that knows what farmers saw."""
    with reading() as rows:
        return _page(rows, Place("/alerts/new"), _beginning(rows))


@blueprint.post("/alerts/new")
@_officers
def take_new() -> Response | tuple[str, int]:
    return _take(lambda rows: Place("/alerts/new"))


@blueprint.get("/alerts/<alert:alert_number>/edit")
@_officers
def show_edit(alert_number: str) -> str | Response:
    with reading() as rows:
        place = _editing(rows, alert_number)
        if place.alert is not None and place.alert.state is AlertState.DRAFT:
            return _page(rows, place, written.of_alert(place.alert))
    return redirect(f"/alerts/{alert_number}", 303)


@blueprint.post("/alerts/<alert:alert_number>/edit")
@_officers
def take_edit(alert_number: str) -> Response | tuple[str, int]:
    return _take(lambda rows: _editing(rows, alert_number))


@blueprint.get("/alerts/<alert:alert_number>/follow")
@_officers
def show_follow(alert_number: str) -> str:
    """What follows an alert in force: ``?kind=update``, ``correction`` or ``all_clear``, filled in from it."""
    with reading() as rows:
        place = _following(rows, alert_number)
        return _page(rows, place, _after(rows, place))


@blueprint.post("/alerts/<alert:alert_number>/follow")
@_officers
def take_follow(alert_number: str) -> Response | tuple[str, int]:
    return _take(lambda rows: _following(rows, alert_number))


@blueprint.get("/alerts/<alert:alert_number>/handed")
@_officers
def show_handed(alert_number: str) -> str | Response:
    """Who is being called to sign, and when the next one is."""
    with reading() as rows:
        alert = alerts.get(rows, alert_number, actor=actor())
        if alert.state is not AlertState.SUBMITTED:
            return redirect(f"/alerts/{alert.number}", 303)
        called = alert_truth.calls_to_sign(rows, alert)
        return render_template("alerts/handed.html", alert=alert, called=called)


@blueprint.post("/alerts/<alert:alert_number>/back")
@_officers
def take_back(alert_number: str) -> Response:
    """Make what waits for its signature a draft again."""
    with deciding_on(alert_number, "take_back") as (rows, alert):
        alerts.take_back(rows, alert, actor=actor(), now=now())
    done("It is a draft again: nobody is called to sign it any more.")
    return redirect(f"/alerts/{alert_number}/edit", 303)


@blueprint.post("/alerts/<alert:alert_number>/withdraw")
@_officers
def withdraw(alert_number: str) -> Response:
    """Give up an alert that nobody has got yet."""
    with deciding_on(alert_number, "withdraw") as (rows, alert):
        alerts.withdraw(rows, alert, actor=actor(), now=now())
    done("Thrown away. Its number is not used again.")
    return redirect("/alerts", 303)


def _take(find: Find) -> Response | tuple[str, int]:
    """Do with a form what its button says: words, a count, keep it, or hand it over."""
    form, act, seen = written.read(), typed("do", most=10), typed("seen", most=9)
    with reading() as rows:
        place = find(rows)
        if act in _AIMS and place.parent is None:
            return _aim(rows, place, form, act, seen)
        if act == "suggest":
            return _page(rows, place, _with_words(rows, place, form)), 200
        if act == "count":
            return _page(rows, place, form), 200
        alert_id = place.alert.id if place.alert else place.parent.id if place.parent else ""
    if act == "keep":
        return _keep_audience(find, form, seen)
    fields, wrong = written.to_draft(form, follows=place.parent is not None)
    try:
        with deciding("submit" if act == "submit" else "write", alert_id) as rows:
            if fields is None:
                raise wrong[0]
            alert = _keep(rows, find(rows), fields, int(seen) if seen.isdecimal() else 0)
            if act == "submit" and alert.state is AlertState.DRAFT:
                alerts.submit(rows, alert, actor=actor(), seen=alert.version, settings=settings(), now=now())
            number, handed_over = alert.number, alert.state is AlertState.SUBMITTED
    except (Invalid, Conflict) as refusal:
        with reading() as rows:
            return _page(rows, find(rows), form, seen=seen, refusals=wrong or [refusal]), refusal.status
    if handed_over:
        return redirect(f"/alerts/{number}/handed", 303)
    done("Kept as {number}. Nobody has got anything.", number=number)
    return redirect(f"/alerts/{number}/edit", 303)


def _keep_audience(find: Find, form: Written, seen: str) -> tuple[str, int]:
    """Keep whom the form goes to under a name; the alert itself is not stored."""
    try:
        with deciding("audience", "") as rows:
            said = aiming.keep(rows, form)
    except Invalid as refusal:
        with reading() as rows:
            return _page(rows, find(rows), form, seen=seen, refusals=[refusal]), refusal.status
    with reading() as rows:
        return _page(rows, find(rows), form, seen=seen, said=said), 200


def _aim(rows: Session, place: Place, form: Written, act: str, seen: str) -> tuple[str, int]:
    """The form with its places ticked by one of the ways to do so."""
    try:
        filled, said = _AIMS[act](rows, form)
    except (Invalid, Absent) as refusal:
        return _page(rows, place, form, seen=seen, refusals=[refusal]), refusal.status
    return _page(rows, place, filled, seen=seen, said=said), 200


_AIMS = {"circle": aiming.tick_circle, "use": aiming.use_saved}


def _keep(rows: Session, place: Place, fields: alerts.Draft, seen: int) -> Alert:
    """Store the form: into its alert, or as a new one; a form sent twice is one alert."""
    if place.alert is not None:
        alerts.edit(
            rows, place.alert, actor=actor(), fields=fields, seen=seen, settings=settings(), now=now()
        )
        return place.alert
    twice = alert_form.drafted_before(rows, actor=actor(), fields=fields, parent=place.parent, now=now())
    return twice or alerts.draft(
        rows,
        actor=actor(),
        fields=fields,
        settings=settings(),
        now=now(),
        kind=place.kind,
        parent=place.parent,
    )


def _page(
    rows: Session,
    place: Place,
    form: Written,
    *,
    seen: str = "",
    refusals: Sequence[Refusal] = (),
    said: Sequence[str] = (),
) -> str:
    alert, parent = place.alert, place.parent
    if parent is not None:
        form = replace(form, exercise="yes" if parent.exercise else "no", areas=written.codes_of(parent))
    preview = preview_for(rows, form, alert=alert, parent=parent)
    return render_template(
        "alerts/compose.html", form=form, address=place.address, number=alert.number if alert else "",
        seen=seen or (alert.version if alert else 0), kind=place.kind.value, parent=parent.number if parent else "",
        returned=alert.returned_why if alert else "", choices=choices_for(rows, form), preview=preview,
        counted=preview.counted, said=said,
        errors=[("send_day" if field == "send_at" else field, said) for field, said in errors_of(refusals)],
    )  # fmt: skip


def _editing(rows: Session, number: str) -> Place:
    alert = alerts.get(rows, number, actor=actor())
    parent = rows.get(Alert, alert.parent_id) if alert.parent_id else None
    return Place(f"/alerts/{alert.number}/edit", alert, alert.kind, parent)


def _following(rows: Session, number: str) -> Place:
    parent = alerts.get(rows, number, actor=actor())
    kind = request.args.get("kind", "")
    if kind not in FOLLOWS:
        raise Absent
    return Place(f"/alerts/{parent.number}/follow?kind={kind}", None, AlertKind(kind), parent)


def _with_words(rows: Session, place: Place, form: Written) -> Written:
    """The form with words put together from its fields, as long as one message holds."""
    if place.kind is AlertKind.ALL_CLEAR:
        over = suggest.all_clear(form)
        return replace(form, short_text=over, voice_text=over, full_text=over)
    empty = replace(form, short_text="")
    room = count_signs(empty, words_for(rows, empty, place.alert)).room
    return replace(
        form,
        short_text=suggest.short_text(form, today=local(now()).date(), room=room),
        voice_text=suggest.voice_text(form),
        full_text=suggest.full_text(form),
    )


def _after(rows: Session, place: Place) -> Written:
    """A follower's form: its parent's facts, its own words still to be written."""
    if place.parent is None:
        return _beginning(rows)
    form = replace(written.of_alert(place.parent), send="now", send_day="", send_time="")
    if place.kind is AlertKind.ALL_CLEAR:  # good news rings nobody
        return _with_words(rows, place, replace(form, colour=Colour.BLUE.value))
    return form


def _beginning(rows: Session) -> Written:
    """A new form: for two weeks, and with what was seen where it comes from a group of sightings."""
    today = local(now()).date()
    form = Written(exercise="no", valid_until=(today + timedelta(days=HOLDS_DAYS)).isoformat())
    village, crop, pest = (*typed("from", most=120).split(":"), "", "", "")[:3]
    mine = actor().areas(Role.OFFICER)
    if not village.startswith(mine):
        return form
    seen = alert_form.sighted(rows, mine, village=village, crop=crop, pest=pest, now=now())
    if seen is None:
        return form
    return replace(
        form,
        crop=seen.crop or alert_form.crop_of(seen.pest),
        pest=seen.pest,
        evidence_place=seen.place,
        evidence_on=seen.last_on.isoformat(),
        evidence_method=_("{n} farmers reported it", n=seen.count),
        evidence_count="" if seen.in_ten is None else f"{seen.in_ten:g}",
        evidence_unit="" if seen.in_ten is None else _("of ten plants"),
        areas=(village,),
        centre=seen.place,
        km="3",
        audience_crop=seen.crop if seen.crop in dict(alert_form.crops_grown(rows, mine)) else "",
    )
