"""What stands round every page: whose it is, where one may go, what was just done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from flask import Flask, flash, g, get_flashed_messages, request

from farmerline.clock import local
from farmerline.config import Module
from farmerline.domain import Role
from farmerline.domain.access import Actor
from farmerline.domain.seasons import farm_year
from farmerline.queries import today
from farmerline.web.doors import door, maybe_actor, now, settings
from farmerline.web.language import _


@dataclass(frozen=True, slots=True)
class Entry:
    """A way in the menu: for strangers (``None``), everybody signed in (FARMER), or who holds the role (or the other)."""

    href: str
    sentence: str
    role: Role | None
    module: Module | None = None
    also_signed_in: bool = False
    or_role: Role | None = None


ENTRIES = (
    Entry("/desk", "Today", Role.CONTACT),
    Entry("/desk/people", "People", Role.CONTACT),
    Entry("/expert", "Questions", Role.EXPERT, Module.EXPERTS),
    Entry("/admin", "Administration", Role.ADMIN),
    Entry("/alerts/map", "Alert desk", Role.OFFICER, Module.ALERTS, or_role=Role.SIGNER),
    Entry("/publish/tips", "Tips", Role.PUBLISHER),
    Entry("/me", "My page", Role.FARMER),
    Entry("/", "Supply and demand", None, also_signed_in=True),
    Entry("/me/letters", "Letters", Role.FARMER, Module.MAILBOX),
    Entry("/signin", "Sign in", None),
)
ALERT_DESK = (
    Entry("/alerts/map", "Sightings", Role.OFFICER, Module.ALERTS, or_role=Role.SIGNER),
    Entry("/alerts/new", "Draft", Role.OFFICER, Module.ALERTS),
    Entry("/alerts/waiting", "To sign", Role.OFFICER, Module.ALERTS, or_role=Role.SIGNER),
    Entry("/alerts/running", "Going out", Role.OFFICER, Module.ALERTS, or_role=Role.SIGNER),
    Entry("/alerts", "All of them", Role.OFFICER, Module.ALERTS, or_role=Role.SIGNER),
)
"""The ways inside the alert desk: five places have no room beside those of everybody."""
EXPERT_DESK = (
    Entry("/expert", "Questions", Role.EXPERT, Module.EXPERTS),
    Entry("/expert/duty", "Duty", Role.EXPERT, Module.EXPERTS, or_role=Role.ADMIN),
    Entry("/articles?kind=answer", "Answers", None, also_signed_in=True),
    Entry("/me", "My page", Role.FARMER),
)
"""The ways inside the experts' desk."""
SEVERAL = (
    Entry("/today", "Today", Role.FARMER),
    Entry("/me", "My page", Role.FARMER),
    Entry("/", "Supply and demand", None, also_signed_in=True),
    Entry("/me/letters", "Letters", Role.FARMER, Module.MAILBOX),
)
"""The ways of who works at several desks: they begin at one page, and inside a desk its own entry stands beside that."""
_DESK_NAMES = {"/desk": "Contact point", "/desk/people": "People"}
"""Desks whose entry is called otherwise there."""
_BELONGS = {
    "/posts": "/",
    "/articles": "/",
    "/questions": "/",
    "/letters": "/",
    "/bureau/letters": "/publish/tips",
    "/prices": "/",
    "/deals": "/",
    "/publish/articles": "/publish/tips",
    "/publish/prices": "/publish/tips",
    "/publish/intake": "/publish/tips",
    "/publish/links": "/publish/tips",
    "/publish/calendar": "/publish/tips",
    "/links": "/",
    "/surveys": "/publish/tips",
    "/publish/words": "/publish/tips",
    "/publish/tv": "/publish/tips",
    "/publish/daily": "/publish/tips",
    "/publish/line": "/publish/tips",
    "/publish/phrases": "/publish/tips",
    "/publish/readings": "/publish/tips",
    "/me/groups": "/me/letters",
    "/alerts/duty": "/alerts/map",
    "/alerts/drills": "/alerts/map",
}
"""Pages without an entry of their own, by how their address begins, and the entry they belong to."""
_ROLES = {
    Role.CONTACT: "contact point",
    Role.EXPERT: "expert",
    Role.PUBLISHER: "publisher",
    Role.OFFICER: "plant-protection officer",
    Role.SIGNER: "signing officer",
    Role.ADMIN: "administrator",
}


