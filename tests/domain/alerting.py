"""A county's bureau for tests: an officer, two signers, villages with people, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pyotp
from sqlalchemy import select

from farmerline.config import Settings
from farmerline.domain import access, alert_signing, alerts, callouts, credentials, ledger, receipts
from farmerline.domain.access import Actor
from farmerline.domain.alerts import Draft
from farmerline.domain.receipts import Handed
from farmerline.messages import Receipt, ReceiptState
from farmerline.models import Account, Alert, Colour, Credential, Delivery, DeliveryState, Reach, Role
from farmerline.queries import alerts as queries
from jobs import alerts as job
from tests import factories
from tests.factories import COUNTY, YANGGAO
from tests.jobs.carrier import County, open_county

FIELDS = Draft(
    colour=Colour.ORANGE,
    crop="水稻",
    pest="稻飞虱",
    degree=4,
    areas=(YANGGAO,),
    valid_until=date(2026, 12, 31),
    short_text="早稻稻飞虱偏重,13至15日打药,先看稻丛基部",
    voice_text="早稻有稻飞虱,偏重。十三到十五号打药,先看稻丛基部。",
    full_text="早稻稻飞虱偏重发生。先查后打。",
)


@dataclass
class Bureau:
    """Who works on alerts, and everything that can be done to one."""

    county: County
    officer: Account
    signer: Account
    second: Account
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.county.clock.now()

    @property
    def settings(self) -> Settings:
        return self.county.context.settings

    def actor(self, account: Account) -> Actor:
        with self.county.database.read() as session:
            return access.actor_of(session, session.get_one(Account, account.id), second_factor=True)

    def person(self, name: str = "杨大山", **values: Any) -> Account:
        with self.county.database.write() as session:
            return factories.make_account(session, name, **{"now": self.now - timedelta(days=1), **values})

    def code(self, account: Account) -> str:
        """A code of the second factor that was not used before."""
        self.wait(seconds=31)
        return pyotp.TOTP(self.secrets[account.id]).at(self.now)

    def do(self, act: Any, alert: Alert | None = None, **values: Any) -> Any:
        """A domain function in a transaction of its own, now."""
        with self.county.database.write() as session:
            first = [session.get_one(Alert, alert.id)] if alert else []
            return act(session, *first, now=self.now, **values)

    def draft(self, **values: Any) -> Alert:
        fields = replace(FIELDS, **values)
        return self.do(alerts.draft, actor=self.actor(self.officer), fields=fields, settings=self.settings)

    def submit(self, alert: Alert) -> None:
        self.do(
            alerts.submit,
            alert,
            actor=self.actor(self.officer),
            seen=self.get(alert).version,
            settings=self.settings,
        )

    def sign(self, alert: Alert, by: Account | None = None, **values: Any) -> None:
        who = by or self.signer
        code = values.pop("code", None) or self.code(who)
        row = self.get(alert)
        given = {"seen": row.version, "people": row.people, **values}
        self.do(alert_signing.sign, alert, actor=self.actor(who), code=code, settings=self.settings, **given)

    def issue(self, **values: Any) -> Alert:
        """Drafted, handed over, signed, written."""
        alert = self.draft(**values)
        self.submit(alert)
        self.sign(alert)
        self.step()
        return self.get(alert)

    def step(self) -> int:
        return job.step(self.county.context)

    def next_due(self) -> datetime | None:
        return job.next_due(self.county.context)

    def wait(self, **length: float) -> None:
        self.county.wait(**length)

    def later(self, **length: float) -> None:
        """Move the clock, doing what falls due on the way at its own moment."""
        goal = self.now + timedelta(**length)
        while (moment := self.next_due()) is not None and moment <= goal:
            self.county.clock.advance(max(timedelta(), moment - self.now))
            if not self.step():
                break
        self.county.clock.advance(goal - self.now)
        self.step()

    def get(self, alert: Alert) -> Alert:
        with self.county.database.read() as session:
            return session.get_one(Alert, alert.id)

    def reach(self, alert: Alert, account: Account) -> Reach:
        with self.county.database.read() as session:
            return session.get_one(Reach, (alert.id, account.id))

    def status(self, alert: Alert) -> queries.Status:
        with self.county.database.read() as session:
            return queries.status(session, session.get_one(Alert, alert.id))

    def messages(self, alert: Alert, account: Account | None = None, channel: str = "") -> list[Delivery]:
        """What was promised to people for the alert, in order."""
        with self.county.database.read() as session:
            query = select(Delivery).where(
                Delivery.campaign_id == session.get_one(Alert, alert.id).campaign_id
            )
            if account:
                query = query.where(Delivery.account_id == account.id)
            rows = session.scalars(query.order_by(Delivery.created_at, Delivery.round, Delivery.id))
            return [row for row in rows if not channel or row.channel == channel]

    def called(self, account: Account) -> list[Delivery]:
        """What somebody of the bureau was sent outside the alerts' own broadcasts."""
        with self.county.database.read() as session:
            query = select(Delivery).where(Delivery.account_id == account.id, Delivery.campaign_id.is_(None))
            return list(session.scalars(query.order_by(Delivery.created_at, Delivery.id)))

    def hand_over(self) -> None:
        """Everything that is due leaves, by every connection."""
        for gateway in ("sms", "voice", "mailbox"):
            with self.county.database.write() as session:
                claims = ledger.claim(
                    session,
                    gateway=gateway,
                    worker="w",
                    settings=self.settings,
                    now=self.now,
                    limit=5000,
                    paced=False,
                )
                handed = [Handed(one.outgoing.id, f"ref-{one.outgoing.id}", self.now) for one in claims]
                receipts.settle_sent(session, handed, gateway=gateway, worker="w")

    def report(
        self, delivery: Delivery, state: ReceiptState, reason: str = "", seconds: int | None = None
    ) -> None:
        """The carrier says what became of a message."""
        receipt = Receipt(
            gateway=delivery.gateway, ref=f"ref-{delivery.id}", state=state, at=self.now, delivery_id=delivery.id,
            reason=reason or None, seconds=seconds,
        )  # fmt: skip
        with self.county.database.write() as session:
            receipts.report(session, receipt)

    def arrive(self, alert: Alert, *, but: tuple[Account, ...] = ()) -> None:
        """Every text that left arrives, except at some phones, which are off."""
        off = {account.id for account in but}
        for row in self.messages(alert):
            if row.state is DeliveryState.SENT and row.channel == "sms":
                dead = row.account_id in off
                self.report(
                    row,
                    ReceiptState.FAILED if dead else ReceiptState.DELIVERED,
                    "unreachable_phone" if dead else "",
                )

    def callouts(self, alert: Alert) -> list[Any]:
        with self.county.database.read() as session:
            return callouts.of_alert(session, session.get_one(Alert, alert.id))


@contextmanager
def open_bureau(url: str, home: Any, **settings: Any) -> Iterator[Bureau]:
    """An officer and two signers of the county, each with a second factor."""
    with open_county(url, home, **settings) as county:
        secrets = {}
        with county.database.write() as session:
            now = county.clock.now() - timedelta(days=30)
            officer = factories.make_staff(session, Role.OFFICER, COUNTY, "施植保", now=now)
            signer = factories.make_staff(session, Role.SIGNER, COUNTY, "周签发", now=now + timedelta(days=1))
            second = factories.make_staff(session, Role.SIGNER, COUNTY, "方签发", now=now + timedelta(days=2))
            for account in (officer, signer, second):
                secrets[account.id] = credentials.make_totp_secret()
                code = pyotp.TOTP(secrets[account.id]).at(now)
                credentials.enrol_totp(session, account, secret=secrets[account.id], code=code, now=now)
                assert session.get_one(Credential, account.id)
        yield Bureau(county, officer, signer, second, secrets)
