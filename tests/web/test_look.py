"""Every page is whole, light and safe, in both languages; in a real browser it fits a phone and a desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import html5lib
import pytest
from flask import Flask, render_template

from farmerline.domain.seasons import TERMS
from farmerline.words import sentences
from tests.site import open_site
from tests.web.fit import assert_fits
from tests.web.look_samples import LINE, NAMES, make_app

if TYPE_CHECKING:
    from playwright.sync_api import Page

ENTRIES = [f"{name}?lang={lang}" for name in NAMES for lang in ("zh", "en")]

WORDS = {
    "board": (
        "供求",
        "我也要发一条",
        "还有60天到期",
        "△ 还有4天到期",
        "12公里",
        "本村",
        "打电话说的，联络点代写",
    ),
    "board?lang=en": (
        "Supply and demand",
        "Post your own",
        "60 days left",
        "△ 4 days left",
        "12 km",
        "this village",
    ),
    "board-none": ("眼下没有这样的", "按2，说要什么"),
    "board-none?lang=en": ("Nothing like that just now", "press 2 and say what you need"),
    "post": ("和您求的对得上", "要，帮我问他", "两边都说要，才互给电话", "1A12", "退出"),
    "post?lang=en": ("It fits what you look for", "Yes, ask for me", "Only when both say yes", "Sign out"),
    "post-stranger": ("合您的意吗", "登录", "没登记过"),
    "post-phone": ("打给岑利民", "这是公用电脑", "3分钟没人动", "用完了，退出"),
    "post-phone?lang=en": ("Call 岑利民", "This is a shared computer", "Done, sign me out"),
    "signin": ("手机号", "密码", "带身份证到村里的联络点"),
    "signin?lang=en": ("Phone number", "Password", "identity card"),
    "signin-wrong": ("有2处要改", "少一位，请再看一遍", "6位动态码", 'value="1380000552"'),
    "error": ("不是您的错", "您写的还在下面", "再存一次", "7K3"),
    "error?lang=en": ("it is not your fault", "What you wrote is still below", "Send it again", "7K3"),
    "error-404": ("这一页没有", "回首页"),
    "error-404?lang=en": ("This page is not here", "To the start page"),
    "empty": ("您还没发过东西", "说一句", "按1"),
    "about-data": ("您的资料怎么用", "谁看得到", "回TD", "注销"),
    "about-data?lang=en": ("Your data, and who sees it", "Who sees it", "answer TD"),
    "desk": ("杨高村联络点", "岑美芳，联络员", "退出"),
    "parts": ("已写51字，还能写7字", "要分2条发", "演练，不是真的", "■■■□"),
    "parts?lang=en": ("51 signs written, 7 left", "Drill, not real"),
}


@pytest.fixture(scope="module")
def app() -> Flask:
    app = make_app()
    app.jinja_env.globals["csrf_token"] = lambda: "mark-of-our-forms"
    return app


def fetch(app: Flask, address: str) -> str:
    answer = app.test_client().get(f"/{address}")
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("address", ENTRIES)
def test_a_page_is_faultless_html_without_inline_script_or_style_and_small(app: Flask, address: str) -> None:
    """M20."""
    text = fetch(app, address)
    html5lib.HTMLParser(strict=True).parse(text)
    assert not re.search(r"<style|\sstyle=|<script(?! src=)|\son\w+=|javascript:", text)
    assert len(text.encode()) < 50_000
    language = "en" if "lang=en" in address else "zh-CN"
    assert text.lstrip().startswith(f'<!doctype html>\n<html lang="{language}"')


@pytest.mark.parametrize("address", ENTRIES)
def test_a_page_names_the_telephone_and_the_other_language_and_its_labels_find_their_fields(
    app: Flask, address: str
) -> None:
    text = fetch(app, address)
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    assert LINE in text
    assert ("lang=zh" if "lang=en" in address else "lang=en") in text
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for label in tree.iter("label"):
        assert label.get("for") in ids or label.find("input") is not None
    for link in tree.iter("a"):
        target = link.get("href")
        assert target
        if target.startswith("#") and not address.startswith("parts"):
            assert target[1:] in ids


@pytest.mark.parametrize("address", ENTRIES)
def test_a_posted_form_carries_the_mark_against_forgery(app: Flask, address: str) -> None:
    for form in html5lib.parse(fetch(app, address), namespaceHTMLElements=False).iter("form"):
        marks = [field.get("value") for field in form.iter("input") if field.get("name") == "csrf_token"]
        assert marks == (["mark-of-our-forms"] if form.get("method") == "post" else [])


@pytest.mark.parametrize("address", WORDS)
def test_a_page_says_what_its_reader_needs(app: Flask, address: str) -> None:
    text = re.sub(r"</?(b|span)\b[^>]*>", "", fetch(app, address))
    assert [words for words in WORDS[address] if words not in text] == []


def test_the_year_line_has_24_ticks_of_which_one_is_today(app: Flask) -> None:
    line = re.search(r'<div class="year".*?</div></div>', fetch(app, "board"), re.DOTALL)
    assert line is not None
    assert len(re.findall("<i", line[0])) == 24
    assert line[0].count('class="p"') == 16
    assert "今天是寒露第5天" in line[0]


def test_every_solar_term_has_its_chinese_name() -> None:
    assert {chinese: sentences()[english] for chinese, english in TERMS.items()} == {
        name: name for name in TERMS
    }


def test_what_people_write_cannot_become_markup(app: Flask) -> None:
    text = fetch(app, "evil")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_the_error_page_does_without_anything_it_could_be_given(app: Flask) -> None:
    with app.test_request_context("/"):
        for status in (400, 403, 404, 405, 409, 413, 418, 422, 429, 500, 502, 503):
            html5lib.HTMLParser(strict=True).parse(render_template("error.html", status=status))
        assert render_template("error.html", status=403) == render_template("error.html", status=404)
        assert "不是您的错" in render_template("error.html")


# In a real browser


@dataclass(frozen=True)
class Site:
    """Where the sample pages are served."""

    address: str


@pytest.fixture(scope="module")
def site(app: Flask) -> Iterator[Site]:
    with open_site(app) as address:
        yield Site(address)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "queries"),
    [(360, ("lang=zh", "lang=en&big=0", "lang=zh&big=1")), (1280, ("lang=zh&big=0", "lang=en"))],
)
@pytest.mark.long
def test_a_page_fits_its_screen_with_legible_letters_and_keys_for_thumbs(
    page: Page, site: Site, width: int, queries: tuple[str, ...]
) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    for query in queries:
        for name in NAMES:
            page.goto(f"{site.address}/{name}?{query}")
            assert_fits(page)


@pytest.mark.browser
def test_the_counter_counts_along_while_one_writes(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/parts?lang=zh")
    page.fill("#sms", "字" * 60)
    assert page.inner_text("[data-counts=sms] .now") == "已写60字，超了2字，要分2条发"
    page.fill("#sms", "字" * 58)
    assert page.inner_text("[data-counts=sms] .now") == "已写58字，还能写0字"


@pytest.mark.browser
def test_the_letters_grow_by_a_link_and_stay_grown(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/board")
    with page.expect_navigation():
        page.click("text=字再大些")
    page.goto(f"{site.address}/signin")
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "22px"
    with page.expect_navigation():
        page.click("text=字小回来")
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "18px"
