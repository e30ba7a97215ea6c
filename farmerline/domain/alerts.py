"""Writing an alert: drafted by an officer, edited, handed to the second person, taken back or given back.

Who may: officers of all its areas. What is handed over is frozen with its list; an edit makes a new version, and what
somebody was about to sign no longer fits.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from farmerline.clock import SHANGHAI, local
from farmerline.config import Settings
from farmerline.domain import access, alert_bait, alert_callouts, alert_reached, audience, audit
from farmerline.domain.access import Actor
from farmerline.domain.alert_words import SHORT_ROOM, find
from farmerline.domain.numbers import next_number
from farmerline.domain.spoken import seconds_of
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import IN_FORCE, Alert, AlertArea, AlertKind, AlertState, Colour, Organisation, Role

LONGEST_CALL = 20.0
"""Seconds that a spoken alert lasts at most."""
AHEAD = timedelta(days=400)
LONGEST_HOLD = timedelta(days=366)
_OFFICERS = frozenset({Role.OFFICER})
_SIGNERS = frozenset({Role.OFFICER, Role.SIGNER})
_LENGTHS = {
    "crop": 40, "growth_stage": 40, "pest": 40, "evidence_place": 80, "evidence_method": 80, "evidence_unit": 40,
    "look_step": 120, "threshold": 120, "action": 200, "ingredient": 80, "short_text": SHORT_ROOM,
    "voice_text": 400, "full_text": 4000,
}  # fmt: skip
_NEEDED = {
    "crop": "Say which crop it is about.",
    "pest": "Say which pest or disease it is.",
    "short_text": "Write the short text.",
    "voice_text": "Write what is said in a call.",
    "full_text": "Write the full text.",
}

__all__ = [
    "AHEAD", "LONGEST_CALL", "Draft", "draft", "edit", "find", "get", "give_back", "says", "submit", "take_back", "withdraw",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer writes. ``valid_until`` is the last day, ``send_at`` None for at once; areas by their codes.

    ``audience_kind``: "" for everybody, a person kind's code, or ``contact`` for the contact points.
    ``audience_group``: the id of an organisation whose members alone are meant, "" for everybody.
    """

    colour: Colour
    crop: str
    pest: str
    degree: int
    areas: tuple[str, ...]
    valid_until: date
    short_text: str
    voice_text: str
    full_text: str
    exercise: bool = False
    growth_stage: str = ""
    audience_crop: str = ""
    audience_kind: str = ""
    audience_group: str = ""
    evidence_place: str = ""
    evidence_on: date | None = None
    evidence_method: str = ""
    evidence_count: float | None = None
    evidence_unit: str = ""
    window_from: date | None = None
    window_to: date | None = None
    look_step: str = ""
    threshold: str = ""
    action: str = ""
    ingredient: str = ""
    interval_days: int | None = None
    send_at: datetime | None = None


def draft(
    session: Session,
    *,
    actor: Actor,
    fields: Draft,
    settings: Settings,
    now: datetime,
    kind: AlertKind = AlertKind.ALERT,
    parent: Alert | None = None,
) -> Alert:
    """Begin an alert under the year's next number. One that follows another (``parent``) goes to those it reached.

    Raises ``Invalid`` with the field to mend, ``Absent`` outside the officer's areas, ``Conflict`` where the parent
    no longer holds.
    """
    if (kind is AlertKind.ALERT) is not (parent is None) or kind is AlertKind.CANCEL:
        raise ValueError(f"{kind} with parent {parent}")
    if parent is not None:
        demand_in_force(parent)
        demand_not_void(parent)
    _check(session, fields, actor=actor, now=now, parent=parent)
    exercise = parent.exercise if parent else fields.exercise
    year = local(now).year
    alert = Alert(
        year=year,
        serial=next_number(session, f"{'drill' if exercise else 'alert'}-{year}"),
        exercise=exercise,
        kind=kind,
        parent_id=parent.id if parent else None,
        drafted_by=actor.account_id,
        drafted_at=now,
        edited_by=actor.account_id,
        edited_at=now,
        **_columns(fields),
    )
    _set_areas(alert, fields, parent)
    session.add(alert)
    session.flush()
    note(session, alert, "alert.draft", actor, now)
    return alert


def edit(
    session: Session,
    alert: Alert,
    *,
    actor: Actor,
    fields: Draft,
    seen: int,
    settings: Settings,
    now: datetime,
) -> None:
    """Change a draft. ``seen`` is the version that the form showed.

    Raises ``Conflict`` where somebody edited it since, or it has been handed over or signed; ``Invalid`` as ``draft``.
    """
    lock(session, alert, actor, _OFFICERS)
    if alert.state is AlertState.SUBMITTED:
        raise Conflict(
            "alert_submitted", "No. {number} waits for its signature. Take it back first, then change it.",
            number=alert.number,
        )  # fmt: skip
    if alert.state is not AlertState.DRAFT:
        raise Conflict(
            "alert_signed_edit",
            "No. {number} is signed: nothing in it can be changed. Issue an update or a correction.",
            number=alert.number,
        )
    demand_version(alert, seen)
    parent = session.get(Alert, alert.parent_id) if alert.parent_id else None
    _check(session, fields, actor=actor, now=now, parent=parent)
    if parent is None and fields.exercise is not alert.exercise:
        raise Conflict(
            "alert_exercise",
            "An exercise stays an exercise, a real alert real: their numbers are not of one series. Begin a new one.",
        )
    changed = _change(alert, fields, parent)
    alert.version += 1
    alert.edited_by, alert.edited_at = actor.account_id, now
    session.flush()
    note(session, alert, "alert.edit", actor, now, changed=changed)


