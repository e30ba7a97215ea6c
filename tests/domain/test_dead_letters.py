"""What did not arrive is sent again by a person's press: a new round, everything asked anew, nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from farmerline.domain import Session, access, campaigns, consent, dead_letters
from farmerline.errors import Absent, Conflict
from farmerline.models import (
    Account,
    AccountState,
    Campaign,
    CampaignState,
    Delivery,
    DeliveryState,
    Purpose,
    Question,
    QuestionState,
    Role,
)
from farmerline.queries import dead_letters as dead
from jobs.deliver import drain
from jobs.fanout import fan_out
from tests.factories import COUNTY, NOW, SHUIXIANG, TOWN, YANGGAO, make_account, make_staff
from tests.jobs.carrier import County


def actor(session: Session, role: Role = Role.ADMIN, area: str = COUNTY) -> access.Actor:
    return access.actor_of(session, make_staff(session, role, area), second_factor=True)


def fail(
    county: County, *ids: str, reason: str = "refused", state: DeliveryState = DeliveryState.DEAD
) -> None:
    with county.database.write() as session:
        for one in ids:
            row = session.get_one(Delivery, one)
            row.state, row.reason, row.settled_at = state, reason, county.clock.now()


def broadcast(county: County, people: int = 4) -> tuple[str, list[str]]:
    """A tip that reached nobody of a town."""
    with county.database.write() as session:
        for _ in range(people):
            make_account(session, tips=True)
        writer = actor(session, Role.PUBLISHER)
        campaign = campaigns.plan(session, actor=writer, text="降温", area_code=TOWN, now=NOW)
        campaigns.start(session, campaign, actor=writer, now=NOW)
    fan_out(county.context)
    with county.database.read() as session:
        ids = list(session.scalars(select(Delivery.id).order_by(Delivery.id)))
    fail(county, *ids)
    return campaign.id, ids


def resend(county: County, one: str, who: access.Actor) -> Delivery:
    with county.database.write() as session:
        return dead_letters.resend(session, one, actor=who, county=COUNTY, now=county.clock.now())


def test_one_message_is_sent_again_once_as_a_new_round(county: County) -> None:
    with county.database.write() as session:
        farmer, boss = make_account(session), actor(session)
    first = county.promise(account=farmer, address=farmer.phone, purpose=Purpose.LETTER)
    fail(county, first)
    again = resend(county, first, boss)
    assert (again.round, again.state, again.address) == (1, DeliveryState.QUEUED, farmer.phone)
    with pytest.raises(Conflict, match="resend_done"):
        resend(county, first, boss)
    assert drain(county.context) == 1
    with pytest.raises(Conflict, match="resend_done"):
        resend(county, again.id, boss)


def test_everything_is_asked_anew(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        boss = actor(session)
    for what, code in REFUSED:
        one = refused(sqlite_county, what)
        with pytest.raises(Conflict, match=code):
            resend(sqlite_county, one, boss)


REFUSED = (
    ("no", "resend_consent"),
    ("left", "resend_consent"),
    ("settled", "resend_over"),
    ("alert", "resend_alert"),
    ("erased", "resend_erased"),
)


def refused(county: County, what: str) -> str:
    """A dead message that may not be sent again, and why not."""
    with county.database.write() as session:
        farmer = make_account(session)
        question = Question(
            code="A11",
            kind="letter",
            account_id=farmer.id,
            asked_at=NOW,
            expires_at=NOW,
            state=QuestionState.ANSWERED,
        )
        session.add(question)
    values: dict[str, Any] = {"account": farmer, "address": farmer.phone, "purpose": Purpose.LETTER}
    values |= (
        {"purpose": Purpose.ALERT} if what == "alert" else {"question": question} if what == "settled" else {}
    )
    one = county.promise(**(values if what != "erased" else {}))
    fail(county, one)
    with county.database.write() as session:
        if what == "no":
            consent.stop(session, accounts=[farmer], purposes=[Purpose.LETTER], proof="inbound:x", now=NOW)
        elif what == "left":
            session.get_one(Account, farmer.id).state = AccountState.LEFT
        elif what == "erased":
            session.get_one(Delivery, one).address = ""
    return one


SEES = (
    (Role.ADMIN, COUNTY, True, True, True),
    (Role.ADMIN, YANGGAO, True, False, True),
    (Role.ADMIN, SHUIXIANG, False, False, False),
    (Role.PUBLISHER, COUNTY, False, False, True),
    (Role.PUBLISHER, SHUIXIANG, False, False, False),
    (Role.CONTACT, COUNTY, False, False, False),
)
"""Who, where, and whether they see a letter to a person of 杨高村, what went to a number alone, a tip to that person."""


def test_each_sees_and_sends_again_what_is_theirs(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        farmer = make_account(session, tips=True)
    for role, area, *sees in SEES:
        with sqlite_county.database.write() as session:
            who = actor(session, role, area)
        theirs = {"account": farmer, "address": farmer.phone}
        ids = (
            sqlite_county.promise(**theirs, purpose=Purpose.LETTER),
            sqlite_county.promise(),
            sqlite_county.promise(**theirs, purpose=Purpose.TIPS),
        )
        fail(sqlite_county, *ids)
        with sqlite_county.database.read() as session:
            shown = {one.id for one in dead.lines(session, actor=who, county=COUNTY, now=NOW)}
        assert [one in shown for one in ids] == sees, (role, area)
        for one, may in zip(ids, sees, strict=True):
            if may:
                resend(sqlite_county, one, who)
            else:
                with pytest.raises(Absent):
                    resend(sqlite_county, one, who)


def test_a_broadcast_goes_again_to_those_alone_whom_it_did_not_reach(county: County) -> None:
    campaign_id, ids = broadcast(county, people=5)
    with county.database.write() as session:
        arrived = session.get_one(Delivery, ids[0])
        arrived.state = DeliveryState.DELIVERED
        said_no = session.get_one(Account, session.get_one(Delivery, ids[1]).account_id)
        consent.stop(session, accounts=[said_no], purposes=[Purpose.TIPS], proof="inbound:x", now=NOW)
        writer, village = actor(session, Role.PUBLISHER), actor(session, Role.PUBLISHER, SHUIXIANG)
    fail(county, ids[2], reason="unreachable")
    with county.database.read() as session:
        (shown,) = dead.broadcasts(session, actor=writer, now=NOW)
        assert (shown.id, shown.count) == (campaign_id, 3)
        assert dead.broadcasts(session, actor=village, now=NOW) == []
    with county.database.write() as session:
        with pytest.raises(Absent):
            dead_letters.resend_failed(session, campaign_id, actor=village, now=NOW)
        told = dead_letters.resend_failed(session, campaign_id, actor=writer, now=NOW)
        assert told == dead_letters.Resent(sent=2, refused=1, left=0)
        assert dead_letters.resend_failed(session, campaign_id, actor=writer, now=NOW).sent == 0
    assert drain(county.context) == 2
    with county.database.read() as session:
        rounds = session.execute(select(Delivery.state, Delivery.round).where(Delivery.round > 0)).all()
    assert rounds == [(DeliveryState.SENT, 1)] * 2


def test_nothing_of_a_broadcast_that_was_stopped_goes_again(sqlite_county: County) -> None:
    campaign_id, ids = broadcast(sqlite_county, people=1)
    with sqlite_county.database.write() as session:
        session.get_one(Campaign, campaign_id).state = CampaignState.STOPPED
        boss = actor(session)
    with pytest.raises(Conflict, match="resend_stopped"):
        resend(sqlite_county, ids[0], boss)
    with sqlite_county.database.write() as session, pytest.raises(Conflict, match="resend_stopped"):
        dead_letters.resend_failed(session, campaign_id, actor=boss, now=NOW)
