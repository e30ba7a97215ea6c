"""Groups 群 of the mailbox: kept by one person, of people who each agreed; a letter to a group is one letter to each.

Nobody is in a group without a yes, and whoever said no or left is never asked again by its owner. Until then the owner learns
nothing of whom a crop's name stands for: growers are asked without being named; and nothing of whose a number is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import areas, audit, group_limits, outbox, people, questions, quiet
from farmerline.domain.access import Actor
from farmerline.domain.many import among
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.identity import normalise_phone
from farmerline.models import (
    STAFF,
    Account,
    AccountCrop,
    AccountState,
    GroupMember,
    LetterGroup,
    MemberState,
    Organisation,
    Purpose,
    Question,
    QuestionKind,
    QuestionState,
)
from farmerline.words import say

GROUPS = 5
"""Groups of one owner at most."""
MOST = 200
"""People of a group at most, those who have not answered among them."""
_NAME = 12
_WAITING = 3
"""Who has so many invitations unanswered is asked into no other group."""
_ANSWER_DAYS = 14
"""After so long silence is a no."""
HELD = (MemberState.ASKED, MemberState.IN)
_NO_NAME = re.compile(r"\d{5,}|[/@]|\.[a-z]", re.IGNORECASE)


def found(session: Session, *, owner: Account, name: str, now: datetime) -> LetterGroup:
    """Make a group, with nobody in it yet. Raises ``Invalid`` for its name, ``Conflict`` where the owner has enough."""
    words = " ".join(name.split())
    if not 2 <= len(words) <= _NAME or _NO_NAME.search(words):
        raise Invalid(
            "group_name",
            "Give the group a name of 2 to {most} signs, without numbers.",
            field="name",
            most=_NAME,
        )
    kept = owned(session, owner)
    if any(group.name == words for group in kept):
        raise Conflict("group_known", "You have a group of this name already.")
    if len(kept) >= GROUPS:
        raise Conflict("group_many", "You keep {most} groups already: end one first.", most=GROUPS)
    group = LetterGroup(owner_id=owner.id, name=words, made_at=now)
    session.add(group)
    session.flush()
    _note(session, group, "group.found", owner, now)
    return group


def owned(session: Session, owner: Account) -> list[LetterGroup]:
    """The groups that a person keeps, in the order they were made."""
    mine = select(LetterGroup).where(LetterGroup.owner_id == owner.id, LetterGroup.ended_at.is_(None))
    return list(session.scalars(mine.order_by(LetterGroup.made_at, LetterGroup.id)))


def own(session: Session, owner: Account, group_id: str) -> LetterGroup:
    """One of them; ``Absent`` for everybody else."""
    group = session.get(LetterGroup, group_id)
    if group is None or group.owner_id != owner.id or group.ended_at is not None:
        raise Absent
    return group


def held(session: Session, account: Account, *states: MemberState) -> list[tuple[LetterGroup, GroupMember]]:
    """The groups of others in which a person is, or into which they are asked."""
    query = (
        select(LetterGroup, GroupMember)
        .join(GroupMember, GroupMember.group_id == LetterGroup.id)
        .where(
            GroupMember.account_id == account.id,
            GroupMember.state.in_(states),
            LetterGroup.ended_at.is_(None),
        )
    )
    return list(session.execute(query.order_by(GroupMember.asked_at, LetterGroup.id)).tuples())


def readers(session: Session, group: LetterGroup) -> list[Account]:
    """Who is written to: the people who agreed and have an account that holds."""
    query = (
        select(Account)
        .join(GroupMember, GroupMember.account_id == Account.id)
        .where(GroupMember.group_id == group.id, GroupMember.state == MemberState.IN)
        .where(Account.state == AccountState.VERIFIED)
    )
    return list(session.scalars(query.order_by(Account.area_code, Account.id)))


def may_ask_growers(session: Session, actor: Actor, account: Account) -> tuple[str, ...]:
    """Where somebody may ask all growers of a crop: staff in their areas, a verified organisation in its own."""
    firm = session.get(Organisation, account.organisation_id or "")
    places = {place for place in actor.areas(*STAFF) if len(place) >= 6}
    if firm is not None and firm.state is AccountState.VERIFIED:
        places.add(account.area_code)
    return tuple(sorted(places))


def growers(session: Session, *, crop: str, places: Iterable[str]) -> list[Account]:
    """The verified people of these places who said that they grow a crop."""
    query = (
        select(Account)
        .join(AccountCrop, AccountCrop.account_id == Account.id)
        .where(
            AccountCrop.concept == people.crop_of(crop), areas.inside_any(Account.area_code, tuple(places))
        )
        .where(Account.state == AccountState.VERIFIED)
    )
    return list(session.scalars(query.order_by(Account.area_code, Account.id)))


def ask(
    session: Session,
    group: LetterGroup,
    *,
    owner: Account,
    whom: Sequence[Account],
    settings: Settings,
    now: datetime,
    a_day: int = group_limits.ASKED_A_DAY,
) -> int:
    """Ask people into a group by the channel they prefer; returns how many were asked.

    Passed over: the owner, who was asked before and was not removed since, whom ``group_limits`` spares, and who has enough
    invitations waiting. Raises ``Conflict`` where they would be too many, ``TooOften`` after ``a_day``.
    """
    asked = _ask(session, group, owner, whom, settings, now, a_day=a_day)
    if asked:
        _note(session, group, group_limits.ACT, owner, now, detail={"people": len(asked)})
    return len(asked)


def ask_known(
    session: Session,
    group: LetterGroup,
    *,
    owner: Account,
    name: str,
    phone: str,
    settings: Settings,
    now: datetime,
    a_day: int = group_limits.ASKED_A_DAY,
) -> None:
    """Ask the verified person of this name at this whole number, where both fit; whether they did is not told.

    Raises as ``ask``, hit or not, and ``TooOften`` after ``group_limits.TRIES_A_DAY``.
    """
    number = normalise_phone(phone)
    whom = [
        one
        for one in people.by_phone(session, number)
        if one.name == name.strip() and one.state is AccountState.VERIFIED
    ]
    asked = _ask(session, group, owner, whom[:1], settings, now, a_day=a_day, by_number=True)
    _note(
        session, group, group_limits.ACT, owner, now, for_id=asked[0].id if asked else "",
        detail={"people": 1, "by": group_limits.BY_NUMBER},
    )  # fmt: skip


def _ask(
    session: Session, group: LetterGroup, owner: Account, whom: Sequence[Account], settings: Settings, now: datetime, *,
    a_day: int, by_number: bool = False,
) -> list[Account]:  # fmt: skip
    session.refresh(
        owner, with_for_update={"key_share": True}
    )  # two pages of one owner count one after the other
    known = {member.account_id: member for member in group.members}
    fresh = [
        one
        for one in whom
        if one.id != owner.id and (one.id not in known or known[one.id].state is MemberState.REMOVED)
    ]
    ids = [one.id for one in fresh]
    passed = _crowded(session, ids, now) | group_limits.spared(session, owner, ids, now)
    fresh = [one for one in fresh if one.id not in passed]
    if sum(counts(member, now) for member in group.members) + max(len(fresh), 1) > MOST:
        raise Conflict("group_full", "A group has {most} people at most.", most=MOST)
    group_limits.demand_room(session, owner, len(fresh), most=a_day, by_number=by_number, now=now)
    due = quiet.next_allowed(now, settings)
    for one in fresh:
        member = known.get(one.id)
        if member is None:
            member = GroupMember(account_id=one.id)
            group.members.append(member)
        member.state, member.asked_at, member.answered_at = MemberState.ASKED, now, None
        _invite(session, group, owner, one, now, due)
    session.flush()
    return fresh


def counts(member: GroupMember, now: datetime) -> bool:
    """Whether somebody is in, or may still answer."""
    waits = member.state is MemberState.ASKED and member.asked_at > now - timedelta(days=_ANSWER_DAYS)
    return waits or member.state is MemberState.IN


def answer(
    session: Session, group: LetterGroup, member: GroupMember, *, yes: bool, by: Account, channel: str, now: datetime
) -> None:  # fmt: skip
    """What somebody says to an invitation. Raises ``Conflict`` where it is over."""
    if group.ended_at is not None or member.state is not MemberState.ASKED:
        raise Conflict("group_over", "This invitation is over.")
    _move(session, group, member, MemberState.IN if yes else MemberState.OUT, by, channel, now)


def leave(session: Session, group_id: str, account: Account, *, channel: str, now: datetime) -> None:
    """Go out of a group, or refuse to come in: final. ``Absent`` where one is not in it."""
    member = session.get(GroupMember, (group_id, account.id))
    if member is None or member.state not in HELD:
        raise Absent
    group = session.get_one(LetterGroup, group_id)
    _close_questions(session, [account.id], group, now)
    _move(session, group, member, MemberState.OUT, account, channel, now)


def remove(session: Session, group: LetterGroup, account_id: str, *, owner: Account, now: datetime) -> None:
    """Take somebody out of one's own group. ``Absent`` where they are not in it."""
    member = session.get(GroupMember, (group.id, account_id))
    if member is None or member.state not in HELD:
        raise Absent
    _close_questions(session, [account_id], group, now)
    member.state = MemberState.REMOVED
    session.flush()
    _note(session, group, "group.remove", owner, now, for_id=account_id)


