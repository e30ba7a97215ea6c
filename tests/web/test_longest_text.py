"""Who writes sees the longest text that anybody of the audience would get."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from farmerline.models import GatewayRow, Role
from farmerline.queries import longest_text
from tests.factories import COUNTY, TOWN, YANGGAO
from tests.service import Service, open_service
from tests.web import composing


@pytest.fixture
def service(template_database: Path, tmp_path: Path) -> Iterator[Service]:
    yield from open_service(template_database, tmp_path, sms_signature="慈溪农业")


def shown(page: str) -> str:
    found = re.search(r"最长的一条：[^<]*", page)
    assert found, "the page does not tell the longest text"
    return found[0]


def test_an_alert_is_longest_for_who_reads_it_in_english(service: Service) -> None:
    browser = service.client(service.staff(Role.OFFICER, COUNTY, "施植保"))
    service.person("杨永根")
    only_chinese = shown(composing.fill(service, browser, "count", short_text="字" * 40).text)
    assert only_chinese.endswith("1条短信，中文")
    service.person("Mary", language="en")
    both = composing.fill(service, browser, "count", short_text="字" * 40).text
    assert shown(both).endswith("2条短信，English")
    assert "Understood" in both or "reply 1" in both
    for strange in ("", "x", "１２", "9" * 40, "330282' OR 1=1"):
        assert composing.fill(service, browser, "count", a=[strange]).status_code in (200, 422)


def test_a_tip_is_longest_by_the_connection_with_the_longest_signature(service: Service) -> None:
    browser = service.client(service.staff(Role.PUBLISHER, COUNTY, "沈秋月"))
    service.person("杨永根", tips=True)
    assert service.runtime.gateways
    with service.write() as rows:
        rows.add(
            GatewayRow(
                name="other",
                channel="sms",
                rate=1.0,
                signature="慈溪市农业农村局植保站",
                tokens_at=service.now,
            )
        )
    asked = service.post(browser, "/publish/tips", text="字" * 52 + "TD", area_code=TOWN)
    page = browser.get(asked.location).text
    assert shown(page) == "最长的一条：67字，1条短信，中文"
    asked = service.post(browser, "/publish/tips", text="字" * 58 + "TD", area_code=TOWN)
    page = browser.get(asked.location).text
    assert "每人1条" in page, "by the usual connection"
    assert shown(page) == "最长的一条：73字，2条短信，中文"
    assert "【慈溪市农业农村局植保站】" in page


def test_many_places_are_asked_for_by_their_counties(service: Service) -> None:
    service.person("Mary", language="en")
    codes = [YANGGAO[:9] + f"{number:03d}" for number in range(60)]
    with service.rows() as rows:
        found = longest_text.find(
            rows, lambda language: language * 9, area_codes=codes, settings=service.settings
        )
    assert found.language in ("zh", "en")
    assert found.characters == 18 + len("【慈溪农业】")
