"""The experts' roster: who answers the telephone when. A weekly pattern, days that go otherwise, who stands in for whom."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import areas, audit
from farmerline.domain.access import Actor, authorise
from farmerline.errors import Absent, Invalid
from farmerline.models import Absence, Account, AccountState, Area, Expert, Role, RoleGrant, Shift, SpecialDay

KEEPERS = (Role.ADMIN, Role.EXPERT)
"""Who may change the roster of an area."""
_Row = TypeVar("_Row", Shift, SpecialDay, Absence)
_AHEAD = 14  # days in which the next hours are looked for


def on_duty(session: Session, area_code: str, now: datetime) -> list[Account]:
    """Whom a caller from this place is put through to at this moment, in order; [] out of hours.

    The narrowest area around the place that keeps hours counts. Only verified experts of the place who have a telephone.
    """
    here, moment = kept_for(session, area_code), local(now)
    minute = moment.hour * 60 + moment.minute
    shifts = [one for one in of_day(session, here, moment.date()) if one[0].starts <= minute < one[0].ends]
    able = {account.id: account for account in experts(session, area_code)}
    found = [able[who] for _shift, who in shifts if who in able]
    return [account for account in dict.fromkeys(found) if account.phone]


def kept_for(session: Session, area_code: str) -> str:
    """The narrowest area around a place that keeps hours; "" where none does."""
    keeping = set(session.scalars(select(Shift.area_code).distinct()))
    return next((code for code in areas.prefixes(area_code) if code in keeping), "")


def of_day(session: Session, area_code: str, day: date) -> list[tuple[Shift, str]]:
    """The hours of one day in the order of calling, each with the account id of who takes them."""
    special = _special(session, area_code, day)
    weekday = day.weekday() if special is None else special.weekday
    if weekday is None:
        return []
    absent = {
        one.account_id: one.substitute_id
        for one in session.scalars(select(Absence).where(Absence.area_code == area_code, Absence.day == day))
    }
    pattern = select(Shift).where(Shift.area_code == area_code, Shift.weekday == weekday)
    found = []
    for shift in session.scalars(pattern.order_by(Shift.place, Shift.starts, Shift.id)):
        who = absent.get(shift.account_id, shift.account_id)
        if who is not None:
            found.append((shift, who))
    return found


def next_hours(session: Session, area_code: str, now: datetime) -> datetime | None:
    """When somebody answers again; None where no hours are kept within two weeks."""
    here, moment = kept_for(session, area_code), local(now)
    for ahead in range(_AHEAD if here else 0):
        day = moment.date() + timedelta(days=ahead)
        starts = [_at(day, shift.starts, moment) for shift, _who in of_day(session, here, day)]
        if coming := [one for one in starts if one > moment]:
            return min(coming).astimezone(now.tzinfo)
    return None


def experts(session: Session, area_code: str) -> list[Account]:
    """The verified experts of an area around this place, the longest-serving first."""
    query = (
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role == Role.EXPERT, RoleGrant.ended_at.is_(None))
        .where(RoleGrant.area_code.in_(areas.prefixes(area_code)), Account.state == AccountState.VERIFIED)
        .order_by(RoleGrant.granted_at, RoleGrant.id)
    )
    return list(dict.fromkeys(session.scalars(query)))


def add(
    session: Session,
    *,
    actor: Actor,
    area_code: str,
    account_id: str,
    weekday: int,
    starts: int,
    ends: int,
    now: datetime,
) -> Shift:
    """Put an expert on a weekday's hours, as the last one called. Raises ``Invalid`` for hours that are none or overlap the
    same expert's, or somebody who is no expert there."""
    _keep(session, actor, area_code)
    _demand_expert(session, area_code, account_id)
    if not (0 <= weekday <= 6 and 0 <= starts < ends <= 24 * 60):
        raise Invalid("shift_hours", "Write from when to when, the earlier time first.", field="starts")
    same = session.scalars(select(Shift).where(Shift.area_code == area_code, Shift.weekday == weekday)).all()
    if any(one.account_id == account_id and one.starts < ends and starts < one.ends for one in same):
        raise Invalid("shift_twice", "This expert is on duty then already.", field="starts")
    shift = Shift(
        area_code=area_code, account_id=account_id, weekday=weekday, starts=starts, ends=ends,
        place=max((one.place for one in same), default=0) + 1,
    )  # fmt: skip
    session.add(shift)
    session.flush()
    _note(
        session, "shift.add", actor, area_code, now, who=account_id, weekday=weekday, starts=starts, ends=ends
    )
    return shift


def remove(session: Session, *, actor: Actor, shift_id: str, now: datetime) -> None:
    """Take hours off the week; ``Absent`` where they are not the actor's to change."""
    shift = _kept_row(session, Shift, shift_id, actor)
    session.delete(shift)
    session.flush()
    _note(session, "shift.remove", actor, shift.area_code, now, who=shift.account_id, weekday=shift.weekday)


