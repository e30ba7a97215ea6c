"""M03, the voice station: five boxes, each two keys away; what is entered on the web is heard at once."""

from __future__ import annotations

from farmerline.models import Role
from tests.mission.conftest import Ring
from tests.mission.issuing import issue
from tests.service import Service

BOXES = {
    "1": ("pest", "虫情先看后打"),
    "2": ("work", "田里留一寸水"),
    "3": ("variety", "新品种耐寒"),
    "4": ("technique", "棚里要通风"),
}


def test_each_of_the_five_boxes_is_two_keys_away(service: Service, ring: Ring) -> None:
    """M03."""
    farmer, publisher, officer = (
        service.person(),
        service.staff(Role.PUBLISHER),
        service.staff(Role.OFFICER, name="施植保"),
    )
    for kind, words in BOXES.values():
        issue(
            service,
            publisher,
            officer,
            kind=kind,
            title=words,
            voice_text=f"{words}。",
            short_text=words,
            full_text=words,
        )
    service.publish(service.person("岑利民"), "卖西兰花3000斤1.5元一斤")
    for key, (_kind, words) in BOXES.items():
        assert any(words in heard for heard in ring(farmer, f"5{key}").heard), key
    assert any("西兰花" in heard for heard in ring(farmer, "55").heard)
