"""The machine: composed, edited, signed, sent, crashed, reported, cancelled, put right, opted out, erased, restored."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pyotp
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from sqlalchemy import select

from farmerline.cli.recovery import finish_restore
from farmerline.domain import (
    alert_control,
    alert_signing,
    alerts,
    audit,
    consent,
    drills,
    erasure,
    receipts,
)
from farmerline.domain import reach as reaching
from farmerline.errors import Refusal
from farmerline.messages import Outgoing, Receipt, ReceiptState
from farmerline.models import (
    Account,
    Alert,
    AlertKind,
    AlertState,
    Colour,
    Delivery,
    DeliveryState,
    Purpose,
    Reach,
    Settled,
)
from farmerline.queries import alerts as queries
from farmerline.runtime import Runtime
from jobs import deliver
from tests.domain.alert_machine_county import CountyMachine, Killed
from tests.domain.alerting import FIELDS

_STOPS = timedelta(seconds=5)


class AlertMachine(CountyMachine):
    """Steps in any order, and what must hold after each."""

    # --- what may happen

    @rule(colour=st.sampled_from(Colour), exercise=st.sampled_from([False, False, True]))
    def compose(self, colour: Colour, exercise: bool) -> None:
        self.alerts.append(self.bureau.draft(colour=colour, exercise=exercise).id)

    @rule(colour=st.sampled_from(Colour), exercise=st.sampled_from([False, False, True]))
    def issue(self, colour: Colour, exercise: bool) -> None:
        """Composed, handed over and signed in a row: else few of them would ever leave."""
        self.compose(colour, exercise)
        alert = self.bureau.get(Alert(id=self.alerts[-1]))
        self._try(alerts.submit, alert, actor=self._officer(), seen=alert.version, settings=self._settings)
        self.clock.advance(timedelta(seconds=31))
        alert, who = self.bureau.get(alert), self.bureau.signer
        code = pyotp.TOTP(self.bureau.secrets[who.id]).at(self.clock.now())
        given = {"seen": alert.version, "people": alert.people, "code": code, "settings": self._settings}
        if self._try(alert_signing.sign, alert, actor=self.bureau.actor(who), **given):
            self.approved[alert.id] = alert_signing.hash_of(self.bureau.get(alert))
        self.bureau.step()

    @precondition(lambda self: self.alerts)
    @rule(data=st.data(), words=st.sampled_from(["先看稻丛基部", "傍晚打药", "十三号打药"]))
    def edit(self, data: st.DataObject, words: str) -> None:
        alert = self._one(data)
        fields = replace(
            FIELDS, short_text=words, exercise=alert.exercise, areas=() if alert.parent_id else FIELDS.areas
        )
        self._try(
            alerts.edit,
            alert,
            actor=self._officer(),
            fields=fields,
            seen=alert.version,
            settings=self._settings,
        )

    @precondition(lambda self: self.alerts)
    @rule(data=st.data())
    def submit(self, data: st.DataObject) -> None:
        alert = self._one(data)
        self._try(alerts.submit, alert, actor=self._officer(), seen=alert.version, settings=self._settings)

    @precondition(lambda self: self.alerts)
    @rule(data=st.data(), who=st.sampled_from(["signer", "second", "officer"]), slip=st.sampled_from(["", "", "", "count", "version", "code"]))  # fmt: skip
    def sign(self, data: st.DataObject, who: str, slip: str) -> None:
        alert, account = self._one(data), getattr(self.bureau, who)
        self.clock.advance(timedelta(seconds=31))
        code = pyotp.TOTP(self.bureau.secrets[account.id]).at(self.clock.now())
        done = self._try(
            alert_signing.sign, alert, actor=self.bureau.actor(account), settings=self._settings,
            seen=alert.version + (slip == "version"), people=alert.people + (slip == "count"),
            code="000000" if slip == "code" else code,
        )  # fmt: skip
        if done:
            assert who != "officer" and not slip, "signed by its writer, or with a slip"
            self.approved[alert.id] = alert_signing.hash_of(self.bureau.get(alert))

    @precondition(lambda self: self.alerts)
    @rule(data=st.data())
    def send_alone(self, data: st.DataObject) -> None:
        alert = self._one(data)
        self.clock.advance(timedelta(seconds=31))
        code = pyotp.TOTP(self.bureau.secrets[self.bureau.officer.id]).at(self.clock.now())
        if self._try(
            alert_signing.send_alone, alert, actor=self._officer(), code=code, settings=self._settings
        ):
            assert alert.colour is Colour.RED and not alert.exercise
            self.approved[alert.id] = alert_signing.hash_of(self.bureau.get(alert))

    @rule(seconds=st.sampled_from([1, 6, 61, 180, 660, 3700]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))
        self.bureau.step()

    @rule()
    def send(self) -> None:
        self.bureau.step()
        deliver.drain(self.county.context)

    @rule(after=st.integers(1, 3))
    def crash(self, after: int) -> None:
        self.carrier.dies_in = after
        with suppress(Killed):
            deliver.drain(self.county.context)
        self.carrier.dies_in = 0

    @rule(data=st.data(), state=st.sampled_from([ReceiptState.DELIVERED, ReceiptState.FAILED]))
    def report(self, data: st.DataObject, state: ReceiptState) -> None:
        if self.sent:
            message = data.draw(st.sampled_from(self.sent), label="message")
            said = Receipt(
                gateway=message.channel.value, ref=f"ref-{message.id}", state=state, at=self.clock.now(),
                delivery_id=message.id, reason="unreachable_phone" if state is ReceiptState.FAILED else None,
            )  # fmt: skip
            with self.county.database.write() as session:
                receipts.report(session, said)

    @precondition(lambda self: self.alerts)
    @rule(data=st.data(), how=st.sampled_from([Settled.REPLY, Settled.KEY, Settled.NOT_MINE, Settled.TOLD]))
    def answer(self, data: st.DataObject, how: Settled) -> None:
        alert, who = self._one(data), data.draw(st.sampled_from(self.people), label="person")
        with self.county.database.write() as session:
            reaching.settle(
                session, session.get_one(Alert, alert.id), account_ids=[who], how=how, now=self.clock.now()
            )

    @precondition(lambda self: self.alerts)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        alert = self._one(data)
        void = self._try(alert_control.cancel, alert, actor=self._officer(), settings=self._settings)
        if void:
            self.alerts.append(void.id)
            self.approved[void.id] = ""  # prepared words: one person's click
            self.ended[alert.id] = self.clock.now()

    @precondition(lambda self: self.alerts)
    @rule(data=st.data(), kind=st.sampled_from([AlertKind.UPDATE, AlertKind.CORRECTION, AlertKind.ALL_CLEAR]))
    def follow(self, data: st.DataObject, kind: AlertKind) -> None:
        alert = self._one(data)
        with self.county.database.read() as session:
            fields = replace(
                FIELDS, areas=(), colour=Colour.BLUE if kind is AlertKind.ALL_CLEAR else alert.colour
            )
        with suppress(Refusal), self.county.database.write() as session:
            made = alerts.draft(
                session, actor=self._officer(), fields=fields, settings=self._settings, now=self.clock.now(), kind=kind,
                parent=session.get_one(Alert, alert.id),
            )  # fmt: skip
            self.alerts.append(made.id)

    @precondition(lambda self: self.alerts)
    @rule(data=st.data(), act=st.sampled_from(["pause", "resume", "stop", "take_back", "withdraw"]))
    def control(self, data: st.DataObject, act: str) -> None:
        alert = self._one(data)
        verb = getattr(alert_control, act, None) or getattr(alerts, act)
        if self._try(verb, alert, actor=self._officer()) and act == "stop":
            self.ended[alert.id] = self.clock.now()

    @rule(data=st.data())
    def opt_out(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(self.people), label="person")
        with self.county.database.write() as session:
            account = session.get_one(Account, who)
            consent.stop(
                session, accounts=[account], purposes=[Purpose.ALERT], proof="test", now=self.clock.now()
            )
        self.barred[who] = "opted out"

    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        staff = {one.id for one in (self.bureau.officer, self.bureau.signer, self.bureau.second)}
        who = data.draw(st.sampled_from([one for one in self.people if one not in staff]), label="person")
        with suppress(Refusal), self.county.database.write() as session:
            account = session.get_one(Account, who)
            erasure.erase(session, account, by=None, reason="本人要求", home=self.home, now=self.clock.now())
        self.barred[who] = "erased"

    @rule()
    def back_up(self) -> None:
        with self.county.database.writer.connect() as connection:
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[attr-defined]
        file = self.home / "copy.db"
        shutil.copy(self.home / "county.db", file)
        opted = {who: why for who, why in self.barred.items() if why != "erased"}
        known = {
            "alerts": [*self.alerts],
            "approved": {**self.approved},
            "ended": {**self.ended},
            "barred": opted,
        }
        self.copy = (known, file)

    @precondition(lambda self: self.copy)
    @rule()
    def restore(self) -> None:
        """What was not in the copy is not known any more, but who was erased stays erased."""
        assert self.copy is not None
        known, file = self.copy
        self.county.database.close()
        for rest in ("-wal", "-shm"):
            (self.home / f"county.db{rest}").unlink(missing_ok=True)
        shutil.copy(file, self.home / "county.db")
        self._open()
        runtime = Runtime(settings=self._settings, database=self.county.database, clock=self.clock)
        finish_restore(runtime, file)
        erased = {who: why for who, why in self.barred.items() if why == "erased"}
        self.alerts, self.approved = [*known["alerts"]], {**known["approved"]}
        self.ended, self.barred = {**known["ended"]}, {**known["barred"], **erased}
        with self.county.database.read() as session:
            running = session.scalars(select(Alert.id).where(Alert.state == AlertState.RUNNING)).all()
        assert not running, "after a restore nothing goes on by itself"

    # --- what must hold

    def sees(self, message: Outgoing) -> None:
        """Called for each message that a carrier gets, before it has it."""
        with self.county.database.read() as session:
            row = session.get_one(Delivery, message.id)
            if row.purpose is not Purpose.ALERT:
                return
            alert = session.scalars(select(Alert).where(Alert.campaign_id == row.campaign_id)).one()
            self.sent.append(message)
            assert alert.id in self.approved, f"{alert.number} was sent without an approval"
            if alert.kind is not AlertKind.CANCEL:
                assert alert_signing.hash_of(alert) == alert.signed_hash == self.approved[alert.id]
            over = self.ended.get(alert.id)
            assert over is None or self.clock.now() <= over + _STOPS, f"{alert.number} was sent after its end"
            assert alert.state is not AlertState.PAUSED, f"{alert.number} was sent while it was paused"
            assert row.account_id not in self.barred, (
                f"sent to one who is {self.barred[row.account_id or '']}"
            )
            listed = session.get(Reach, (alert.id, row.account_id))
            assert listed is not None and not listed.excluded
            if alert.exercise:
                assert row.account_id in drills.ids(session)

    @invariant()
    def counts_balance(self) -> None:
        if not hasattr(self, "county"):
            return
        with self.county.database.read() as session:
            for alert in session.scalars(select(Alert)):
                found = queries.status(session, alert)
                assert found.planned == found.confirmed + found.told + found.unreached + found.excluded
                assert found.planned == alert.people

    @invariant()
    def the_audit_holds(self) -> None:
        if hasattr(self, "county"):
            with self.county.database.read() as session:
                assert audit.verify(session) is None

    @invariant()
    def no_older_version_waits_behind_a_newer(self) -> None:
        if not hasattr(self, "county"):
            return
        with self.county.database.read() as session:
            gone = (AlertState.REPLACED, AlertState.CANCELLED, AlertState.STOPPED, AlertState.EXPIRED)
            waits = (
                select(Delivery.id)
                .join(Alert, Alert.campaign_id == Delivery.campaign_id)
                .where(Alert.state.in_(gone), Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.HELD)))
            )
            assert session.scalars(waits.limit(1)).first() is None
