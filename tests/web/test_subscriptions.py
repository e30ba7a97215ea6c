"""A farmer's page of subscriptions: listed, added with help, ended, taken back; nobody else's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from farmerline.domain import consent
from farmerline.messages import Channel
from farmerline.models import Account, Case, Consent, Inbound, Purpose, Role, Subscription
from jobs.watch import watch
from tests import factories
from tests.service import Service

PAGE = "/me/subscriptions"


def add(service: Service, browser: FlaskClient, product: str, **fields: Any) -> Any:
    return service.post(browser, PAGE, product=product, **{"side": "supply", **fields})


def rows(service: Service) -> list[Subscription]:
    with service.rows() as session:
        return list(session.scalars(select(Subscription).order_by(Subscription.created_at, Subscription.id)))


def test_a_product_is_added_listed_ended_and_taken_back(service: Service) -> None:
    person = service.person()
    browser = service.client(person)
    assert "说一声" in browser.get(PAGE).text
    assert add(service, browser, "葡萄苗").status_code == 303
    page = browser.get(PAGE).text
    assert "替您看着1样" in page
    assert "浙江省" in page
    (row,) = rows(service)
    assert (row.key, row.form, row.area_code, row.channel) == ("葡萄·supply", "seedling", "33", "web")
    with service.rows() as session:
        (yes,) = session.scalars(select(Consent).where(Consent.purpose == Purpose.WATCH))
        assert (yes.granted, yes.proof) == (True, "page:subscriptions")
    assert service.post(browser, f"{PAGE}/{row.id}/end", page=PAGE).status_code == 303
    assert f"{PAGE}/{row.id}/again" in browser.get(PAGE).text
    service.post(browser, f"{PAGE}/{row.id}/again", page=PAGE)
    page = browser.get(PAGE).text
    assert "替您看着1样" in page
    assert "/again" not in page


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"side": "demand"}, ("葡萄·demand", "fresh", "33")),
        ({"area": "-"}, ("葡萄·supply", "fresh", "")),
        ({"area": factories.COUNTY}, ("葡萄·supply", "fresh", factories.COUNTY)),
        ({"any_form": "yes"}, ("葡萄·supply", "", "33")),
        ({"side": "none"}, ("葡萄·supply", "fresh", "33")),
    ],
)
def test_the_choices_beside_the_product_hold(
    service: Service, fields: dict[str, str], kept: tuple[str, ...]
) -> None:
    browser = service.client(service.person())
    add(service, browser, "葡萄", **fields)
    (row,) = rows(service)
    assert (row.key, row.form, row.area_code) == kept


def test_what_is_not_known_is_helped_with_and_goes_to_a_person_in_the_end(service: Service) -> None:
    browser = service.client(service.person())
    answer = add(service, browser, "萄")
    assert answer.status_code == 422
    assert 'name="pick" value="葡萄"' in answer.text
    add(service, browser, "萄", pick="葡萄")
    assert [row.concept for row in rows(service)] == ["葡萄"]
    answer = add(service, browser, "天气", ask="yes")
    assert "编号" in browser.get(answer.location).text
    with service.rows() as session:
        assert session.scalars(select(Case)).one().text.endswith("天气")
        assert session.scalars(select(Inbound)).one().channel is Channel.WEB


@pytest.mark.parametrize("product", ["", "x" * 31, "\0", "订", "<b>"])
def test_what_makes_no_sense_is_refused_and_nothing_is_noted(service: Service, product: str) -> None:
    assert add(service, service.client(service.person()), product).status_code == 422
    assert rows(service) == []


def test_a_place_that_was_not_offered_is_refused(service: Service) -> None:
    assert add(service, service.client(service.person()), "葡萄", area="110101").status_code == 422
    assert rows(service) == []


def test_the_same_again_and_too_many_are_told(service: Service) -> None:
    object.__setattr__(service.settings, "subscriptions_each", 1)
    browser = service.client(service.person())
    add(service, browser, "葡萄")
    add(service, browser, "葡萄")
    assert "早就订着了" in browser.get(PAGE).text
    full = add(service, browser, "西瓜")
    assert full.status_code == 409
    assert "订满" in full.text
    assert len(rows(service)) == 1


def test_nobody_ends_or_brings_back_somebody_elses(service: Service) -> None:
    owner, other = service.client(service.person()), service.client(service.person("罗一"))
    add(service, owner, "葡萄")
    (row,) = rows(service)
    for act in ("end", "again"):
        assert service.post(other, f"{PAGE}/{row.id}/{act}", page=PAGE).status_code == 404
    assert rows(service)[0].ended_at is None
    assert "/signin" in service.client().get(PAGE).location


def test_what_came_is_on_the_page_and_who_stopped_is_told_so(service: Service) -> None:
    buyer, seller = service.person("李小梅"), service.person("岑利民", area_code=factories.SHUIXIANG)
    browser = service.client(buyer)
    add(service, browser, "葡萄苗")
    service.publish(seller, "卖 葡萄苗 2000株 3元/株")
    watch(service.runtime.context)
    page = browser.get(PAGE).text
    assert "/posts/1001" in page
    assert seller.phone.removeprefix("+86") not in page
    assert "岑利民" not in page
    with service.write() as session:
        consent.stop(session, accounts=[buyer], purposes=consent.STOPPED, proof="inbound:x", now=service.now)
    assert "停了这类短信" in browser.get(PAGE).text


def test_the_choice_of_messages_names_subscriptions(service: Service) -> None:
    person = service.person()
    browser = service.client(person)
    assert 'value="watch:sms"' in browser.get("/me/data").text
    service.post(browser, "/me/data", yes=["watch:sms"], preferred="sms", spoken="zh")
    with service.rows() as session:
        account = session.get_one(Account, person.id)
        assert consent.allows(session, account=account, purpose=Purpose.WATCH, channel=Channel.SMS)
        assert not consent.allows(session, account=account, purpose=Purpose.WATCH, channel=Channel.VOICE)


def test_the_home_page_leads_to_it(service: Service) -> None:
    assert PAGE in service.client(service.person()).get("/me").text


def test_the_contact_point_notes_and_ends_one_for_a_person_who_is_told_so(service: Service) -> None:
    person, helper = service.person(), service.staff(Role.CONTACT, factories.TOWN, "岑美芳")
    desk = service.client(helper)
    page = f"/desk/people/{person.id}"
    assert service.post(desk, f"{page}/subscribe", page=page, text="葡萄苗").status_code == 303
    (row,) = rows(service)
    assert (row.account_id, row.form) == (person.id, "seedling")
    with service.rows() as session:
        said = session.scalars(select(Inbound)).one()
        assert (said.account_id, said.operator_id) == (person.id, helper.id)
    shown = desk.get(page).text
    assert "葡萄苗" in shown
    words = re.search(r'name="text" value="(退订[^"]+)"', shown)
    assert words is not None
    service.post(desk, f"{page}/subscribe", page=page, text=words[1])
    assert rows(service)[0].ended_at is not None
    assert service.post(desk, f"{page}/subscribe", page=page, text="天气").status_code == 422
    elsewhere = service.client(service.staff(Role.CONTACT, factories.OTHER_TOWN, "罗一"))
    refused = service.post(elsewhere, f"{page}/subscribe", page="/desk/people", text="葡萄苗")
    assert refused.status_code == 404
