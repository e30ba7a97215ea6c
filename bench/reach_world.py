"""The simulated county at work: a carrier in memory, phones that are answered or not, contact points that go round.

The service is the real one: its ledger claims at the lines' rate, its receipts and the turns of its calls are taken as
a carrier's are, its alert job steps by a clock that is moved. What falls due together is done in one transaction.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from bench.reach_county import County
from bench.reach_settings import OFF_SECONDS, RING_SECONDS, VISIT_AGAIN_MINUTES, Behaviour
from farmerline.clock import FixedClock
from farmerline.domain import access, alert_moments, backlog, calls, intake, ledger, reach, receipts
from farmerline.domain.receipts import Handed
from farmerline.messages import Ask, Channel, Incoming, Outgoing, Receipt, ReceiptState, Turn
from farmerline.models import Account, Alert, Reach, Settled
from jobs import alerts
from jobs.context import Context
from matching import understand

Act = Callable[[Session, datetime], None]
_TICK = timedelta(seconds=1)
_SLOW = timedelta(seconds=5)  # while nobody is rung
_LOOK = timedelta(seconds=60)
_MEMBERS = 20


@dataclass
class World:
    """Everything that happens, in order. ``peak_lines`` is the most calls at one moment."""

    context: Context
    clock: FixedClock
    county: County
    behaviour: Behaviour
    chance: random.Random
    alert_id: str = ""
    peak_lines: int = 0
    handed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _coming: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _order: itertools.count[int] = field(default_factory=itertools.count)
    _lines: int = 0
    _awake: set[str] = field(default_factory=set)
    _shut: dict[str, datetime] = field(default_factory=dict)
    _ids: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def run(self, minutes: int, tick: Callable[[float], None]) -> None:
        """Let so many minutes pass; ``tick`` is told how many have."""
        began = self.now
        end = began + timedelta(minutes=minutes)
        for village in self.county.villages:
            self._at(began, self._contact(village))
        for town in self.county.towns:
            for _ in range(self.behaviour.town_helpers):
                self._at(began, self._town(town))
        while self.now < end:
            self._hand_over()
            self._happen()
            alerts.step(self.context)
            self.clock.advance(self._pause())
            tick((self.now - began).total_seconds() / 60)

    def _pause(self) -> timedelta:
        """How long nothing happens: a second at least, for that is how the lines are paced."""
        with self.context.database.read() as session:
            moments = [alert_moments.next_due(session), ledger.next_due(session)]
        soonest = min(
            [one for one in moments if one] + [one[0] for one in self._coming[:1]], default=self.now + _LOOK
        )
        tick = _TICK if self._lines else _SLOW
        return min(max(tick, soonest - self.now), _LOOK)

    def _at(self, moment: datetime, act: Act) -> None:
        heapq.heappush(self._coming, (moment, next(self._order), act))

    def _happen(self) -> None:
        due: list[tuple[datetime, int, Act]] = []
        while self._coming and self._coming[0][0] <= self.now:
            due.append(heapq.heappop(self._coming))
        if due:
            with self.context.database.write() as session:
                # held, so that each act finds it there
                kept = session.get(Alert, self.alert_id, options=[lazyload(Alert.areas)])
                for moment, _, act in due:
                    act(session, moment)
                del kept

    def _hand_over(self) -> None:
        with self.context.database.read() as session:
            ready = backlog.ready(session, now=self.now)
        for gateway in (one for one in self.context.gateways if one.name in ready):
            while True:
                with self.context.database.write() as session:
                    claims = ledger.claim(
                        session, gateway=gateway.name, worker="w", settings=self.context.settings, now=self.now,
                        limit=max(ledger.BATCH, int(min(gateway.rate, 1000))),
                    )  # fmt: skip
                    handed = [Handed(one.outgoing.id, f"r{one.outgoing.id}", self.now) for one in claims]
                    receipts.settle_sent(session, handed, gateway=gateway.name, worker="w")
                for one in claims:
                    self.handed[gateway.name] += 1
                    self._carry(one.outgoing)
                if not claims:
                    break

    def _carry(self, message: Outgoing) -> None:
        if message.channel is Channel.SMS:
            self._text(message)
        elif message.channel is Channel.VOICE:
            self._ring(message)

    def _text(self, message: Outgoing) -> None:
        phone = self.county.phones.get(message.to)
        if phone is None or not phone.on:
            return  # a phone that is off: the carrier keeps the text for a day or two, and reports nothing
        self._at(self.now + timedelta(seconds=4), self._receipt(message, "sms", ReceiptState.DELIVERED))
        if "[Z" in message.text and self.chance.random() < self.behaviour.replies:
            minutes = self.behaviour.reply_minutes * self.chance.lognormvariate(0, 1.03)
            self._at(self.now + timedelta(minutes=minutes), self._reply(message.to))

    def _ring(self, message: Outgoing) -> None:
        phone, now = self.county.phones[message.to], self.now
        phone.rung += 1
        self._lines += 1
        self.peak_lines = max(self.peak_lines, self._lines)
        first, later = self.behaviour.answers
        if not phone.on:
            after = timedelta(seconds=OFF_SECONDS)
            self._at(now + after, self._receipt(message, "voice", ReceiptState.FAILED, "unreachable_phone"))
        elif self.chance.random() >= (first if phone.rung == 1 else later):
            after = timedelta(seconds=RING_SECONDS)
            self._at(now + after, self._receipt(message, "voice", ReceiptState.FAILED, "no_answer"))
        else:
            self._at(now + timedelta(seconds=self.chance.randint(4, 25)), self._answer(message))

    def _answer(self, message: Outgoing) -> Act:
        def act(session: Session, now: datetime) -> None:
            asked = self._turn(session, message, now)
            seconds = self.chance.randint(1, 4)
            keys: str | None = None
            if self.chance.random() < self.behaviour.hears_out:
                keys, seconds = ("1", 14) if self.chance.random() < self.behaviour.presses_one else ("", 24)
            self._at(now + timedelta(seconds=seconds), self._hear(message, asked, keys, seconds))

        return act

    def _hear(self, message: Outgoing, asked: str, keys: str | None, seconds: int) -> Act:
        def act(session: Session, now: datetime) -> None:
            if keys is not None:
                self._turn(session, message, now, step=asked, digits=keys)
            self._receipt(message, "voice", ReceiptState.DELIVERED, seconds=seconds)(session, now)
            if keys is None:  # of a call that went on to its end the status says nothing that is not known
                self._turn(session, message, now, ended=True, seconds=seconds)

        return act

    def _turn(self, session: Session, message: Outgoing, now: datetime, **said: object) -> str:
        heard = Turn(
            gateway="voice", call_ref=f"r{message.id}", caller=message.to, to="12316", at=now, delivery_id=message.id,
            **said,  # type: ignore[arg-type]
        )  # fmt: skip
        script = calls.turn(session, heard, understand=understand, settings=self.context.settings, now=now)
        return next((step.step for step in script.steps if isinstance(step, Ask)), "")

    def _receipt(
        self,
        message: Outgoing,
        gateway: str,
        state: ReceiptState,
        reason: str = "",
        seconds: int | None = None,
    ) -> Act:
        def act(session: Session, now: datetime) -> None:
            self._lines -= gateway == "voice"
            said = Receipt(
                gateway=gateway, ref=f"r{message.id}", state=state, at=now, delivery_id=message.id,
                reason=reason or None, seconds=seconds,
            )  # fmt: skip
            receipts.report(session, said)

        return act

    def _reply(self, number: str) -> Act:
        def act(session: Session, now: datetime) -> None:
            said = Incoming(
                channel=Channel.SMS, gateway="sms", ref=f"m{next(self._ids)}", sender=number, text="1", raw="1",
                received_at=now,
            )  # fmt: skip
            inbound_id, _ = intake.store(session, said)
            intake.handle(
                session, inbound_id=inbound_id, understand=understand, settings=self.context.settings, now=now
            )

        return act

    def _contact(self, village: str) -> Act:
        """A contact point's round: nothing before the list has a name, then household after household."""
        account_id = self.county.contacts[village]
        works = self.chance.random() < self.behaviour.contacts_at_work
        place = Reach.area_code == village

        def act(session: Session, now: datetime) -> None:
            if not works:
                return
            starts = timedelta(minutes=self.behaviour.contact_starts_minutes * self.chance.uniform(0.5, 1.5))
            self._round(session, now, village, account_id, [place, Reach.listed_at.is_not(None)], act, starts)

        return act

    def _town(self, town: str) -> Act:
        """The town's helpers go to those whom the village's own have not reached."""
        place = Reach.area_code.startswith(town)

        def act(session: Session, now: datetime) -> None:
            starts = timedelta(minutes=self.behaviour.contact_starts_minutes * 0.5)
            key = f"{town}{id(act)}"
            self._round(
                session, now, key, self.county.towns[town], [place, Reach.town_at.is_not(None)], act, starts
            )

        return act

    def _round(
        self, session: Session, now: datetime, who: str, account_id: str, listed: list[object], act: Act,
        starts: timedelta,
    ) -> None:  # fmt: skip
        open_ = select(Reach.lead_id, Reach.account_id).where(
            Reach.alert_id == self.alert_id,
            Reach.settled == Settled.OPEN,
            Reach.excluded == "",
            *listed,  # type: ignore[arg-type]
        )
        found = session.execute(open_.order_by(Reach.listed_at, Reach.account_id).limit(_MEMBERS * 5))
        rows = [row for row in found if self._shut.get(row.lead_id, now) <= now]
        if not rows:
            self._at(now + timedelta(minutes=2), act)
        elif who not in self._awake:
            self._awake.add(who)
            self._at(now + starts, act)
        else:
            home = [row for row in rows if row.lead_id == rows[0].lead_id]
            self._shut[rows[0].lead_id] = now + timedelta(minutes=VISIT_AGAIN_MINUTES)
            visit = self.behaviour.contact_visit_minutes * self.chance.uniform(0.6, 1.4)
            there = self.chance.random() < self.behaviour.at_home
            at = now + timedelta(minutes=visit)
            ids = [row.account_id for row in home] if there else []
            self._at(at, self._tell(ids, account_id))
            self._at(at, act)

    def _tell(self, people: list[str], account_id: str) -> Act:
        def act(session: Session, now: datetime) -> None:
            actor = access.actor_of(session, session.get_one(Account, account_id))
            for one in people:
                row = session.get_one(Reach, (self.alert_id, one))
                reach.tell_in_person(session, row, by=actor, now=now)

        return act
