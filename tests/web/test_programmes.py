"""The television programme's page: who may ask for one, that it is made once, and what is shown while it is not there."""

from __future__ import annotations

from datetime import timedelta

import pytest

from farmerline.domain import access, programmes
from farmerline.errors import Absent
from farmerline.models import Programme, ProgrammeState, Role
from tests import factories
from tests.service import Service


@pytest.mark.parametrize(
    ("role", "area"), [(Role.OFFICER, factories.COUNTY), (Role.CONTACT, factories.YANGGAO), (None, "")]
)
def test_only_a_publisher_has_a_programme_made(service: Service, role: Role | None, area: str) -> None:
    person = service.staff(role, area) if role else service.person()
    browser = service.client(person)
    assert service.post(browser, "/publish/tv", page="/me").status_code == 404


def test_a_publisher_of_a_town_has_none_made_for_the_county(service: Service) -> None:
    browser = service.client(service.staff(Role.PUBLISHER, factories.TOWN))
    assert service.post(browser, "/publish/tv", page="/publish/tv").status_code == 404


def test_a_programme_asked_for_twice_is_made_once_and_stands_on_the_page(service: Service) -> None:
    browser = service.client(service.staff(Role.PUBLISHER))
    for _ in range(2):
        assert service.post(browser, "/publish/tv").status_code == 303
    with service.rows() as rows:
        assert [row.name for row in rows.query(Programme)] == ["tv-2026-W47"]
    shown = browser.get("/publish/tv").text
    assert "tv-2026-W47" in shown
    assert "排着队" in shown


def test_what_was_broken_off_is_begun_again_and_by_one_alone(service: Service) -> None:
    publisher = service.staff(Role.PUBLISHER)
    with service.write() as rows:
        actor = access.actor_of(rows, publisher, second_factor=True)
        row = programmes.ask(rows, actor=actor, settings=service.settings, now=service.now)
        assert programmes.take(rows, row.id, now=service.now)
        assert programmes.take(rows, row.id, now=service.now) is None
        later = service.now + programmes.STILL + timedelta(seconds=1)
        assert programmes.waiting(rows, now=later) == row.id
        assert programmes.take(rows, row.id, now=later)
        programmes.move(rows, row.id, 0.45, now=later)
    assert "做好了45%" in service.client(publisher).get("/publish/tv").text


def test_why_a_programme_could_not_be_made_is_said(service: Service) -> None:
    publisher = service.staff(Role.PUBLISHER)
    with service.write() as rows:
        actor = access.actor_of(rows, publisher, second_factor=True)
        row = programmes.ask(rows, actor=actor, settings=service.settings, now=service.now)
        programmes.fail(rows, row.id, "做视频要用ffmpeg", now=service.now)
        assert row.state is ProgrammeState.FAILED
    assert "没做成:做视频要用ffmpeg" in service.client(publisher).get("/publish/tv").text


@pytest.mark.parametrize("address", ["mp4", "srt", "html", "py"])
def test_a_file_that_is_not_there_yet_is_absent(service: Service, address: str) -> None:
    publisher = service.staff(Role.PUBLISHER)
    with service.write() as rows:
        actor = access.actor_of(rows, publisher, second_factor=True)
        row = programmes.ask(rows, actor=actor, settings=service.settings, now=service.now)
    assert service.client(publisher).get(f"/publish/tv/{row.id}.{address}").status_code == 404
    assert service.client(service.person("岑利民")).get(f"/publish/tv/{row.id}.{address}").status_code == 404


def test_a_farmer_asks_for_none_by_any_other_door(service: Service) -> None:
    person = service.person()
    with service.write() as rows:
        actor = access.actor_of(rows, person, second_factor=True)
        with pytest.raises(Absent):
            programmes.ask(rows, actor=actor, settings=service.settings, now=service.now)
