"""The switch of the bureau with nothing behind it: a service that notes what it is asked, a manager's line noted down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from twilio.rest import Client

from channels.switch.build import Parts, Plan, Sms, build
from channels.transport import Answer, ProviderHttp, WsgiTransport
from channels.voice.sound import hum
from farmerline.clock import FixedClock
from tests.channels.asterisk import Line

ACCOUNT, TOKEN, SERVICE, FARMER = "AC" + "5" * 32, "a-token-made-up", "+8657400002169", "13900000021"
URL = "https://line.example"
HOOK = f"{URL}/hooks/twilio/voice"
MENU = '<Gather numDigits="1" timeout="3" action="/menu" actionOnEmptyResult="true"><Say language="cmn-CN">卖请按1。</Say></Gather>'


@dataclass
class Service:
    """Answers webhooks with the documents a test gives by path, and remembers them."""

    documents: dict[str, str] = field(default_factory=dict)
    posts: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def send(self, method: str, url: str, *, form: Any = None, **_rest: Any) -> Answer:
        assert url.startswith(URL)
        path = url.removeprefix(URL)
        self.posts.append((path, dict(form or [])))
        if path.endswith(".wav"):
            return Answer(200, {"Content-Type": "audio/wav"}, hum(1))
        words = self.documents.get(path, "")
        status = 200 if words != "fail" else 500
        return Answer(status, {"Content-Type": "text/xml"}, f"<Response>{words}</Response>".encode())

    def of(self, path: str) -> dict[str, str]:
        return next(fields for where, fields in reversed(self.posts) if where == path)


class Spoken:
    def speak(self, text: str, language: str, slow: bool) -> bytes | None:
        return hum(0.2 + len(text) / 100)


@dataclass
class Switchboard:
    """The manager's line, noted down."""

    placed: list[dict[str, Any]]
    there: bool = True
    ended: Callable[[str], None] = lambda sid: None

    def is_there(self, seconds: float = 0.0) -> bool:
        return self.there

    def originate(self, *words: str, **more: Any) -> None:
        self.placed.append({"words": words, **more})

    def hang_up(self, *words: str) -> None:
        self.placed.append({"end": words})
        self.ended(words[0])


@dataclass
class Bench:
    parts: Parts
    service: Service
    placed: list[dict[str, Any]] = field(default_factory=list)

    def call(self, line: Line) -> Line:
        """A person rings, and the call runs to its end."""
        line.facts = {"network_script": "in", "callerid": FARMER, "uniqueid": "1.1"} | line.facts
        return line.run(self.parts.switch.serve)

    @property
    def rows(self) -> list[Any]:
        return self.parts.switch.rows.rows("SELECT * FROM call ORDER BY seq")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_bench(tmp_path) as made:
        yield made


@contextmanager
def open_bench(tmp_path: Path, sms: Sms | None = None) -> Iterator[Bench]:
    """A switch, with a gateway for texts or without."""
    clock = FixedClock(datetime(2026, 11, 20, 2, 0, tzinfo=UTC))
    plan = Plan(
        ACCOUNT, TOKEN, SERVICE, URL, "", ("127.0.0.1", 0), ("127.0.0.1", 1), "s", "PJSIP/{number}@trunk",
        tmp_path / "pbx", tmp_path / "pbx.db", 4,
    )  # fmt: skip
    parts, service = build(plan, Spoken(), clock.now, sms=sms), Service()
    parts.switch.book.hooks.transport = service
    made = Bench(parts, service)
    parts.switch.manager = Switchboard(made.placed)  # type: ignore[assignment]
    yield made
    parts.switch._pool.shutdown()
    parts._door.server_close()
    parts.switch.rows.close()


def client(bench: Bench) -> Client:
    return Client(ACCOUNT, TOKEN, http_client=ProviderHttp(WsgiTransport(bench.parts.app)))
