"""Signing in and out: sessions are rows, so that each can be ended, and a farmer's may hang inside an operator's.

A browser holds a random token; the row holds its SHA-256. A farmer's session at a shared PC has a token of its own
beside the operator's: ending it (a button, three quiet minutes, or the operator's own end) leaves the operator's.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import audit
from farmerline.domain.access import Actor, actor_of, authorise, roles_of
from farmerline.domain.credentials import (
    check_password,
    credential_of,
    enrol_totp,
    find_by_password,
    has_totp,
    make_password,
    make_totp_secret,
    must_change,
    set_password,
    totp_address,
)
from farmerline.domain.pins import check_pin, pin_tries_left, set_pin
from farmerline.errors import Absent, Conflict
from farmerline.models import STAFF, Account, AccountState, Role, WebSession

REFUSED = (
    "The number, the password or the code does not fit, or too many tries were made. "
    "Wait a while, or ask your contact point."
)
"""What every refused sign-in says, whatever the reason."""
_STAFF_END = timedelta(hours=12)
_FARMER_END = timedelta(days=30)
_LONGEST_UNNOTED = timedelta(seconds=60)

__all__ = [
    "REFUSED", "check_password", "check_pin", "credential_of", "end_all", "end_session", "end_shared", "enrol_totp",
    "find_by_password", "load_session", "make_password", "make_totp_secret", "open_session", "open_shared",
    "pin_tries_left", "remove_ended", "set_password", "set_pin", "sign_in", "totp_address", "touch_session",
]  # fmt: skip


def sign_in(
    session: Session, *, phone: str, password: str, code: str = "", settings: Settings, now: datetime
) -> str | None:
    """Check the secrets and open a session: its token, or None (then say ``REFUSED``). Never raises, so that tries count."""
    account = find_by_password(session, phone=phone, password=password, code=code, now=now)
    return open_session(session, account, settings=settings, now=now) if account else None


def open_session(session: Session, account: Account, *, settings: Settings, now: datetime) -> str:
    """A fresh session for a person who has proved who they are; returns its token.

    Staff sessions end after 30 quiet minutes (a setting) or 12 hours, others after 7 quiet days (a setting) or 30 days.
    """
    is_staff = any(row.role in STAFF for row in roles_of(session, account.id))
    idle = (
        timedelta(minutes=settings.staff_idle_minutes)
        if is_staff
        else timedelta(days=settings.farmer_idle_days)
    )
    token, row = _open(
        session, account, idle=idle, ends_at=now + (_STAFF_END if is_staff else _FARMER_END), now=now
    )
    audit.record(
        session, actor_id=account.id, act="signin.ok", subject=f"web_session:{row.id}", channel="web", now=now
    )
    return token


def load_session(session: Session, token: str, *, now: datetime) -> Actor | None:
    """Who holds this token, or None when the session is over, idle too long, or the person may not sign in any more.

    Reads only; where ``touch_due`` is set the door calls ``touch_session``.
    """
    row = session.scalar(select(WebSession).where(WebSession.token_hash == _hash(token)))
    if row is None or not _alive(row, now):
        return None
    if row.parent_id is not None:
        parent = session.get(WebSession, row.parent_id)
        if (
            parent is None
            or now >= parent.ends_at
            or not _may_sign_in(session.get(Account, parent.account_id))
        ):
            return None
    account = session.get(Account, row.account_id)
    if account is None or not _may_sign_in(account):
        return None
    credential = credential_of(session, account.id)
    actor = actor_of(
        session,
        account,
        second_factor=has_totp(credential),
        session_id=row.id,
        parent_session_id=row.parent_id,
    )
    unnoted = min(_LONGEST_UNNOTED, timedelta(seconds=row.idle_seconds / 10))
    return Actor(
        actor.account_id,
        actor.name,
        actor.language,
        actor.grants,
        actor.session_id,
        actor.parent_session_id,
        must_enrol=actor.must_enrol,
        must_change=must_change(credential) and row.parent_id is None,
        touch_due=now - row.seen_at >= unnoted,
    )


def touch_session(session: Session, actor: Actor, *, now: datetime) -> None:
    """Note that the session was used just now; the operator's around it as well."""
    ids = [actor.session_id] + ([actor.parent_session_id] if actor.parent_session_id else [])
    session.execute(
        update(WebSession).where(WebSession.id.in_(ids), WebSession.seen_at < now).values(seen_at=now)
    )


