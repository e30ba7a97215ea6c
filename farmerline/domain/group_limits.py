"""How often somebody may ask people into their groups 群, and whom not again: an invitation is a text that the county pays.

What was asked is counted by the audit's rows, so that it stands also where a group was ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from farmerline.domain.many import among
from farmerline.errors import TooOften
from farmerline.models import Account, AuditRow, GroupMember, LetterGroup, MemberState

ASKED_A_DAY = 30
"""People whom one owner asks in a day at most."""
TRIES_A_DAY = 10
"""Tries by name and number in a day, whether they hit or not: else it could be guessed whose number is whose."""
APART_DAYS = 14
"""So long an owner does not ask the same person again, into whatever group."""
ACT = "group.ask"
BY_NUMBER = "number"


def spared(session: Session, owner: Account, ids: Sequence[str], now: datetime) -> set[str]:
    """Who of them said no to a group of this owner or left one, be it ended, or was asked into one a short time ago."""
    lately = GroupMember.asked_at > now - timedelta(days=APART_DAYS)
    query = (
        select(GroupMember.account_id)
        .join(LetterGroup, LetterGroup.id == GroupMember.group_id)
        .where(LetterGroup.owner_id == owner.id, among(GroupMember.account_id, ids))
        .where(or_(GroupMember.state == MemberState.OUT, lately))
    )
    return set(session.scalars(query))


def demand_room(
    session: Session, owner: Account, people: int, *, most: int, by_number: bool, now: datetime
) -> None:
    """Raise ``TooOften`` where so many more would be more than ``most`` in a day, or a try by number one too many."""
    asked = select(AuditRow.detail).where(
        AuditRow.actor_id == owner.id, AuditRow.act == ACT, AuditRow.at > now - timedelta(days=1)
    )
    today = session.scalars(asked).all()
    if sum(detail["people"] for detail in today) + max(people, 1) > most:
        raise TooOften("group_asks", "You may ask {most} people a day. Please go on tomorrow.", most=most)
    if by_number and sum(detail.get("by") == BY_NUMBER for detail in today) >= TRIES_A_DAY:
        raise TooOften(
            "group_tries",
            "You may ask by name and number {most} times a day. Please go on tomorrow.",
            most=TRIES_A_DAY,
        )


def asked_by_number(session: Session, group: LetterGroup) -> set[str]:
    """Who was asked into a group by name and number: that they are there is not told before they answer."""
    rows = select(AuditRow.for_id).where(
        AuditRow.subject == f"group:{group.id}", AuditRow.act == ACT, AuditRow.for_id != ""
    )
    return set(session.scalars(rows))
