"""M19, a named liaison per unit: a change is a form with a day and a successor; silence brings a mark and blocks nothing."""

from __future__ import annotations

from datetime import timedelta

from farmerline.clock import local
from farmerline.domain import units
from farmerline.models import Role
from tests import factories
from tests.service import Service


def test_a_liaison_is_changed_by_a_form_and_reminded_after_ninety_days(service: Service) -> None:
    """M19."""
    admin = service.client(service.staff(Role.ADMIN, name="管理员"))
    liaison = service.person("罗镇农", area_code=factories.YANGGAO)
    assert liaison.phone is not None
    unit = service.post(
        admin, "/admin/units", name="龙山镇农办", kind="town", area_code=factories.TOWN
    ).location
    since = local(service.now).date().isoformat()
    changed = service.post(
        admin, f"{unit}/liaison", page=unit, phone=liaison.phone.removeprefix("+86"), name="", since=since
    )
    assert changed.status_code == 303
    assert "罗镇农" in admin.get(unit).text
    service.clock.advance(timedelta(days=91))
    with service.write() as rows:
        assert units.remind(rows, now=service.now) == 1
        assert units.remind(rows, now=service.now) == 0
    assert service.text(
        liaison, "报送 西兰花下周大量上市,花球好,约200亩,批发两块四。"
    ).replies  # the mark blocks nothing
