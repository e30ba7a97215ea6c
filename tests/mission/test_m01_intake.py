"""M01, the rural information network: entered once by the bureau, read in a village within the minute, with its source."""

from __future__ import annotations

from farmerline.models import Role
from tests.mission.conftest import Ring
from tests.mission.issuing import issue
from tests.service import Service


def test_what_the_bureau_issues_is_read_heard_and_texted_in_a_village_at_once(
    service: Service, ring: Ring
) -> None:
    """M01."""
    farmer = service.person()
    publisher, officer = service.staff(Role.PUBLISHER), service.staff(Role.OFFICER, name="施植保")
    number = issue(service, publisher, officer)
    page = service.client().get(f"/articles/{number}").text
    assert "晚稻田间管理" in page
    assert "县农技站" in page
    assert any("田里留一寸水" in words for words in ring(farmer, "52").heard)
    assert "田里留一寸水" in page
    assert "留一寸水" in "".join(service.text(farmer, f"查{number}").replies)