def done(sentence: str, /, **values: object) -> None:
    """Say on the next page that something was done."""
    flash(_(sentence, **values), "done")


def wrong(sentence: str, /, **values: object) -> None:
    """Say on the next page that something could not be done."""
    flash(_(sentence, **values), "wrong")


def show_number(phone: str) -> None:
    """Say on the next page the number that somebody asked to see; "" where there is none."""
    if phone:
        done("The number is {phone}. That you looked at it is on record.", phone=phone)
    else:
        done("There is no number with this matter.")


def install(app: Flask) -> None:
    """Give every template what base.html needs."""
    app.context_processor(frame)


def frame() -> dict[str, Any]:
    """The context of base.html."""
    config = settings()
    who = maybe_actor()
    return {
        "service_name": config.service_name,
        "bureau_name": config.bureau_name,
        "line_number": config.line_number,
        "year": farm_year(local(now()).date()),
        "now": now(),
        "me": _me(who) if who else None,
        "nav": _nav(who),
        "shared": _shared(who),
        "messages": get_flashed_messages(with_categories=True),
        "alerts_on": config.has(Module.ALERTS),
        "prices_on": config.has(Module.PRICES),
        "experts_on": config.has(Module.EXPERTS),
        "tv_on": config.has(Module.TV),
    }


def role_name(role: Role) -> str:
    """The role in the reader's language; "" for a farmer."""
    return _(_ROLES[role]) if role in _ROLES else ""


def _me(who: Actor) -> SimpleNamespace:
    found = door()
    desk = found is not None and found.is_desk and who.has(*found.roles)
    held = next((grant.role for grant in who.grants if found and desk and grant.role in found.roles), None)
    return SimpleNamespace(
        name=who.name, place=g.get("place", ""), role=role_name(held) if held else "", desk=desk
    )


def _nav(who: Actor | None) -> list[tuple[str, str, bool]]:
    inside: tuple[Entry, ...] = ENTRIES
    if who is not None and who.has(Role.OFFICER, Role.SIGNER) and f"{request.path}/".startswith("/alerts/"):
        inside = ALERT_DESK
    elif who is not None and who.has(Role.EXPERT) and f"{request.path}/".startswith("/expert/"):
        inside = EXPERT_DESK
    shown = [entry for entry in inside if _is_for(entry, who)]
    here = _current([entry.href for entry in shown])
    if inside is ENTRIES and who is not None and not who.parent_session_id and today.desks(who) > 1:
        desk = [
            replace(one, sentence=_DESK_NAMES.get(one.href, one.sentence))
            for one in shown
            if one.href == here
        ]
        first, *rest = [entry for entry in SEVERAL if _is_for(entry, who)]
        shown = [first, *(one for one in desk if one.href not in {each.href for each in rest}), *rest]
        here = _current([entry.href for entry in shown])
    return [(entry.href, _(entry.sentence), entry.href == here) for entry in shown]


def _is_for(entry: Entry, who: Actor | None) -> bool:
    if entry.module is not None and not settings().has(entry.module):
        return False
    if entry.role is None:
        return who is None or entry.also_signed_in
    return who is not None and who.has(entry.role, entry.or_role or entry.role)


def _current(hrefs: list[str]) -> str:
    """The entry in which this page lies: the longest that its address begins with."""
    path = next((href for start, href in _BELONGS.items() if request.path.startswith(start)), request.path)
    fitting = [href for href in hrefs if path == href or (href != "/" and path.startswith(f"{href}/"))]
    return max(fitting, key=len, default="")


def _shared(who: Actor | None) -> SimpleNamespace | None:
    if who is None or not who.parent_session_id:
        return None
    return SimpleNamespace(name=who.name, minutes=settings().shared_idle_minutes, end_href="/shared/end")
