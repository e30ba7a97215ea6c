"""The experts' desk: who waits, one question from listening to the answer, the roster; and nobody of elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from farmerline.domain import advice, articles, shifts
from farmerline.models import (
    Account,
    Article,
    AuditRow,
    Call,
    Case,
    CaseAnswer,
    CaseKind,
    Delivery,
    Recording,
    Role,
    Shift,
)
from tests.domain.talking import WAV
from tests.factories import COUNTY, OTHER_TOWN, YANGGAO
from tests.service import Service
from tests.site import bring_session, open_site
from tests.web.fit import assert_fits

if TYPE_CHECKING:
    from playwright.sync_api import Page

DUTY = "/expert/duty"
SHORT = "像是缺镁,不用打药。叶面喷硫酸镁,隔10天再喷一次。"


@pytest.fixture
def adviser(service: Service) -> Account:
    return service.staff(Role.EXPERT, name="励志明")


@pytest.fixture
def desk(service: Service, adviser: Account) -> FlaskClient:
    return service.client(adviser)


def ask(
    service: Service,
    name: str = "胡秀珍",
    text: str = "问 葡萄叶子发黄,从下面黄上来,怎么办",
    *,
    spoken: bool = False,
) -> int:
    """A question that waits; its number."""
    farmer = service.person(name)
    service.text(farmer, text)
    with service.write() as rows:
        case = rows.scalars(
            select(Case).where(Case.kind == CaseKind.QUESTION, Case.account_id == farmer.id)
        ).one()
        if spoken:
            call = Call(
                gateway="voice", ref=f"CA{case.id}", caller=str(farmer.phone), data={}, started_at=service.now
            )
            rows.add(call)
            rows.flush()
            recording = Recording(
                call_id=call.id, account_id=farmer.id, use="ask", seconds=38, sound=WAV, at=service.now
            )
            rows.add(recording)
            rows.flush()
            case.recording_id, case.inbound_id = recording.id, None
        return case.number


def sent(service: Service) -> list[str]:
    with service.rows() as rows:
        return [row.text for row in rows.scalars(select(Delivery).order_by(Delivery.created_at, Delivery.id))]


def test_a_question_is_heard_answered_and_kept_for_others(service: Service, desk: FlaskClient) -> None:
    """From the list to the farmer's answer, and on to the store of answers by a second person."""
    number = ask(service, spoken=True)
    page = desk.get("/expert").text
    assert "1个人在等答复" in page and "胡秀珍" in page and "电话留言38秒" in page
    where = f"/expert/cases/{number}"
    page = desk.get(where).text
    assert f"{where}/recording.wav" in page and "139" not in page.partition("<main")[2]
    assert desk.get(f"{where}/recording.wav").data == WAV
    service.post(desk, f"{where}/write-down", page=where, text="葡萄叶子发黄,从下面黄上来,怎么办")
    shown = service.post(desk, f"{where}/phone", page=where)
    assert shown.status_code == 303
    empty = service.post(desk, f"{where}/answer", page=where, short="", full="从老叶先黄。")
    assert empty.status_code == 422 and "先说怎么做" in empty.text and "从老叶先黄。" in empty.text
    assert (
        service.post(desk, f"{where}/answer", page=where, short=SHORT, full="从老叶先黄。").status_code == 303
    )
    assert any(text.startswith(SHORT) and "有用回1" in text for text in sent(service))
    page = desk.get(where).text
    assert "励志明答了" in page and "还没说有没有用" in page and "没有人在等答复" in desk.get("/expert").text
    again = service.post(desk, f"{where}/answer", page=where, short=SHORT)
    assert again.status_code == 409
    service.post(
        desk,
        f"{where}/store",
        page=where,
        title="葡萄叶子从下面发黄",
        question="葡萄叶子从下面往上发黄怎么办?",
    )
    with service.rows() as rows:
        article = rows.scalars(select(Article)).one()
        acts = set(rows.scalars(select(AuditRow.act)))
    assert (article.kind, article.short_text, article.source) == (articles.ANSWER, SHORT, "励志明")
    assert {"recording.hear", "number.show", "case.close", "case.write_down", "article.write"} <= acts
    publisher = service.client(service.staff(Role.PUBLISHER, name="许编辑"))
    for act in ("check", "issue"):
        assert (
            service.post(
                publisher, f"/publish/articles/{article.id}/{act}", page="/publish/articles"
            ).status_code
            == 303
        )
    number = ask(service, "马小青", "问 葡萄叶子从下面发黄了怎么办")
    page = desk.get(f"/expert/cases/{number}").text
    assert "像这样的答过" in page and "葡萄叶子从下面发黄" in page
    assert SHORT in desk.get(f"/expert/cases/{number}?take=0").text.partition('name="short"')[2]


