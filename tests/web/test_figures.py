"""The public figures: counted from rows at night, added up on the page, told as they are, in both languages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from farmerline.clock import local
from farmerline.messages import Channel
from farmerline.models import Colour, DailyFigure, Delivery, DeliveryState, Priority, Purpose, Reach, Settled
from farmerline.queries import figures
from jobs import figures as job
from jobs.context import Context
from tests.service import Service
from tests.site import open_site
from tests.web.fit import assert_all_fit
from tests.web.issued import issue

if TYPE_CHECKING:
    from playwright.sync_api import Page


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def send(service: Service, *, late: float, attempts: int = 1, **values: object) -> None:
    """A text that left a day ago, so many seconds after its time."""
    due = service.now - timedelta(days=1)
    row = Delivery(
        **{
            "channel": Channel.SMS, "gateway": "sms", "address": "+8613900000001", "purpose": Purpose.SERVICE,
            "priority": Priority.NORMAL, "text": "您好", "due_at": due, "created_at": due, "attempts": attempts,
            "sent_at": due + timedelta(seconds=late), "state": DeliveryState.SENT, "provider_ref": f"r{late}{attempts}",
            **values,
        }
    )  # fmt: skip
    with service.write() as rows:
        rows.add(row)


def test_a_day_is_counted_as_the_page_says(service: Service) -> None:
    for late, attempts in ((1, 1), (10, 1), (11, 1), (5, 2)):
        send(service, late=late, attempts=attempts)
    send(service, late=2, provider_ref=None)  # said inside a call: no carrier took it
    people = [service.person(f"杨{name}") for name in "甲乙丙"]
    yesterday = {"colour": Colour.RED, "issued_at": service.now - timedelta(days=1)}
    alert = issue(service, people, serial=9, **yesterday)
    issue(service, people, serial=10, exercise=True, **yesterday)
    with service.write() as rows:
        first, second = (rows.get_one(Reach, (alert.id, one.id)) for one in people[:2])
        first.settled, second.settled = Settled.TOLD, Settled.NOT_MINE
    with service.rows() as rows:
        day = figures.count_day(rows, local(service.now).date() - timedelta(days=1), now=service.now)
    assert (day.handed, day.quick) == (4, 2)
    assert (day.alerts, day.planned, day.reached, day.confirmed) == (1, 3, 1, 1)


def test_the_page_says_what_is_counted_and_how(service: Service) -> None:
    client = service.client()
    assert "还没有数出来" in words(client.get("/figures").text)
    today = local(service.now).date()
    with service.write() as rows:
        for back, quick in ((1, 90), (2, 80), (40, 10), (91, 1)):
            rows.add(
                DailyFigure(
                    day=today - timedelta(days=back), handed=100, quick=quick, alerts=1, planned=50, reached=40, confirmed=30,
                    posts=200, deals=7, incidents=back, counted_at=service.now,
                )
            )  # fmt: skip
    page = words(client.get("/figures").text)
    assert "名单上150人次，30没到" in page
    assert "60.0%" in page and "80.0%" in page and "3.5" in page
    assert "总数里一个人也不去掉" in page
    english = client.get("/figures?lang=en").text
    assert "150 people stood on alert lists, 30 of them were not reached" in words(english)
    assert "<script" not in english and 'href="/figures"' in english
    assert client.get("/figures").headers["Content-Type"].startswith("text/html")


@pytest.mark.browser
@pytest.mark.long
def test_the_page_fits_a_phone_and_a_desk(service: Service, page: Page) -> None:
    today = local(service.now).date()
    with service.write() as rows:
        for back in (1, 40):
            rows.add(
                DailyFigure(
                    day=today - timedelta(days=back), handed=1_234_567, quick=1_200_001, alerts=3, planned=200_000,
                    reached=180_000, confirmed=150_000, posts=2000, deals=78, incidents=0, counted_at=service.now,
                )
            )  # fmt: skip
    with open_site(service.app) as site:
        assert_all_fit(page, site, ["/figures"])


def test_the_job_counts_three_days_and_again_the_same(service: Service) -> None:
    context = Context(service.database, service.clock, (), service.settings)
    assert job.count_days(context) == job.count_days(context) == 3
    with service.rows() as rows:
        assert rows.query(DailyFigure).count() == 3
