"""A village that can be spoken to: words of a person go in by the intake, what it promises to send comes back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from channels.contract import Gateway
from farmerline import parts
from farmerline.config import Settings
from farmerline.db import Database
from farmerline.domain import calls, intake, ledger
from farmerline.ids import new_id
from farmerline.messages import Accepted, Ask, Channel, Incoming, Record, Say, SpokenScript, Turn
from farmerline.models import Account, Case, CaseKind, CaseState, Delivery, Match, Post, PostState, Role
from farmerline.places import place_row, short_name
from matching import Matcher, Understood, understand
from tests import factories
from tests.factories import COUNTY, NOW, YANGGAO

SIGNATURE = "慈溪农业"
SEEDLINGS = "卖葡萄苗2000株3元一株杨高村"
WANTED = "要500株葡萄苗"
WAV = b"RIFF" + bytes(40) + b"\x01\x02" * 800
SILENCE = WAV[:44]
_refs = itertools.count(1)


@cache
def matcher() -> Matcher:
    """The shipped matcher that knows the test county's villages."""
    rows = [place_row(code, name) for code, name in factories.PLACES.items() if code.startswith(COUNTY)]
    return Matcher.default().with_places(
        (row.code, short_name(row.name), row.level.value, row.parent_code or "") for row in rows
    )


@cache
def read(text: str, open_kinds: frozenset[str] = frozenset()) -> Understood:
    """What a text wants, by a matcher that knows the test county's villages."""
    return understand(text, open_kinds, matcher=matcher())


@dataclass
class Village:
    """``now`` is moved by ``wait``; each text is a second after the one before, and read by ``understand``."""

    database: Database
    settings: Settings
    now: datetime = NOW
    understand: Any = read

    def person(self, name: str = "杨大山", **values: Any) -> Account:
        with self.database.write() as session:
            return factories.make_account(session, name, **{"reviewed": True, **values})

    def contact(self, area_code: str = YANGGAO, name: str = "沈秋月") -> Account:
        with self.database.write() as session:
            return factories.make_staff(session, Role.CONTACT, area_code, name)

    def wait(self, **length: float) -> None:
        self.now += timedelta(**length)

    def say(self, who: Account | str, text: str, *, ref: str = "", **values: Any) -> Accepted:
        """A text from a person's phone, or from a number; on record first, then acted on."""
        self.now += timedelta(seconds=1)
        incoming = Incoming(
            **{
                "channel": Channel.SMS, "gateway": "sms", "ref": ref or f"m{next(_refs)}",
                "sender": who if isinstance(who, str) else who.phone, "text": text, "received_at": self.now, "raw": text,
                **values,
            }
        )  # fmt: skip
        with self.database.write() as session:
            inbound_id, _ = intake.store(session, incoming)
        with self.database.write() as session:
            return intake.handle(
                session,
                inbound_id=inbound_id,
                understand=self.understand,
                settings=self.settings,
                now=self.now,
            )

    def told(self, who: Account | str, text: str, **values: Any) -> str:
        """The answer to a text, as it leaves (with its code)."""
        accepted = self.say(who, text, **values)
        return self.answers(accepted.inbound_id)[-1]

    def answers(self, inbound_id: str) -> list[str]:
        with self.database.read() as session:
            rows = select(Delivery).where(Delivery.inbound_id == inbound_id).order_by(Delivery.id)
            return [row.text for row in session.scalars(rows)]

    def publish(self, who: Account, text: str, answer: str = "1", **values: Any) -> Post:
        """Say it, confirm it."""
        drafted = self.say(who, text, **values)
        assert drafted.question_code, drafted
        self.say(who, f"{answer}{drafted.question_code}", **values)
        return self.get(Post, drafted.post_id)

    def get(self, kind: Any, key: Any) -> Any:
        with self.database.read() as session:
            row = session.get_one(kind, key)
            if isinstance(row, Post):
                _ = (row.items, row.history)
            if isinstance(row, Match):
                _ = (row.supply_item, row.demand_item, row.supply_post, row.demand_post)
            return row

    def all(self, kind: Any, *where: Any) -> list[Any]:
        with self.database.read() as session:
            rows = list(session.scalars(select(kind).where(*where).order_by(kind.id)))
            for row in rows:
                if isinstance(row, Post):
                    _ = (row.items, row.history)
            return rows

    def count(self, kind: Any, *where: Any) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(kind).where(*where)) or 0

    def published(self) -> int:
        return self.count(Post, Post.state.in_((PostState.OPEN, PostState.MATCHED)))

    def cases(self, kind: CaseKind | None = None) -> list[Case]:
        wanted = [Case.state == CaseState.OPEN] + ([Case.kind == kind] if kind else [])
        return self.all(Case, *wanted)

    def heard(self, who: Account, *, since: int = 0) -> list[str]:
        """Everything promised to a person that is not the answer to a text of theirs."""
        rows = self.all(Delivery, Delivery.account_id == who.id)
        return [row.text for row in rows if row.inbound_id is None or row.purpose != "service"][since:]

    def do(self, act: Any, **values: Any) -> Any:
        """A domain function in a transaction of its own, now."""
        with self.database.write() as session:
            return act(session, now=self.now, **values)

    def ring(self, caller: Account | str, **values: Any) -> Line:
        return Line(self, caller if isinstance(caller, str) else str(caller.phone), **values)

    def session(self) -> Any:
        return self.database.write()


