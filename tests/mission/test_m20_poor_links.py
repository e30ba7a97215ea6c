"""M20, poor links: light pages, a form sent twice is stored once, and a page for the days without any line."""

from __future__ import annotations

import io
import json

from farmerline.models import Inbound, Role
from jobs import packs
from tests import factories
from tests.service import Service

PAGES = (
    "/",
    "/desk",
    "/desk/people",
    "/desk/enrol",
    "/me",
    "/me/letters",
    "/me/write?use=sell",
    "/static/style.css",
)
MOST = 50_000


def test_the_contact_points_pages_are_light_and_its_forms_harmless_twice(service: Service) -> None:
    """M20."""
    for number in range(60):
        service.person(f"杨{'一二三四五六'[number % 6]}根")
    contact = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络")
    browser = service.client(contact)
    for page in PAGES:
        with browser.get(page, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.status_code == 200, page
            assert len(answer.data) < MOST / 3, page
    form = browser.get("/me/write?use=sell").text
    key = {
        name: form.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("csrf_token", "once")
        if f'name="{name}"' in form
    }
    sent = [
        browser.post("/me/write", data={**key, "use": "sell", "text": "西兰花3000斤1.5元一斤"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in sent] == [303, 303]
    with service.rows() as rows:
        assert rows.query(Inbound).count() == 1


def test_a_day_without_a_line_goes_up_later_and_twice_does_no_harm(service: Service) -> None:
    """M20: a page to take along at night; what was noted on it comes up in one file."""
    contact = service.staff(Role.CONTACT, factories.YANGGAO, "杨联络")
    farmer = service.person("杨大山")
    packs.make(service.runtime.context)
    browser = service.client(contact)
    taken = browser.get(f"/desk/pack/{factories.YANGGAO}.html")
    assert "杨大山" in taken.text and len(taken.data) <= 200_000
    noted = {"key": "n-1-2-3", "kind": "post", "person": farmer.id, "text": "卖葡萄苗2000株 3元一株"}
    file = "\n".join(json.dumps(one) for one in ({"pack": factories.YANGGAO}, noted)).encode()
    for _ in range(2):
        service.post(browser, "/desk/pack", file=(io.BytesIO(file), "pack.txt"))
    assert "他手机上会收到" in browser.get("/desk/pack").text
    with service.rows() as rows:
        assert rows.query(Inbound).count() == 1
