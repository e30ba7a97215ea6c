"""Ceilings in yuan: what would pass one waits for a person; a day's sum stands in a row; alerts are only named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from farmerline.domain import Session, access, campaigns, ceilings, spending
from farmerline.errors import Absent, Conflict
from farmerline.models import (
    Account,
    AccountState,
    AuditRow,
    Campaign,
    CampaignState,
    GatewayRow,
    Role,
    Spending,
)
from jobs.deliver import drain
from jobs.fanout import fan_out
from tests.factories import COUNTY, NOW, SHUIXIANG, TOWN, make_account, make_staff
from tests.jobs.carrier import County


def plan(county: County, session: Session, people: int = 4, **limits: float) -> Campaign:
    """A started broadcast of two parts each, at ten cents a part, under these ceilings."""
    for row in session.scalars(select(GatewayRow)):
        row.cost = 0.1
    for _ in range(people):
        make_account(session, tips=True)
    actor = access.actor_of(session, make_staff(session, Role.PUBLISHER, COUNTY))
    campaign = campaigns.plan(session, actor=actor, text="好" * 80, area_code=TOWN, now=NOW)
    settings = county.context.settings.model_copy(update={"campaign_yuan": 0, "day_yuan": 0, **limits})
    campaigns.start(session, campaign, actor=actor, now=NOW, settings=settings)
    return campaign


WAITS = (
    ({}, 9000.0, ""),
    ({"campaign_yuan": 0.8}, 0.0, ""),
    ({"campaign_yuan": 0.79}, 0.0, "campaign"),
    ({"day_yuan": 10.0}, 9.2, ""),
    ({"day_yuan": 10.0}, 9.3, "day"),
    ({"campaign_yuan": 0.5, "day_yuan": 0.5}, 0.0, "campaign"),
)
"""Limits, what the day has cost already, and the ceiling that a broadcast of 0.8 yuan passes."""


def test_what_would_pass_a_ceiling_waits(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        for limits, before, ceiling in WAITS:
            session.execute(delete(Spending))
            session.execute(update(Account).values(state=AccountState.LEFT))
            spending.promise(session, before, at=NOW)
            campaign = plan(sqlite_county, session, **limits)
            assert (campaign.yuan, campaign.ceiling) == (0.8, ceiling), limits
            assert campaign.state is (CampaignState.ASKING if ceiling else CampaignState.SENDING)
            assert spending.bound(session, NOW) == pytest.approx(before if ceiling else before + 0.8)
        assert len(campaigns.unfinished(session)) == 3


def test_an_administrator_lets_it_go_by_name_or_ends_it(county: County) -> None:
    with county.database.write() as session:
        going, ended = (plan(county, session, campaign_yuan=0.1) for _ in range(2))
        boss = access.actor_of(session, make_staff(session, Role.ADMIN, COUNTY), second_factor=True)
        village = access.actor_of(session, make_staff(session, Role.ADMIN, SHUIXIANG), second_factor=True)
        writer = access.actor_of(session, make_staff(session, Role.PUBLISHER, COUNTY))
        for other in (village, writer):
            with pytest.raises(Absent):
                ceilings.allow(session, going.id, actor=other, county=COUNTY, now=NOW)
        ceilings.allow(session, going.id, actor=boss, county=COUNTY, now=NOW)
        ceilings.refuse(session, ended.id, actor=boss, county=COUNTY, now=NOW)
        for campaign in (going, ended):
            with pytest.raises(Conflict, match="campaign_decided"):
                ceilings.allow(session, campaign.id, actor=boss, county=COUNTY, now=NOW)
        assert (going.allowed_by, going.allowed_at, ended.allowed_by) == (boss.account_id, NOW, None)
        assert (going.state, ended.state) == (CampaignState.SENDING, CampaignState.STOPPED)
        assert spending.bound(session, NOW) == pytest.approx(going.yuan)
        acts = select(AuditRow.act, AuditRow.actor_id).where(AuditRow.subject == f"campaign:{going.id}")
        assert ("campaign.allow", boss.account_id) in session.execute(acts.order_by(AuditRow.number)).all()
    assert fan_out(county.context) == 8


def test_its_writer_may_take_back_what_waits(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        campaign = plan(sqlite_county, session, campaign_yuan=0.1)
        writer = access.actor_of(session, make_staff(session, Role.PUBLISHER, COUNTY))
        assert campaigns.stop(session, campaign, actor=writer, now=NOW) == 0
        assert campaign.state is CampaignState.STOPPED


def test_an_alert_is_named_and_never_waits(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        campaign = plan(sqlite_county, session)
        settings = sqlite_county.context.settings.model_copy(update={"campaign_yuan": 0.1})
        ceilings.note_alert(session, campaign, settings=settings, now=NOW)
        assert (campaign.state, campaign.ceiling) == (CampaignState.SENDING, "campaign")
        assert session.scalar(select(AuditRow.act).order_by(AuditRow.number.desc())) == "campaign.pass"


def test_a_days_sum_is_what_was_promised_and_what_was_handed_over_besides(county: County) -> None:
    with county.database.write() as session:
        plan(county, session)
    fan_out(county.context)
    county.promise("好" * 80)
    county.promise()
    assert drain(county.context) == 6
    with county.database.read() as session:
        (spent,) = spending.of_day(session, NOW)
        assert (spent.gateway, spent.handed, spent.parts, round(spent.yuan, 6)) == ("sms", 6, 11, 1.1)
        assert spending.bound(session, NOW) == pytest.approx(0.8 + 0.3)
        assert spending.bound(session, NOW + timedelta(days=1)) == 0
