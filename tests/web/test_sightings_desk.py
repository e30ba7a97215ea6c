"""The sightings map: counted, drawn, decided about; and nobody of another county sees any of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from farmerline.domain import access, sightings
from farmerline.models import Account, Alert, AlertArea, AlertState, Colour, Delivery, Role, Sighting, Verdict
from tests.factories import COUNTY, OTHER_TOWN, SHUIXIANG, TOWN, YANGGAO
from tests.service import Service, open_service
from tests.web.seen import report
from tests.web.spoken import audited, spoken

REPORTS = "/alerts/map/reports"


@pytest.fixture
def officer(service: Service) -> FlaskClient:
    return service.client(service.staff(Role.OFFICER, name="孙建波"))


def verdicts_of(service: Service) -> list[tuple[str, str]]:
    with service.rows() as rows:
        query = select(Sighting.verdict, Sighting.verdict_pest).order_by(Sighting.number)
        return [(verdict.value, pest) for verdict, pest in rows.execute(query)]


def test_an_empty_map_says_that_nobody_reported(officer: FlaskClient) -> None:
    page = officer.get("/alerts/map").text
    assert "7天里报来0起" in page and "没有人上报" in page and "示意图" in page
    assert "龙山" in page and 'class="map"' in page


def test_the_map_counts_by_village_and_shows_what_waits_first(service: Service, officer: FlaskClient) -> None:
    for name, days, in_ten in (("杨永根", 0, 3), ("岑利民", 2, 6), ("罗一", 10, 9)):
        report(service, service.person(name), days_ago=days, in_ten=in_ten)
    report(service, service.person("马小青", area_code=SHUIXIANG), crop="番茄", pest="", in_ten=None)
    page = officer.get("/alerts/map").text
    assert "7天里报来3起" in page and "2户报了2起" in page and "最多十株里6株" in page
    assert page.index("杨高村 葡萄 霜霉病") < page.index("水湘村 番茄 没说虫病")
    assert "14天里报来4起" in officer.get("/alerts/map?days=14").text
    narrowed = officer.get("/alerts/map?crop=番茄&pest=-").text
    assert "番茄，7天里报来1起" in narrowed and "葡萄 霜霉病</a>" not in narrowed
    assert "7天里报来0起" in officer.get("/alerts/map?verdict=confirmed").text
    assert "/alerts/new?from=" in page and f"{YANGGAO}%3A" in page


@pytest.mark.parametrize(
    "asked", ["days=8", "days=x", "verdict=maybe", "village=33028212322x", "crop=%00", "days="]
)
def test_an_address_that_makes_no_sense_shows_the_usual(officer: FlaskClient, asked: str) -> None:
    assert officer.get(f"/alerts/map?{asked}").status_code == 200
    assert officer.get(f"{REPORTS}?{asked}").status_code == 200


def test_a_verdict_on_a_whole_group_reaches_each_reporter(service: Service, officer: FlaskClient) -> None:
    ids = [report(service, service.person(name)).id for name in ("杨永根", "岑利民")]
    answer = service.post(
        officer,
        REPORTS,
        page="/alerts/map",
        ids=" ".join(ids),
        verdict="confirmed",
        back="/alerts/map?days=14",
    )
    assert answer.location == "/alerts/map?days=14"
    assert "已告诉2个上报的人" in officer.get(answer.location).text
    assert verdicts_of(service) == [("confirmed", "霜霉病")] * 2
    with service.rows() as rows:
        told = [row.text for row in rows.scalars(select(Delivery).where(Delivery.account_id.is_not(None)))]
    assert len([text for text in told if "霜霉病" in text]) >= 2
    assert "看过的" in officer.get("/alerts/map").text


def test_something_else_needs_its_name_and_nothing_is_lost(service: Service, officer: FlaskClient) -> None:
    seen = report(service, service.person(), pest="")
    for verdict in ("other", "confirmed"):
        answer = service.post(
            officer, REPORTS, page="/alerts/map", ids=seen.id, verdict=verdict, back="/alerts/map"
        )
        assert answer.status_code == 422 and "葡萄" in answer.text and 'role="alert"' in answer.text
    fields = {"ids": seen.id, "back": "/alerts/map", "pest": "灰霉病", "text": "先摘病叶"}
    assert (
        service.post(officer, REPORTS, page="/alerts/map", verdict="confirmed", **fields).status_code == 303
    )
    assert verdicts_of(service) == [("confirmed", "灰霉病")]
    page = officer.get(REPORTS).text
    assert "灰霉病，先摘病叶" in page and "孙建波" in page
    assert service.post(officer, REPORTS, ids=seen.id, verdict="", back="/").status_code == 422
    assert service.post(officer, REPORTS, ids=seen.id, verdict="sure", back="/").status_code == 404
    assert service.post(officer, REPORTS, verdict="nothing").status_code == 404


def test_a_way_back_beyond_the_service_leads_to_the_map(service: Service, officer: FlaskClient) -> None:
    seen = report(service, service.person())
    answer = service.post(
        officer, REPORTS, page="/alerts/map", ids=seen.id, verdict="nothing", back="//elsewhere.example"
    )
    assert answer.location == "/alerts/map"


def test_a_photo_is_shown_to_the_officers_of_its_place_and_kept_by_nothing(service: Service) -> None:
    seen = report(service, service.person())
    with service.write() as rows:
        sightings.add_photo(rows, rows.get_one(Sighting, seen.id), b"\xff\xd8 a picture", now=service.now)
        photo_id = rows.get_one(Sighting, seen.id).photo_id
    here = service.client(service.staff(Role.OFFICER, TOWN, "孙建波"))
    shown = here.get(f"/alerts/photos/{photo_id}")
    assert (shown.data, shown.mimetype, shown.headers["Cache-Control"]) == (
        b"\xff\xd8 a picture", "image/jpeg", "no-store",
    )  # fmt: skip
    assert f"/alerts/photos/{photo_id}" in here.get("/alerts/map").text
    elsewhere = service.client(service.staff(Role.OFFICER, OTHER_TOWN, "马小青"))
    assert elsewhere.get(f"/alerts/photos/{photo_id}").status_code == 404


def test_an_officer_of_elsewhere_sees_and_decides_nothing(service: Service) -> None:
    seen = report(service, service.person())
    for place in (OTHER_TOWN, "310118"):
        browser = service.client(service.staff(Role.OFFICER, place, "马小青", home=SHUIXIANG))
        assert "7天里报来0起" in browser.get("/alerts/map").text
        assert "霜霉病" not in browser.get(f"{REPORTS}?village={YANGGAO}").text
        answer = service.post(browser, REPORTS, page="/me/password", ids=seen.id, verdict="nothing")
        assert answer.status_code == 404
    assert verdicts_of(service) == [(Verdict.OPEN.value, "")]


@pytest.mark.parametrize(
    ("role", "sees", "decides"),
    [(Role.SIGNER, 200, 404), (Role.ADMIN, 404, 404), (Role.CONTACT, 404, 404), (None, 404, 404)],
)
def test_who_is_no_officer_gives_no_verdict(
    service: Service, role: Role | None, sees: int, decides: int
) -> None:
    seen = report(service, service.person())
    person = service.staff(role, COUNTY, "陈志远") if role else service.person("陈志远")
    browser = service.client(person)
    assert browser.get("/alerts/map").status_code == sees
    assert browser.get(REPORTS).status_code == sees
    answer = service.post(browser, REPORTS, page="/me/password", ids=seen.id, verdict="nothing")
    assert answer.status_code == decides


def test_an_officer_who_signs_elsewhere_sees_no_names_there(service: Service) -> None:
    for name, area in (("杨永根", YANGGAO), ("岑利民", SHUIXIANG)):
        report(service, service.person(name, area_code=area))
    person = service.staff(Role.OFFICER, TOWN, "孙建波")
    with service.write() as rows:
        holder = rows.get_one(Account, person.id)
        access.grant_role(rows, holder, role=Role.SIGNER, area_code=COUNTY, by=None, now=service.now)
    page = service.client(person).get(REPORTS).text
    assert "杨永根" in page and "岑**" in page and "岑利民" not in page
    assert page.count('value="nothing"') == 1


@pytest.fixture
def bureau(template_database: Path, tmp_path: Path) -> Iterator[Service]:
    """A service that has the bureau's own map in a folder."""
    (tmp_path / "maps").mkdir()
    yield from open_service(template_database, tmp_path, map_folder=tmp_path / "maps")


