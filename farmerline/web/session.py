"""Who asks: the browser's signed cookie holds a random token, the row behind it says whose it is and until when.

At a shared PC a farmer's token lies beside the operator's. When the farmer's session is over the operator's goes on,
but forms and pages of the farmer's session work no more: the mark against forged forms changes with it.
"""

from __future__ import annotations

from flask import Flask, Request, g, redirect, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import STAFF, Role, areas, signin
from farmerline.domain.access import Actor
from farmerline.errors import Conflict
from farmerline.queries import today
from farmerline.web.doors import door, maybe_actor, now, reading, settings, writing

TOKEN, INNER, MARK = "t", "s", "csrf_token"
_BY_THEMSELVES = frozenset({"alerts.show_run_now"})
_MAY_COME_FIRST = frozenset(
    {"signing.change_password", "signing.store_password", "signing.sign_out", "static", "public.health"}
)
_HOMES = (
    (Role.CONTACT, "/desk", None),
    (Role.ADMIN, "/admin", None),
    (Role.PUBLISHER, "/publish/tips", None),
    (Role.OFFICER, "/alerts/map", Module.ALERTS),
    (Role.SIGNER, "/alerts/waiting", Module.ALERTS),
)


class Cookies(SecureCookieSessionInterface):
    """The cookie is renewed by pages alone: caches on the way keep files for everybody, and a token must not lie with them.
    Who brings none, as carriers do, costs no look at its signature."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return super().open_session(app, request) if request.cookies else self.session_class()

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return request.endpoint != "static" and super().should_set_cookie(app, session)


def begin(token: str, *, shared: bool = False) -> None:
    """Keep a fresh session's token in the browser; everything that was kept before is forgotten.

    ``shared`` says that other people use this computer: the cookie then ends with the browser.
    """
    language = session.get("lang")
    session.clear()
    if language:
        session["lang"] = language
    session[TOKEN] = token
    session.permanent = not shared


def begin_shared(token: str) -> None:
    """Put a farmer's session in front of the operator's."""
    session[INNER] = token
    _change_reader()


def forget_shared() -> None:
    """Go back to the operator's session."""
    session.pop(INNER, None)
    _change_reader()


def forget() -> None:
    """Keep nothing of a session in the browser."""
    session.clear()
    g.actor = g.account = None
    _change_mark()


def home(actor: Actor) -> str:
    """The page a person starts from."""
    if not actor.parent_session_id:
        if today.desks(actor) > 1:
            return "/today"
        for role, address, module in _HOMES:
            if actor.has(role) and (module is None or settings().has(module)):
                return address
    return "/me"


def find_actor() -> Response | None:
    """Put who asks into ``g.actor``; before every request."""
    g.actor = g.account = None
    g.place = ""
    if request.endpoint == "static" or (TOKEN not in session and INNER not in session):
        return None
    _load(session.get(INNER) or session[TOKEN])
    if INNER in session and maybe_actor() is None:
        return _end_of_shared()
    if maybe_actor() is None:
        forget()
    who = maybe_actor()
    if who is not None and who.must_change and request.endpoint not in _MAY_COME_FIRST:
        found = door()
        if found is not None and not found.who & {"carrier", "demo"}:
            return redirect("/me/password", 303)
    return None


def note_use() -> None:
    """Write down that the session was used, where that is due; before every request, once it is let in.

    A page that fetches its figures anew by itself is no use of it, unless somebody touched the machine (``touched``).
    """
    who = maybe_actor()
    by_itself = request.endpoint in _BY_THEMSELVES and "touched" not in request.args
    if who is not None and who.touch_due and not by_itself:
        with writing() as rows:
            signin.touch_session(rows, who, now=now())


def install(app: Flask) -> None:
    """Know who asks before anything else does."""
    app.session_interface = Cookies()
    app.before_request(find_actor)


def _load(token: str) -> None:
    with reading() as rows:
        found = signin.load_session(rows, token, now=now())
        if found is not None and found.grants:
            works = [grant for grant in found.grants if grant.role in STAFF] or found.grants
            g.place = areas.path_name(rows, works[0].area_code)
    g.actor = g.account = found


def _end_of_shared() -> Response | None:
    """The farmer's session ran out while nobody touched the machine: what was asked for in it is not done."""
    forget_shared()
    _load(session[TOKEN])
    if maybe_actor() is None:
        forget()
    if request.method not in ("GET", "HEAD"):
        raise Conflict(
            "shared_over",
            "The session at this computer ended after {minutes} quiet minutes. Nothing of this form was stored.",
            minutes=settings().shared_idle_minutes,
        )
    who = maybe_actor()
    return redirect(home(who) if who else "/", 303)


def _change_reader() -> None:
    """What was still to be said to the one is not shown to the other."""
    session.pop("_flashes", None)
    _change_mark()


def _change_mark() -> None:
    session.pop(MARK, None)
    g.pop(MARK, None)
