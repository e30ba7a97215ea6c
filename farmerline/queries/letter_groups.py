"""Groups of the mailbox as their owner and their people see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.domain import areas, group_letters, group_limits, letter_groups
from farmerline.domain.people import name_of
from farmerline.errors import Absent
from farmerline.models import Account, Delivery, GroupMember, Letter, LetterGroup, MemberState
from farmerline.queries.urgent_letters import state_of

_LISTED = 20


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """A group that one keeps: how many are in it, and how many have not answered, but for those asked by name and number."""

    id: str
    name: str
    people: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Joined:
    """A group of somebody else's in which one is."""

    id: str
    name: str
    owner: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who is in a group; ``via``: the channel by which they agreed."""

    id: str
    name: str
    place: str
    via: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter to the group, and how many have read it."""

    id: str
    subject: str
    at: datetime
    people: int
    read: int


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group as its owner sees it. ``room``: letters it may still get this week."""

    id: str
    name: str
    people: tuple[Person, ...]
    waiting: int
    sent: tuple[Sent, ...]
    room: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one person's letter: ``told`` is "" (nothing left), waiting, sent, arrived or failed."""

    name: str
    place: str
    read_at: datetime | None
    read_via: str
    told: str


@dataclass(frozen=True, slots=True)
class SentView:
    """A letter to a group with what became of it, by person; who has not read it stands first."""

    group: str
    subject: str
    body: str
    at: datetime
    receipts: tuple[Receipt, ...]

    @property
    def read(self) -> int:
        return sum(one.read_at is not None for one in self.receipts)


def owned(session: Session, account: Account, *, now: datetime) -> list[OwnGroup]:
    """The groups that a person keeps."""
    return [
        OwnGroup(
            group.id, group.name, len(letter_groups.readers(session, group)), _waiting(session, group, now)
        )
        for group in letter_groups.owned(session, account)
    ]


def joined(session: Session, account: Account) -> list[Joined]:
    """The groups in which a person is."""
    return [
        Joined(group.id, group.name, name_of(session, group.owner_id))
        for group, _member in letter_groups.held(session, account, MemberState.IN)
    ]


def view(session: Session, account: Account, group_id: str, *, now: datetime) -> GroupView:
    """A group of one's own; ``Absent`` for everybody else. Who was asked and did not agree is counted, not named."""
    group = letter_groups.own(session, account, group_id)
    readers = letter_groups.readers(session, group)
    members: dict[str, GroupMember] = {member.account_id: member for member in group.members}
    places = areas.names(session, {one.area_code for one in readers})
    return GroupView(
        id=group.id, name=group.name,
        people=tuple(
            Person(
                one.id, one.name, places.get(one.area_code, ""), members[one.id].answered_via, members[one.id].answered_at
            )
            for one in readers
        ),
        waiting=_waiting(session, group, now), sent=tuple(_sent(session, group)), room=group_letters.room(session, group, now),
    )  # fmt: skip


def receipts(session: Session, account: Account, group_id: str, campaign_id: str) -> SentView:
    """A letter to one's own group, person by person. ``Absent`` for everybody else."""
    group = letter_groups.own(session, account, group_id)
    query = (
        select(Letter, Account, Delivery)
        .join(Account, Account.id == Letter.to_id)
        .outerjoin(Delivery, (Delivery.campaign_id == Letter.campaign_id) & (Delivery.letter_id == Letter.id))
        .where(Letter.group_id == group.id, Letter.campaign_id == campaign_id)
        .order_by(Delivery.created_at, Delivery.id)
    )
    found = {letter.id: (letter, to, row) for letter, to, row in session.execute(query).tuples()}
    if not found:
        raise Absent
    places = areas.names(session, {to.area_code for _letter, to, _row in found.values()})
    told = [
        Receipt(to.name, places.get(to.area_code, ""), letter.read_at, letter.read_via, state_of(row))
        for letter, to, row in found.values()
    ]
    first, _to, _row = next(iter(found.values()))
    return SentView(
        group=group.name, subject=first.subject, body=first.body, at=first.sent_at,
        receipts=tuple(sorted(told, key=lambda one: (one.read_at is not None, one.place, one.name))),
    )  # fmt: skip


def _waiting(session: Session, group: LetterGroup, now: datetime) -> int:
    """Without those asked by name and number: else one more would tell that both fit."""
    untold = group_limits.asked_by_number(session, group)
    asked = [member for member in group.members if member.state is MemberState.ASKED]
    return sum(letter_groups.counts(member, now) for member in asked if member.account_id not in untold)


def _sent(session: Session, group: LetterGroup) -> list[Sent]:
    """The group's letters, the newest first."""
    query = (
        select(Letter.campaign_id, func.min(Letter.id), func.count(), func.count(Letter.read_at))
        .where(Letter.group_id == group.id)
        .group_by(Letter.campaign_id)
        .order_by(func.max(Letter.sent_at).desc())
        .limit(_LISTED)
    )
    lines = []
    for campaign_id, any_id, people, read in session.execute(query).tuples():
        letter = session.get_one(Letter, any_id)
        lines.append(Sent(campaign_id or "", letter.subject, letter.sent_at, people, read))
    return lines
