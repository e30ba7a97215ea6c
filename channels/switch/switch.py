"""The bureau's own switch: Asterisk carries the calls, this decides what is said, and to the service it all looks like Twilio."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import BoundedSemaphore, Condition
from time import monotonic

from channels.contract import Recogniser
from channels.dialect.callbook import CallBook, Ring
from channels.dialect.facade import Refused
from channels.dialect.numbers import NoNumber, international
from channels.dialect.rows import Rows, stamp
from channels.switch.agi import HungUp, Leg
from channels.switch.ami import REFUSED, Away, Event, Manager
from channels.switch.causes import dialled, ending
from channels.switch.media import CallMedia
from channels.switch.player import Player
from channels.switch.prompts import Prompts
from channels.switch.trunk import Trunk, national
from channels.voice.program import CallError, Connect, Joined, Over, conduct

_log = logging.getLogger(__name__)
_LATE = timedelta(seconds=60)
_RANG_OUT = "3"  # OriginateResponse: still ringing when the time was over
_TALK_MOST = timedelta(hours=2)
_AMD_SECONDS = 5
_CAUSE_SECONDS = 1.0
_NOBODY = "anonymous"


@dataclass(slots=True)
class Switch:
    """Calls in and out. ``folder`` is one that Asterisk may write recordings into; ``calls`` at most at once."""

    book: CallBook
    account: tuple[str, str] = field(repr=False)
    trunk: Trunk
    prompts: Prompts
    manager: Manager
    folder: Path
    calls: int = 60
    ear: Recogniser | None = None
    """Tells what was said in a call; None for keys alone."""
    carry: Callable[[str, str, str], str] | None = None
    """Hands a text to the county's gateway (number, text, address for receipts); None where the switch has none."""
    _pool: ThreadPoolExecutor = field(init=False)
    _room: BoundedSemaphore = field(init=False)
    _asked: dict[str, Connect] = field(default_factory=dict)
    _screened: dict[str, tuple[Over | None, float]] = field(default_factory=dict)
    _causes: dict[str, tuple[int, str]] = field(default_factory=dict)
    _news: Condition = field(default_factory=Condition)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(2 * self.calls, "switch")
        self._room = BoundedSemaphore(self.calls)

    # What the REST door asks for

    @property
    def rows(self) -> Rows:
        return self.book.rows

    @property
    def line(self) -> str:
        return self.book.line

    def admit(self, method: str) -> None:
        """Everybody who has the token may come in."""

    def take_text(self, number: str, body: str, callback: str) -> str:
        if self.carry is None:
            raise Refused(21606, "This switch carries calls alone; it has no gateway for texts.")
        return self.carry(number, body, callback)

    def place(self, ring: Ring) -> str:
        if not self.manager.is_there():
            raise Refused(20503, "The switch does not answer.")
        sid = self.book.open_outbound(ring)
        try:
            self.manager.originate(
                sid,
                self.trunk.channel(ring.number),
                "farmerline-out",
                caller=self.trunk.shown,
                seconds=ring.wait_seconds,
            )
        except Away as error:
            self.book.finish(sid, "failed")
            raise Refused(20503, "The switch does not answer.") from error
        return sid

    def hang_up(self, sid: str) -> None:
        """End a call, or take it back before it is answered."""
        if not self.manager.is_there():
            raise Refused(20503, "The switch does not answer.")
        if any(self.book.move(sid, state, "canceled") for state in ("queued", "ringing")):
            self.book.finish(sid, "canceled")  # first: what the network then says of it is no news
        try:
            self.manager.hang_up(sid)
        except Away as error:
            raise Refused(20503, "The switch does not answer.") from error

    # What Asterisk brings

    def serve(self, leg: Leg) -> None:
        """A channel at FastAGI's door: the address says what it wants."""
        entry = leg.facts.get("network_script", "")
        if entry == "machine":
            self._tell_machine(leg)
        elif entry == "screen":
            self._screen(leg)
        elif not self._room.acquire(blocking=False):
            _log.warning("switch.full calls=%d", self.calls)
            leg.hang_up(17)
        else:
            try:
                self._take(leg) if entry == "in" else self._answered(leg)
            finally:
                self._room.release()

    def heard(self, event: Event) -> None:
        """An event of the manager: ringing, hung up, or not answered."""
        kind, sid = event["Event"], event.get("Uniqueid", "")
        if kind in ("OriginateResponse", REFUSED):
            sid = event.get("ActionID", "")
        if not sid.startswith("CA"):
            return
        if kind == "Newstate" and event.get("ChannelStateDesc") == "Ringing":
            self._pool.submit(self._ringing, sid)
        elif kind == "Hangup":
            with self._news:
                self._causes[sid] = int(event.get("Cause", "0") or 0), event.get("TechCause", "")
                for old in list(self._causes)[:-1000]:
                    del self._causes[old]
                self._news.notify_all()
        elif kind in ("OriginateResponse", REFUSED) and event.get("Response") != "Success":
            self._pool.submit(self._unanswered, sid, event.get("Reason") == _RANG_OUT)

    def tidy(self) -> None:
        """Calls whose end was never told are over; what was kept for the service to fetch goes after a day."""
        now = self.book.now()
        for row in self.rows.rows(
            "SELECT sid, wait_seconds, made_at FROM call WHERE status IN ('queued', 'ringing')"
        ):
            if row["made_at"] < stamp(now - _LATE - timedelta(seconds=row["wait_seconds"])):
                self.book.finish(row["sid"], "failed")
        self.rows.run("DELETE FROM recording WHERE made_at < ?", stamp(now - timedelta(days=1)))
        self.rows.run("DELETE FROM call WHERE ended_at < ?", stamp(now - timedelta(days=30)))
        self.prompts.forget(now - timedelta(days=7))

    def end_lost(self) -> None:
        """Calls that a former process took with it are over."""
        self.book.end_lost()
        for row in self.rows.rows("SELECT sid FROM call WHERE status IN ('queued', 'ringing')"):
            self.book.finish(row["sid"], "failed")

    def _ringing(self, sid: str) -> None:
        if self.book.move(sid, "queued", "ringing"):
            self.book.report(sid, "ringing", "ringing")

    def _unanswered(self, sid: str, rang_out: bool) -> None:
        with self._news:  # the two events come in either order
            self._news.wait_for(lambda: sid in self._causes, _CAUSE_SECONDS)
            cause, technical = self._causes.pop(sid, (0, ""))
        how = ending(cause, technical.removeprefix("SIP ")[:3], rang_out=rang_out)
        _log.info(
            "switch.not_answered call=%s status=%s cause=%d network=%s", sid, how.status, cause, technical
        )
        self.book.finish(sid, how.status, sip=how.sip)

    def _take(self, leg: Leg) -> None:
        number = _number(leg.facts.get("callerid", "")) or _NOBODY
        self._speak(self.book.open_inbound(number, _number(leg.facts.get("extension", ""))), leg)

    def _answered(self, leg: Leg) -> None:
        sid = leg.facts.get("uniqueid", "")
        if not any(self.book.move(sid, state, "in-progress") for state in ("queued", "ringing")):
            leg.hang_up()
            return
        self.book.answered(sid)
        self._pool.submit(self.book.report, sid, "answered", "in-progress")
        self._listen_for_machine(sid, leg)
        self._speak(sid, leg, answered=True)

    def _speak(self, sid: str, leg: Leg, *, answered: bool = False) -> None:
        row = self.book.row(sid)
        player = Player(leg, self._media(sid), self._pool)
        if answered:
            player.answered_at = monotonic()
        steps = conduct(
            lambda method, url, fields: self.book.fetch(sid, method, url, fields),
            row["url"],
            row["fallback"],
            lambda error: _note(sid, error),
        )
        try:
            over = player.play(steps)
            if over is not None and not player.refused:
                leg.hang_up()
        except HungUp:
            pass
        finally:
            status = {"busy": "busy", "rejected": "no-answer"}.get(player.refused, "completed")
            self.book.finish(sid, status, max(1, round(player.seconds)) if status == "completed" else 0)

    def _media(self, sid: str) -> CallMedia:
        return CallMedia(sid, self.book, self.prompts, self.folder, self.ear, self.join)

    # Person or machine

    def _listen_for_machine(self, sid: str, leg: Leg) -> None:
        """Another channel listens to the person while the first words are said already."""
        if not self.rows.row("SELECT 1 FROM listener WHERE call_sid = ?", sid):
            return
        known = {
            "__FARMERLINE_CHANNEL": leg.facts.get("channel", ""),
            "__FARMERLINE_CALL": sid,
            "__FARMERLINE_MOST": str(_AMD_SECONDS * 1000),
        }
        try:
            self.manager.originate(
                f"amd-{sid}", "Local/listen@farmerline-machine/n", "farmerline-machine", seconds=5, variables=known
            )  # fmt: skip
        except Away:
            _log.warning("switch.no_machine_detection")

    def _tell_machine(self, leg: Leg) -> None:
        """A person who only listens is no machine, whatever Asterisk makes of the silence."""
        who = {"HUMAN": "human", "MACHINE": "machine_start"}.get(leg.facts.get("arg_2", ""), "unknown")
        if leg.facts.get("arg_3") == "INITIALSILENCE":
            who = "unknown"
        self.book.tell_listener(leg.facts.get("arg_1", ""), who, _AMD_SECONDS)

    # Other phones

    def join(self, leg: Leg, command: Connect) -> Joined:
        """Ring another number for a caller, and ask whoever answers first where the service wants it."""
        token = uuid.uuid4().hex
        leg.put("CALLERID(num)", national(command.shown) if command.shown else self.trunk.shown)
        options = f"gr{f'U(farmerline-screen^{token})' if command.screen else ''}L({int(_TALK_MOST.total_seconds() * 1000)})"
        if command.screen:
            self._asked[token] = command
        try:
            leg.run("Dial", self.trunk.channel(command.number), str(max(1, round(command.seconds))), options)
            status = dialled(leg.get("DIALSTATUS"))
            talked = leg.get("ANSWEREDTIME")
        finally:
            self._asked.pop(token, None)
            over, spent = self._screened.pop(token, (Over.RAN_OUT, 0.0))
        seconds = int(talked) if talked.isdecimal() else 0
        if command.screen and over is not Over.RAN_OUT:
            return Joined("completed", max(1, round(spent)), bridged=False)
        return Joined(status, seconds, bridged=status == "completed")

    def _screen(self, leg: Leg) -> None:
        """The phone that a caller is put through to runs a document of its own; what it ends with decides."""
        token = leg.facts.get("arg_1", "")
        command = self._asked.get(token)
        if command is None:
            leg.put("GOSUB_RESULT", "CONTINUE")
            return
        self._screened[token] = (None, 0.0)  # until it agrees, it does not
        sid = self.book.open_child(command.number, command.screen)
        player = Player(leg, self._media(sid), self._pool)
        player.answered_at = monotonic()
        over = None
        try:
            over = player.play(
                conduct(lambda method, url, fields: self.book.fetch(sid, method, url, fields), command.screen, "",
                        lambda error: _note(sid, error))
            )  # fmt: skip
            if over is Over.HUNG_UP:
                leg.put("GOSUB_RESULT", "CONTINUE")
        except HungUp:
            over = None
        finally:
            self._screened[token] = (over, player.seconds)
            self.book.finish(sid, "completed", max(1, round(player.seconds)))


def _number(dialled: str) -> str:
    """A number in E.164, or a short code; "" for what is none."""
    try:
        return international(dialled)
    except NoNumber:
        return ""


def _note(sid: str, error: CallError) -> None:
    _log.warning("switch.call_failed call=%s code=%d", sid, error.code)
