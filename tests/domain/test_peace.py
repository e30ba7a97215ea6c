"""Whom a broadcast reaches, how and when: decided when it is planned, and asked again when each message leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from farmerline import vault
from farmerline.domain import Session, access, campaigns, consent, outbox
from farmerline.messages import Channel
from farmerline.models import Account, AccountState, Campaign, Delivery, DeliveryState, Purpose, Role
from jobs.deliver import drain
from jobs.fanout import fan_out
from tests.factories import COUNTY, NOW, TOWN, make_account, make_staff, phone
from tests.jobs.carrier import County

WEEK = timedelta(days=7)
NEIGHBOUR = "+8613911112222"
Change = Callable[[Session, Account], None]


def says_no(session: Session, person: Account) -> None:
    consent.stop(session, accounts=[person], purposes=[Purpose.TIPS], proof="inbound:x", now=NOW)


def says_no_to_texts(session: Session, person: Account) -> None:
    consent.stop(
        session, accounts=[person], purposes=[Purpose.TIPS], proof="page:data", now=NOW, channel=Channel.SMS
    )


def leaves(session: Session, person: Account) -> None:
    person.state = AccountState.LEFT


def reads_letters(session: Session, person: Account) -> None:
    person.preferred = Channel.MAILBOX


def wants_calls(session: Session, person: Account) -> None:
    person.preferred = Channel.VOICE


def loses_the_phone(session: Session, person: Account) -> None:
    person.phone_index = None


def has_had_three(session: Session, person: Account) -> None:
    for number in range(3):
        row = outbox.prepare(
            session, channel=Channel.SMS, address=str(person.phone), text="x", purpose=Purpose.TIPS,
            now=NOW - timedelta(days=number), account=person,
        )  # fmt: skip
        row.state, row.sent_at = DeliveryState.DELIVERED, NOW - timedelta(days=number)
        session.add(row)


def moves_in(session: Session, person: Account) -> None:
    """After the broadcast was planned this person took the number that another on the list has."""
    row = session.scalars(select(Delivery).where(Delivery.account_id == person.id)).one_or_none()
    person.phone, person.phone_index = NEIGHBOUR, vault.phone_index(NEIGHBOUR)
    if row is not None:
        row.address, row.address_index = NEIGHBOUR, person.phone_index


def nothing(session: Session, person: Account) -> None:
    """As it was."""


@dataclass(frozen=True)
class Case:
    """A person, what is so when the broadcast is planned, what changes before it leaves, and what becomes of theirs:
    channel, state and reason of each of their messages."""

    before: Change
    after: Change
    told: tuple[tuple[str, str, str], ...]


SENT, LATER = ("sms", "sent", ""), ("sms", "queued", "")
CASES = {
    "who wants tips": Case(nothing, nothing, (SENT,)),
    "who said no": Case(says_no, nothing, ()),
    "who said no to texts": Case(says_no_to_texts, nothing, ()),
    "who left": Case(leaves, nothing, ()),
    "who reads letters": Case(reads_letters, nothing, (("mailbox", "delivered", ""),)),
    "who wants calls": Case(wants_calls, nothing, (("voice", "sent", ""),)),
    "who has no phone": Case(loses_the_phone, nothing, (("mailbox", "delivered", ""),)),
    "who had three this week": Case(has_had_three, nothing, (LATER,)),
    "who says no meanwhile": Case(nothing, says_no, (("sms", "cancelled", "consent"),)),
    "who says no to texts meanwhile": Case(nothing, says_no_to_texts, (("sms", "cancelled", "consent"),)),
    "who leaves meanwhile": Case(nothing, leaves, (("sms", "cancelled", "consent"),)),
    "who has had three meanwhile": Case(nothing, has_had_three, (LATER,)),
    "who reads letters by now": Case(
        nothing, reads_letters, (("mailbox", "delivered", ""), ("sms", "cancelled", "other_way"))
    ),
    "who wants calls by now": Case(
        nothing, wants_calls, (("sms", "cancelled", "other_way"), ("voice", "sent", ""))
    ),
    "who lost the phone by now": Case(
        nothing, loses_the_phone, (("mailbox", "delivered", ""), ("sms", "cancelled", "other_way"))
    ),
    "who moved in with another": Case(nothing, moves_in, (("sms", "cancelled", "household"),)),
}


def start(county: County, text: str = "降温") -> str:
    with county.database.write() as session:
        writer = access.actor_of(session, make_staff(session, Role.PUBLISHER, COUNTY))
        campaign = campaigns.plan(session, actor=writer, text=text, area_code=TOWN, now=county.clock.now())
        campaigns.start(session, campaign, actor=writer, now=county.clock.now())
        return campaign.id


def told(session: Session, campaign_id: str, person_id: str) -> tuple[tuple[str, str, str], ...]:
    mine = select(Delivery).where(Delivery.campaign_id == campaign_id, Delivery.account_id == person_id)
    return tuple(sorted((row.channel.value, row.state.value, row.reason) for row in session.scalars(mine)))


def test_each_is_told_as_they_want_when_it_is_planned_and_when_it_leaves(county: County) -> None:
    people: dict[str, str] = {}
    with county.database.write() as session:
        make_account(session, tips=True, phone=NEIGHBOUR)
        for name, case in CASES.items():
            person = make_account(session, name, tips=True)
            people[name] = person.id
            case.before(session, person)
    campaign_id = start(county)
    fan_out(county.context)
    with county.database.write() as session:
        for name, case in CASES.items():
            case.after(session, session.get_one(Account, people[name]))
    drain(county.context)
    with county.database.read() as session:
        found = {name: told(session, campaign_id, person_id) for name, person_id in people.items()}
        later = {
            row.due_at
            for row in session.scalars(select(Delivery).where(Delivery.state == DeliveryState.QUEUED))
        }
    assert found == {name: case.told for name, case in CASES.items()}
    assert later == {NOW - timedelta(days=2) + WEEK}


def test_a_household_gets_one_text_however_the_list_is_cut(county: County) -> None:
    number = phone()
    with county.database.write() as session:
        for place in range(5):
            make_account(session, f"家里{place}", tips=True, phone=number)
            make_account(session, f"别家{place}", tips=True)
    campaign_id = start(county)
    for _ in range(6):
        with county.database.write() as session:
            campaigns.fan_out(session, campaign_id, now=NOW, limit=2)
    drain(county.context)
    texted = [message.to for message in county.carrier.taken]
    assert (len(texted), texted.count(number)) == (6, 1)


def test_what_is_planned_at_night_is_due_in_the_morning(sqlite_county: County) -> None:
    midnight = datetime(2026, 11, 19, 16, tzinfo=NOW.tzinfo)
    with sqlite_county.database.write() as session:
        make_account(session, tips=True, now=midnight)
    for hour, due in ((10, 10), (19, 19), (20, 32), (23, 32), (31, 32)):
        sqlite_county.clock.moment = midnight + timedelta(hours=hour)
        campaign_id = start(sqlite_county)
        fan_out(sqlite_county.context)
        with sqlite_county.database.read() as session:
            mine = select(Delivery.due_at).where(Delivery.campaign_id == campaign_id)
            assert session.scalars(mine).all() == [midnight + timedelta(hours=due)], hour


def test_who_has_had_enough_is_planned_for_when_that_is_over(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        has_had_three(session, make_account(session, tips=True))
    campaign_id = start(sqlite_county)
    fan_out(sqlite_county.context)
    with sqlite_county.database.read() as session:
        mine = select(Delivery.due_at).where(Delivery.campaign_id == campaign_id)
        assert session.scalars(mine).all() == [NOW - timedelta(days=2) + WEEK]
        assert session.get_one(Campaign, campaign_id).people == 1
