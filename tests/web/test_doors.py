"""Every page lets in whom it names and nobody else; absent and forbidden look alike."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from farmerline.models import Role
from farmerline.web.doors import Door
from tests import factories
from tests.service import Service, mark

_VALUES = {"code": "A11", "name": "nobody", "filename": "style.css", "alert_number": "2026-999"}
_IDS = "0" * 32


def rules(app: Flask) -> list[tuple[Rule, Door]]:
    """The pages' addresses and their doors; the channels' own are marked with a word."""
    found = []
    for rule in app.url_map.iter_rules():
        door = getattr(app.view_functions[rule.endpoint], "allowed", None)
        if isinstance(door, Door):
            found.append((rule, door))
    return found


def address(app: Flask, rule: Rule) -> str:
    values = {}
    for name in rule.arguments:
        kind = type(rule._converters[name]).__name__
        values[name] = (
            _IDS
            if kind == "IdConverter"
            else 999
            if "Number" in kind or "Integer" in kind
            else _VALUES.get(name, _IDS)
        )
    with app.test_request_context():
        return rule.build(values)[1]  # type: ignore[index]


def ask(browser: FlaskClient, where: str, method: str, token: str) -> tuple[int, str]:
    answer = browser.get(where) if method == "GET" else browser.post(where, data={"csrf_token": token})
    return answer.status_code, answer.location or ""


@pytest.mark.parametrize("role", [None, *Role])
def test_a_page_refuses_all_whom_it_does_not_name(service: Service, role: Role | None) -> None:
    if role is None:
        browser, page = service.client(), "/signin"
    elif role is Role.FARMER:
        browser, page = service.client(service.person()), "/me/password"
    else:
        browser, page = service.client(service.staff(role)), "/me/password"
    token = mark(browser, page)
    seen = 0
    for rule, door in rules(service.app):
        if "public" in door.who:
            continue
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        where = address(service.app, rule)
        if role is None:
            status, location = ask(browser, where, method, token)
            assert (
                (status == 303 and location.startswith("/signin?next=")) if method == "GET" else status == 403
            ), where
        elif "signed_in" not in door.who and role not in door.who:
            assert ask(browser, where, method, token)[0] == 404, where
        else:
            continue
        seen += 1
    assert seen > 5


def test_forbidden_and_absent_are_the_same_page(service: Service) -> None:
    """Z-01."""
    browser = service.client(service.person())

    def plain(text: str) -> str:
        return re.sub(r'( value="[^"]*"| aria-current="page")', "", text)

    texts = {
        plain(browser.get(where).text) for where in ("/desk", "/nowhere", "/posts/999", f"/me/letters/{_IDS}")
    }
    assert len(texts) == 1


def test_a_view_that_names_nobody_does_not_exist(service: Service) -> None:
    service.app.add_url_rule("/forgotten", "forgotten", lambda: "inside")
    assert service.client().get("/forgotten").status_code == 404
    assert service.client(service.staff(Role.ADMIN)).get("/forgotten").status_code == 404


def test_a_part_that_is_switched_off_has_no_menu_entry_and_no_page(
    template_database, tmp_path, request: pytest.FixtureRequest
) -> None:
    from tests.service import open_service

    for service in open_service(template_database, tmp_path, modules="voice"):
        browser = service.client(service.person())
        home = browser.get("/me").text
        for gone in ("/me/letters", "/me/write?use=pest", "/me/write?use=ask"):
            assert gone not in home
            assert browser.get(gone).status_code == 404
        assert "/me/write?use=sell" in home


def test_a_contact_point_reaches_its_own_area_only(service: Service) -> None:
    held = service.person("岑大海", area_code=factories.SHUIXIANG, origin="web")
    service.publish(held, "卖 西兰花 3000斤 1.5元/斤")
    near = service.client(service.staff(Role.CONTACT, factories.OTHER_TOWN, "罗一"))
    far = service.client(service.staff(Role.CONTACT, factories.TOWN, "罗二"))
    assert near.get("/posts/1001").status_code == 200
    assert far.get("/posts/1001").status_code == service.client().get("/posts/1001").status_code == 404


@pytest.mark.parametrize("where", ["/", "/me", "/nowhere", "/signin"])
def test_head_is_answered_like_get_without_a_body(service: Service, where: str) -> None:
    browser = service.client()
    head, got = browser.head(where), browser.get(where)
    assert (head.status_code, head.data) == (got.status_code, b"")


def test_options_name_the_methods_and_do_nothing(service: Service) -> None:
    answer = service.client().options("/signout")
    assert answer.status_code in (200, 405)
    assert "POST" in answer.headers["Allow"]


def test_the_watcher_learns_that_all_is_well_and_when_it_is_not(service: Service) -> None:
    answer = service.client().get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (200, "ok")
    service.runtime  # noqa: B018 - made before the tables go
    with service.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE area RENAME TO lost")
    answer = service.client().get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (503, "ill")
