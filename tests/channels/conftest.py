"""A line that ends at the simulated carrier, with an inside handed in that only notes what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

import farmerline.web
from channels.contract import Gateway, Ports
from channels.registry import Line, Simulator, build_gateways, build_hooks, build_simulator
from channels.simulator.api import handset_api
from channels.simulator.phone import phone_pages
from farmerline.clock import FixedClock
from farmerline.messages import (
    Accepted,
    Ask,
    Channel,
    HangUp,
    Incoming,
    Outgoing,
    Receipt,
    Say,
    SpokenScript,
    Turn,
)
from farmerline.web import format as formats
from farmerline.web import language
from tests.channels.centre import MessageCentre, open_centre

TOKEN = "a-token-made-up-for-tests"
URL = "https://line.example"
SERVICE = "+8657400002169"
FARMER = "+8613800000001"
WEB = Path(farmerline.web.__file__).parent
MENU = SpokenScript((Say("您好。"), Ask("menu", (Say("卖请按1，买请按2。"),))))


@dataclass
class Inside:
    """The service, as far as a channel sees it. ``script`` says what a caller hears at each turn."""

    clock: FixedClock
    accepted: dict[tuple[str, str], Incoming] = field(default_factory=dict)
    receipts: list[Receipt] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    recordings: dict[str, bytes] = field(default_factory=dict)
    script: Callable[[Turn], SpokenScript] = lambda turn: MENU if not turn.step else SpokenScript((HangUp(),))
    broken: bool = False

    def accept(self, incoming: Incoming) -> Accepted:
        self._work()
        repeated = (incoming.gateway, incoming.ref) in self.accepted
        self.accepted.setdefault((incoming.gateway, incoming.ref), incoming)
        return Accepted("0" * 32, repeated=repeated)

    def report(self, receipt: Receipt) -> None:
        self._work()
        self.receipts.append(receipt)

    def turn(self, turn: Turn) -> SpokenScript:
        self._work()
        self.turns.append(turn)
        return self.script(turn)

    def _work(self) -> None:
        if self.broken:
            raise RuntimeError("the store is away")

    @property
    def words(self) -> list[str]:
        return [incoming.text for incoming in self.accepted.values()]

    def ports(self) -> Ports:
        return Ports(self.accept, self.report, self.turn, self.recordings.get, self.clock.now, self._move)

    def _move(self, step: timedelta) -> list[str]:
        self.clock.advance(step)
        return [f"moved {step}"]


@dataclass
class World:
    """Everything between a handset and the inside."""

    inside: Inside
    line: Line
    simulator: Simulator
    app: Flask
    gateways: dict[str, Gateway]

    def pump(self) -> int:
        return self.simulator.carrier.pump()

    def later(self, **step: float) -> None:
        self.inside.clock.advance(timedelta(**step))
        self.pump()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    inside = Inside(FixedClock(datetime(2026, 10, 12, 1, 46, tzinfo=UTC)))
    line = Line("simulator", SERVICE, URL, auth_token=TOKEN)
    simulator = build_simulator(line, tmp_path / "carrier.db", inside.clock.now)
    app = Flask("service")
    for hooks in build_hooks(line, inside.ports(), simulator.http):
        app.register_blueprint(hooks)
    simulator.attach(app)
    gateways = {gateway.name: gateway for gateway in build_gateways(line, simulator.http)}
    yield World(inside, line, simulator, app, gateways)
    simulator.carrier.store.close()


@pytest.fixture
def phones(world: World) -> Flask:
    """An application with the village phone, that has the real frame, and queues one answer for each text."""
    sent: set[str] = set()

    def run_due() -> list[str]:
        for incoming in list(world.inside.accepted.values()):
            if incoming.ref not in sent:
                sent.add(incoming.ref)
                answer = Outgoing("0" * 32, Channel.SMS, incoming.sender, f"记下:{incoming.text}")
                world.gateways["sms"].sender.send(answer)
        return []

    inside = world.inside.ports()
    ports = Ports(
        inside.accept, inside.report, inside.turn, inside.recording, inside.now, inside.move_clock, run_due
    )
    app = Flask("farmerline", template_folder=str(WEB / "templates"), static_folder=str(WEB / "static"))
    language.install(app)
    formats.install(app)
    app.jinja_env.globals["csrf_token"] = lambda: "mark-of-our-forms"
    app.context_processor(
        lambda: {"service_name": "农信通达", "bureau_name": "", "line_number": "0574-0000-2169"}
    )
    exchange = world.simulator.exchange
    for pages in (phone_pages(exchange, ports), handset_api(exchange, ports), world.simulator.api()):
        app.register_blueprint(pages)
    for hooks in build_hooks(world.line, ports, world.simulator.http):
        app.register_blueprint(hooks)
    world.simulator.attach(app)
    world.app = app
    return app


@pytest.fixture(scope="session")
def running_centre() -> Iterator[MessageCentre]:
    with open_centre() as centre:
        yield centre


@pytest.fixture
def centre(running_centre: MessageCentre) -> MessageCentre:
    """An SMPP message centre with nothing said yet."""
    running_centre.told.clear()
    running_centre.mode()
    return running_centre


@pytest.fixture
def inside() -> Inside:
    return Inside(FixedClock(datetime(2026, 10, 12, 1, 46, tzinfo=UTC)))
