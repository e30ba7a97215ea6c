"""M22, plain wording and a shared map: words are looked over before they are issued, the count is shown before sending."""

from __future__ import annotations

from farmerline.models import Delivery, Role
from tests import factories
from tests.service import Service


def test_hard_words_are_named_and_the_count_stands_there_before_a_tip_goes(service: Service) -> None:
    """M22."""
    for name in ("杨永根", "沈桂香"):
        service.person(name, tips=True)
    publisher = service.client(service.staff(Role.PUBLISHER, factories.COUNTY))
    form = {
        "kind": "technique", "area_code": factories.COUNTY, "title": "黄萎病综合防治技术", "short_text": "轮作三年，拔除病株。",
        "full_text": "采用植物生长调节剂调控营养生长与生殖生长的平衡以促进光合产物向籽粒运转从而显著提高结实率和千粒重并改善品质。",
        "voice_text": "轮作三年。", "source": "县农技站", "valid_from": "2026-11-20", "valid_until": "2026-12-20", "try": "1",
    }  # fmt: skip
    looked = service.post(publisher, "/publish/articles/new", **form)
    assert "太长" in looked.text or "难" in looked.text
    planned = service.post(
        publisher, "/publish/tips", text="今晚降温，大棚盖好。", area_code=factories.COUNTY
    )
    assert "2" in publisher.get(planned.location).text
    with service.rows() as rows:
        assert rows.query(Delivery).count() == 0
    assert "<svg" in service.client(service.staff(Role.OFFICER, name="施植保")).get("/alerts/map").text
