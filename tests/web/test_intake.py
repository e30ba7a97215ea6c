"""The intake board, units, links, the farm calendar and the month on pages; an article's photo; who finds none of them."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from farmerline.clock import local
from farmerline.domain.links import note
from farmerline.models import Article, Link, Role, Submission, Unit
from tests.factories import COUNTY, NOW, TOWN, YANGGAO
from tests.service import Service, mark

TODAY = local(NOW).date()


def id_of(service: Service, model: type[Submission | Unit | Link | Article]) -> str:
    with service.rows() as rows:
        return str(rows.query(model).one().id)


def test_a_contact_points_news_goes_over_the_board_into_an_article(service: Service) -> None:
    contact = service.client(service.staff(Role.CONTACT, YANGGAO, "杨联络"))
    writer = service.client(service.staff(Role.PUBLISHER, COUNTY, "沈秋月"))
    assert "/me/items" in contact.get("/me").text
    short = service.post(contact, "/me/items", text="好")
    assert short.status_code == 422 and "6到4000个字" in short.text
    assert service.post(contact, "/me/items", text="杨梅园里有枯枝病，五棵里有一棵。").status_code == 303
    assert "还没人看" in contact.get("/me/items").text
    assert "来稿：1条" in writer.get("/publish/articles").text
    assert "有1条来稿等您看" in writer.get("/publish/intake").text
    at = f"/publish/intake/{id_of(service, Submission)}"
    assert "杨梅园里有枯枝病" in writer.get(at).text
    taken = service.post(writer, f"{at}/take", page=at, kind="work", area_code=COUNTY)
    assert taken.status_code == 303 and "杨梅园里有枯枝病" in writer.get(taken.location).text
    article = f"/publish/articles/{id_of(service, Article)}"
    assert service.post(writer, f"{article}/issue", page=article).status_code == 303
    told = contact.get("/me/items").text
    assert "用上了" in told and "编号1001" in told
    assert "龙山镇杨高村联络点" in service.client().get("/articles/1001").text
    again = service.post(writer, f"{at}/return", page="/publish/links", why="不要")
    assert again.status_code == 409


def test_a_submission_is_returned_with_a_reason(service: Service) -> None:
    contact = service.client(service.staff(Role.CONTACT, YANGGAO, "杨联络"))
    writer = service.client(service.staff(Role.PUBLISHER, COUNTY, "沈秋月"))
    service.post(contact, "/me/items", text="杨梅园里有枯枝病，五棵里有一棵。")
    at = f"/publish/intake/{id_of(service, Submission)}"
    assert service.post(writer, f"{at}/return", page=at, why="").status_code == 422
    assert service.post(writer, f"{at}/return", page=at, why="请写清哪个园").status_code == 303
    assert "没用：请写清哪个园" in contact.get("/me/items").text


def test_a_liaison_is_changed_by_a_form_and_confirms_on_a_page(service: Service) -> None:
    admin = service.client(service.staff(Role.ADMIN, COUNTY, "徐管理"))
    person = service.person("罗镇农")
    made = service.post(admin, "/admin/units", name="龙山镇农办", kind="town", area_code=TOWN)
    assert "没有联络员" in admin.get("/admin/units").text
    wrong = service.post(
        admin, f"{made.location}/liaison", page=made.location, phone="13900009999", since=str(TODAY)
    )
    assert wrong.status_code == 422 and "对不上登记的人" in wrong.text
    assert (
        service.post(
            admin, f"{made.location}/liaison", page=made.location, phone=person.phone, since=str(TODAY)
        ).status_code
        == 303
    )
    assert "罗镇农" in admin.get(made.location).text
    service.clock.moment = NOW + timedelta(days=91)
    assert (
        "1个单位的联络员90天没确认"
        in service.client(service.staff(Role.ADMIN, COUNTY, "徐二")).get("/reports/month").text
    )
    mine = service.client(person)
    assert "您还是龙山镇农办的联络员吗" in mine.get("/me/items").text
    assert service.post(mine, f"/me/items/still/{id_of(service, Unit)}", page="/me/items").status_code == 303
    assert "您还是龙山镇农办的联络员吗" not in mine.get("/me/items").text


def test_links_are_kept_shown_and_marked_when_dead(service: Service) -> None:
    writer = service.client(service.staff(Role.PUBLISHER, COUNTY, "沈秋月"))
    form = {
        "link": "https://example.test/farm",
        "title": "省农业农村厅",
        "about": "政策",
        "heading": "政府",
    }
    assert service.post(writer, "/publish/links", **{**form, "link": "ftp://x"}).status_code == 422
    assert service.post(writer, "/publish/links", **form).status_code == 303
    assert 'href="https://example.test/farm"' in service.client().get("/links").text
    with service.write() as rows:
        note(rows, rows.query(Link).one().id, "404", now=NOW)
    page = service.client().get("/links").text
    assert 'href="https://example.test/farm"' not in page and "打不开" in page
    assert "1个链接打不开" in writer.get("/publish/links").text
    service.post(writer, f"/publish/links/{id_of(service, Link)}/remove", page="/publish/links")
    assert "还没有链接" in service.client().get("/links").text


def test_a_line_of_the_calendar_becomes_a_draft(service: Service) -> None:
    writer = service.client(service.staff(Role.PUBLISHER, COUNTY, "沈秋月"))
    page = writer.get("/publish/calendar").text
    assert "立冬" in page and "小雪" in page and "芒种" not in page
    assert "芒种" in writer.get("/publish/calendar?all=1").text
    made = service.post(writer, "/publish/calendar/35", page="/publish/calendar")
    assert made.status_code == 303 and "农事历" in writer.get(made.location).text
    assert service.post(writer, "/publish/calendar/999", page="/publish/calendar").status_code == 404


def test_an_article_has_a_photo_with_words_for_who_cannot_see_it(service: Service) -> None:
    from tests.web.test_articles import FORM

    writer = service.client(service.staff(Role.PUBLISHER, COUNTY, "沈秋月"))
    picture = BytesIO()
    Image.new("RGB", (30, 20), "green").save(picture, "PNG")

    def send(says: str) -> object:
        form = {
            **FORM,
            "kind": "work",
            "photo_says": says,
            "csrf_token": mark(writer, "/publish/articles/new"),
        }
        picture.seek(0)
        sent = {**form, "photo": (BytesIO(picture.getvalue()), "a.png")}
        return writer.post("/publish/articles/new", data=sent, content_type="multipart/form-data")

    assert send("").status_code == 422  # type: ignore[attr-defined]
    at = send("油菜苗").location  # type: ignore[attr-defined]
    public = service.client()
    assert writer.get(f"{at}/photo.jpg").mimetype == "image/jpeg"
    assert public.get("/articles/1001/photo.jpg").status_code == 404
    service.post(writer, f"{at}/issue", page=at)
    assert 'alt="油菜苗"' in public.get("/articles/1001").text
    assert public.get("/articles/1001/photo.jpg").data[:2] == b"\xff\xd8"


def test_the_month_is_a_page_a_towns_sheet_and_a_file(service: Service) -> None:
    admin = service.client(service.staff(Role.ADMIN, COUNTY, "徐管理"))
    page = admin.get("/reports/month").text
    assert "龙山镇" in page and "怎么算" in page
    assert "<h1>龙山镇 2026-11</h1>" in admin.get(f"/reports/month?town={TOWN}").text
    assert "龙山镇" in admin.get("/reports/month.csv").get_data(as_text=True)
    assert admin.get("/reports/month?month=2027-01").status_code == 422
    assert admin.get("/reports/month?town=330281001").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["/publish/intake", "/publish/links", "/publish/calendar", "/admin/units", "/reports/month", "/me/items"],
)
def test_a_farmer_finds_none_of_these_desks(service: Service, address: str) -> None:
    farmer = service.client(service.person())
    assert farmer.get(address).status_code == 404
    assert service.client().get(address).status_code == 303  # a stranger is asked to sign in