def submit(
    session: Session, alert: Alert, *, actor: Actor, seen: int, settings: Settings, now: datetime
) -> None:
    """Freeze the list and hand the alert to the second person, who is called at once.

    Raises ``Conflict`` for an old version, another state, or a list with nobody to tell.
    """
    lock(session, alert, actor, _OFFICERS)
    demand_state(alert, AlertState.DRAFT)
    demand_version(alert, seen)
    demand_valid(alert, now)
    if alert.parent_id:
        demand_in_force(session.get_one(Alert, alert.parent_id))
        alert_reached.freeze(session, alert, now=now)
    else:
        audience.freeze(session, alert, settings=settings, now=now)
    alert.state = AlertState.SUBMITTED
    alert.submitted_by, alert.submitted_at, alert.returned_why = actor.account_id, now, ""
    session.flush()
    alert_callouts.call_signers(session, alert, settings=settings, now=now)
    note(session, alert, "alert.submit", actor, now)


def take_back(session: Session, alert: Alert, *, actor: Actor, now: datetime) -> None:
    """Make what waits for its signature (or its time) a draft again. Raises ``Conflict`` once it has begun."""
    lock(session, alert, actor, _OFFICERS)
    demand_state(alert, AlertState.SUBMITTED, AlertState.SIGNED)
    reopen(session, alert, "", now)
    note(session, alert, "alert.take_back", actor, now)


def give_back(session: Session, alert: Alert, *, actor: Actor, why: str, now: datetime) -> None:
    """The second person returns it to its drafter, with a reason. Raises ``Invalid`` without one."""
    lock(session, alert, actor, _SIGNERS)
    demand_state(alert, AlertState.SUBMITTED)
    if not why.strip():
        raise Invalid("why_empty", "Say what should be changed.", field="why")
    reopen(session, alert, why.strip()[:200], now)
    note(session, alert, "alert.give_back", actor, now)


def withdraw(session: Session, alert: Alert, *, actor: Actor, now: datetime) -> None:
    """Give up an alert that nobody has got yet; its number is not used again."""
    lock(session, alert, actor, _OFFICERS)
    demand_state(alert, AlertState.DRAFT, AlertState.SUBMITTED, AlertState.SIGNED)
    alert_callouts.end(session, alert, now=now)
    alert.state, alert.ended_at, alert.ended_by = AlertState.WITHDRAWN, now, actor.account_id
    note(session, alert, "alert.withdraw", actor, now)


def get(session: Session, number: str, *, actor: Actor) -> Alert:
    """The alert of a number, for who works on alerts in its areas; ``Absent`` for everybody else."""
    alert = find(session, number)
    if alert is None:
        raise Absent
    authorise(actor, alert, frozenset({Role.OFFICER, Role.SIGNER, Role.ADMIN}))
    return alert


def authorise(actor: Actor, alert: Alert, roles: frozenset[Role]) -> None:
    """Let pass who holds one of the roles around each of the alert's areas; ``Absent`` else."""
    for area in alert.areas:
        access.authorise(actor, roles, area.area_code)


def says(alert: Alert, fields: Draft) -> bool:
    """Whether the alert says exactly this, to the same people at the same time; a follower's areas are its parent's."""
    if any(getattr(alert, name) != value for name, value in _columns(fields).items()):
        return False
    same_areas = {area.area_code for area in alert.areas} == set(fields.areas)
    return alert.parent_id is not None or (same_areas and alert.exercise is fields.exercise)


def lock(session: Session, alert: Alert, actor: Actor, roles: frozenset[Role]) -> None:
    """Take the alert for one change; ``Absent`` for whom it is not there."""
    authorise(actor, alert, roles)
    session.refresh(alert, with_for_update=True)


def demand_state(alert: Alert, *states: AlertState) -> None:
    """Raise ``Conflict`` in any other state."""
    if alert.state not in states:
        raise Conflict(
            "alert_state", "No. {number} is no longer at this step: look at it again.", number=alert.number
        )


def demand_version(alert: Alert, seen: int) -> None:
    """Raise ``Conflict`` where somebody has edited it since it was looked at."""
    if seen != alert.version:
        raise Conflict(
            "alert_changed",
            "No. {number} was changed while you looked at it. Read it again; nothing was done.",
            number=alert.number,
        )


def demand_valid(alert: Alert, now: datetime) -> None:
    """Raise ``Conflict`` where its last day is over, or would be before it is sent."""
    if alert.valid_until <= max(now, alert.send_at or now):
        raise Conflict("alert_over", "The last day of No. {number} is over.", number=alert.number)


