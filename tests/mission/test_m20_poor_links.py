"""M20, poor links: the pages of a contact point are light, and a form sent twice on a bad line is stored once."""

from __future__ import annotations

from farmerline.models import Inbound, Role
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
