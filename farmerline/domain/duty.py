"""The roster: who is called for which task in an area, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import areas, audit
from farmerline.domain.access import Actor, authorise
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import Account, AccountState, Area, Duty, Role, RoleGrant, Task

ROLES: dict[Task, tuple[Role, ...]] = {
    Task.SIGN: (Role.SIGNER,),
    Task.WATCH: (Role.OFFICER,),
    Task.SUPERVISE: (Role.ADMIN, Role.SIGNER),
}
"""Which roles fit a task."""
KEEPERS = (Role.ADMIN, Role.OFFICER)
"""Who may change a roster."""


def roster(session: Session, task: Task, area_code: str) -> list[Account]:
    """The people to call for the task at this place, in order; verified holders of a fitting role only.

    The narrowest area around the place whose roster names anybody counts. Where none is kept (or nobody on it is left),
    the holders of the fitting role around the place, the longest-serving first.
    """
    for code in areas.prefixes(area_code):
        if found := kept(session, task, code):
            return found
    return fitting(session, task, area_code)


def kept(session: Session, task: Task, area_code: str) -> list[Account]:
    """The people on the roster of exactly this area, in order, without those who may not do the task any more."""
    return [account for account, able in entries(session, task, area_code) if able]


def entries(session: Session, task: Task, area_code: str) -> list[tuple[Account, bool]]:
    """Everybody on the roster of exactly this area, in order, and whether they may do the task there still."""
    query = select(Account).join(Duty, Duty.account_id == Account.id)
    query = query.where(Duty.task == task, Duty.area_code == area_code).order_by(Duty.place, Duty.id)
    able = {account.id for account in fitting(session, task, area_code)}
    return [(account, account.id in able) for account in session.scalars(query)]


def fitting(session: Session, task: Task, area_code: str) -> list[Account]:
    """The verified holders of a role that fits the task, in an area around this place; the longest-serving first."""
    query = (
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role.in_(ROLES[task]), RoleGrant.ended_at.is_(None))
        .where(RoleGrant.area_code.in_(areas.prefixes(area_code)), Account.state == AccountState.VERIFIED)
        .order_by(RoleGrant.granted_at, RoleGrant.id)
    )
    return list(dict.fromkeys(session.scalars(query)))


def add(
    session: Session, *, actor: Actor, task: Task, area_code: str, account_id: str, now: datetime
) -> None:
    """Put somebody at the roster's end. Raises ``Invalid`` who may not do the task there, ``Conflict`` who is on it."""
    _keep(session, actor, area_code)
    if account_id not in {account.id for account in fitting(session, task, area_code)}:
        raise Invalid("duty_unfit", "This person does not hold the role for it there.", field="account_id")
    rows = _rows(session, task, area_code)
    if any(row.account_id == account_id for row in rows):
        raise Conflict("duty_twice", "This person is on the list already.")
    place = max((row.place for row in rows), default=0) + 1
    session.add(Duty(task=task, area_code=area_code, account_id=account_id, place=place))
    session.flush()
    _note(session, "duty.add", actor, task, area_code, account_id, now)


def move(
    session: Session, *, actor: Actor, task: Task, area_code: str, account_id: str, up: bool, now: datetime
) -> None:
    """Call somebody one place earlier (or later). At the list's end nothing changes; ``Absent`` who is not on it."""
    _keep(session, actor, area_code)
    rows = _rows(session, task, area_code)
    row = _row(rows, account_id)
    at = rows.index(row)
    to = at + (-1 if up else 1)
    if not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    for place, one in enumerate(rows, start=1):
        one.place = place
    session.flush()
    _note(session, "duty.move", actor, task, area_code, account_id, now, place=to + 1)


def remove(
    session: Session, *, actor: Actor, task: Task, area_code: str, account_id: str, now: datetime
) -> None:
    """Take somebody off the roster; ``Absent`` who is not on it."""
    _keep(session, actor, area_code)
    session.delete(_row(_rows(session, task, area_code), account_id))
    session.flush()
    _note(session, "duty.remove", actor, task, area_code, account_id, now)


def _keep(session: Session, actor: Actor, area_code: str) -> None:
    locked = select(Area.code).where(Area.code == area_code)  # two who change one list wait for each other
    if session.scalar(locked.with_for_update(key_share=True)) is None:
        raise Absent
    authorise(actor, KEEPERS, area_code)


def _rows(session: Session, task: Task, area_code: str) -> list[Duty]:
    query = select(Duty).where(Duty.task == task, Duty.area_code == area_code)
    return list(session.scalars(query.order_by(Duty.place, Duty.id)))


def _row(rows: Sequence[Duty], account_id: str) -> Duty:
    for row in rows:
        if row.account_id == account_id:
            return row
    raise Absent


def _note(
    session: Session,
    act: str,
    actor: Actor,
    task: Task,
    area_code: str,
    account_id: str,
    now: datetime,
    **more: int,
) -> None:
    audit.record(
        session, actor_id=actor.account_id, act=act, subject=f"account:{account_id}", channel="web",
        detail={"task": task.value, "area": area_code, **more}, now=now,
    )  # fmt: skip
