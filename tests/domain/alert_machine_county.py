"""What the alert machine stands on: a small county in a file of its own, a carrier that may kill its sender."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from sqlalchemy import select

from channels.contract import Gateway
from farmerline.clock import FixedClock
from farmerline.db import Database
from farmerline.domain import (
    drills,
    ledger,
)
from farmerline.errors import Refusal
from farmerline.messages import Channel, Outgoing
from farmerline.models import (
    Account,
    Alert,
)
from jobs.context import Context
from tests import factories
from tests.domain.alerting import Bureau, open_bureau
from tests.factories import NOW
from tests.jobs.carrier import Carrier, County

NAMES = "甲乙丙丁戊己"
_GATEWAYS = ("sms", "voice", "mailbox")


class Killed(BaseException):
    """The process dies in the middle of handing over."""


class Watched(Carrier):
    """A carrier that tells its machine of each message, and may kill the process after one."""

    machine: CountyMachine
    dies_in: int = 0

    def send(self, message: Outgoing) -> str:
        self.machine.sees(message)
        ref = super().send(message)
        if self.dies_in:
            self.dies_in -= 1
            if not self.dies_in:
                raise Killed
        return ref


@cache
def _template() -> tuple[Path, dict[str, str], dict[str, Account]]:
    """A county with a bureau and six people in a file, made once: two of one phone, a landline, one without, two who practise."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with open_bureau(f"sqlite:///{folder / 'made.db'}", folder) as bureau:
        first = bureau.person(NAMES[0])
        bureau.person(NAMES[1], phone=first.phone)
        bureau.person(NAMES[2], phone="+8657463000001")
        bureau.person(NAMES[3])
        people = [bureau.person(NAMES[4]), bureau.person(NAMES[5])]
        with bureau.county.database.write() as session:
            bare = factories.make_account(session, "无", now=NOW - timedelta(days=1))
            bare.phone = bare.phone_index = None
        for one in people:
            bureau.do(drills.register, actor=bureau.actor(bureau.officer), account_id=one.id)
        staff = {"officer": bureau.officer, "signer": bureau.signer, "second": bureau.second}
        with bureau.county.database.writer.connect() as connection:
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[attr-defined]
        return folder / "made.db", bureau.secrets, staff


class CountyMachine(RuleBasedStateMachine):
    """The county of one life, and what is known of it: ``approved`` is what was signed of each alert, ``ended`` when an alert
    ended, ``barred`` who must get nothing more."""

    @initialize()
    def begin(self) -> None:
        made, secrets, staff = _template()
        self.home = Path(tempfile.mkdtemp())
        shutil.copy(made, self.home / "county.db")
        self.clock = FixedClock(NOW)
        self.carrier = Watched()
        self.carrier.machine = self
        self._open()
        self.bureau = Bureau(self.county, staff["officer"], staff["signer"], staff["second"], dict(secrets))
        with self.county.database.read() as session:
            self.people = [row.id for row in session.scalars(select(Account).order_by(Account.id))]
        self.alerts: list[str] = []
        self.approved: dict[str, str] = {}
        self.ended: dict[str, datetime] = {}
        self.barred: dict[str, str] = {}
        self.copy: tuple[dict[str, Any], Path] | None = None
        self.sent: list[Outgoing] = []

    def teardown(self) -> None:
        if hasattr(self, "county"):
            self.county.database.close()
            shutil.rmtree(self.home, ignore_errors=True)

    def _open(self) -> None:
        url = f"sqlite:///{self.home / 'county.db'}"
        database = Database(url)
        gateways = tuple(
            Gateway(name, Channel(name), self.carrier if name != "mailbox" else Carrier(), 1e9, "")
            for name in _GATEWAYS
        )
        with database.write() as session:
            ledger.ensure_gateways(session, gateways, self.clock.now())
        context = Context(
            database, self.clock, gateways, factories.make_test_settings(self.home, database_url=url)
        )
        self.county = County(context, self.clock, self.carrier, database)
        if hasattr(self, "bureau"):
            self.bureau.county = self.county

    def sees(self, message: Outgoing) -> None:
        """Called for each message that a carrier gets, before it has it."""
        raise NotImplementedError

    def _one(self, data: st.DataObject) -> Alert:
        number = data.draw(st.integers(0, len(self.alerts) - 1), label="alert")
        with self.county.database.read() as session:
            return session.get_one(Alert, self.alerts[-1 - number])

    def _officer(self) -> Any:
        return self.bureau.actor(self.bureau.officer)

    @property
    def _settings(self) -> Any:
        return self.county.context.settings

    def _try(self, act: Any, alert: Alert, **values: Any) -> Any:
        """Do it; None where it is refused, and True where it returns nothing."""
        try:
            return self.bureau.do(act, alert, **values) or True
        except Refusal:
            return None
