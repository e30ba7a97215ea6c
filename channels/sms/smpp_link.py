"""One bind to an SMPP message centre: kept open, opened again, shared by threads; requests answered within a window.

smpplib makes and reads the units; the socket, the window, the link check and the way back are ours (smpplib has none,
and a fault in one of its handlers ends its listening without a word). The protocol: SMPP 3.4, 12-Oct-1999.
"""

from __future__ import annotations

import logging
import random
import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Condition, Event, Lock, Thread
from typing import Any

from smpplib import command_codes, consts, smpp

from channels.sms.smpp_units import HEAD, Bare, Numbers, cut, read
from channels.sms.smpp_window import Asked, Bucket

_log = logging.getLogger(__name__)
_TICK = 0.2
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 30.0
_STEADY = 30.0
_MOST_WAITING = 500
_MOST_ASKED = 5_000
_ANSWER = 0x80000000


@dataclass(frozen=True, slots=True)
class Centre:
    """Where the message centre is and who we are to it. Times are seconds, ``rate`` units a second.

    ``window`` is how many of our requests may wait for their answers; after ``idle`` seconds without a word the link is
    checked; an answer, or a bind, that takes longer than ``patience`` counts as none.
    """

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    tls: ssl.SSLContext | None = None
    window: int = 10
    rate: float = 10.0
    idle: float = 30.0
    patience: float = 10.0


class Unbound(Exception):
    """There is no bind, so nothing was sent. ``status`` is the centre's own where it refused us, else 0."""

    def __init__(self, status: int = 0) -> None:
        super().__init__(f"0x{status:x}")
        self.status = status


