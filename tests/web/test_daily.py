"""每日一助 on its pages: everybody sees today's seller masked and what came of earlier days; publishers the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from farmerline.domain import deals, digest
from farmerline.messages import Channel
from farmerline.models import Account, Deal, DigestSlot, Match, MatchState, Outcome, Post, PostState, Role
from tests.factories import COUNTY, SHUIXIANG, YANGGAO
from tests.service import PASSWORD, Service
from tests.site import open_site
from tests.web.fit import assert_all_fit

if TYPE_CHECKING:
    from playwright.sync_api import Page


def have_days(service: Service) -> None:
    """Two sellers' days, one after the other; the first sold a part."""
    first, second = service.person("杨永根"), service.person("岑利民")
    service.person("陆文彬", tips=True, area_code=SHUIXIANG)
    buyer = service.person("陈小梅", tips=True, area_code=SHUIXIANG)
    wanted = service.publish(buyer, "求购 葡萄苗 500株")
    with service.write() as rows:
        post = rows.get_one(Post, wanted)
        post.state = PostState.DONE
        for item in post.items:
            item.live = False
    service.publish(first, "卖 葡萄苗 2000株 3.2元/株")
    service.publish(second, "卖 葡萄苗 900株 3元/株")
    service.clock.advance(timedelta(days=1))
    morning(service)
    with service.write() as rows:
        slot = rows.scalars(select(DigestSlot)).one()
        offer = rows.get_one(Post, slot.post_id)
        want = rows.get_one(Post, wanted)
        match = Match(
            supply_post=offer, demand_post=want, supply_item=offer.items[0], demand_item=want.items[0], score=0.9,
            reason_zh="", reason_en="", made_at=service.now, state=MatchState.AGREED, agreed_at=service.now,
        )  # fmt: skip
        rows.add(match)
        rows.flush()
        deals.record(
            rows, match, outcome=Outcome.PARTLY, by=rows.get_one(Account, first.id), teller=rows.get_one(Account, first.id),
            channel=Channel.SMS, qty=300, now=service.now,
        )  # fmt: skip
    service.clock.advance(timedelta(days=1))
    morning(service)


def morning(service: Service) -> None:
    with service.write() as rows:
        digest.publish_results(rows, settings=service.settings, now=service.now)
        digest.make(rows, settings=service.settings, now=service.now)


def test_everybody_sees_the_day_and_what_came_of_yesterday_with_names_masked(service: Service) -> None:
    have_days(service)
    page = service.client().get("/daily").text
    for words in (
        "岑**卖葡萄苗",
        "还剩",
        "900株",
        "3-3.2元/株",
        "1位可能的买家",
        "卖了300株",
        "1人要了电话",
        "怎么轮",
        "1笔",
    ):
        assert words in page, words
    for secret in ("岑利民", "杨永根", "陈小梅", "139"):
        assert secret not in page


def test_publishers_see_who_had_the_day_and_how_many_were_told(service: Service) -> None:
    have_days(service)
    page = service.client(service.staff(Role.PUBLISHER, COUNTY)).get("/publish/daily").text
    assert "杨永根" in page and "岑利民" in page and "卖了300株" in page and "到第二天：300株" in page
    village = service.client(service.staff(Role.PUBLISHER, YANGGAO, "岑美芳")).get("/publish/daily").text
    assert "杨永根" not in village and "杨**" in village
    assert service.client(service.person("王五")).get("/publish/daily").status_code == 404


def test_before_the_first_day_both_pages_say_how_it_goes(service: Service) -> None:
    assert "今天还没有轮到谁" in service.client().get("/daily").text
    assert (
        "还没有轮到过谁" in service.client(service.staff(Role.PUBLISHER, COUNTY)).get("/publish/daily").text
    )


def test_an_offer_that_was_taken_down_is_not_linked_and_a_seller_who_left_not_named(service: Service) -> None:
    have_days(service)
    with service.write() as rows:
        slot = rows.scalars(select(DigestSlot).order_by(DigestSlot.day.desc())).first()
        assert slot is not None
        rows.get_one(Post, slot.post_id).state = PostState.WITHDRAWN
        rows.get_one(Account, slot.account_id).state = "left"
        number = rows.get_one(Post, slot.post_id).number
        assert rows.scalars(select(Deal)).one().qty == 300
    page = service.client().get("/daily").text
    assert f"/posts/{number}" not in page and "岑**" not in page


@pytest.fixture
def site(service: Service) -> Iterator[str]:
    with open_site(service.app) as address:
        yield address


@pytest.mark.browser
@pytest.mark.long
def test_the_pages_fit_their_screens(service: Service, site: str, page: Page) -> None:
    staff = service.staff(Role.PUBLISHER, COUNTY)
    service.give_password(staff)
    have_days(service)
    page.goto(f"{site}/signin")
    page.fill("#phone", str(staff.phone))
    page.fill("#password", PASSWORD)
    page.click("main button.go")
    assert_all_fit(page, site, ["/daily", "/publish/daily", "/publish/tips"])
