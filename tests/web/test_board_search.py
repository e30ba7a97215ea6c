"""The board's search as people use it: words that are read, conditions that are taken away, a feed, a sheet for the wall."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from farmerline.domain import areas
from farmerline.models import Post, Role
from farmerline.places import place_row
from tests import factories
from tests.service import Service, open_service
from tests.site import open_site
from tests.web.fit import assert_all_fit

if TYPE_CHECKING:
    from playwright.sync_api import Page

_CHIP = re.compile(r'<a class="b" href="([^"]*)"><span class="vh">[^<]*</span>([^<]*) ×</a>')


@pytest.fixture(scope="module")
def board_file(template_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("board")
    for service in open_service(template_database, folder):
        _fill(service)
    return folder / "farmerline.db"


@pytest.fixture
def board(board_file: Path, tmp_path: Path) -> Iterator[Service]:
    """Seven posts of three people; the county of 余姚 next door is known."""
    yield from open_service(board_file, tmp_path)


def _fill(service: Service) -> None:
    with service.write() as session:
        areas.load(session, [place_row("330281", "余姚市")])
    far = service.person("岑利民", area_code=factories.SHUIXIANG)
    near = service.person("杨阿毛")
    yuyao = service.person("施小满", area_code="330281")
    for who, words in (
        (far, "卖 夏黑葡萄苗 2000株 3.2元/株"),  # 1001
        (yuyao, "卖 巨峰葡萄苗 800株 2.8元/株"),  # 1002
        (near, "卖 巨峰葡萄苗 500株 2.5元/株"),  # 1003
        (near, "卖 洋芋 800斤 1.2元/斤 自家种的"),  # 1004
        (far, "卖 土豆 2000斤 1元/斤"),  # 1005
        (yuyao, "求购 土豆 5吨"),  # 1006
        (far, "卖 葡萄 300斤 5元/斤"),  # 1007
    ):
        service.publish(who, words)


def shown(text: str) -> set[int]:
    return {int(number) for number in re.findall(r'href="/posts/(\d+)"', text)}


def chips(text: str) -> dict[str, str]:
    return {words: unescape(href) for href, words in _CHIP.findall(text)}


@pytest.mark.parametrize(
    ("words", "numbers", "read"),
    [
        ("巨峰葡萄苗 余姚", {1002}, {"巨峰葡萄苗", "余姚市"}),
        ("葡萄苗", {1001, 1002, 1003}, {"葡萄苗"}),
        ("葡萄", {1007}, {"葡萄"}),
        ("洋芋", {1004, 1005, 1006}, {"马铃薯"}),
        ("馬鈴薯", {1004, 1005, 1006}, {"马铃薯"}),
        ("求购土豆", {1006}, {"马铃薯", "求购"}),
        ("谁卖土豆", {1004, 1005}, {"马铃薯", "供应"}),
        ("土豆 自家种的", {1004}, {"马铃薯", "“自家种的”"}),
        ("杨高 土豆", {1004}, {"马铃薯", "龙山镇杨高村"}),
        ("龙山镇杨高村", {1003, 1004}, {"龙山镇杨高村"}),
        ("自家种的", {1004}, {"“自家种的”"}),
        ("", {1001, 1002, 1003, 1004, 1005, 1006, 1007}, set()),
        ("！？", {1001, 1002, 1003, 1004, 1005, 1006, 1007}, {"“！？”"}),
    ],
)
def test_words_are_read_for_a_product_and_a_place_and_the_rest_is_looked_for(
    board: Service, words: str, numbers: set[int], read: set[str]
) -> None:
    text = board.client().get(f"/?q={quote(words)}").text
    assert shown(text) == numbers
    assert set(chips(text)) == read


def test_each_condition_can_be_taken_away_and_the_rest_stays(board: Service) -> None:
    browser = board.client()
    found = chips(browser.get(f"/?q={quote('巨峰葡萄苗 余姚')}").text)
    assert shown(browser.get(found["余姚市"]).text) == {1002, 1003}
    assert shown(browser.get(found["巨峰葡萄苗"]).text) == {1002, 1006}
    assert "q=" not in found["余姚市"]


def test_the_words_can_be_looked_for_just_as_they_are_written(board: Service) -> None:
    browser = board.client()
    text = browser.get(f"/?q={quote('土豆')}").text
    link = next(href for href in re.findall(r'href="([^"]*)"', text) if "exact=1" in href)
    exact = browser.get(unescape(link)).text
    assert shown(exact) == {1005, 1006}
    form = exact[exact.index("<form") : exact.index("</form>")]
    assert 'value="土豆"' in form
    assert "exact" not in form


def test_an_address_says_all_that_is_chosen_and_can_be_handed_on(board: Service) -> None:
    address = f"/?kind=supply&product={quote('葡萄·seedling')}&place=330282&far=city&low=2.4&high=3&unit=株&sort=cheapest&days=30"
    text = board.client().get(address).text
    assert re.findall(r'href="/posts/(\d+)"', text) == ["1003", "1002"]
    feed = unescape(re.search(r'<link rel="alternate"[^>]*href="([^"]*)"', text)[1])  # type: ignore[index]
    assert parse_qs(urlsplit(feed).query) == parse_qs(urlsplit(address).query)
    for words in ("供应", "葡萄苗", "慈溪市", "全市", "2.4到3元/株", "30天以内"):
        assert words in chips(text)


def test_the_tree_leads_from_category_to_product_to_form(board: Service) -> None:
    browser = board.client()
    fruit = browser.get("/?product=fruit").text
    assert f'href="/?product={quote("葡萄")}">葡萄</a> 4' in fruit
    grape = browser.get(f"/?product={quote('葡萄')}").text
    assert shown(grape) == {1001, 1002, 1003, 1007}
    assert f'href="/?product={quote("葡萄·seedling")}">葡萄苗</a> 3' in grape
    assert f'href="/?product={quote("葡萄·fresh")}">葡萄</a> 1' in grape


@pytest.mark.parametrize(
    ("far", "numbers"),
    [
        ("", {1003, 1004}),
        ("town", {1003, 1004}),
        ("county", {1001, 1003, 1004, 1005, 1007}),
        ("city", {1001, 1002, 1003, 1004, 1005, 1006, 1007}),
        ("10", {1003, 1004}),
        ("30", {1001, 1003, 1004, 1005, 1007}),
        ("100", {1001, 1002, 1003, 1004, 1005, 1006, 1007}),
        ("9999", {1003, 1004}),
    ],
)
def test_a_place_reaches_as_far_as_the_reader_says(board: Service, far: str, numbers: set[int]) -> None:
    text = board.client().get(f"/?place={factories.YANGGAO}&far={far}").text
    assert shown(text) == numbers
    assert ("只能估" in text) == (far in {"10", "30", "100"})


def test_a_town_shows_its_villages_and_other_provinces_can_be_chosen(board: Service) -> None:
    text = board.client().get(f"/?place={factories.TOWN}").text
    assert f'value="{factories.YANGGAO}">杨高村' in text
    assert 'value="31">上海市' in text
    assert text.index('label="本县"') < text.index('label="外省"')


def test_an_empty_list_says_which_condition_to_leave_out(board: Service) -> None:
    text = board.client().get(f"/?kind=demand&product={quote('葡萄·seedling')}").text
    assert "眼下没有这样的" in text
    assert f'<a href="/?product={quote("葡萄·seedling", safe="")}">不限求购</a> 3条' in text.replace(
        "%C2%B7", "%C2%B7"
    )
    assert "不限葡萄苗</a> 1条" in text


ODD = (
    "q=" + "葡" * 1000, "q=%22%27%2A%28%29%5E%00%0A", "q=%F0%A0%AE%B7", "product=" + "x" * 3000, "product=%C2%B7%C2%B7%C2%B7",
    "place=99&far=km", "place=%D9%A3%D9%A3", "low=abc&high=-3&unit=%3Cb%3E", "low=1e9", "low=%EF%BC%93", "sort=worst&page=0",
    "page=9999&sort=nearest", "days=0", "form=gold", "kind=supply&kind=supply&kind=%27",
)  # fmt: skip


@pytest.mark.parametrize("page", ["/", "/feed", "/wall"])
def test_no_address_is_an_error(board: Service, page: str) -> None:
    for question in ODD:
        answer = board.client().get(f"{page}?{question}")
        assert answer.status_code == 200, question
        assert b"<b>" not in answer.data or page != "/feed", question


def test_the_feed_is_valid_and_names_nobody(board: Service) -> None:
    answer = board.client().get(f"/feed?product={quote('葡萄·seedling')}&place=330282")
    assert answer.mimetype == "application/rss+xml"
    channel = ElementTree.fromstring(answer.data).find("channel")
    assert channel is not None
    assert channel.findtext("title") == "葡萄苗 · 慈溪市 — 农信通达·慈溪"
    assert int(channel.findtext("ttl") or 0) > 0
    items = channel.findall("item")
    assert [item.findtext("guid") for item in items] == [
        f"http://127.0.0.1:8000/posts/{number}" for number in (1003, 1001)
    ]
    assert [item.findtext("title") for item in items] == ["供应 巨峰葡萄苗，500株", "供应 夏黑葡萄苗，2000株"]
    assert parsedate_to_datetime(items[0].findtext("pubDate") or "") == board.now
    text = answer.text
    assert "岑**" in text and "岑利民" not in text
    assert not re.search(r"1[3-9]\d{9}", text)


def test_the_feed_is_sent_again_only_when_it_has_changed(board: Service) -> None:
    browser = board.client()
    first = browser.get("/feed")
    mark, since = first.headers["ETag"], first.headers["Last-Modified"]
    assert "max-age" in first.headers["Cache-Control"]
    again = browser.get("/feed", headers={"If-None-Match": mark})
    assert (again.status_code, again.data) == (304, b"")
    assert "no-store" not in again.headers.get("Cache-Control", "")
    assert browser.get("/feed", headers={"If-Modified-Since": since}).status_code == 304
    board.clock.advance(timedelta(hours=1))
    board.publish(board.person("王一一"), "卖 西兰花 100斤 1元/斤")
    assert browser.get("/feed", headers={"If-None-Match": mark}).status_code == 200
    assert browser.get("/feed", headers={"If-Modified-Since": since}).status_code == 200


def test_the_feed_holds_fifty_posts_at_most(service: Service) -> None:
    owner = service.person()
    for number in range(52):
        service.publish(owner, f"卖 西兰花 {100 + number}斤 1.5元/斤")
    text = service.client().get("/feed").text
    assert text.count("<item>") == 50
    assert len(text) < 50_000
    assert service.client().get("/feed?lang=en").text.count("<title>supply 西兰花") == 50


def test_the_sheet_names_numbers_and_how_to_answer_and_no_telephone_of_a_person(board: Service) -> None:
    text = board.client().get(f"/wall?place={factories.TOWN}").text
    for words in ("龙山镇", "有人卖", "1003号", "2.5元/株", "查1001", "0574-00002169", "<svg"):
        assert words in text
    assert "有人买" not in text
    assert "1001号" not in text
    assert not re.search(r"1[3-9]\d{9}", text)


def test_a_number_on_the_wall_is_answered_by_text_in_two_parts_at_most(board: Service) -> None:
    reader = board.person("陈小梅")
    told = " ".join(board.text(reader, "查1003").replies)
    assert "1003" in told and "巨峰葡萄苗" in told and "0574-00002169" in told
    assert len(told) <= 134
    assert "现在没有合适的" in " ".join(board.text(reader, "查1999").replies)
    with board.write() as session:
        post = session.scalars(select(Post).where(Post.number == 1003)).one()
        post.state = "withdrawn"
    assert "巨峰" not in " ".join(board.text(reader, "查1003").replies)


def test_a_thing_nobody_knows_is_found_by_like_words(board: Service) -> None:
    with board.write() as session:
        post = session.scalars(select(Post).where(Post.number == 1007)).one()
        post.text = "卖青花瓷碗一批，不用了"
        from farmerline.domain import post_words

        post_words.keep(session, post)
    reader = board.person("陈小梅")
    assert "1007" in " ".join(board.text(reader, "查 青花瓷碗").replies)
    assert "现在没有合适的" in " ".join(board.text(reader, "查 火星石").replies)


def test_the_contact_point_prints_its_towns_list_with_one_link(board: Service) -> None:
    contact = board.staff(Role.CONTACT, factories.YANGGAO)
    assert f'href="/wall?place={factories.TOWN}"' in board.client(contact).get("/desk").text


@pytest.fixture
def site(board: Service) -> Iterator[str]:
    with open_site(board.app) as address:
        yield address


@pytest.mark.browser
@pytest.mark.long
def test_the_pages_fit_a_phone_and_a_desk(page: Page, site: str) -> None:
    assert_all_fit(
        page,
        site,
        [
            f"/?q={quote('巨峰葡萄苗 余姚')}",
            f"/?kind=demand&product={quote('葡萄·seedling')}",
            f"/?place={factories.YANGGAO}&far=30&sort=nearest&low=1&high=3",
            "/wall",
        ],
    )


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sheet_is_one_page_however_much_there_is(service: Service, page: Page, language: str) -> None:
    owner = service.person()
    for number in range(30):
        verb = "求购" if number % 2 else "卖"
        service.publish(
            owner,
            f"{verb} 夏黑葡萄苗{1000 + number}株、杨梅苗{3000 + number}株、桃苗 {number + 10.5}元/株 龙山镇",
        )
    with open_site(service.app) as address:
        page.goto(f"{address}/wall?lang={language}")
        printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