class SmppLink:
    """The bind. Threads of its own keep it from ``start`` to ``stop``; ``take`` acts on what the centre sends us and
    says with which status it is answered. It is started by the first request where nobody did before.
    """

    def __init__(self, centre: Centre, name: str) -> None:
        self.centre, self.name = centre, name
        self.take: Callable[[Any], int] | None = None
        self.binds = 0
        self._numbers = Numbers()
        self._bucket = Bucket(centre.rate)
        self._window = BoundedSemaphore(centre.window)
        self._asked: dict[int, Asked] = {}
        self._waiting: deque[tuple[int, Any]] = deque()
        self._changed = Condition()
        self._writing = Lock()
        self._socket: socket.socket | None = None
        self._refused = 0
        self._stop = Event()
        self._threads: list[Thread] = []

    def start(self) -> None:
        """Open the bind, and keep it; does nothing where it runs."""
        with self._changed:
            if self._threads:
                return
            self._stop.clear()
            for part, run in (("link", self._keep), ("in", self._act)):
                self._threads.append(Thread(target=run, name=f"smpp-{self.name}-{part}", daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Say goodbye and end the threads. What waits for its answer has none."""
        with self._changed:
            threads, self._threads = self._threads, []
            self._stop.set()
            if self._socket is not None:  # its reader wakes up, and says goodbye
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RD)
            self._changed.notify_all()
        for thread in threads:
            thread.join(self.centre.patience)

    def request(self, name: str, then: Callable[[Any], None], **fields: Any) -> Asked:
        """Send a request when rate and window allow; raises ``Unbound`` where it did not leave."""
        self.start()
        self._stop.wait(self._bucket.take())
        until = time.monotonic() + self.centre.patience
        self._await_bind(until)
        if not self._window.acquire(timeout=max(0.0, until - time.monotonic())):
            raise Unbound
        asked = Asked(then, self._window.release)
        pdu = smpp.make_pdu(name, client=self._numbers, **fields)
        with self._changed:
            bound = self._socket
            if bound is not None:
                self._asked[pdu.sequence] = asked
            if len(self._asked) > _MOST_ASKED:  # the oldest will not be answered any more
                self._asked.pop(next(iter(self._asked)))
        if bound is None:
            asked.end()
            raise Unbound(self._refused)
        self._write(bound, pdu)
        return asked

    def _await_bind(self, until: float) -> None:
        with self._changed:
            while self._socket is None:
                if self._refused or self._stop.is_set() or time.monotonic() >= until:
                    raise Unbound(self._refused)
                self._changed.wait(min(_TICK, max(0.0, until - time.monotonic())))

    # One thread: bind, read, check the link, come back.

    def _keep(self) -> None:
        wait = _FIRST_WAIT
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._serve(*self._open())
            except Exception as error:  # whatever ended it, the next try begins anew
                _log.warning("smpp.lost gateway=%s error=%s", self.name, type(error).__name__)
            self._drop()
            if time.monotonic() - began > _STEADY:
                wait = _FIRST_WAIT
            self._stop.wait(wait * random.uniform(0.8, 1.2))
            wait = min(wait * 2, _LONGEST_WAIT)

    def _open(self) -> tuple[socket.socket, bytearray]:
        centre = self.centre
        raw = socket.create_connection((centre.host, centre.port), timeout=centre.patience)
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            bound = raw if centre.tls is None else centre.tls.wrap_socket(raw, server_hostname=centre.host)
            bind = smpp.make_pdu(
                "bind_transceiver", client=self._numbers, system_id=centre.system_id, password=centre.password,
                system_type=centre.system_type,
            )  # fmt: skip
            bound.sendall(bind.generate())
            buffer = bytearray()
            until = time.monotonic() + centre.patience
            while (unit := cut(buffer)) is None:
                if time.monotonic() > until or not (more := bound.recv(65536)):
                    raise ConnectionError("no answer to the bind")
                buffer += more
            _length, code, status, _number = HEAD.unpack_from(unit)
            if code != command_codes.get_command_code("bind_transceiver_resp") or status:
                self._refused = status or consts.SMPP_ESME_RBINDFAIL
                raise ConnectionError(f"the bind was refused: 0x{self._refused:x}")
        except BaseException:
            raw.close()
            raise
        with self._changed:
            self._socket, self._refused = bound, 0
            self.binds += 1
            self._changed.notify_all()
        _log.info("smpp.bound gateway=%s", self.name)
        return bound, buffer

    def _serve(self, bound: socket.socket, buffer: bytearray) -> None:
        """Read until the bind is lost, the centre says goodbye, or we do."""
        heard = checked = time.monotonic()
        while not self._stop.is_set():
            while (unit := cut(buffer)) is not None:
                if not self._heed(bound, unit):
                    return
            now = time.monotonic()
            if checked <= heard and now - heard > self.centre.idle:
                checked = now
                self._write(bound, smpp.make_pdu("enquire_link", client=self._numbers))
            if checked > heard and now - checked > self.centre.patience:
                raise TimeoutError("the link is silent")
            if not _has_more(bound) and not select.select([bound], [], [], _TICK)[0]:
                continue
            if self._stop.is_set():
                break
            with self._writing:
                more = bound.recv(65536)
            if not more:
                raise ConnectionError("the centre closed the link")
            buffer += more
            heard = time.monotonic()
        self._write(bound, smpp.make_pdu("unbind", client=self._numbers))

    def _heed(self, bound: socket.socket, unit: bytes) -> bool:
        """Act on one unit; False after the centre's goodbye. What cannot be read is refused, and the bind stays."""
        _length, code, status, number = HEAD.unpack_from(unit)
        pdu = read(unit)
        if code & _ANSWER:
            with self._changed:
                asked = self._asked.pop(number, None)
            if asked is not None:
                asked.answer(pdu if pdu is not None else Bare(status))
        elif pdu is None:
            self._respond(bound, "generic_nack", number, consts.SMPP_ESME_RINVCMDID)
        elif pdu.command == "deliver_sm":
            with self._changed:
                room = self.take is not None and len(self._waiting) < _MOST_WAITING
                if room:
                    self._waiting.append((number, pdu))
                    self._changed.notify_all()
            if not room:
                self._respond(bound, "deliver_sm_resp", number, consts.SMPP_ESME_RX_T_APPN)
        elif pdu.command == "enquire_link":
            self._respond(bound, "enquire_link_resp", number)
        elif pdu.command == "unbind":
            self._respond(bound, "unbind_resp", number)
            return False
        elif pdu.command != "alert_notification":
            self._respond(bound, "generic_nack", number, consts.SMPP_ESME_RINVCMDID)
        return True

    def _drop(self) -> None:
        """Let go of a lost bind: what waited has no answer, what was not acted on comes again."""
        with self._changed:
            lost, self._socket = self._socket, None
            asked, self._asked = list(self._asked.values()), {}
            self._waiting.clear()
            self._changed.notify_all()
        for one in asked:
            one.end()
        if lost is not None:
            lost.close()

    # The other thread: acting on what the centre sent, which may take its time.

    def _act(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._stop.is_set():
                    self._changed.wait()
                if self._stop.is_set():
                    return
                (number, pdu), bound = self._waiting.popleft(), self._socket
            try:
                status = self.take(pdu) if self.take else consts.SMPP_ESME_RX_T_APPN
            except Exception as error:  # not on record: the centre keeps it and sends it again
                _log.error("smpp.in.failed gateway=%s error=%s", self.name, type(error).__name__)
                status = consts.SMPP_ESME_RX_T_APPN
            if bound is not None and bound is self._socket:
                self._respond(bound, "deliver_sm_resp", number, status)

    def _respond(self, bound: socket.socket, name: str, number: int, status: int = 0) -> None:
        pdu = smpp.make_pdu(name, client=self._numbers, status=status)
        pdu.sequence = number
        self._write(bound, pdu)

    def _write(self, bound: socket.socket, pdu: Any) -> None:
        """A bind that takes no more bytes is lost; its reader finds out and ends it."""
        try:
            with self._writing:
                bound.sendall(pdu.generate())
        except OSError:
            with suppress(OSError):
                bound.shutdown(socket.SHUT_RDWR)


def _has_more(bound: socket.socket) -> bool:
    return isinstance(bound, ssl.SSLSocket) and bound.pending() > 0
