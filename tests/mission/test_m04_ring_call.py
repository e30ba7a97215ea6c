"""M04, the ring-call alert: a red alert rings the farmer's telephone, and the record says what came of the call."""

from __future__ import annotations

from datetime import timedelta

from channels.simulator import caller
from farmerline.models import Campaign, CampaignState, Colour, Delivery, Purpose, ReachStep, Settled
from tests import factories
from tests.mission.conftest import Ring
from tests.service import Service
from tests.web.issued import issue, line


def test_who_rings_back_hears_the_alert_first_and_that_settles_it(service: Service, ring: Ring) -> None:
    """M04: redials, busy and switched off are tests/domain/test_alert_calls.py."""
    farmer = service.person("杨永根")
    alert = issue(service, [farmer], listed=False, colour=Colour.RED, reach={"step": ReachStep.TEXT})
    told = ring(farmer, "1")
    assert "稻飞虱" in "".join(told.heard[:3])
    assert line(service, alert, farmer).settled is not Settled.OPEN
    with service.rows() as rows:
        call = rows.query(Delivery).filter(Delivery.call_id.is_not(None)).first()
        assert call is not None


def test_a_red_alert_rings_and_the_record_says_what_came_of_it(service: Service) -> None:
    """M04: rang, answered, confirmed; who does not answer is rung again."""
    farmer, away = service.person("杨永根"), service.person("杨大山")
    ringing = {"step": ReachStep.RING, "next_at": service.now}
    with service.write() as rows:
        campaign = Campaign(
            purpose=Purpose.ALERT, text="", area_code=factories.YANGGAO, state=CampaignState.SENDING,
            created_by=farmer.id, created_at=service.now,
        )  # fmt: skip
        rows.add(campaign)
        rows.flush()
        red = {"colour": Colour.RED, "campaign_id": campaign.id}
    alert = issue(service, [farmer, away], listed=False, reach=ringing, **red)
    assert service.app is not None and service.runtime.simulator is not None
    exchange = service.runtime.simulator.exchange
    service.runtime.settle()
    told = caller.pick_up(exchange, str(farmer.phone), "1")
    assert "稻飞虱" in "".join(told.heard)
    service.runtime.settle()
    service.clock.advance(timedelta(minutes=3))
    service.runtime.settle()
    confirmed, open_ = line(service, alert, farmer), line(service, alert, away)
    assert (confirmed.rings, confirmed.settled, confirmed.heard_at is not None) == (1, Settled.KEY, True)
    assert open_.rings == 2 and open_.settled is Settled.OPEN
