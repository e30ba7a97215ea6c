"""A tips broadcast: its list is frozen, seen, sent once to each, and can be stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from farmerline.domain import Session, access, audit, campaigns, consent
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountState,
    AuditRow,
    Campaign,
    CampaignState,
    Delivery,
    DeliveryState,
    Purpose,
    Role,
)
from farmerline.queries.deliveries import counts_of
from jobs.deliver import drain
from jobs.fanout import fan_out
from tests.factories import COUNTY, NOW, SHUIXIANG, TOWN, make_account, make_staff
from tests.jobs.carrier import County


def publisher(session: Session, area_code: str = COUNTY) -> access.Actor:
    return access.actor_of(session, make_staff(session, Role.PUBLISHER, area_code))


def prepare(county: County, people: int = 5) -> tuple[str, access.Actor, list[Account]]:
    """A frozen broadcast to a town with so many who want tips, two who do not, and one elsewhere who does."""
    with county.database.write() as session:
        willing = [make_account(session, tips=True) for _ in range(people)]
        make_account(session)
        make_account(session, tips=True, state=AccountState.PENDING)
        make_account(session, tips=True, area_code=SHUIXIANG)
        actor = publisher(session)
        campaign = campaigns.plan(session, actor=actor, text="明天降温", area_code=TOWN, now=NOW)
        assert (campaign.people, campaign.state) == (people, CampaignState.PLANNED)
        return campaign.id, actor, willing


def begin(county: County, campaign_id: str, actor: access.Actor) -> None:
    with county.database.write() as session:
        campaigns.start(session, session.get_one(Campaign, campaign_id), actor=actor, now=county.clock.now())


def test_everybody_on_the_list_and_nobody_else_gets_it_once(county: County) -> None:
    campaign_id, actor, willing = prepare(county)
    assert fan_out(county.context) == 0
    begin(county, campaign_id, actor)
    assert fan_out(county.context) == 5
    assert fan_out(county.context) == 0
    drain(county.context)
    assert sorted(message.to for message in county.carrier.taken) == sorted(str(one.phone) for one in willing)
    fan_out(county.context)
    with county.database.read() as session:
        assert session.get_one(Campaign, campaign_id).state is CampaignState.DONE
        assert counts_of(session, campaign_id) == {DeliveryState.SENT: 5}
        acts = session.execute(select(AuditRow.act, AuditRow.detail).order_by(AuditRow.number)).all()
        assert audit.verify(session) is None
    told = [
        (act, detail["people"], detail.get("sent")) for act, detail in acts if act.startswith("campaign.")
    ]
    assert told == [("campaign.freeze", 5, None), ("campaign.start", 5, None), ("campaign.done", 5, 5)]
    assert len({detail["list"] for act, detail in acts if act.startswith("campaign.")}) == 1


def test_a_stop_holds_back_everything_that_has_not_left(county: County) -> None:
    campaign_id, actor, _ = prepare(county)
    begin(county, campaign_id, actor)
    with county.database.write() as session:
        assert campaigns.fan_out(session, campaign_id, now=NOW, limit=3) == 3
    with county.database.write() as session:
        assert campaigns.stop(session, session.get_one(Campaign, campaign_id), actor=actor, now=NOW) == 3
    assert fan_out(county.context) == 0
    assert drain(county.context) == 0
    with county.database.read() as session:
        assert counts_of(session, campaign_id) == {DeliveryState.CANCELLED: 3}


def test_fan_out_goes_on_where_it_was_cut_off(sqlite_county: County) -> None:
    campaign_id, actor, willing = prepare(sqlite_county, people=7)
    begin(sqlite_county, campaign_id, actor)
    for _ in range(3):
        with sqlite_county.database.write() as session:
            campaigns.fan_out(session, campaign_id, now=NOW, limit=2)
        with pytest.raises(KeyboardInterrupt), sqlite_county.database.write() as session:
            campaigns.fan_out(session, campaign_id, now=NOW, limit=2)
            raise KeyboardInterrupt
    fan_out(sqlite_county.context)
    with sqlite_county.database.read() as session:
        told = session.scalars(select(Delivery.account_id)).all()
    assert sorted(str(one) for one in told) == sorted(one.id for one in willing)


def test_the_list_that_was_seen_is_the_list_that_is_sent(sqlite_county: County) -> None:
    """M22."""
    campaign_id, actor, willing = prepare(sqlite_county)
    later = NOW + timedelta(minutes=5)
    with sqlite_county.database.write() as session:
        late = make_account(session, tips=True, now=later)  # nobody is added
        consent.stop(session, accounts=willing[:1], purposes=[Purpose.TIPS], proof="inbound:x", now=later)
    with pytest.raises(Conflict, match="list_changed"):
        begin(sqlite_county, campaign_id, actor)
    with sqlite_county.database.write() as session:
        campaign = session.get_one(Campaign, campaign_id)
        before = campaign.list_hash
        campaigns.freeze(session, campaign, actor=actor, now=later)
        assert campaign.people == 5
        assert campaign.list_hash != before
        other = make_account(session, now=later)
    with sqlite_county.database.write() as session:
        consent.grant(
            session, other, purposes=[Purpose.TIPS], proof="inbound:z", now=later + timedelta(minutes=1)
        )
    begin(sqlite_county, campaign_id, actor)
    with sqlite_county.database.write() as session:
        consent.stop(session, accounts=[late], purposes=[Purpose.TIPS], proof="inbound:y", now=later)
        make_account(session, tips=True, now=later + timedelta(minutes=1))
    assert fan_out(sqlite_county.context) == 4


def test_a_household_phone_rings_once(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        for name in ("杨大山", "杨小山"):
            make_account(session, name, tips=True, phone="+8613900007777")
        make_account(session, tips=True, preferred=Channel.MAILBOX, phone="+8613900007777")
        actor = publisher(session)
        campaign = campaigns.plan(session, actor=actor, text="x", area_code=TOWN, now=NOW)
        campaigns.start(session, campaign, actor=actor, now=NOW)
    assert fan_out(sqlite_county.context) == 2


@pytest.mark.parametrize(
    ("text", "language", "sent"),
    [
        ("明天降温。", "zh", "明天降温。退订回TD"),
        ("明天降温。不要回td", "zh", "明天降温。不要回td"),
        ("Frost tomorrow.", "en", "Frost tomorrow. To stop: TD"),
    ],
)
def test_every_tip_that_is_texted_says_how_to_stop(
    sqlite_county: County, text: str, language: str, sent: str
) -> None:
    with sqlite_county.database.write() as session:
        make_account(session, tips=True, language=language)
        make_account(session, tips=True, language=language, preferred=Channel.MAILBOX)
        actor = publisher(session)
        campaign = campaigns.plan(session, actor=actor, text=text, area_code=TOWN, now=NOW)
        campaigns.start(session, campaign, actor=actor, now=NOW)
    fan_out(sqlite_county.context)
    drain(sqlite_county.context)
    assert {message.channel: message.text for message in sqlite_county.carrier.taken} == {
        Channel.SMS: sent, Channel.MAILBOX: text,
    }  # fmt: skip


def test_only_a_publisher_of_the_area_may_broadcast(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        elsewhere = publisher(session, SHUIXIANG)
        farmer = access.actor_of(session, make_account(session))
        for actor in (elsewhere, farmer):
            with pytest.raises(Absent):
                campaigns.plan(session, actor=actor, text="x", area_code=TOWN, now=NOW)


@pytest.mark.parametrize(
    ("text", "code"), [("", "text_empty"), (" \n", "text_empty"), ("好" * 501, "text_long")]
)
def test_a_tip_has_words_but_not_too_many(sqlite_county: County, text: str, code: str) -> None:
    with sqlite_county.database.write() as session, pytest.raises(Invalid, match=code):
        campaigns.plan(session, actor=publisher(session), text=text, area_code=TOWN, now=NOW)


def test_a_broadcast_to_nobody_or_started_twice_is_refused(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        actor = publisher(session)
        empty = campaigns.plan(session, actor=actor, text="x", area_code=SHUIXIANG, now=NOW)
        with pytest.raises(Conflict, match="list_empty"):
            campaigns.start(session, empty, actor=actor, now=NOW)
    campaign_id, actor, _ = prepare(sqlite_county)
    begin(sqlite_county, campaign_id, actor)
    with pytest.raises(Conflict, match="campaign_state"):
        begin(sqlite_county, campaign_id, actor)
