"""The county of the proof: the real service and the real switch as processes, people with telephones, an officer and a signer."""

from __future__ import annotations

import base64
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pyotp
from sqlalchemy.orm import Session

from bench.pbx import bundle
from bench.pbx.asterisk import Ports
from farmerline import vault
from farmerline.clock import SystemClock
from farmerline.config import PREFIX, Settings, make_settings
from farmerline.db import Database
from farmerline.domain import access, alert_signing, alerts, credentials, shifts
from farmerline.domain.alerts import Draft
from farmerline.migrations import upgrade
from farmerline.models import Account, Alert, Colour, Role
from tests import factories

Value = TypeVar("Value")
LINE = "+8657400002169"
DIALLED = "057400002169"
_START = "from farmerline.cli import main; main()"
_SECONDS = 40.0
_WORDS = Draft(
    colour=Colour.RED,
    crop="水稻",
    pest="稻飞虱",
    degree=4,
    areas=(factories.YANGGAO,),
    valid_until=(SystemClock().now() + timedelta(days=20)).date(),
    short_text="早稻稻飞虱偏重,这三天打药,先看稻丛基部",
    voice_text="早稻有稻飞虱,偏重。这三天打药,先看稻丛基部。",
    full_text="早稻稻飞虱偏重发生。先查后打。",
)


@dataclass(slots=True)
class County:
    """A county in ``folder``; ``processes`` are the service and the switch."""

    folder: Path
    settings: Settings
    database: Database
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _staff: dict[str, tuple[str, str]] = field(default_factory=dict)

    def start(self) -> None:
        """The service and the switch."""
        settings = {f"{PREFIX}SETTINGS": str(self.folder / "settings.env")}
        for name in ("serve", "pbx"):
            command = [sys.executable, "-c", _START, name]
            self.processes.append(bundle.start(command, self.folder / f"{name}.log", settings))

    def wait(self) -> None:
        """Until both answer. Raises ``TimeoutError``."""
        for address in (f"http://{self.settings.listen}/", f"http://{self.settings.pbx_listen}/"):
            until = time.monotonic() + _SECONDS
            while not _answers(address):
                if time.monotonic() > until or any(one.poll() is not None for one in self.processes):
                    raise TimeoutError(f"{address} does not answer: {self.last_words()}")
                time.sleep(0.1)

    def last_words(self) -> str:
        """The ends of the logs."""
        return " | ".join(
            path.read_text(errors="replace")[-400:] for path in sorted(self.folder.glob("*.log"))
        )

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            bundle.end(process, 12)
        self.database.close()

    def person(self, number: str, name: str) -> Account:
        """A farmer of the village whose telephone has this number."""
        with self.database.write() as session:
            return factories.make_account(
                session, name, phone=number, now=SystemClock().now() - timedelta(days=1)
            )

    def expert(self, number: str, name: str, day: int) -> None:
        """An expert on duty for the county at every hour, first of those who are added first."""
        now = SystemClock().now()
        with self.database.write() as session:
            account = factories.make_staff(
                session, Role.EXPERT, factories.COUNTY, name, now=now - timedelta(days=day), phone=number
            )
            actor = access.actor_of(session, account)
            for weekday in range(7):
                shifts.add(
                    session, actor=actor, area_code=factories.COUNTY, account_id=account.id, weekday=weekday, starts=0,
                    ends=24 * 60, now=now,
                )  # fmt: skip

    def read(self, ask: Callable[[Session], Value]) -> Value:
        with self.database.read() as session:
            return ask(session)

    def until(self, ask: Callable[[Session], Value], seconds: float = 10.0) -> Value:
        """The first answer that is true, or the last one."""
        end = time.monotonic() + seconds
        while not (found := self.read(ask)) and time.monotonic() < end:
            time.sleep(0.1)
        return found

    def alert(self) -> Alert:
        """A red alert, drafted by the officer and signed by the second person: its calls begin at once."""
        now = SystemClock().now()
        (officer, _), (signer, secret) = self._staff["officer"], self._staff["signer"]
        with self.database.write() as session:
            actor = access.actor_of(session, session.get_one(Account, officer), second_factor=True)
            made = alerts.draft(session, actor=actor, fields=_WORDS, settings=self.settings, now=now)
            alerts.submit(session, made, actor=actor, seen=made.version, settings=self.settings, now=now)
        with self.database.write() as session:
            row: Alert = session.get_one(Alert, made.id)
            actor = access.actor_of(session, session.get_one(Account, signer), second_factor=True)
            alert_signing.sign(
                session, row, actor=actor, code=pyotp.TOTP(secret).at(now), settings=self.settings, now=now,
                seen=row.version, people=row.people,
            )  # fmt: skip
        return made


def make_county(folder: Path, ports: Ports, secret: str, **values: Any) -> County:
    """An empty county with its staff; raises what the database raises."""
    folder.mkdir(parents=True)
    (folder / "gateways.toml").write_text(
        '[[gateway]]\nname = "voice"\nkind = "twilio"\nchannel = "voice"\nrate = 20\n'
    )
    given: dict[str, Any] = {
        "database_url": f"sqlite:///{folder / 'farmerline.db'}", "home": folder, "county": factories.COUNTY,
        "service_name": "农信通达·慈溪", "line_number": "0574-00002169", "gateways": folder / "gateways.toml",
        "twilio_account_sid": "AC" + secrets.token_hex(16), "twilio_auth_token": secrets.token_hex(16),
        "twilio_number": LINE, "twilio_api": f"http://127.0.0.1:{ports.api}",
        "public_url": f"http://127.0.0.1:{ports.web}", "listen": f"127.0.0.1:{ports.web}", "vault_keys": f"k1:{_key()}",
        "index_key": _key(), "web_key": _key(), "pbx_listen": f"127.0.0.1:{ports.api}", "pbx_agi": f"127.0.0.1:{ports.agi}",
        "pbx_manager": f"127.0.0.1:{ports.manager}", "pbx_manager_secret": secret, "pbx_hooks": "", **values,
    }  # fmt: skip
    (folder / "settings.env").write_text(
        "".join(f"{PREFIX}{name.upper()}={value}\n" for name, value in given.items())
    )
    settings = make_settings(given)
    vault.install(settings.vault())
    county = County(folder, settings, Database(settings.database_url))
    upgrade(county.database)
    with county.database.write() as session:
        factories.fill_county(session)
        now = SystemClock().now() - timedelta(days=30)
        for role, name in ((Role.OFFICER, "施植保"), (Role.SIGNER, "周签发")):
            account = factories.make_staff(session, role, factories.COUNTY, name, now=now)
            totp = credentials.make_totp_secret()
            credentials.enrol_totp(session, account, secret=totp, code=pyotp.TOTP(totp).at(now), now=now)
            county._staff[role.value] = (account.id, totp)
    return county


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True  # it says no, but it says something
    except OSError:
        return False