def end_session(session: Session, actor: Actor, *, now: datetime) -> None:
    """Sign out: the session and what hangs inside it are gone."""
    session.execute(delete(WebSession).where(WebSession.id == actor.session_id))
    audit.record(
        session, actor_id=actor.account_id, act="signin.end", subject=f"web_session:{actor.session_id}", channel="web",
        now=now,
    )  # fmt: skip


def end_all(session: Session, account_id: str, *, by_id: str, now: datetime, but: str = "") -> int:
    """End every session of a person (but the one with the id ``but``); returns how many."""
    query = (
        delete(WebSession)
        .where(WebSession.account_id == account_id, WebSession.id != but)
        .returning(WebSession.id)
    )
    ended = len(session.execute(query).all())
    if ended:
        audit.record(
            session,
            actor_id=by_id,
            act="signin.end_all",
            subject=f"account:{account_id}",
            detail={"ended": ended},
            now=now,
        )
    return ended


def open_shared(
    session: Session,
    *,
    operator: Actor,
    account: Account,
    settings: Settings,
    now: datetime,
    pin: str = "",
    password: str = "",
    id_seen: bool = False,
) -> str | None:
    """Open a farmer's own session inside the operator's; its token, or None where the proof fails (that counts).

    The farmer proves themselves by PIN or password, or the operator has seen the ID (which is recorded). Only a contact
    point around the farmer's village may do this (``Absent``), and only for a verified person (``Conflict``). For whoever
    works for the service the operator's word is not enough. An earlier farmer's session inside the same operator's ends.
    """
    if operator.parent_session_id is not None or not operator.session_id:
        raise Absent
    authorise(operator, {Role.CONTACT}, account.area_code)
    if account.state is not AccountState.VERIFIED:
        raise Conflict("person_unverified", "Verify this person first: see the ID.")
    if account.id == operator.account_id:
        raise Conflict("shared_self", "You are signed in already.")
    session.execute(delete(WebSession).where(WebSession.parent_id == operator.session_id))
    if pin:
        proof, proved = "pin", check_pin(session, account, pin, now=now)
    elif password:
        proof, proved = "password", check_password(session, account, password, now=now)
    else:
        proof, proved = "id", id_seen and not roles_of(session, account.id)
    if not proved:
        return None
    parent = session.get_one(WebSession, operator.session_id)
    idle = timedelta(minutes=settings.shared_idle_minutes)
    token, row = _open(session, account, idle=idle, ends_at=parent.ends_at, now=now, parent_id=parent.id)
    audit.record(
        session, actor_id=operator.account_id, for_id=account.id, act="signin.shared", subject=f"web_session:{row.id}",
        channel="contact", detail={"proof": proof}, now=now,
    )  # fmt: skip
    return token


def end_shared(session: Session, actor: Actor, *, now: datetime) -> None:
    """End a farmer's session at a shared PC; the operator's token works on. Raises ``Conflict`` for any other session."""
    if actor.parent_session_id is None:
        raise Conflict("not_shared", "This is not a shared session.")
    end_session(session, actor, now=now)


def remove_ended(session: Session, *, now: datetime) -> int:
    """Take away the rows of sessions that are over; returns how many."""
    over = [row.id for row in session.scalars(select(WebSession)) if not _alive(row, now)]
    for start in range(0, len(over), 500):
        part = over[start : start + 500]
        session.execute(
            delete(WebSession).where(or_(WebSession.id.in_(part), WebSession.parent_id.in_(part)))
        )
    return len(over)


def _open(
    session: Session,
    account: Account,
    *,
    idle: timedelta,
    ends_at: datetime,
    now: datetime,
    parent_id: str | None = None,
) -> tuple[str, WebSession]:
    token = secrets.token_urlsafe(32)
    row = WebSession(
        token_hash=_hash(token),
        account_id=account.id,
        parent_id=parent_id,
        opened_at=now,
        seen_at=now,
        idle_seconds=int(idle.total_seconds()),
        ends_at=ends_at,
    )
    session.add(row)
    session.flush()
    return token, row


def _alive(row: WebSession, now: datetime) -> bool:
    return now < row.ends_at and now - row.seen_at < timedelta(seconds=row.idle_seconds)


def _may_sign_in(account: Account | None) -> bool:
    return account is not None and account.state is AccountState.VERIFIED


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
