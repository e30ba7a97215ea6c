"""Letters to the bureau on pages: written, passed on, answered, printed, let out; and nobody of elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from farmerline.domain import cases
from farmerline.models import AuditRow, BureauLetter, Case, CaseKind, Delivery, Role
from tests.factories import COUNTY, OTHER_TOWN, YANGGAO
from tests.service import Service
from tests.site import bring_session, open_site
from tests.web.fit import assert_fits

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIST = "/bureau/letters"
BODY = "村口的机耕路坏了半年，收葡萄的车进不来，什么时候修？"


def test_a_letter_goes_from_the_farmer_s_page_to_its_answer_and_into_the_guestbook(service: Service) -> None:
    """M11, M18: a number at once, a unit, a due time, an end; the promise is public; let out by a second person."""
    person = service.person("胡秀珍")
    farmer, stranger = service.client(person), service.client()
    office = service.client(service.staff(Role.PUBLISHER, name="许编辑"))
    second = service.client(service.staff(Role.ADMIN, name="高管理"))
    assert "15个工作日内" in stranger.get("/letters").text
    empty = service.post(farmer, "/me/bureau", page="/me/bureau", body="", kind="help")
    assert empty.status_code == 422 and "写上是什么事" in empty.text
    service.post(farmer, "/me/bureau", page="/me/bureau", body=BODY, kind="help", board="1")
    assert "1号" in farmer.get("/me/bureau").text and BODY[:10] in office.get(LIST).text
    where = f"{LIST}/1"
    assert "5个工作日" not in office.get(where).text and "胡秀珍" in office.get(where).text
    service.post(office, f"{where}/pass-on", page=where, unit="农机站", kind="help", handler_id="")
    assert service.post(office, f"{where}/answer", page=where, answer="").status_code == 422
    service.post(office, f"{where}/answer", page=where, answer="下月开工，葡萄上市前修好。")
    page = farmer.get("/me/bureau").text
    assert "下月开工" in page and "农机站" in page
    assert (
        "要由答复以外的人放出去" in office.get(where).text and "机耕路" not in stranger.get("/letters").text
    )
    shown = {"board_text": "村口机耕路坏了，什么时候修？", "board_answer": "葡萄上市前修好。"}
    assert service.post(office, f"{where}/show", page=where, **shown).status_code == 409
    service.post(second, f"{where}/show", page=where, **shown)
    page = stranger.get("/letters").text
    assert (
        "葡萄上市前修好" in page
        and "农机站" in page
        and "胡秀珍" not in page
        and "来1封，答1封，按时1封" in page
    )
    service.post(second, f"{where}/show", page=where, off="1")
    assert "葡萄上市前修好" not in stranger.get("/letters").text
    service.post(office, f"{where}/close", page=where, why="")
    sheet = office.get(f"{where}.pdf")
    assert sheet.mimetype == "application/pdf" and sheet.data.startswith(b"%PDF")
    with service.rows() as rows:
        acts = [
            act
            for act in rows.scalars(select(AuditRow.act).order_by(AuditRow.number))
            if act.startswith("bureau")
        ]
        texts = [row.text for row in rows.scalars(select(Delivery).where(Delivery.account_id == person.id))]
    assert acts == [f"bureau_letter.{act}" for act in ("write", "pass_on", "answer", "show", "hide", "close")]
    assert any("来信1号收到" in text for text in texts) and any("下月开工" in text for text in texts)


def test_letters_are_shut_to_everybody_else(service: Service) -> None:
    service.text(service.person("胡秀珍"), f"来信 {BODY}")
    for who in (
        service.staff(Role.PUBLISHER, OTHER_TOWN, "马小青"), service.staff(Role.EXPERT, name="励志明"), service.person("罗一"),
        service.staff(Role.CONTACT, YANGGAO, "岑美芳"),
    ):  # fmt: skip
        browser = service.client(who)
        for page in (f"{LIST}/1", f"{LIST}/1.pdf", f"{LIST}/0", f"{LIST}/9"):
            assert browser.get(page).status_code == 404, (who.name, page)
        assert BODY[:10] not in browser.get(LIST).text
        for act in ("pass-on", "answer", "close", "show"):
            answer = service.post(
                browser,
                f"{LIST}/1/{act}",
                page="/me/password",
                answer="好的",
                why="不归我们",
                unit="站",
                kind="help",
            )
            assert answer.status_code == 404, (who.name, act)
    with service.rows() as rows:
        assert rows.scalars(select(BureauLetter)).one().state == "received"


def test_the_contact_point_passes_on_what_was_said_on_the_telephone(service: Service) -> None:
    person = service.person("胡秀珍")
    helper = service.client(service.staff(Role.CONTACT, YANGGAO, "岑美芳"))
    other = service.client(service.staff(Role.CONTACT, OTHER_TOWN, "马小青"))
    with service.write() as rows:
        case = cases.open_case(
            rows, kind=CaseKind.MESSAGE, area_code=person.area_code, text="路坏了", now=service.now,
            account=rows.get_one(type(person), person.id),
        )  # fmt: skip
        number = case.number
    where = f"/desk/cases/{number}"
    assert service.post(other, f"{where}/letter", page="/me/password", body=BODY).status_code == 404
    assert "这是给局里的" in helper.get(where).text
    service.post(helper, f"{where}/letter", page=where, body=BODY)
    with service.rows() as rows:
        letter = rows.scalars(select(BureauLetter)).one()
        assert (letter.from_id, letter.body, letter.channel) == (person.id, BODY, "voice")
        assert rows.scalars(select(Case)).one().state == "closed"


@pytest.mark.browser
@pytest.mark.long
def test_the_pages_fit_their_screens(service: Service, page: Page) -> None:
    person, office = service.person("欧阳秀珍"), service.staff(Role.PUBLISHER, COUNTY, "许编辑")
    service.text(person, f"来信 {BODY * 3}")
    service.text(person, f"投诉 {BODY}")
    with open_site(service.app) as site:
        for who, places in ((office, (LIST, f"{LIST}/1")), (person, ("/me/bureau", "/letters"))):
            bring_session(page, site, service.client(who))
            for width in (360, 1280):
                page.set_viewport_size({"width": width, "height": 740})
                for where in places:
                    for more in ("lang=en&big=0", "lang=zh&big=1"):
                        page.goto(f"{site}{where}?{more}")
                        assert_fits(page)