def test_the_bureau_s_own_map_is_drawn_and_a_wrong_one_is_named(bureau: Service, tmp_path: Path) -> None:
    officer = bureau.client(bureau.staff(Role.OFFICER, name="孙建波"))
    file = tmp_path / "maps" / "towns.geojson"
    ring = [[121.5, 30.0], [121.6, 30.0], [121.6, 30.1], [121.5, 30.1], [121.5, 30.0]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"code": TOWN}, "geometry": shape}
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    page = officer.get("/alerts/map").text
    assert "示意图" not in page and "自己的地图用不了" not in page and "龙山" in page
    file.write_text("{}", encoding="utf-8")
    page = officer.get("/alerts/map").text
    assert "示意图" in page and "towns.geojson is no GeoJSON" in page


def test_the_menu_of_the_desk_stands_on_its_pages_alone(service: Service, officer: FlaskClient) -> None:
    page = officer.get("/alerts/map").text
    assert [word for word in ("虫情图", "起草", "待签", "正在发", "历年") if f">{word}</a>" not in page] == []
    outside = officer.get("/me/password").text
    assert ">虫情预警</a>" in outside and ">起草</a>" not in outside
    signer = service.client(service.staff(Role.SIGNER, name="陈志远")).get("/alerts/map").text
    assert ">待签</a>" in signer and ">起草</a>" not in signer and "拿这些起草" not in signer


