"""Accounts: one person, one real name. Joining is in ``enrolment``, finding in ``people``; here is what happens later."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.domain import access, audit, consent, phone_lines, signin, subscriptions
from farmerline.domain.enrolment import check_seen_on, enrol, register, verify_person
from farmerline.domain.people import (
    MOST_MEMBERS,
    by_phone,
    check_name,
    contact_of,
    describe,
    find_in_area,
    refuse_crowd,
)
from farmerline.errors import Conflict
from farmerline.identity import normalise_phone
from farmerline.models import Account, AccountState, Purpose

__all__ = [
    "MOST_MEMBERS", "by_phone", "change_phone", "check_name", "check_seen_on", "contact_of", "describe", "enrol",
    "find_in_area", "leave", "register", "reinstate", "suspend", "verify_person",
]  # fmt: skip


def change_phone(session: Session, account: Account, *, phone: str, by: Account, now: datetime) -> str | None:
    """Give a person, who is there in person, another number, and bring along what waits for them; returns the old one.

    Their sessions end.
    """
    fresh, old = normalise_phone(phone), account.phone
    if fresh == old:
        raise Conflict("phone_same", "This is the number we have.")
    refuse_crowd(members := by_phone(session, fresh))
    if any(other.name == account.name for other in members):
        raise Conflict("person_known", "{name} is already registered with this phone.", name=account.name)
    account.phone, account.phone_index = fresh, vault.phone_index(fresh)
    session.flush()
    phone_lines.take_along(session, account)
    audit.record(
        session,
        actor_id=by.id,
        for_id=account.id,
        act="person.phone",
        subject=f"account:{account.id}",
        now=now,
    )
    signin.end_all(session, account.id, by_id=by.id, now=now)
    return str(old) if old else None


def suspend(session: Session, account: Account, *, by: Account, reason: str, now: datetime) -> None:
    """Stop a person from posting and signing in until reinstated; sessions end at once. ``reason`` is a code, not a story."""
    if account.state not in (AccountState.VERIFIED, AccountState.PENDING):
        raise Conflict("person_state", "This cannot be done in this person's state.")
    if by.id == account.id:
        raise Conflict("suspend_self", "Nobody suspends themselves.")
    _move(session, account, AccountState.SUSPENDED, "person.suspend", by, now, reason[:40])
    signin.end_all(session, account.id, by_id=by.id, now=now)


def reinstate(session: Session, account: Account, *, by: Account, now: datetime) -> None:
    """Let a suspended person in again: verified where the ID was seen, else pending."""
    if account.state is not AccountState.SUSPENDED:
        raise Conflict("person_state", "This cannot be done in this person's state.")
    state = AccountState.VERIFIED if account.verified_at else AccountState.PENDING
    _move(session, account, state, "person.reinstate", by, now)


def leave(session: Session, account: Account, *, by: Account, now: datetime) -> None:
    """A person goes, by their own wish: nothing is sent to them any more, roles and sessions end; the record stays."""
    if account.state is AccountState.LEFT:
        raise Conflict("person_state", "This cannot be done in this person's state.")
    _move(session, account, AccountState.LEFT, "person.leave", by, now)
    consent.stop(
        session, accounts=[account], purposes=[purpose for purpose in Purpose if purpose is not Purpose.SERVICE],
        proof=f"leave:{by.id}", now=now, by_id=by.id,
    )  # fmt: skip
    for row in access.roles_of(session, account.id):
        access.end_role(session, row, by=by, now=now)
    signin.end_all(session, account.id, by_id=by.id, now=now)
    subscriptions.end_all(session, account, now=now)


def _move(
    session: Session,
    account: Account,
    state: AccountState,
    act: str,
    by: Account,
    now: datetime,
    reason: str = "",
) -> None:
    account.state = state
    session.flush()
    audit.record(
        session, actor_id=by.id, for_id=account.id, act=act, subject=f"account:{account.id}",
        detail={"reason": reason} if reason else None, now=now,
    )  # fmt: skip
