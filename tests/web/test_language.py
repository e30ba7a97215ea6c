"""A page speaks the reader's language: chosen by link, kept by cookie, else the account's, else Chinese."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask, g, render_template_string, request

from farmerline.web import language
from farmerline.web.language import _, _html


@pytest.fixture
def app() -> Flask:
    app = Flask("speaking")
    language.install(app)

    @app.before_request
    def sign_in() -> None:
        if "account" in request.args:
            g.account = SimpleNamespace(language=request.args["account"])

    @app.route("/", methods=["GET", "POST"])
    def page() -> str:
        return render_template_string("{{ language() }}|{{ big() }}|{{ here(lang='en') }}|{{ _('Sign in') }}")

    return app


@pytest.mark.parametrize(
    ("address", "cookie", "spoken"),
    [
        ("/", None, "zh"),
        ("/?lang=en", None, "en"),
        ("/?lang=zh", "en", "zh"),
        ("/", "en", "en"),
        ("/", "fr", "zh"),
        ("/?lang=fr", None, "zh"),
        ("/?lang=fr", "en", "en"),
        ("/?account=en", None, "en"),
        ("/?account=en", "zh", "zh"),
        ("/?account=klingon", None, "zh"),
    ],
)
def test_the_latest_choice_counts_then_the_account_then_chinese(
    app: Flask, address: str, cookie: str | None, spoken: str
) -> None:
    client = app.test_client()
    if cookie:
        client.set_cookie("lang", cookie)
    answer = client.get(address)
    assert answer.text.split("|")[0] == spoken
    assert answer.text.endswith({"zh": "登录", "en": "Sign in"}[spoken])
    assert "Cookie" in answer.headers["Vary"]


def test_a_choice_is_kept_for_the_next_page(app: Flask) -> None:
    client = app.test_client()
    kept = client.get("/?lang=en&big=1").headers.getlist("Set-Cookie")
    assert len(kept) == 2
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in kept)
    assert client.get("/").text.startswith("en|True|")
    client.get("/?big=0")
    assert client.get("/").text.startswith("en|False|")


def test_a_choice_that_is_none_is_not_kept(app: Flask) -> None:
    assert "Set-Cookie" not in app.test_client().get("/?lang=fr&big=yes").headers


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("/", "?lang=en"),
        ("/?kind=supply&kind=demand&lang=zh", "?kind=supply&amp;kind=demand&amp;lang=en"),
        ("/?q=%22%3E%3Cscript%3E", "?q=%22%3E%3Cscript%3E&amp;lang=en"),
        ("/?_scheme=javascript&_external=1", "?_scheme=javascript&amp;_external=1&amp;lang=en"),
    ],
)
def test_the_link_to_the_other_language_keeps_the_page_and_never_leaves_it(
    app: Flask, address: str, link: str
) -> None:
    assert app.test_client().get(address).text.split("|")[2] == link


def test_the_answer_to_a_form_links_to_the_start_page(app: Flask) -> None:
    assert app.test_client().post("/?kind=supply").text.split("|")[2] == "/?lang=en"


def test_words_outside_a_request_are_chinese() -> None:
    assert _("Sign in") == "登录"


def test_a_sentence_with_tags_escapes_its_values(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert _html("Or call <b>{number}</b>.", number="<i>1</i>") == "Or call <b>&lt;i&gt;1&lt;/i&gt;</b>."
