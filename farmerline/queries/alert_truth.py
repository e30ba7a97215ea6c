"""What a second person has to know before signing an alert, beside its words and its list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from farmerline.domain import callouts
from farmerline.domain.areas import inside_any
from farmerline.domain.people import name_of, names_of
from farmerline.models import (
    Account,
    Alert,
    AlertState,
    AuditRow,
    CalloutKind,
    Question,
    QuestionKind,
    Reach,
    Sighting,
    Verdict,
)

RECENT = timedelta(hours=24)
"""Who got another alert within this time is counted for the signer."""
_SIGHTED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert that waits for a signature, or went out with one and waits for the look afterwards (``review_due_at``)."""

    number: str
    exercise: bool
    colour: str
    crop: str
    pest: str
    people: int
    drafted_by: str
    since: datetime
    review_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody called to sign: ``at`` None who has not been called yet; ``took`` who took it up."""

    name: str
    at: datetime | None
    took: bool


@dataclass(frozen=True, slots=True)
class Calls:
    """Who is called to sign, in order, and when the next one is."""

    people: tuple[Called, ...] = ()
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """The last time it came back from a signer, and which fields were changed since (their columns' names)."""

    at: datetime
    by: str
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reports:
    """Farmers' sightings of the pest in the alert's areas in the seven days before it was written."""

    confirmed: int = 0
    otherwise: int = 0
    unseen: int = 0


@dataclass(frozen=True, slots=True)
class Truth:
    """``recent``: how many on the list got another alert within 24 hours; ``refused``: how many said no to alerts;
    ``parent``: the alert that this one follows, None without one."""

    drafter: str
    editor: str
    signer: str
    reports: Reports
    recent: int
    refused: int
    parent: Alert | None
    calls: tuple[Called, ...]
    returned: Returned | None


def waiting(session: Session, *, areas: Sequence[str]) -> list[Waiting]:
    """What waits for a signature in these areas, the longest first."""
    query = select(Alert, Account).join(Account, Account.id == Alert.drafted_by)
    query = query.where(Alert.state == AlertState.SUBMITTED).order_by(Alert.submitted_at, Alert.id)
    return [
        _waiting(alert, drafter.name, alert.submitted_at or alert.drafted_at)
        for alert, drafter in session.execute(query)
        if _within(alert, areas)
    ]


def to_review(session: Session, *, areas: Sequence[str]) -> list[Waiting]:
    """What went out with one signature and has not been looked at again, the first due first."""
    query = select(Alert, Account).join(Account, Account.id == Alert.drafted_by)
    query = query.where(Alert.alone.is_(True), Alert.reviewed_at.is_(None)).order_by(
        Alert.review_due_at, Alert.id
    )
    return [
        _waiting(alert, drafter.name, alert.signed_at or alert.drafted_at)
        for alert, drafter in session.execute(query)
        if _within(alert, areas)
    ]


def truth(session: Session, alert: Alert, *, now: datetime) -> Truth:
    """What stands beside an alert's words when somebody signs it."""
    refused = select(func.count()).where(Reach.alert_id == alert.id, Reach.excluded != "")
    return Truth(
        drafter=name_of(session, alert.drafted_by),
        editor=name_of(session, alert.edited_by),
        signer=name_of(session, alert.signed_by),
        reports=_reports(session, alert),
        recent=_recent(session, alert, now),
        refused=session.scalar(refused) or 0,
        parent=session.get(Alert, alert.parent_id) if alert.parent_id else None,
        calls=calls_to_sign(session, alert).people,
        returned=_returned(session, alert),
    )


def _waiting(alert: Alert, drafter: str, since: datetime) -> Waiting:
    return Waiting(
        number=alert.number, exercise=alert.exercise, colour=alert.colour, crop=alert.crop, pest=alert.pest,
        people=alert.people, drafted_by=drafter, since=since, review_due_at=alert.review_due_at,
    )  # fmt: skip


def _within(alert: Alert, areas: Sequence[str]) -> bool:
    return all(area.area_code.startswith(tuple(areas)) for area in alert.areas)


def _reports(session: Session, alert: Alert) -> Reports:
    query = (
        select(Sighting.verdict, func.count())
        .where(
            inside_any(Sighting.area_code, [area.area_code for area in alert.areas]),
            Sighting.pest == alert.pest,
            Sighting.reported_at >= alert.drafted_at - _SIGHTED,
        )
        .group_by(Sighting.verdict)
    )
    by_verdict = {verdict: count for verdict, count in session.execute(query)}  # noqa: C416
    confirmed, unseen = by_verdict.pop(Verdict.CONFIRMED, 0), by_verdict.pop(Verdict.OPEN, 0)
    return Reports(confirmed, sum(by_verdict.values()), unseen)


def _recent(session: Session, alert: Alert, now: datetime) -> int:
    mine, other = aliased(Reach), aliased(Reach)
    query = (
        select(func.count(func.distinct(mine.account_id)))
        .join(other, other.account_id == mine.account_id)
        .join(Alert, Alert.id == other.alert_id)
        .where(
            mine.alert_id == alert.id, mine.excluded == "", other.alert_id != alert.id, other.excluded == ""
        )
        .where(Alert.exercise.is_(alert.exercise), Alert.issued_at >= now - RECENT)
    )
    return session.scalar(query) or 0


def calls_to_sign(session: Session, alert: Alert) -> Calls:
    """Who was called to sign what was handed over last."""
    found = next((one for one in callouts.of_alert(session, alert) if one.kind is CalloutKind.SIGN), None)
    if found is None:
        return Calls()
    asked = select(Question.account_id, Question.asked_at).where(
        Question.kind == QuestionKind.CALLOUT, Question.data["callout"].as_string() == found.id
    )
    at = {account_id: moment for account_id, moment in session.execute(asked)}  # noqa: C416
    takes = select(AuditRow.actor_id).where(
        AuditRow.subject == f"alert:{alert.id}",
        AuditRow.act == "callout.take_up",
        AuditRow.at >= found.opened_at,
    )
    took = set(session.scalars(takes))
    names = names_of(session, found.people)
    people = tuple(Called(names.get(one, ""), at.get(one), one in took) for one in found.people)
    return Calls(people, found.next_at)


def _returned(session: Session, alert: Alert) -> Returned | None:
    subject = f"alert:{alert.id}"
    query = select(AuditRow).where(AuditRow.subject == subject, AuditRow.act == "alert.give_back")
    back = session.scalars(query.order_by(AuditRow.number.desc()).limit(1)).first()
    if back is None:
        return None
    later = select(AuditRow.detail).where(
        AuditRow.subject == subject, AuditRow.act == "alert.edit", AuditRow.number > back.number
    )
    changed = {name: None for detail in session.scalars(later) for name in detail.get("changed", [])}
    return Returned(back.at, name_of(session, back.actor_id), tuple(changed))
