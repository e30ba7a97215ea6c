"""What waits today at each desk of somebody who holds several: how many, how many of them late, and where."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from farmerline.config import Module
from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.domain.bureau_letters import OFFICE
from farmerline.models import (
    AlertState,
    BureauLetter,
    BureauLetterState,
    Case,
    CaseKind,
    CaseState,
    Role,
    Sighting,
    Verdict,
)
from farmerline.queries import alert_truth, alerts, appeals, articles, submissions

_GOING_OUT = (AlertState.RUNNING, AlertState.PAUSED)
_ALERTS = (Role.OFFICER, Role.SIGNER)
DESKS = (
    (Role.CONTACT,), (Role.EXPERT,), _ALERTS, (Role.PUBLISHER,), (Role.ADMIN,),
)  # fmt: skip
"""The desks, each with the roles that work at it."""


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work at a desk. ``what``: cases, questions, sightings, sign, running, intake, articles, letters or appeals."""

    role: Role
    what: str
    count: int
    late: int
    href: str


def desks(actor: Actor) -> int:
    """At how many desks somebody works."""
    return sum(actor.has(*roles) for roles in DESKS)


def work(session: Session, *, actor: Actor, modules: Container[Module], now: datetime) -> list[Work]:
    """What waits for this person, desk by desk."""
    found: list[Work] = []
    if actor.has(Role.CONTACT):
        here = and_(inside_any(Case.area_code, actor.areas(Role.CONTACT)), Case.kind != CaseKind.APPEAL)
        found.append(Work(Role.CONTACT, "cases", *_cases(session, here, now), "/desk"))
    if actor.has(Role.EXPERT) and Module.EXPERTS in modules:
        asked = or_(Case.kind == CaseKind.QUESTION, Case.assigned_to.is_not(None))
        here = and_(inside_any(Case.area_code, actor.areas(Role.EXPERT)), asked)
        found.append(Work(Role.EXPERT, "questions", *_cases(session, here, now), "/expert"))
    if actor.has(*_ALERTS) and Module.ALERTS in modules:
        found += _alerts(session, actor)
    if actor.has(Role.PUBLISHER):
        found.append(
            Work(
                Role.PUBLISHER,
                "intake",
                submissions.count_waiting(session, actor=actor),
                0,
                "/publish/intake",
            )
        )
        to_check = articles.desk(session, actor=actor, now=now)["to_check"]
        found.append(Work(Role.PUBLISHER, "articles", len(to_check), 0, "/publish/articles"))
    if actor.has(*OFFICE):
        role = Role.PUBLISHER if actor.has(Role.PUBLISHER) else Role.ADMIN
        found.append(Work(role, "letters", *_letters(session, actor, now), "/bureau/letters"))
    if actor.has(Role.ADMIN):
        found.append(Work(Role.ADMIN, "appeals", len(appeals.waiting(session, actor=actor)), 0, "/admin"))
    return found


def _cases(session: Session, here: ColumnElement[bool], now: datetime) -> tuple[int, int]:
    """How many are open, and how many of these are late."""
    late = func.count().filter(Case.due_at < now)
    count, over = session.execute(select(func.count(), late).where(here, Case.state == CaseState.OPEN)).one()
    return count, over


def _letters(session: Session, actor: Actor, now: datetime) -> tuple[int, int]:
    open_ = BureauLetter.state.in_((BureauLetterState.RECEIVED, BureauLetterState.PASSED))
    late = func.count().filter(BureauLetter.due_at < now)
    query = select(func.count(), late).where(inside_any(BureauLetter.area_code, actor.areas(*OFFICE)), open_)
    count, over = session.execute(query).one()
    return count, over


def _alerts(session: Session, actor: Actor) -> list[Work]:
    areas = actor.areas(*_ALERTS)
    role = next(role for role in _ALERTS if actor.has(role))
    found = []
    if actor.has(Role.OFFICER):
        mine = inside_any(Sighting.area_code, actor.areas(Role.OFFICER))
        open_ = select(func.count()).select_from(Sighting).where(mine, Sighting.verdict == Verdict.OPEN)
        found.append(Work(role, "sightings", session.scalar(open_) or 0, 0, "/alerts/map"))
    to_sign = len(alert_truth.waiting(session, areas=areas))
    running = alerts.listing(session, areas=areas, states=_GOING_OUT)
    unreached = sum(alerts.unreached_counts(session, [one.id for one in running]).values()) if running else 0
    return [
        *found, Work(role, "sign", to_sign, 0, "/alerts/waiting"), Work(role, "running", unreached, 0, "/alerts/running")
    ]  # fmt: skip