def test_hours_are_kept_with_forms_and_shown_for_the_week(
    service: Service, desk: FlaskClient, adviser: Account
) -> None:
    other = service.staff(Role.EXPERT, name="余海燕")
    assert "还没有排班" in desk.get(DUTY).text
    area = {"area": COUNTY, "page": DUTY}
    every = [str(day) for day in range(7)]
    service.post(
        desk, f"{DUTY}/add", account_id=adviser.id, weekday=every, starts="0:00", ends="24:00", **area
    )
    page = desk.get(DUTY).text
    assert "现在值班：励志明" in page and page.count("0:00—24:00") == 14
    today = (service.now + timedelta(hours=8)).date().isoformat()
    service.post(desk, f"{DUTY}/stand-in", day=today, account_id=adviser.id, substitute_id=other.id, **area)
    service.post(desk, f"{DUTY}/field", account_id=other.id, field="蔬菜", **area)
    assert "现在值班：余海燕" in desk.get(DUTY).text and "余海燕，蔬菜" in desk.get("/expert").text
    service.post(desk, f"{DUTY}/day", day=today, weekday="", name="国庆节", **area)
    page = desk.get(DUTY).text
    assert "现在没有人值班" in page and "国庆节" in page
    wrong = service.post(
        desk, f"{DUTY}/add", account_id=adviser.id, weekday=["1"], starts="25:00", ends="x", **area
    )
    assert wrong.status_code == 422 and "早的在前" in wrong.text
    with service.rows() as rows:
        shift = rows.scalars(select(Shift)).first()
    service.post(desk, f"{DUTY}/remove", shift_id=shift.id, **area)
    with service.rows() as rows:
        assert len(rows.scalars(select(Shift)).all()) == 6
        assert [one.name for one in shifts.experts(rows, COUNTY)] == ["励志明", "余海燕"]


def test_the_desk_is_shut_to_everybody_else(service: Service, adviser: Account) -> None:
    number = ask(service)
    far = service.staff(Role.EXPERT, OTHER_TOWN, "马小青")
    for who in (service.staff(Role.CONTACT, YANGGAO, "岑美芳"), service.person("罗一"), far):
        browser = service.client(who)
        where = f"/expert/cases/{number}"
        assert browser.get(where).status_code == 404
        assert browser.get(f"{where}/recording.wav").status_code == 404
        for act in ("answer", "speak", "write-down", "hand-over", "phone", "store", "board"):
            answer = service.post(
                browser, f"{where}/{act}", page="/me/password", short="x", text="xx", to_id=adviser.id
            )
            assert answer.status_code == 404, act
        for act in ("add", "day", "stand-in", "field", "remove", "day/drop", "back"):
            answer = service.post(
                browser, f"{DUTY}/{act}", page="/me/password", area=COUNTY, account_id=adviser.id, weekday="1", starts="8:00",
                ends="9:00", day="2030-01-01", field="x",
            )  # fmt: skip
            assert answer.status_code == 404, act
    with service.rows() as rows:
        assert not rows.scalars(select(CaseAnswer)).all() and not rows.scalars(select(Shift)).all()


def test_a_question_on_the_open_board_has_no_name_and_its_expert_has_one(
    service: Service, desk: FlaskClient, adviser: Account
) -> None:
    """M18: an open board with named experts; what waits over 48 hours goes to a person."""
    farmer = service.client(service.person("胡秀珍"))
    stranger = service.client()
    for board, text in (("1", "我家胡秀珍的葡萄叶子发黄怎么办"), ("", "梨树叶子上有黑斑怎么办")):
        service.post(farmer, "/me/write", page="/me/write?use=ask", use="ask", text=text, board=board)
    with service.rows() as rows:
        shown, private = rows.scalars(select(Case).order_by(Case.number))
    assert (shown.board_asked, private.board_asked) == (True, False)
    assert "葡萄" not in stranger.get("/questions").text
    where = f"/expert/cases/{shown.number}"
    refused = service.post(desk, f"{where}/board", page=where, board="打13900000001问葡萄")
    assert refused.status_code == 422 and "不要写电话" in refused.text
    assert (
        service.post(
            desk, f"/expert/cases/{private.number}/board", page=where, board="梨树有黑斑"
        ).status_code
        == 409
    )
    service.post(desk, f"{where}/board", page=where, board="葡萄叶子发黄怎么办?")
    page = stranger.get("/questions").text
    assert "葡萄叶子发黄怎么办?" in page and "还剩" in page and "胡秀珍" not in page and "梨树" not in page
    service.post(desk, f"{DUTY}/field", page=DUTY, area=COUNTY, account_id=adviser.id, field="果树")
    with service.write() as rows:
        assert advice.pass_on_late(rows, now=service.now + timedelta(hours=49)) == 2
    assert "在励志明那里" in stranger.get("/questions").text
    service.post(desk, f"{where}/answer", page=where, short=SHORT)
    page = stranger.get("/questions?q=葡萄").text
    assert SHORT in page and "励志明，果树答了" in page
    service.post(desk, f"{where}/board", page=where, off="1")
    assert SHORT not in stranger.get("/questions").text


@pytest.mark.browser
@pytest.mark.long
def test_the_pages_fit_their_screens(service: Service, adviser: Account, page: Page) -> None:
    for at, text in enumerate(
        (
            "问 葡萄叶子从最下面的老叶开始一片一片地发黄发脆往上走掉了一半怎么办" * 3,
            "问 梨树叶子上有黑斑",
            "问 杨梅今年还能移栽吗",
        )
    ):
        number = ask(service, f"欧阳秀{at}", text, spoken=at == 0)
    service.staff(Role.EXPERT, name="余海燕")
    browser = service.client(adviser)
    service.post(
        browser, f"{DUTY}/add", page=DUTY, area=COUNTY, account_id=adviser.id, weekday=list("0123456"), starts="0:00",
        ends="24:00",
    )  # fmt: skip
    with open_site(service.app) as site:
        bring_session(page, site, browser)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            for where in ("/expert", f"/expert/cases/{number - 2}", DUTY, "/questions"):
                for more in ("lang=en&big=0", "lang=zh&big=1"):
                    page.goto(f"{site}{where}?{more}")
                    assert_fits(page)
