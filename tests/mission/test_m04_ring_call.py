"""M04, the ring-call alert: a red alert rings the farmer's telephone, and the record says what came of the call."""

from __future__ import annotations

from farmerline.models import Colour, Delivery, ReachStep, Settled
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
