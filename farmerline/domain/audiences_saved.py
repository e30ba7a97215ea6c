"""Audiences under a name, for who works on alerts in their area. Kept is the choice; the people are found anew each time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import access, audience, audit
from farmerline.domain.access import Actor
from farmerline.domain.audience import Choice
from farmerline.errors import Absent, Invalid
from farmerline.models import Role, SavedAudience

LONGEST = 40
_OFFICERS = frozenset({Role.OFFICER})


def save(session: Session, *, actor: Actor, name: str, choice: Choice, now: datetime) -> SavedAudience:
    """Keep a choice under a name; the same name of the same scope takes the new choice.

    Its scope is the narrowest of the actor's areas that holds all its places. Raises ``Invalid`` without a name or with
    unknown places, ``Absent`` for places that are not the actor's.
    """
    shown = " ".join(name.split())
    if not 0 < len(shown) <= LONGEST or not shown.isprintable():
        raise Invalid(
            "audience_name",
            "Give it a name of at most {most} characters.",
            field="audience_name",
            most=LONGEST,
        )
    audience.demand_areas(session, choice.areas)
    for code in choice.areas:
        access.authorise(actor, _OFFICERS, code)
    scope = _scope(actor, choice)
    known = select(SavedAudience).where(SavedAudience.area_code == scope, SavedAudience.name == shown)
    row = session.scalars(known.with_for_update()).one_or_none()
    if row is None:
        row = SavedAudience(name=shown, owner_id=actor.account_id, area_code=scope, saved_at=now)
        session.add(row)
    row.areas, row.crop, row.kind, row.group = list(choice.areas), choice.crop, choice.kind, choice.group
    row.owner_id, row.saved_at = actor.account_id, now
    session.flush()
    _note(session, "audience.save", row, actor, now)
    return row


def known_to(session: Session, *, actor: Actor) -> list[SavedAudience]:
    """Those whose scope lies in the actor's areas, by name."""
    mine = actor.areas(Role.OFFICER)
    rows = session.scalars(select(SavedAudience).order_by(SavedAudience.name, SavedAudience.area_code))
    return [row for row in rows if mine and row.area_code.startswith(mine)]


def get(session: Session, audience_id: str, *, actor: Actor) -> SavedAudience:
    """One of them; ``Absent`` for one that is not the actor's to use."""
    row = session.get(SavedAudience, audience_id)
    if row is None:
        raise Absent
    access.authorise(actor, _OFFICERS, row.area_code)
    return row


def forget(session: Session, audience_id: str, *, actor: Actor, now: datetime) -> None:
    """Take one away; alerts that were sent to it keep their lists."""
    row = get(session, audience_id, actor=actor)
    _note(session, "audience.forget", row, actor, now)
    session.delete(row)
    session.flush()


def _scope(actor: Actor, choice: Choice) -> str:
    holds_all = [
        code for code in actor.areas(Role.OFFICER) if all(one.startswith(code) for one in choice.areas)
    ]
    if not holds_all:
        raise Invalid(
            "audience_scope", "These places lie in several of your areas: keep one for each.", field="areas"
        )
    return max(holds_all, key=len)


def _note(session: Session, act: str, row: SavedAudience, actor: Actor, now: datetime) -> None:
    detail = {"name": row.name, "areas": row.areas, "crop": row.crop, "kind": row.kind, "group": row.group}
    audit.record(
        session, actor_id=actor.account_id, act=act, subject=f"audience:{row.id}", detail=detail, now=now
    )
