"""The telephone line at the publisher's desk: written, measured, played, saved, taken back; nobody else comes in."""

from __future__ import annotations

import pytest

from farmerline.models import Role, VoiceMenu
from farmerline.render.speech import is_voice_installed
from tests.factories import COUNTY, YANGGAO
from tests.service import Service

EDIT = f"/publish/line/edit?area_code={COUNTY}&season=winter"
WHERE = {"area_code": COUNTY, "season": "winter"}
FORM = WHERE | {
    "opening": "葡萄要套袋了。",
    "posts": "本周葡萄六元一斤。",
    "order_posts": "1",
    "order_alerts": "2",
}
FORM |= {f"spoken_{name}": "1" for name in ("posts", "alerts", "work", "varieties", "techniques")}


def test_a_publisher_measures_saves_and_takes_back(service: Service) -> None:
    browser = service.client(service.staff(Role.PUBLISHER))
    assert "还没有改过" in browser.get("/publish/line").text
    tried = service.post(browser, "/publish/line/edit", page=EDIT, **FORM, **{"try": "1"})
    assert "还没存" in tried.text
    assert "约2秒" in tried.text
    assert browser.get("/publish/line").text.count("葡萄要套袋了") == 0
    assert service.post(browser, "/publish/line/edit", page=EDIT, **FORM).status_code == 303
    page = browser.get(EDIT).text
    assert "听供求请按5。听病虫情报请按1。" in page
    assert "现在用的" in page
    assert service.post(browser, "/publish/line/again", page=EDIT, **WHERE, version="").status_code == 303
    with service.rows() as rows:
        assert rows.query(VoiceMenu).count() == 2


def test_what_is_too_long_is_kept_on_the_page_and_refused(service: Service) -> None:
    browser = service.client(service.staff(Role.PUBLISHER))
    answer = service.post(browser, "/publish/line/edit", page=EDIT, **(FORM | {"opening": "长" * 90}))
    assert answer.status_code == 422
    assert "最长20秒" in answer.text
    assert "长" * 90 in answer.text


@pytest.mark.skipif(not is_voice_installed(), reason="no voice: espeakng-loader is not installed")
def test_words_are_played_as_callers_hear_them(service: Service) -> None:
    sound = service.client(service.staff(Role.PUBLISHER)).get("/publish/line/sound.wav?words=葡萄3元/斤")
    assert sound.data.startswith(b"RIFF")


@pytest.mark.parametrize(
    "address", [f"area_code={COUNTY}", "area_code=310000000000", f"area_code={YANGGAO}&season=x", ""]
)
def test_another_place_and_a_season_that_there_is_not_are_not_there(service: Service, address: str) -> None:
    browser = service.client(service.staff(Role.PUBLISHER, YANGGAO))
    assert browser.get(f"/publish/line/edit?{address}").status_code == 404


@pytest.mark.parametrize("role", [Role.CONTACT, Role.OFFICER, None])
def test_others_do_not_come_in(service: Service, role: Role | None) -> None:
    browser = service.client(service.staff(role) if role else service.person())
    for address in ("/publish/line", EDIT, "/publish/line/sound.wav?words=x"):
        assert browser.get(address).status_code == 404
    for address in ("/publish/line/edit", "/publish/line/again"):
        assert service.post(browser, address, page="/me", **FORM).status_code == 404
