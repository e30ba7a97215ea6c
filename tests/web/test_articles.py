"""Articles on pages: written, looked over, read by a second person, issued; read by everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from farmerline.clock import local
from farmerline.models import Role
from tests.factories import COUNTY, NOW, SHUIXIANG
from tests.service import Service

START = "/publish/articles"
TODAY = local(NOW).date()
FORM = {
    "kind": "policy", "area_code": COUNTY, "title": "冬种油菜有补贴", "short_text": "种油菜每亩补150元，到村联络点登记。",
    "voice_text": "今年冬天种油菜，每亩补一百五十元，请到村联络点登记。", "full_text": "种油菜每亩补150元。12月10日前到村联络点登记。",
    "source": "县农业农村局", "valid_from": str(TODAY), "valid_until": str(TODAY + timedelta(days=20)), "crops": "油菜", "term": "",
}  # fmt: skip


def test_an_article_goes_from_draft_to_everybody_by_two_people(service: Service) -> None:
    """M09."""
    writer = service.client(service.staff(Role.PUBLISHER, COUNTY, "沈秋月"))
    reader = service.client(service.staff(Role.OFFICER, COUNTY, "岑植保"))
    tried = service.post(writer, f"{START}/new", **FORM, **{"try": "1"})
    assert "好懂" in tried.text and "冬种油菜有补贴" in tried.text
    made = service.post(writer, f"{START}/new", **FORM)
    at = made.location
    assert made.status_code == 303 and "要有第二个人看过" in writer.get(at).text
    assert "发布</button>" not in writer.get(at).text
    assert "等您看的：1篇" in reader.get(START).text
    assert service.post(reader, f"{at}/check", page=at).status_code == 303
    assert service.post(writer, f"{at}/issue", page=at).status_code == 303
    public = service.client()
    assert "冬种油菜有补贴" in public.get("/articles").text
    assert "冬种油菜有补贴" in public.get("/articles?q=油菜").text
    assert "眼下没有这样的文章" in public.get("/articles?kind=variety").text
    page = public.get("/articles/1001").text
    assert "沈秋月写" in page and "岑植保看过" in page and "县农业农村局" in page
    assert service.post(writer, f"{at}/withdraw", page=at, why="数字写错了").status_code == 303
    gone = public.get("/articles/1001").text
    assert "已撤下：数字写错了" in gone and "每亩补150元" not in gone


def test_what_was_typed_stays_when_something_is_missing(service: Service) -> None:
    writer = service.client(service.staff(Role.PUBLISHER, COUNTY, "沈秋月"))
    answer = service.post(writer, f"{START}/new", **{**FORM, "source": "", "valid_until": "昨天"})
    assert answer.status_code == 422 and "请选日期" in answer.text and "冬种油菜有补贴" in answer.text
    answer = service.post(writer, f"{START}/new", **{**FORM, "source": ""})
    assert answer.status_code == 422 and "请写来源" in answer.text and "到村联络点登记" in answer.text


@pytest.mark.parametrize("role", [Role.CONTACT, Role.FARMER, Role.EXPERT])
def test_who_publishes_nothing_finds_no_such_desk(service: Service, role: Role) -> None:
    who = service.person() if role is Role.FARMER else service.staff(role, COUNTY, "沈秋月")
    browser = service.client(who)
    assert browser.get(START).status_code == 404 and browser.get(f"{START}/new").status_code == 404


def test_a_draft_is_nobodys_business_but_the_desks(service: Service) -> None:
    writer = service.client(service.staff(Role.PUBLISHER, COUNTY, "沈秋月"))
    other = service.client(service.staff(Role.PUBLISHER, SHUIXIANG, "别县的人"))
    at = service.post(writer, f"{START}/new", **FORM).location
    assert writer.get(at).status_code == 200 and other.get(at).status_code == 404
    assert "冬种油菜有补贴" not in service.client().get("/articles").text
    assert service.client().get("/articles/1001").status_code == 404
