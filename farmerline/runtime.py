"""The running service: settings, database, clock, carriers, and the ports by which channels reach the inside."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from flask import Blueprint
from sqlalchemy import func, select

from channels.contract import Gateway, Ports, Recogniser, SendError
from channels.gateways import Table
from channels.mailbox import email
from channels.mailbox.email import MailServer
from channels.registry import (
    DEMO_ACCOUNT,
    Line,
    Simulator,
    build_gateways,
    build_hooks,
    build_simulator,
    read_gateways,
    usual_tables,
)
from channels.simulator.pumper import Pumper
from channels.transport import ProviderHttp
from channels.voice import recogniser
from farmerline import vault
from farmerline.clock import Clock, ShiftedClock, SystemClock, proof_clock
from farmerline.config import Module, Settings
from farmerline.db import Database, Together
from farmerline.demo import clock as demo_clock
from farmerline.domain import calls, erasure, intake, ledger, pieces, receipts, spoken_tree
from farmerline.domain.reader import Reader, places
from farmerline.domain.spoken import spoken
from farmerline.errors import Misconfigured
from farmerline.messages import Accepted, Channel, Incoming, Receipt, SpokenScript, Turn
from farmerline.models import Recording
from farmerline.queries.admin import JobLine
from farmerline.render.speech import Speech
from farmerline.render.speech.opening import open_speech
from farmerline.words import DEFAULT_LANGUAGE, say
from jobs import alerts, deliver, recognise
from jobs import intake as hear
from jobs.context import Context
from jobs.runner import overview
from jobs.schedule import describe
from matching import Matcher, Understood

_log = logging.getLogger(__name__)
_PREPARING = 5_330_282
"""The number of PostgreSQL's lock for what a process does once before it serves."""


