"""A small real service for tests: an SQLite file, the county's real places, a fixed clock, the carrier in a box."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from farmerline import places
from farmerline.app import Application, create_app
from farmerline.clock import FixedClock
from farmerline.config import Settings
from farmerline.db import Database
from farmerline.domain import access, areas, credentials, signin
from farmerline.domain.init_county import ensure_reference_data
from farmerline.messages import Accepted, Channel, Incoming
from farmerline.models import Account, Role
from farmerline.places import place_row
from farmerline.runtime import Runtime
from matching import Matcher
from tests import factories

PASSWORD = "nine-brown-hens"
_MATCHERS: list[Matcher] = []


class _Compiled(BytecodeCache):
    """Templates are compiled once a test run, not once an application."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


class _Rule(Rule):
    """The code that writes an address is compiled once a test run, too."""

    _built: ClassVar[dict[tuple[str, str, bool], Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, repr(self.defaults), append_unknown)
        if key not in self._built:
            self._built[key] = super()._compile_builder(append_unknown)
        return self._built[key]


_COMPILED = _Compiled()
Application.url_rule_class = _Rule
_MARK = re.compile(r'name="csrf_token" value="([^"]+)"')
_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def make_template(folder: Path) -> Path:
    """A database file with the county's places and reference data, to be copied."""
    path = folder / "template.db"
    database = factories.make_database(f"sqlite:///{path}")
    with database.write() as session:
        areas.load(session, places.read_vendored(factories.COUNTY))
        areas.load(
            session,
            [place_row(code, name) for code, name in factories.PLACES.items() if code.startswith("31")],
        )
        ensure_reference_data(session)
    database.close()
    return path


@dataclass
class Service:
    """The service and what a test does with it. ``clock`` stands still until it is moved."""

    settings: Settings
    database: Database
    clock: FixedClock

    @cached_property
    def runtime(self) -> Runtime:
        made = Runtime(settings=self.settings, database=self.database, clock=self.clock)
        made.prepare()
        if not _MATCHERS:  # it reads the same places of the same template each time
            _MATCHERS.append(made.matcher)
        made.matcher = _MATCHERS[0]
        return made

    @cached_property
    def app(self) -> Flask:
        app = create_app(self.runtime)
        app.jinja_env.bytecode_cache = _COMPILED
        return app

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def person(self, name: str = "杨大山", **values: Any) -> Account:
        """A verified person (see ``factories.make_account``)."""
        with self.database.write() as session:
            return factories.make_account(session, name, now=self.now, **values)

    def staff(
        self, role: Role, area_code: str = factories.COUNTY, name: str = "沈秋月", **values: Any
    ) -> Account:
        """A verified person with a role, and with the second factor where the role demands it."""
        with self.database.write() as session:
            account = factories.make_staff(session, role, area_code, name, now=self.now, **values)
            if role in access.SECOND_FACTOR:
                credentials.ensure_credential(session, account).totp = _SECRET
            return account

    def give_password(self, account: Account, password: str = PASSWORD, *, once: bool = False) -> None:
        with self.database.write() as session:
            signin.set_password(session, account, password, by_id="test", now=self.now, once=once)

    def client(self, account: Account | None = None) -> FlaskClient:
        """A browser; signed in as the person where one is given."""
        client = self.app.test_client()
        if account is not None:
            with self.database.write() as session:
                token = signin.open_session(session, account, settings=self.settings, now=self.now)
            with client.session_transaction() as kept:
                kept["t"] = token
                kept.permanent = True
        return client

    def post(self, client: FlaskClient, address: str, *, page: str = "", **fields: Any) -> TestResponse:
        """Send a form as a browser does: with the mark of the page that shows it (``page``, else the address)."""
        return client.post(address, data={**fields, "csrf_token": mark(client, page or address)})

    def text(self, account: Account, words: str, *, ref: str = "") -> Accepted:
        """A text message from a person's phone."""
        assert account.phone is not None
        incoming = Incoming(
            channel=Channel.SMS,
            gateway="sms",
            ref=ref or f"SM{factories.phone()}",
            sender=account.phone,
            text=words,
            received_at=self.now,
        )
        return self.runtime.accept(incoming)

    def publish(self, account: Account, words: str, *, share_phone: bool = True) -> str:
        """A published post from a text; returns its id."""
        asked = self.text(account, words)
        assert asked.question_code, f"not read as a post: {words}: {asked.replies}"
        done = self.text(account, f"{1 if share_phone else 3}{asked.question_code}")
        assert done.post_id
        return done.post_id

    def rows(self) -> Any:
        """A reading session, as a context manager."""
        return self.database.read()

    def write(self) -> Any:
        """A writing session, as a context manager."""
        return self.database.write()


def mark(client: FlaskClient, page: str) -> str:
    """The mark against forged forms, as the page shows it."""
    shown = client.get(page, follow_redirects=True)
    found = _MARK.search(shown.text)
    assert found, f"{page} has no form ({shown.status_code})"
    return found[1]


def open_service(template: Path, folder: Path, **values: Any) -> Iterator[Service]:
    """A service of its own in ``folder``; settings as given. For a fixture: ``yield from open_service(…)``."""
    factories.install_vault()
    settings = factories.make_test_settings(folder, **values)
    shutil.copyfile(template, folder / "farmerline.db")
    database = Database(settings.database_url)
    yield Service(settings=settings, database=database, clock=FixedClock(factories.NOW))
    database.close()


__all__ = ["PASSWORD", "Service", "Session", "make_template", "mark", "open_service"]