def test_a_busy_week_makes_no_heavy_page(service: Service, officer: FlaskClient) -> None:
    people = [service.person(name) for name in ("杨永根", "岑利民", "罗一")]
    for number in range(66):
        pest = f"{'霜霉病' if number < 40 else '虫'}{number % 22 if number >= 40 else ''}"
        report(service, people[number % 3], pest=pest, days_ago=number / 20)
    page = officer.get("/alerts/map")
    assert len(page.data) < 50_000 and "还有" in page.text and "3户报了40起" in page.text
    listed = officer.get(REPORTS)
    assert len(listed.data) < 50_000 and "7天里的第1到25起" in listed.text
    assert "第51到66起" in officer.get(f"{REPORTS}?start=50").text


def test_the_area_of_an_alert_in_force_is_marked_and_an_exercise_is_not(
    service: Service, officer: FlaskClient
) -> None:
    drafter = service.person("沈秋月")
    for serial, exercise, state in (
        (3, False, AlertState.RUNNING),
        (4, False, AlertState.CANCELLED),
        (5, True, AlertState.RUNNING),
    ):
        alert = Alert(
            year=2026, serial=serial, exercise=exercise, state=state, colour=Colour.ORANGE, crop="葡萄", pest="霜霉病",
            degree=4, valid_until=service.now, short_text="x", voice_text="x", full_text="x", drafted_by=drafter.id,
            drafted_at=service.now, edited_by=drafter.id, edited_at=service.now, areas=[AlertArea(area_code=TOWN)],
        )  # fmt: skip
        with service.write() as rows:
            rows.add(alert)
    page = officer.get("/alerts/map").text
    assert "粗边斜纹：2026-3号情报的范围" in page and page.count("url(#hatch)") == 1


def test_a_spoken_report_is_played_to_the_officers_of_its_place_and_that_is_on_record(
    service: Service,
) -> None:
    farmer = service.person()
    seen, case = report(service, farmer), spoken(service, farmer)
    with service.write() as rows:
        rows.get_one(Sighting, seen.id).case_id = case.id
    here = service.client(service.staff(Role.OFFICER, TOWN, "孙建波"))
    address = f"/alerts/sightings/{seen.id}/recording.wav"
    assert address in here.get(REPORTS).text and here.get(address).mimetype == "audio/wav"
    assert len(audited(service, "recording.hear")) == 1
    for who in (service.staff(Role.OFFICER, OTHER_TOWN, "马小青"), farmer):
        assert service.client(who).get(address).status_code == 404
