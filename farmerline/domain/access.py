"""Who may do what, where: a role within an area. One function decides for every door.

Absent and forbidden are the same answer, so that nobody learns from a refusal what exists elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import audit
from farmerline.errors import Absent, Conflict
from farmerline.models import SECOND_FACTOR, STAFF, Account, AccountState, Role, RoleGrant


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, and the area (a code's prefix) in which it holds."""

    role: Role
    area_code: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at a door, with what they may do there.

    Everybody with a verified account is a farmer in their own village. In a farmer's session at a shared PC
    (``parent_session_id``) nothing else holds. ``must_enrol``: a role waits for the second factor;
    ``must_change``: the password was for one use; ``touch_due``: the session's last use should be noted.
    """

    account_id: str
    name: str
    language: str
    grants: tuple[Grant, ...] = ()
    session_id: str = ""
    parent_session_id: str | None = None
    must_enrol: bool = False
    must_change: bool = False
    touch_due: bool = False

    def has(self, *roles: Role) -> bool:
        """Whether any of the roles is held, anywhere."""
        return any(grant.role in roles for grant in self.grants)

    def areas(self, *roles: Role) -> tuple[str, ...]:
        """The areas in which any of the roles is held, none inside another."""
        codes = sorted({grant.area_code for grant in self.grants if grant.role in roles}, key=len)
        kept: list[str] = []
        for code in codes:
            if not code.startswith(tuple(kept)):
                kept.append(code)
        return tuple(kept)

    @property
    def is_staff(self) -> bool:
        return self.has(*STAFF)


def authorise(
    actor: Actor | None, roles: Iterable[Role], area_code: str = "", *, owner_id: str | None = None
) -> None:
    """Let the actor pass, or raise ``Absent``.

    They pass who hold one of the roles in an area around ``area_code`` (anywhere when it is empty), and who own the
    thing (``owner_id`` is their account).
    """
    if actor is None:
        raise Absent
    if owner_id is not None and owner_id == actor.account_id:
        return
    wanted = frozenset(roles)
    if not any(
        grant.role in wanted and area_code.startswith(grant.area_code if area_code else "")
        for grant in actor.grants
    ):
        raise Absent


def actor_of(
    session: Session,
    account: Account,
    *,
    second_factor: bool = False,
    session_id: str = "",
    parent_session_id: str | None = None,
) -> Actor:
    """What this person may do. Roles that demand the second factor hold only with it."""
    grants: list[Grant] = []
    waiting = False
    if account.state is AccountState.VERIFIED:
        grants.append(Grant(Role.FARMER, account.area_code))
        for row in [] if parent_session_id else roles_of(session, account.id):
            if row.role in SECOND_FACTOR and not second_factor:
                waiting = True
            else:
                grants.append(Grant(row.role, row.area_code))
    return Actor(
        account.id,
        account.name,
        account.language,
        tuple(grants),
        session_id,
        parent_session_id,
        must_enrol=waiting,
    )


def roles_of(session: Session, account_id: str) -> list[RoleGrant]:
    """The roles that a person holds now."""
    query = select(RoleGrant).where(RoleGrant.account_id == account_id, RoleGrant.ended_at.is_(None))
    return list(session.scalars(query.order_by(RoleGrant.granted_at, RoleGrant.id)))


def holders(session: Session, role: Role, area_code: str) -> list[Account]:
    """The verified people who hold the role in exactly this area, the longest-serving first."""
    query = (
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role == role, RoleGrant.area_code == area_code, RoleGrant.ended_at.is_(None))
        .where(Account.state == AccountState.VERIFIED)
        .order_by(RoleGrant.granted_at, RoleGrant.id)
    )
    return list(session.scalars(query))


def grant_role(
    session: Session, account: Account, *, role: Role, area_code: str, by: Account | None, now: datetime
) -> RoleGrant:
    """Give a role in an area; raises ``Conflict`` when it is held already, or the person is not verified.

    ``by`` is None on the command line. Nobody gives a role to themselves.
    """
    if account.state is not AccountState.VERIFIED:
        raise Conflict("role_unverified", "Only a verified person can take a role.")
    if by is not None and by.id == account.id:
        raise Conflict("role_self", "Nobody gives a role to themselves: ask another administrator.")
    if any(row.role is role and row.area_code == area_code for row in roles_of(session, account.id)):
        raise Conflict("role_held", "This role is already held there.")
    row = RoleGrant(
        account_id=account.id,
        role=role,
        area_code=area_code,
        granted_by=by.id if by else None,
        granted_at=now,
    )
    session.add(row)
    session.flush()
    _note(session, row, "role.grant", by, now)
    return row


def end_role(session: Session, row: RoleGrant, *, by: Account | None, now: datetime) -> None:
    """Take a role back; the row stays with its end. An ended one stays as it is."""
    if row.ended_at is None:
        row.ended_at = now
        session.flush()
        _note(session, row, "role.end", by, now)


def _note(session: Session, row: RoleGrant, act: str, by: Account | None, now: datetime) -> None:
    audit.record(
        session,
        actor_id=by.id if by else "cli",
        act=act,
        subject=f"account:{row.account_id}",
        detail={"role": row.role.value, "area": row.area_code},
        now=now,
    )
