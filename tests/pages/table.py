"""Which pages there are for each role, and how to reach each.

Pages come from the application's own addresses. An address with a place for a row is found as people find it: by a link on
a page that the same role may open. What no page links to stands in ``UNLINKED``.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from farmerline.demo import people
from farmerline.demo.stage import find_account
from farmerline.domain import signin
from farmerline.models import Account, Role
from farmerline.runtime import Runtime
from farmerline.web.session import INNER, TOKEN

CAST: Mapping[str, people.Person | None] = {
    "stranger": None,
    "farmer": people.OLD_YANG,
    "shared": people.SHARED_A,
    Role.CONTACT.value: people.CONTACT,
    Role.EXPERT.value: people.EXPERT,
    Role.PUBLISHER.value: people.PUBLISHER,
    Role.OFFICER.value: people.OFFICER,
    Role.SIGNER.value: people.SIGNER,
    Role.ADMIN.value: people.ADMIN,
}
"""Who opens pages. ``shared`` is a farmer at the contact point's PC, inside the contact point's session."""
UNLINKED: Mapping[str, str] = {
    "signing.shared_over": "/shared/over",
}
"""Views that no link leads to, and an address of each in the demo county."""
_LINK = re.compile(r'href="([^"#]+)')
_APART = frozenset({"static"})


@dataclass(frozen=True, slots=True)
class Page:
    """A page as one role meets it: its rule (``/posts/<number:number>``) and an address of it."""

    rule: str
    role: str
    address: str

    @property
    def slug(self) -> str:
        return re.sub(r"[^a-z]+", "-", self.rule.lower()).strip("-") or "start"


def cookies(app: Flask, role: str) -> dict[str, str]:
    """The cookie of a browser in which the role's person has signed in; none for a stranger."""
    person = CAST[role]
    if person is None:
        return {}
    kept = {"_permanent": True}
    with _runtime(app).database.write() as session:
        if role == "shared":
            contact = _account(session, people.CONTACT)
            kept[TOKEN] = token = _open(app, session, contact)
            operator = signin.load_session(session, token, now=_runtime(app).now())
            assert operator is not None
            kept[INNER] = signin.open_shared(
                session, operator=operator, account=_account(session, person), settings=_runtime(app).settings,
                now=_runtime(app).now(), id_seen=True,
            )  # fmt: skip
        else:
            kept[TOKEN] = _open(app, session, _account(session, person))
    serializer = app.session_interface.get_signing_serializer(app)
    return {app.config["SESSION_COOKIE_NAME"]: serializer.dumps(kept)}


def find(app: Flask, role: str, kept: Mapping[str, str]) -> list[Page]:
    """The pages that this role can open, each by one address, in the order in which they are found."""
    browser = app.test_client()
    for name, value in kept.items():
        browser.set_cookie(name, value, domain="localhost")
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in _APART and "GET" in (rule.methods or ())
    ]
    waiting = deque(rule.rule for rule in rules if not rule.arguments and _is_for(role, app, rule.endpoint))
    waiting.extend(UNLINKED.values())
    met, pages = set(), []
    while waiting:
        address = waiting.popleft()
        found = _endpoint(app, address)
        if found is None or found[0] in met or not _is_for(role, app, found[0]):
            continue
        endpoint, rule = found
        met.add(endpoint)
        words = _open_page(browser, address)
        if words is None:
            met.discard(endpoint)  # another link to the same view may be let in
            continue
        pages.append(Page(rule, role, address))
        waiting.extend(_links(words, address))
    return pages


def views(app: Flask) -> set[str]:
    """The rules of all views that people open and that can be pages."""
    return {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in _APART
        and "GET" in (rule.methods or ())
        and _is_for("stranger", app, rule.endpoint)
    }


def _is_for(role: str, app: Flask, endpoint: str) -> bool:
    """Carriers' webhooks are none of a browser's business; the demo's village phone is nobody's desk."""
    allowed = getattr(app.view_functions[endpoint], "allowed", None)
    return allowed != "carrier" and (allowed != "demo" or role == "stranger")


def _open_page(browser: FlaskClient, address: str) -> str | None:
    """The page's words; None where there is no page for this role at this address itself, or a file to store."""
    answer = browser.get(address)
    try:
        shown = answer.mimetype == "text/html" and "Content-Disposition" not in answer.headers
        return answer.text if answer.status_code == 200 and shown else None
    finally:
        answer.close()


def _links(words: str, address: str) -> Iterator[str]:
    for link in _LINK.findall(words):
        parts = urlsplit(urljoin(address, unescape(link)))
        if not parts.scheme and not parts.netloc and "lang=" not in parts.query and "big=" not in parts.query:
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def _endpoint(app: Flask, address: str) -> tuple[str, str] | None:
    try:
        rule, _values = app.url_map.bind("localhost").match(urlsplit(address).path, return_rule=True)
    except (HTTPException, RequestRedirect):
        return None
    return None if rule.endpoint in _APART else (rule.endpoint, rule.rule)


def _runtime(app: Flask) -> Runtime:
    found: Runtime = app.extensions["farmerline"]
    return found


def _account(session: Session, person: people.Person) -> Account:
    account = find_account(session, person)
    assert account is not None, f"the demo county has no {person.name}"
    return account


def _open(app: Flask, session: Session, account: Account) -> str:
    return signin.open_session(session, account, settings=_runtime(app).settings, now=_runtime(app).now())
