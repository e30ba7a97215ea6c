"""Urgent letters as their senders see them: whom each reached, how, and whom not, by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import areas, urgent
from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.domain.people import name_of
from farmerline.identity import mask_phone
from farmerline.messages import Channel
from farmerline.models import Account, Campaign, Delivery, DeliveryState, Letter

_ENDED = (DeliveryState.FAILED, DeliveryState.DEAD, DeliveryState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Person:
    """What became of one person's letter.

    ``text``, ``call``: ``""`` (none), ``waiting``, ``sent``, ``arrived`` or ``failed``, with the carrier's reason; a call
    has arrived once it was answered. ``rings_at`` is when the phone rings unless the receipt comes first. ``read_via`` is
    ``web``, ``sms`` or ``voice``.
    """

    account_id: str
    name: str
    place: str
    phone: str
    text: str
    text_why: str
    text_at: datetime | None
    rings_at: datetime | None
    call: str
    call_why: str
    call_at: datetime | None
    read_at: datetime | None
    read_via: str

    @property
    def is_reached(self) -> bool:
        """Whether it was read, or arrived at the handset."""
        return self.read_at is not None or self.text == "arrived"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One urgent letter. Who is not reached stands first."""

    id: str
    subject: str
    body: str
    by: str
    sent_at: datetime
    people: tuple[Person, ...]

    @property
    def read(self) -> int:
        return sum(one.read_at is not None for one in self.people)

    @property
    def unreached(self) -> int:
        return sum(not one.is_reached for one in self.people)


@dataclass(frozen=True, slots=True)
class Line:
    """An urgent letter in a list."""

    id: str
    subject: str
    by: str
    people: int
    sent_at: datetime


def recent(session: Session, *, actor: Actor, limit: int = 20) -> list[Line]:
    """The last urgent letters of the actor's areas, the newest first."""
    query = (
        select(Campaign)
        .where(urgent.is_urgent(), inside_any(Campaign.area_code, actor.areas(*urgent.SENDERS)))
        .order_by(Campaign.created_at.desc(), Campaign.id)
        .limit(limit)
    )
    return [
        Line(
            row.id,
            _letter(session, row).subject,
            name_of(session, row.created_by),
            row.people,
            row.created_at,
        )
        for row in session.scalars(query)
    ]


def outcome(session: Session, *, actor: Actor, campaign_id: str) -> Outcome:
    """What became of one; ``Absent`` outside the actor's areas."""
    row = urgent.campaign_of(session, actor=actor, campaign_id=campaign_id)
    query = (
        select(Delivery, Letter, Account)
        .join(Letter, Letter.id == Delivery.letter_id)
        .join(Account, Account.id == Letter.to_id)
        .where(Delivery.campaign_id == row.id)
        .order_by(Delivery.created_at, Delivery.id)
    )
    found: dict[str, tuple[Letter, Account, dict[Channel, Delivery]]] = {}
    for delivery, letter, account in session.execute(query):
        found.setdefault(account.id, (letter, account, {}))[2][delivery.channel] = delivery
    places = {
        code: areas.path_name(session, code) for code in {one.area_code for _, one, _ in found.values()}
    }
    people = [_person(*each, places) for each in found.values()]
    letter = _letter(session, row)
    return Outcome(
        id=row.id, subject=letter.subject, body=letter.body, by=name_of(session, row.created_by), sent_at=row.created_at,
        people=tuple(sorted(people, key=lambda one: (one.is_reached, one.read_at is not None, one.place))),
    )  # fmt: skip


def _person(
    letter: Letter, account: Account, sent: dict[Channel, Delivery], places: dict[str, str]
) -> Person:
    text, call = sent.get(Channel.SMS), sent.get(Channel.VOICE)
    return Person(
        account_id=account.id, name=account.name, place=places[account.area_code],
        phone=mask_phone(account.phone) if account.phone else "", text=state_of(text), text_why=text.reason if text else "",
        text_at=_at(text), rings_at=text.ring_at if text else None, call=state_of(call), call_why=call.reason if call else "",
        call_at=_at(call), read_at=letter.read_at, read_via=letter.read_via,
    )  # fmt: skip


def state_of(row: Delivery | None) -> str:
    """How far a message came: "" (none), waiting, sent, arrived or failed."""
    if row is None:
        return ""
    if row.state is DeliveryState.DELIVERED:
        return "arrived"
    if row.state in _ENDED:
        return "failed"
    return "sent" if row.state is DeliveryState.SENT else "waiting"


def _at(row: Delivery | None) -> datetime | None:
    return (row.settled_at or row.sent_at) if row else None


def _letter(session: Session, row: Campaign) -> Letter:
    """Any of its letters: all say the same."""
    query = (
        select(Letter).join(Delivery, Delivery.letter_id == Letter.id).where(Delivery.campaign_id == row.id)
    )
    return session.scalars(query.limit(1)).one()