def demand_in_force(parent: Alert) -> None:
    """Raise ``Conflict`` where the alert no longer holds, so that nothing can follow it."""
    if parent.state not in IN_FORCE:
        raise Conflict(
            "parent_over", "No. {number} no longer holds: nothing can follow it.", number=parent.number
        )


def demand_not_void(alert: Alert) -> None:
    """Raise ``Conflict`` for a cancellation: nothing follows it, and it is not made void itself."""
    if alert.kind is AlertKind.CANCEL:
        raise Conflict(
            "alert_void",
            "No. {number} makes another one void: it is the last word. Write a new alert.",
            number=alert.number,
        )


def note(
    session: Session, alert: Alert, act: str, actor: Actor | None, now: datetime, **detail: object
) -> None:
    """Put down who did what to the alert; None is the service itself."""
    session.flush()
    known = {"version": alert.version, "people": alert.people, "list": alert.list_hash, **detail}
    audit.record(
        session,
        actor_id=actor.account_id if actor else "system",
        act=act,
        subject=f"alert:{alert.id}",
        detail=known,
        now=now,
    )


def reopen(session: Session, alert: Alert, why: str, now: datetime) -> None:
    """Make a draft of it again, with the reason."""
    alert_callouts.end(session, alert, now=now)
    alert.state, alert.returned_why = AlertState.DRAFT, why
    alert.signed_by = alert.signed_at = None
    alert.signed_hash = ""
    alert.version += 1
    session.flush()


def _check(session: Session, fields: Draft, *, actor: Actor, now: datetime, parent: Alert | None) -> None:
    for name, sentence in _NEEDED.items():
        if not str(getattr(fields, name)).strip():
            raise Invalid(f"{name}_empty", sentence, field=name)
    for name, most in _LENGTHS.items():
        if len(str(getattr(fields, name)).strip()) > most:
            raise Invalid(f"{name}_long", "At most {most} characters here.", field=name, most=most)
        alert_bait.refuse(name, str(getattr(fields, name)))
    if fields.degree not in range(1, 6):
        raise Invalid("degree", "The degree is 1 to 5.", field="degree")
    if fields.window_from and fields.window_to and fields.window_from > fields.window_to:
        raise Invalid("window", "The time to act ends before it begins.", field="window_to")
    if fields.interval_days is not None and not 0 <= fields.interval_days <= 365:
        raise Invalid("interval", "The safety interval is 0 to 365 days.", field="interval_days")
    if fields.valid_until < local(now).date():
        raise Invalid("valid_until", "The last day is over already.", field="valid_until")
    if fields.valid_until > local(now + AHEAD + LONGEST_HOLD).date():
        raise Invalid("valid_until_far", "The last day is too far away.", field="valid_until")
    if fields.send_at is not None and not now < fields.send_at <= now + AHEAD:
        raise Invalid("send_at", "Choose a time from now to 400 days ahead.", field="send_at")
    if fields.send_at is not None and fields.valid_until < local(fields.send_at).date():
        raise Invalid("valid_until", "The last day would be over before it is sent.", field="valid_until")
    seconds = seconds_of(fields.voice_text, "zh")
    if seconds > LONGEST_CALL:
        raise Invalid(
            "voice_long",
            "This takes {seconds} s to say; {most} s at most.",
            field="voice_text",
            seconds=round(seconds),
            most=round(LONGEST_CALL),
        )
    chosen = tuple(area.area_code for area in parent.areas) if parent else fields.areas
    audience.demand_areas(session, chosen)
    if fields.audience_group and session.get(Organisation, fields.audience_group) is None:
        raise Invalid("group_unknown", "There is no such group.", field="audience_group")
    for code in chosen:
        access.authorise(actor, _OFFICERS, code)


def _columns(fields: Draft) -> dict[str, object]:
    values = {
        name: value.strip() if isinstance(value, str) else value for name, value in asdict(fields).items()
    }
    del values["areas"], values["exercise"]
    last = datetime.combine(fields.valid_until, time(0), SHANGHAI) + timedelta(days=1)
    return {
        **values,
        "audience_group": fields.audience_group or None,
        "colour": fields.colour,
        "valid_until": last,
        "voice_seconds": seconds_of(fields.voice_text, "zh"),
    }


def _change(alert: Alert, fields: Draft, parent: Alert | None) -> list[str]:
    """Take the fields over; returns the names of those that changed."""
    columns, before = _columns(fields), [area.area_code for area in alert.areas]
    changed = [name for name, value in columns.items() if getattr(alert, name) != value]
    for name in changed:
        setattr(alert, name, columns[name])
    _set_areas(alert, fields, parent)
    same = sorted(before) == sorted(area.area_code for area in alert.areas)
    return changed if same else [*changed, "areas"]


def _set_areas(alert: Alert, fields: Draft, parent: Alert | None) -> None:
    codes = [area.area_code for area in parent.areas] if parent else list(dict.fromkeys(fields.areas))
    kept = {area.area_code: area for area in alert.areas}
    alert.areas = [kept.get(code) or AlertArea(area_code=code) for code in codes]