def set_day(
    session: Session,
    *,
    actor: Actor,
    area_code: str,
    day: date,
    weekday: int | None,
    name: str,
    now: datetime,
) -> None:
    """Let a day go by another weekday's hours, or by none (``weekday`` None: a holiday); the latest word holds."""
    _keep(session, actor, area_code)
    name = " ".join(name.split())[:40]
    if day < local(now).date():
        raise Invalid("day_over", "This day is over.", field="day")
    if weekday is not None and not 0 <= weekday <= 6:
        raise Invalid("day_weekday", "Choose whose hours hold on that day.", field="weekday")
    row = _special(session, area_code, day)
    if row is None:
        row = SpecialDay(area_code=area_code, day=day)
        session.add(row)
    row.weekday, row.name = weekday, name
    session.flush()
    _note(
        session, "shift.day", actor, area_code, now, day=f"{day}", weekday=-1 if weekday is None else weekday
    )


def drop_day(session: Session, *, actor: Actor, day_id: str, now: datetime) -> None:
    """Let the day go by its own weekday again."""
    row = _kept_row(session, SpecialDay, day_id, actor)
    session.delete(row)
    session.flush()
    _note(session, "shift.day_drop", actor, row.area_code, now, day=f"{row.day}")


def stand_in(
    session: Session,
    *,
    actor: Actor,
    area_code: str,
    day: date,
    account_id: str,
    substitute_id: str,
    now: datetime,
) -> None:
    """Somebody is away on a day; ``substitute_id`` takes their hours ("": nobody). The latest word holds."""
    _keep(session, actor, area_code)
    _demand_expert(session, area_code, account_id)
    if day < local(now).date():
        raise Invalid("day_over", "This day is over.", field="day")
    if substitute_id:
        _demand_expert(session, area_code, substitute_id)
        if substitute_id == account_id:
            raise Invalid("stand_in_self", "Choose somebody else to stand in.", field="substitute_id")
    same = select(Absence).where(
        Absence.area_code == area_code, Absence.day == day, Absence.account_id == account_id
    )
    row = session.scalar(same)
    if row is None:
        row = Absence(area_code=area_code, day=day, account_id=account_id)
        session.add(row)
    row.substitute_id = substitute_id or None
    session.flush()
    _note(session, "shift.stand_in", actor, area_code, now, day=f"{day}", who=account_id, by=substitute_id)


def drop_absence(session: Session, *, actor: Actor, absence_id: str, now: datetime) -> None:
    """They are there on that day after all."""
    row = _kept_row(session, Absence, absence_id, actor)
    session.delete(row)
    session.flush()
    _note(session, "shift.back", actor, row.area_code, now, day=f"{row.day}", who=row.account_id)


def describe(
    session: Session, *, actor: Actor, area_code: str, account_id: str, field: str, now: datetime
) -> None:
    """Say what an expert knows about; everybody who asks sees it beside the name."""
    _keep(session, actor, area_code)
    _demand_expert(session, area_code, account_id)
    field = " ".join(field.split())
    if not 1 <= len(field) <= 40:
        raise Invalid("field_missing", "Write in a few words what this expert knows about.", field="field")
    row = session.get(Expert, account_id) or Expert(account_id=account_id)
    row.field = field
    session.add(row)
    session.flush()
    _note(session, "expert.describe", actor, area_code, now, who=account_id)


def _special(session: Session, area_code: str, day: date) -> SpecialDay | None:
    return session.scalar(select(SpecialDay).where(SpecialDay.area_code == area_code, SpecialDay.day == day))


def _at(day: date, minute: int, like: datetime) -> datetime:
    return datetime.combine(day, time(), like.tzinfo) + timedelta(minutes=minute)


def _demand_expert(session: Session, area_code: str, account_id: str) -> None:
    if account_id not in {account.id for account in experts(session, area_code)}:
        raise Invalid("expert_unfit", "This person is no expert there.", field="account_id")


def _keep(session: Session, actor: Actor, area_code: str) -> None:
    locked = select(Area.code).where(Area.code == area_code)  # two who change one roster wait for each other
    if session.scalar(locked.with_for_update(key_share=True)) is None:
        raise Absent
    authorise(actor, KEEPERS, area_code)


def _kept_row(session: Session, kind: type[_Row], row_id: str, actor: Actor) -> _Row:
    """A row of the roster that is the actor's to change; ``Absent`` where there is none."""
    row = session.get(kind, row_id)
    if row is None:
        raise Absent
    _keep(session, actor, row.area_code)
    return row


def _note(session: Session, act: str, actor: Actor, area_code: str, now: datetime, **more: str | int) -> None:
    audit.record(
        session, actor_id=actor.account_id, act=act, subject=f"area:{area_code}", channel="web",
        detail={"area": area_code, **more}, now=now,
    )  # fmt: skip