def end(session: Session, group: LetterGroup, *, owner: Account, now: datetime) -> None:
    """Give a group up; its letters stay with everybody who got them."""
    group.ended_at = now
    _close_questions(session, [member.account_id for member in group.members], group, now)
    session.flush()
    _note(session, group, "group.end", owner, now)


def forget(session: Session, account: Account, *, now: datetime) -> None:
    """Take an erased person out of every group, and end their own."""
    session.execute(delete(GroupMember).where(GroupMember.account_id == account.id))
    session.execute(
        update(LetterGroup)
        .where(LetterGroup.owner_id == account.id, LetterGroup.ended_at.is_(None))
        .values(ended_at=now)
    )


def _invite(
    session: Session, group: LetterGroup, owner: Account, to: Account, now: datetime, due: datetime
) -> None:
    question = questions.ask(
        session,
        kind=QuestionKind.GROUP,
        now=now,
        hours=24 * _ANSWER_DAYS,
        account=to,
        data={"group": group.id},
    )
    text = say(
        to.language, "{owner} asks you into the group “{name}” to write to you. Reply 1 yes, 2 no",
        owner=owner.name, name=group.name,
    )  # fmt: skip
    outbox.tell(
        session,
        account=to,
        text=f"{text}[{question.code}]",
        purpose=Purpose.LETTER,
        now=now,
        question=question,
        due_at=due,
    )


