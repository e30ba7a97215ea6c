"""The list of pages that ``./run pages`` measures and ``./run shots`` takes pictures of."""

from __future__ import annotations

from farmerline.models import Role
from tests.pages import table
from tests.service import Service


def test_pages_are_found_by_their_links_and_only_where_the_role_may_enter(service: Service) -> None:
    service.publish(service.person(), "卖西兰花3000斤1.5元一斤")
    found = {page.rule: page.address for page in table.find(service.app, "stranger", {})}
    assert found["/posts/<number:number>"].startswith("/posts/1")
    assert "/signin" in found
    assert "/me" not in found  # sends a stranger to sign in
    assert "/feed" not in found  # no page
    admin = service.staff(Role.ADMIN)
    browser = service.client(admin)
    cookie = browser.get_cookie(service.app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    inside = {page.rule for page in table.find(service.app, "admin", {cookie.key: cookie.value})}
    assert {"/admin/people/<id:account_id>", "/me", "/"} <= inside
    assert not {rule for rule in inside if rule.startswith("/hooks")}
