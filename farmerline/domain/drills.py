"""Who practises: the registered list. An exercise reaches these people and nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from farmerline.domain import areas, audit, people
from farmerline.domain.access import Actor, authorise
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.identity import normalise_phone
from farmerline.models import Account, AccountState, DrillMember, Role

KEEPERS = (Role.ADMIN, Role.OFFICER)
"""Who may change the list, each for the people of their area."""


def members(session: Session, area_codes: Sequence[str]) -> list[Account]:
    """The people of these areas on the list, by village."""
    if not area_codes:
        return []
    query = select(Account).join(DrillMember, DrillMember.account_id == Account.id)
    query = query.where(or_(*(areas.inside(Account.area_code, code) for code in area_codes)))
    return list(session.scalars(query.order_by(Account.area_code, Account.id)))


def ids(session: Session) -> set[str]:
    """The account ids of everybody on the list."""
    return set(session.scalars(select(DrillMember.account_id)))


def register(session: Session, *, actor: Actor, account_id: str, now: datetime) -> Account:
    """Put a verified person of the actor's area on the list. Raises ``Conflict`` for one who is on it or not verified."""
    account = _person(session, actor, account_id)
    if account.state is not AccountState.VERIFIED:
        raise Conflict("drill_unverified", "Only verified people can practise.")
    if session.get(DrillMember, account.id) is not None:
        raise Conflict("drill_twice", "This person practises already.")
    session.add(DrillMember(account_id=account.id, added_by=actor.account_id, added_at=now))
    session.flush()
    _note(session, "drill.register", actor, account, now)
    return account


def strike(session: Session, *, actor: Actor, account_id: str, now: datetime) -> Account:
    """Take a person off the list; ``Absent`` for one who is not on it."""
    account = _person(session, actor, account_id)
    row = session.get(DrillMember, account.id)
    if row is None:
        raise Absent
    session.delete(row)
    session.flush()
    _note(session, "drill.strike", actor, account, now)
    return account


def search(session: Session, *, actor: Actor, said: str, area_code: str, now: datetime) -> list[Account]:
    """People of the actor's area by their whole phone, or by name in one village or town; the search is on record.

    Raises ``Invalid`` for a name without a village or town.
    """
    mine = actor.areas(*KEEPERS)
    try:
        number = normalise_phone(said)
    except Invalid:
        number = ""
    if number:
        found = people.by_phone(session, number)
    else:
        if len(area_code) >= 9:
            authorise(actor, KEEPERS, area_code)
        found = people.find_in_area(session, area_code, said)
    found = [one for one in found if one.area_code.startswith(mine)]
    how = {"by": "phone" if number else "name", "area": area_code, "found": len(found), "for": "drill"}
    audit.record(session, actor_id=actor.account_id, act="person.search", detail=how, now=now)
    return found


def _person(session: Session, actor: Actor, account_id: str) -> Account:
    account = session.get(Account, account_id, with_for_update={"key_share": True})
    if account is None:
        raise Absent
    authorise(actor, KEEPERS, account.area_code)
    return account


def _note(session: Session, act: str, actor: Actor, account: Account, now: datetime) -> None:
    audit.record(
        session, actor_id=actor.account_id, act=act, subject=f"account:{account.id}", channel="web", now=now
    )