@dataclass
class Runtime:
    """One process's service."""

    settings: Settings
    database: Database
    clock: Clock

    @cached_property
    def line(self) -> Line:
        """The telephone line. A demo's account and token are made up: its carrier knows no network."""
        settings = self.settings
        return Line(
            kind=settings.gateway,
            number=settings.twilio_number or settings.line_number.replace("-", "").replace(" ", ""),
            public_url=settings.public_url,
            account_sid=settings.twilio_account_sid or DEMO_ACCOUNT,
            auth_token=settings.twilio_auth_token.get_secret_value() or settings.web_key.get_secret_value(),
            api=settings.twilio_api,
            sms_rate=settings.sms_rate,
            call_rate=settings.call_rate,
            sms_signature=settings.sms_signature,
            part_yuan=settings.sms_part_yuan,
            minute_yuan=settings.call_minute_yuan,
            voices={"zh": settings.say_voice, "en": settings.say_voice_english},
        )

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """What is said of each connection; no calls where the county has no voice line. Raises ``Misconfigured``."""
        settings = self.settings
        if settings.gateways is None:
            tables = usual_tables(self.line)
        else:
            tables = read_gateways(settings.gateways, demo=settings.is_demo, line=self.line)
        if settings.mode == "proof" and not all(table.stays_here() for table in tables):
            raise Misconfigured(
                "FARMERLINE_MODE=proof reaches nobody: FARMERLINE_GATEWAYS may name only addresses of this machine."
            )
        return tuple(
            table for table in tables if table.channel is not Channel.VOICE or settings.has(Module.VOICE)
        )

    @cached_property
    def speech(self) -> Speech:
        """The voice that reads aloud, where one is installed."""
        return open_speech(self.settings, spoken_tree.phrases(DEFAULT_LANGUAGE))

    @cached_property
    def recogniser(self) -> Recogniser | None:
        """The county's own, that writes down what callers say; raises ``Misconfigured``."""
        return recogniser.build(self.settings, stays_here=self.settings.mode != "production")

    @cached_property
    def simulator(self) -> Simulator | None:
        """The simulated carrier; only in a demo."""
        if not self.settings.is_demo:
            return None
        path = self.settings.simulator_path or self.settings.home / "carrier.db"
        return build_simulator(self.line, path, self.clock.now, self.speech)

    @property
    def provider(self) -> ProviderHttp | None:
        return self.simulator.http if self.simulator else None

    @cached_property
    def gateways(self) -> list[Gateway]:
        """The carriers' connections, and the mail server's where the county has one."""
        settings = self.settings
        made = build_gateways(self.line, self.provider, self.tables)
        if settings.smtp_url and settings.has(Module.MAILBOX):
            server = MailServer.at(
                settings.smtp_url, password=settings.smtp_password.get_secret_value(), sender=settings.smtp_sender,
                name=settings.service_name, public_url=settings.public_url, demo=settings.is_demo,
            )  # fmt: skip
            made.append(email.connect(server, settings.smtp_rate))
        return made

    def hooks(self) -> list[Blueprint]:
        """The carriers' webhooks."""
        return build_hooks(self.line, self.ports, self.provider, self.tables)

    @cached_property
    def context(self) -> Context:
        """What a job needs."""
        return Context(
            settings=self.settings,
            database=self.database,
            clock=self.clock,
            gateways=tuple(self.gateways),
            understand=self.understand,
            reader=self.reader,
            recogniser=self.recogniser,
        )

    @cached_property
    def matcher(self) -> Matcher:
        """The matcher as shipped, knowing the county's towns and villages; `reader` reads as the editors left it."""
        with self.database.read() as session:
            return Matcher.default().with_places(places(session, self.settings.county))

    @cached_property
    def reader(self) -> Reader:
        """Reads words with the vocabulary as its editors left it."""
        return Reader(self.database.read, lambda: self.matcher)

    def understand(self, text: str, open_kinds: frozenset[str] = frozenset()) -> Understood:
        """What a text wants. The last readings are kept, so that a text read before a transaction costs nothing in it."""
        return self.reader.understand(text, open_kinds)

    def now(self) -> datetime:
        return self.clock.now()

    def take(self, incoming: Incoming) -> Accepted:
        """Put a carrier's words on record; the job ``hear`` acts on them a moment later.

        Of a piece of a longer text ``inbound_id`` is empty until the others are there.
        """
        inbound_id, repeated = self._store(incoming) or ("", False)
        self.database.told("inbound")
        return Accepted(inbound_id=inbound_id, repeated=repeated)

    def _store(self, incoming: Incoming) -> tuple[str, bool] | None:
        if incoming.piece is not None:
            with self.database.write() as session:
                pieces.keep(session, incoming)
            with self.database.write() as session:
                return pieces.join(session, incoming)
        return self._put(intake.prepare(incoming))

    @cached_property
    def _put(self) -> Together[dict[str, Any], tuple[str, bool]]:
        return Together(self.database, intake.put)

    def accept(self, incoming: Incoming) -> Accepted:
        """Put words on record, then act on them at once: for who waits for the answer, as a page does. Once this returns or
        raises after the first step, nothing is lost."""
        stored = self._store(incoming)
        if stored is None:
            return Accepted(inbound_id="")
        inbound_id, repeated = stored
        with self.database.read() as session:
            waiting = intake.to_read(session, inbound_id)
            if repeated and waiting is None:
                return intake.recall(session, inbound_id)
        try:
            if waiting is not None:
                self.understand(*waiting)
            with self.database.write() as session:
                accepted = intake.handle(
                    session,
                    inbound_id=inbound_id,
                    understand=self.understand,
                    settings=self.settings,
                    now=self.now(),
                )
        except Exception as error:
            _log.error("intake.failed inbound=%s error=%s", inbound_id, type(error).__name__)
            return Accepted(inbound_id=inbound_id)  # on record; the intake job takes it up
        return accepted

    def report(self, receipt: Receipt) -> None:
        """A carrier's receipt."""
        with self.database.write() as session:
            receipts.report(session, receipt)

    def turn(self, heard: Turn) -> SpokenScript:
        """The next words of a call."""
        self.reader.freshen()
        with self.database.write() as session:
            script = calls.turn(
                session, heard, understand=self.understand, settings=self.settings, now=self.now()
            )
        return self.speech.voiced(script, carrier=not self.settings.is_demo)

    def recording(self, recording_id: str) -> bytes | None:
        """A kept recording's WAV bytes, or those of a recorded phrase."""
        if phrase := self.speech.recordings.get(recording_id):
            return phrase
        with self.database.read() as session:
            row = session.get(Recording, recording_id)
            return row.sound if row else None

    def speak(self, text: str, language: str = "zh") -> bytes | None:
        """WAV bytes of words as callers hear them; None where no voice is installed."""
        return self.speech.speak(spoken(text, language), language)

    @cached_property
    def ports(self) -> Ports:
        demo = self.settings.is_demo
        return Ports(
            accept=self.take,
            report=self.report,
            turn=self.turn,
            recording=self.recording,
            now=self.now,
            move_clock=self.move_clock if demo else None,
            run_due=self.settle if demo else None,
        )

    def move_clock(self, step: timedelta) -> list[str]:
        """Demo only: move the clock, running what falls due on the way."""
        return demo_clock.move(self, step)

    def settle(self) -> list[str]:
        """Send what is due and let the simulated carrier deliver it, until nothing moves."""
        for _ in range(50):
            moved = hear.handle_new(self.context) + recognise.recognise(self.context)
            moved += alerts.step(self.context) + deliver.drain(self.context)
            if self.simulator is not None:
                moved += self.simulator.carrier.pump(self.now())
            if not moved:
                break
        return []

    @cached_property
    def _pumper(self) -> Pumper | None:
        return Pumper(self.simulator.exchange) if self.simulator else None

    def start(self, *, pages: bool = True, jobs: bool = True) -> None:
        """Let the simulated carrier go by itself while a process serves pages; nothing in production.

        ``jobs`` tells whether this process also holds the carriers' connections.
        """
        if self._pumper and pages:
            self._pumper.start()

    def open_lines(self) -> None:
        """Let carriers with a connection that stays open bring what they have; where messages are handed over."""
        for gateway in self.gateways:
            if gateway.line is not None:
                gateway.line.start(self.ports)

    def close_lines(self) -> None:
        """The opposite."""
        for gateway in self.gateways:
            if gateway.line is not None:
                gateway.line.stop()

    def stop(self) -> None:
        """The opposite of ``start``."""
        if self._pumper:
            self._pumper.stop()

    def probe_carriers(self) -> list[tuple[str, str | None]]:
        """Ask each carrier that can be asked whether it knows us: its connection's name, and what is wrong, if anything."""
        probed = []
        for gateway in self.gateways:
            if gateway.probe is None:
                continue
            problem = None
            try:
                gateway.probe()
            except SendError as error:
                problem = f"{error.reason.value} {error.code}".strip()
            probed.append((f"{gateway.kind} {gateway.name}", problem))
        return probed

    def timetable(self, language: str) -> list[JobLine]:
        """The timetable as it stands now, in the reader's words."""
        return [
            JobLine(
                name=line.job.name,
                when=describe(line.job.when, language),
                about=say(language, line.job.about),
                last=line.last,
                next_at=line.next_at,
            )
            for line in overview(self.context)
        ]

    def prepare(self) -> None:
        """What a process does once before it serves: know its carriers' rows, and erase again who is on the list."""
        with self.database.write() as session:
            if not self.database.is_sqlite:  # several hosts begin at once
                session.execute(select(func.pg_advisory_xact_lock(_PREPARING)))
            erasure.erase_again(session, home=self.settings.home, now=self.now())
            ledger.ensure_gateways(session, self.gateways, now=self.now())


def open_runtime(settings: Settings) -> Runtime:
    """A runtime on a migrated database; raises ``Misconfigured``."""
    vault.install(settings.vault())
    database = Database(settings.database_url)
    clock: Clock = proof_clock(settings.clock_file) if settings.clock_file else SystemClock()
    if settings.is_demo:
        clock = ShiftedClock()
        demo_clock.load(database, clock)
    runtime = Runtime(settings=settings, database=database, clock=clock)
    _ = runtime.tables, runtime.recogniser  # a wrong gateways file or recogniser stops the start
    return runtime