def _move(
    session: Session, group: LetterGroup, member: GroupMember, state: MemberState, by: Account, channel: str, now: datetime
) -> None:  # fmt: skip
    member.state, member.answered_at, member.answered_via = state, now, channel
    session.flush()
    _note(session, group, f"group.{state}", by, now, for_id=member.account_id)


def _crowded(session: Session, ids: Sequence[str], now: datetime) -> set[str]:
    """Who of them has so many invitations unanswered that another would be one too many."""
    waiting = (
        GroupMember.state == MemberState.ASKED,
        GroupMember.asked_at > now - timedelta(days=_ANSWER_DAYS),
    )
    query = (
        select(GroupMember.account_id)
        .where(among(GroupMember.account_id, ids), *waiting)
        .group_by(GroupMember.account_id)
        .having(func.count() >= _WAITING)
    )
    return set(session.scalars(query))


def _close_questions(session: Session, ids: Sequence[str], group: LetterGroup, now: datetime) -> None:
    asked = select(Question).where(
        among(Question.account_id, ids),
        Question.state == QuestionState.OPEN,
        Question.kind == QuestionKind.GROUP,
    )
    for question in session.scalars(asked):
        if question.data["group"] == group.id:
            questions.close(question, now=now, state=QuestionState.REPLACED)


def _note(
    session: Session,
    group: LetterGroup,
    act: str,
    by: Account,
    now: datetime,
    *,
    for_id: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    audit.record(
        session, actor_id=by.id, for_id=for_id, act=act, subject=f"group:{group.id}", channel="",
        detail=detail, now=now,
    )  # fmt: skip
