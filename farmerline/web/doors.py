"""The way from a page to the inside: the running service, transactions, and who may enter.

Each view says who may enter with ``allow``; a view that says nothing does not exist. Whether a person may touch a
certain thing is asked with ``authorise`` once the thing's area is known. Absent and forbidden look alike.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlencode

from flask import Flask, current_app, g, redirect, request
from werkzeug.wrappers import Response

from farmerline.config import Module, Settings
from farmerline.domain import STAFF, Role, Session, Understood
from farmerline.domain.access import Actor, authorise
from farmerline.errors import Absent
from farmerline.messages import Accepted, Incoming
from farmerline.queries.admin import JobLine
from farmerline.render.speech import Speech

View = TypeVar("View", bound=Callable[..., Any])
_OPEN = frozenset({"public", "carrier", "demo"})

__all__ = [
    "Door", "Inside", "SignedOut", "actor", "allow", "authorise", "door", "guard", "inside", "maybe_actor", "now",
    "reading", "settings", "writing",
]  # fmt: skip


class Doors(Protocol):
    """The database: a transaction that commits at the block's end, and a view that never does."""

    def write(self) -> AbstractContextManager[Session]: ...

    def read(self) -> AbstractContextManager[Session]: ...


class Inside(Protocol):
    """The running service, as pages need it."""

    @property
    def settings(self) -> Settings: ...

    @property
    def database(self) -> Doors: ...

    def now(self) -> datetime: ...

    def accept(self, incoming: Incoming) -> Accepted:
        """Put words on record and act on them."""

    def understand(self, text: str, open_kinds: frozenset[str] = frozenset()) -> Understood:
        """What words want. Pure."""

    def recording(self, recording_id: str) -> bytes | None:
        """A kept recording's WAV bytes."""

    @property
    def speech(self) -> Speech:
        """The voice that reads aloud, and the recordings in its place."""

    def speak(self, text: str, language: str = "zh") -> bytes | None:
        """WAV bytes of words as callers hear them; None without a voice."""

    def timetable(self, language: str) -> list[JobLine]:
        """Each job with its last run and its next, in this language."""


class SignedOut(Exception):
    """A form of a session that is over: nothing was done with it."""


@dataclass(frozen=True, slots=True)
class Door:
    """Who may enter a view, and with which part of the service it exists."""

    who: frozenset[str | Role]
    module: Module | None = None

    @property
    def is_desk(self) -> bool:
        """Whether work is done here for others."""
        return bool(STAFF & self.who)

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(one for one in self.who if isinstance(one, Role))


def allow(*who: str | Role, module: Module | None = None) -> Callable[[View], View]:
    """Say who may enter a view: ``allow("public")``, ``allow("signed_in")``, ``allow(Role.CONTACT, Role.ADMIN)``.

    With ``module`` the view exists only while that part of the service is switched on. Put it below ``route``.
    """

    def mark(view: View) -> View:
        view.allowed = Door(frozenset(who), module)  # type: ignore[attr-defined]
        return view

    return mark


def inside() -> Inside:
    """The running service."""
    return cast(Inside, current_app.extensions["farmerline"])


def settings() -> Settings:
    return inside().settings


def now() -> datetime:
    return inside().now()


def reading() -> AbstractContextManager[Session]:
    """A consistent view of the rows; nothing is ever changed."""
    return inside().database.read()


def writing() -> AbstractContextManager[Session]:
    """A transaction that commits at the end of the block, or rolls back."""
    return inside().database.write()


def maybe_actor() -> Actor | None:
    """Who asks, or None for a stranger."""
    return cast("Actor | None", g.get("actor"))


def actor() -> Actor:
    """Who asks; ``Absent`` for a stranger."""
    found = maybe_actor()
    if found is None:
        raise Absent
    return found


def door() -> Door | None:
    """The door of the view being entered; None for files and for what does not exist."""
    view = current_app.view_functions.get(request.endpoint or "")
    marked = getattr(view, "allowed", None)
    if isinstance(marked, str):  # a channel's own mark
        return Door(frozenset({marked}))
    return marked if isinstance(marked, Door) else None


def guard() -> Response | None:
    """Let the request pass, send a stranger to sign in, or raise ``Absent``. Runs before every request."""
    if request.endpoint is None or request.endpoint == "static":
        return None  # nothing there: the router's own 404 or 405 follows
    found = door()
    if found is None or (found.module is not None and not settings().has(found.module)):
        raise Absent
    if found.who & _OPEN:
        return None
    who = maybe_actor()
    if who is None:
        return _ask_to_sign_in()
    if found.roles and not who.has(*found.roles) and who.must_enrol and not who.parent_session_id:
        return redirect("/second-factor", 303)
    if "signed_in" not in found.who:
        authorise(who, found.roles)
    return None


def install(app: Flask) -> None:
    """Refuse by default."""
    app.before_request(guard)


def _ask_to_sign_in() -> Response:
    if request.method not in ("GET", "HEAD"):
        raise SignedOut
    return redirect("/signin?" + urlencode({"next": request.full_path.rstrip("?")}), 303)