class Line:
    """One call: each key or recording answers what the last turn asked for."""

    def __init__(self, village: Village, caller: str, delivery_id: str | None = None) -> None:
        self.village, self.caller, self.delivery_id = village, caller, delivery_id
        self.ref = f"CA{new_id()}"
        self.step = ""
        self.script = SpokenScript(())
        self._turn()

    def press(self, *keys: str) -> str:
        for key in keys:
            self._turn(digits=key)
        return self.words

    def silence(self) -> str:
        return self.press("")

    def speak(self, sound: bytes | None = WAV, seconds: int = 7, **values: Any) -> str:
        self._turn(recording=sound, recording_seconds=seconds, **values)
        return self.words

    def machine(self) -> None:
        """The carrier says that an answering machine took the call."""
        step, script, self.step = self.step, self.script, ""
        self._turn(machine=True)
        assert not self.script.steps
        self.step, self.script = step, script

    def again(self) -> str:
        """The carrier sends the last turn once more."""
        self.step = self._last_step
        self._turn(**self._last)
        return self.words

    @property
    def words(self) -> str:
        said: list[str] = []
        for step in self.script.steps:
            said += (
                [each.text for each in step.prompt if isinstance(each, Say)] if isinstance(step, Ask) else []
            )
            said += [step.text] if isinstance(step, Say) else []
        return "\n".join(said)

    @property
    def waits_for(self) -> type[object] | None:
        kinds = [type(step) for step in self.script.steps if isinstance(step, Ask | Record)]
        return kinds[-1] if kinds else None

    def _turn(self, **values: Any) -> None:
        self._last_step, self._last = self.step, values
        heard = Turn(
            gateway="voice", call_ref=self.ref, caller=self.caller, to="+8657400002169", at=self.village.now,
            step=self.step, delivery_id=self.delivery_id, **values,
        )  # fmt: skip
        with self.village.database.write() as session:
            self.script = calls.turn(
                session, heard, understand=read, settings=self.village.settings, now=self.village.now
            )
        asked = [step.step for step in self.script.steps if isinstance(step, Ask | Record)]
        self.step = asked[-1] if asked else self.step


def sms_parts(text: str) -> int:
    return parts.count(text, SIGNATURE).parts


@contextmanager
def open_village(url: str, home: Path, **settings: Any) -> Iterator[Village]:
    """An empty county with its places, on an empty database."""
    database = factories.make_database(url, _fill)
    made = factories.make_test_settings(home, database_url=url, sms_signature=SIGNATURE, **settings)
    try:
        yield Village(database, made)
    finally:
        database.close()


def _fill(session: Session) -> None:
    gateways = (
        Gateway("sms", Channel.SMS, _NoCarrier(), 100.0, SIGNATURE),
        Gateway("voice", Channel.VOICE, _NoCarrier(), 100.0),
        Gateway("mailbox", Channel.MAILBOX, _NoCarrier(), 100.0),
    )
    factories.fill_county(session)
    ledger.ensure_gateways(session, gateways, NOW)


class _NoCarrier:
    """Nothing is sent here: the promises are looked at."""

    def send(self, message: Any) -> str:
        raise AssertionError("nothing is sent in these tests")

    def find(self, message: Any, since: datetime) -> str | None:
        raise AssertionError("nothing is sent in these tests")


__all__ = [
    "SEEDLINGS",
    "SILENCE",
    "WANTED",
    "WAV",
    "Line",
    "Village",
    "matcher",
    "open_village",
    "read",
    "sms_parts",
]
