"""The second person's signature, and what is checked once more when an alert goes.

What is signed is what is sent: the signature is a hash over every word, the list and its count. Red alone may go with
one signature, ten minutes after nobody signed; then two supervisors know at once and a review is due in a day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import (
    access,
    alert_callouts,
    alert_control,
    alert_fanout,
    alerts,
    audience,
    audit,
    ceilings,
    credentials,
    quiet,
)
from farmerline.domain.access import Actor
from farmerline.errors import Absent, Conflict, Invalid, Refusal
from farmerline.models import (
    IN_FORCE,
    Account,
    Alert,
    AlertKind,
    AlertState,
    Campaign,
    Colour,
    Role,
)
from farmerline.words import say

ALONE_AFTER = timedelta(minutes=10)
"""How long a red alert waits for its second person before its drafter may send it."""
REVIEW_WITHIN = timedelta(hours=24)
_SIGNERS = frozenset({Role.SIGNER})
_SEEING = frozenset(
    {Role.OFFICER, Role.SIGNER}
)  # who wrote it is told why they cannot sign, not that it is not there
_REVIEWERS = frozenset({Role.SIGNER, Role.ADMIN})
_SIGNED = frozenset({AlertState.SIGNED, *IN_FORCE})


def sign(
    session: Session,
    alert: Alert,
    *,
    actor: Actor,
    seen: int,
    people: int,
    code: str,
    settings: Settings,
    now: datetime,
) -> None:
    """Sign, and send (or wait for the alert's time). ``seen`` is the version that was read, ``people`` the count copied
    by hand, ``code`` the second factor's.

    Raises ``Conflict`` for one's own alert, one that somebody signed already, a changed text or a list that grew;
    ``Invalid`` for a wrong count or code.
    """
    alerts.lock(session, alert, actor, _SEEING)
    if alert.state in _SIGNED:
        signer = session.get(Account, alert.signed_by) if alert.signed_by else None
        raise Conflict(
            "alert_signed", "No. {number} has been signed already, by {name}.",
            number=alert.number, name=signer.name if signer else "",
        )  # fmt: skip
    alerts.demand_state(alert, AlertState.SUBMITTED)
    if actor.account_id in _writers(alert):
        raise Conflict("alert_own", "You wrote or changed this alert: another person has to sign it.")
    alerts.authorise(actor, alert, _SIGNERS)
    alerts.demand_version(alert, seen)
    if people != alert.people:
        raise Invalid("people_wrong", "That is not the number of people: copy it once more.", field="people")
    _demand_ready(session, alert, now=now)
    _demand_code(session, actor, code, now)
    _put_signature(session, alert, actor, now)
    alerts.note(session, alert, "alert.sign", actor, now, hash=alert.signed_hash)
    if alert.send_at is None or alert.send_at <= now:
        begin(session, alert, settings=settings, now=now)


def send_alone(
    session: Session, alert: Alert, *, actor: Actor, code: str, settings: Settings, now: datetime
) -> None:
    """Send a red alert with its drafter's signature alone.

    Raises ``Conflict`` for another colour, another person, one that goes out later, or before the second person had
    ten minutes.
    """
    alerts.lock(session, alert, actor, frozenset({Role.OFFICER}))
    alerts.demand_state(alert, AlertState.SUBMITTED)
    if alert.colour is not Colour.RED or alert.exercise:
        raise Conflict("alone_colour", "Only a red alert may go with one signature.")
    if actor.account_id != alert.drafted_by:
        raise Conflict("alone_person", "Only who drafted it may send it alone.")
    if alert.send_at is not None and alert.send_at > now:
        raise Conflict("alone_later", "It goes out later: there is time for a second person.")
    if alert.submitted_at is None or now < alert.submitted_at + ALONE_AFTER:
        raise Conflict("alone_early", "The second person has ten minutes. You may send it alone after that.")
    _demand_ready(session, alert, now=now)
    _demand_code(session, actor, code, now)
    alert.alone, alert.review_due_at = True, now + REVIEW_WITHIN
    _put_signature(session, alert, actor, now)
    alerts.note(session, alert, "alert.send_alone", actor, now, hash=alert.signed_hash)
    alert_callouts.call_supervisors(session, alert, settings=settings, now=now)
    begin(session, alert, settings=settings, now=now)


def review(session: Session, alert: Alert, *, actor: Actor, note: str, now: datetime) -> None:
    """Put down what a supervisor or signer found of an alert that went alone; not who wrote it. Once only."""
    alerts.lock(session, alert, actor, _REVIEWERS)
    if not alert.alone or alert.reviewed_at is not None:
        raise Conflict("review_done", "There is nothing to review here.")
    if actor.account_id in _writers(alert):
        raise Conflict("alert_own", "You wrote or changed this alert: another person has to sign it.")
    if not note.strip():
        raise Invalid("note_empty", "Write what you found.", field="note")
    alert.reviewed_by, alert.reviewed_at, alert.review_note = actor.account_id, now, note.strip()[:400]
    alerts.note(session, alert, "alert.review", actor, now)


def due(session: Session, now: datetime) -> list[str]:
    """Ids of the signed alerts whose time has come. Reads only."""
    waiting = select(Alert.id).where(Alert.state == AlertState.SIGNED, Alert.send_at <= now)
    return list(session.scalars(waiting.order_by(Alert.send_at)))


def begin(session: Session, alert: Alert, *, settings: Settings, now: datetime) -> None:
    """Let a signed alert go: everything is checked once more, the one before it ends, its broadcast begins.

    Raises ``Conflict`` where it may not go any more.
    """
    session.refresh(alert, with_for_update=True)
    alerts.demand_state(alert, AlertState.SIGNED)
    if hash_of(alert) != alert.signed_hash:
        raise Conflict("alert_tampered", "No. {number} is not what was signed.", number=alert.number)
    _demand_signer(session, alert)
    _demand_ready(session, alert, now=now)
    if alert.parent_id:
        parent = session.get_one(Alert, alert.parent_id)
        alert_control.give_way(session, parent, now=now)
        alert.frozen_at = None  # who was reached meanwhile is brought in
    alert_fanout.start(session, alert, by=alert.signed_by or alert.drafted_by, now=now)
    ceilings.note_alert(session, session.get_one(Campaign, alert.campaign_id), settings=settings, now=now)
    if alert.colour is Colour.RED and quiet.alert_time(now, Colour.ORANGE, settings) > now:
        audit.record(
            session, actor_id="system", act="alert.at_night", subject=f"alert:{alert.id}",
            detail={"reason": "red"}, now=now,
        )  # fmt: skip
    alerts.note(session, alert, "alert.begin", None, now)


def refuse(session: Session, alert: Alert, refusal: Refusal, *, settings: Settings, now: datetime) -> None:
    """A signed alert did not pass at its time: it is a draft again, and who wrote and signed it are told at once."""
    session.refresh(alert, with_for_update=True)
    if alert.state is not AlertState.SIGNED:
        return
    why = say("zh", refusal.sentence, **refusal.values)
    alert_callouts.call_refused(session, alert, why, settings=settings, now=now)
    alert.state, alert.returned_why, alert.signed_hash = AlertState.DRAFT, why[:200], ""
    alert.signed_by = alert.signed_at = None
    alert.version += 1
    alerts.note(session, alert, "alert.refused", None, now, code=refusal.code)


def remind_reviews(session: Session, *, settings: Settings, now: datetime) -> int:
    """Tell the supervisors again, once, where a review is overdue; returns how many alerts."""
    overdue = select(Alert).where(Alert.alone, Alert.reviewed_at.is_(None), Alert.review_due_at <= now)
    found = list(session.scalars(overdue))
    for alert in found:
        alert_callouts.call_supervisors(session, alert, settings=settings, now=now, late=True)
    return len(found)


def hash_of(alert: Alert) -> str:
    """SHA-256 over everything that is signed: every word, the areas, the list and its count, and the time."""
    signed = (
        alert.number, alert.kind.value, alert.parent_id, alert.version, alert.colour.value, alert.degree, alert.crop,
        alert.growth_stage, alert.pest, alert.evidence_place, alert.evidence_on, alert.evidence_method,
        alert.evidence_count, alert.evidence_unit, alert.window_from, alert.window_to, alert.look_step, alert.threshold,
        alert.action, alert.ingredient, alert.interval_days, alert.valid_until.timestamp(), alert.short_text,
        alert.voice_text, alert.full_text, [area.area_code for area in alert.areas], alert.audience_crop,
        alert.audience_kind, alert.people, alert.list_hash, alert.send_at.timestamp() if alert.send_at else None,
    )  # fmt: skip
    group = (
        (alert.audience_group,) if alert.audience_group else ()
    )  # added later: hashes given before stay good
    return sha256(repr(tuple(map(str, (*signed, *group)))).encode()).hexdigest()


def _put_signature(session: Session, alert: Alert, actor: Actor, now: datetime) -> None:
    alert.state, alert.signed_by, alert.signed_at = AlertState.SIGNED, actor.account_id, now
    alert.signed_hash = hash_of(alert)
    alert_callouts.end(session, alert, now=now, by=session.get_one(Account, actor.account_id))
    session.flush()


def _demand_ready(session: Session, alert: Alert, *, now: datetime) -> None:
    alerts.demand_valid(alert, now)
    if alert.kind is AlertKind.ALERT:
        audience.demand_unchanged(session, alert)
    else:
        audience.demand_untouched(session, alert)
        alerts.demand_in_force(session.get_one(Alert, alert.parent_id))


def _demand_signer(session: Session, alert: Alert) -> None:
    """A signature given for later counts only while its signer may still give one."""
    signer = session.get_one(Account, alert.signed_by)
    try:
        alerts.authorise(
            access.actor_of(session, signer, second_factor=True), alert, _SEEING if alert.alone else _SIGNERS
        )
    except Absent:
        raise Conflict(
            "signer_gone",
            "{name}, who signed it, may not sign any more. Have it signed anew.",
            name=signer.name,
        ) from None


def _writers(alert: Alert) -> tuple[str | None, ...]:
    return (alert.drafted_by, alert.edited_by, alert.submitted_by)


def _demand_code(session: Session, actor: Actor, code: str, now: datetime) -> None:
    account = session.get_one(Account, actor.account_id)
    if not credentials.check_second_factor(session, account, code, now=now):
        raise Invalid(
            credentials.WRONG_CODE,
            "The code does not fit: wait for the next one, or use your card.",
            field="code",
        )
