"""The manager interface of Asterisk: places calls, ends them, and hears what becomes of them before they are answered.

https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/AMI_Actions/
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Lock, Thread

_log = logging.getLogger(__name__)
_BACK_OFF = (0.2, 1.0, 5.0, 15.0)
_SECONDS = 5.0

Event = Mapping[str, str]
REFUSED = "Refused"
"""The name under which an action that was not done is told, as if it were an event."""


class Away(Exception):
    """The switch does not answer."""


@dataclass(slots=True)
class Manager:
    """One connection, kept open by a thread; ``heard`` is told each event on that thread and must be quick."""

    address: tuple[str, int]
    secret: str = field(repr=False)
    heard: Callable[[Event], None]
    user: str = "farmerline"
    _socket: socket.socket | None = None
    _lock: Lock = field(default_factory=Lock)
    _stopped: Flag = field(default_factory=Flag)
    _ready: Flag = field(default_factory=Flag)
    _thread: Thread | None = None

    def start(self) -> None:
        self._thread = Thread(target=self._keep, name="manager", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._close()
        if self._thread is not None:
            self._thread.join(_SECONDS)

    def is_there(self, seconds: float = 0.0) -> bool:
        """Whether the switch answers, waiting for it so long."""
        return self._ready.wait(seconds)

    def originate(
        self, call: str, channel: str, context: str, *, exten: str = "s", caller: str = "", seconds: float = 60,
        variables: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Ring a channel and let it run ``context`` once it is answered. Events name ``call``. Raises ``Away``."""
        action = [
            ("Action", "Originate"), ("ActionID", call), ("Channel", channel), ("ChannelId", call), ("Context", context),
            ("Exten", exten), ("Priority", "1"), ("Timeout", str(round(seconds * 1000))), ("Async", "true"),
        ]  # fmt: skip
        if caller:
            action.append(("CallerID", f"<{caller}>"))
        self._send([*action, *(("Variable", f"{name}={value}") for name, value in (variables or {}).items())])

    def hang_up(self, channel: str, cause: int = 16) -> None:
        """End a channel by its name or id. Raises ``Away``."""
        self._send([("Action", "Hangup"), ("Channel", channel), ("Cause", str(cause))])

    def _send(self, action: list[tuple[str, str]]) -> None:
        if any(sign in value for _, value in action for sign in "\r\n"):
            raise ValueError("a line end in an action")
        words = "".join(f"{name}: {value}\r\n" for name, value in action) + "\r\n"
        with self._lock:
            if self._socket is None or not self._ready.is_set():
                raise Away
            try:
                self._socket.sendall(words.encode())
            except OSError as error:
                raise Away from error

    def _keep(self) -> None:
        tried = 0
        while not self._stopped.is_set():
            try:
                self._listen()
                tried = 0
            except (OSError, Away) as error:
                _log.warning("switch.away error=%s", type(error).__name__)
            if self._ready.is_set():
                tried = 0
            self._ready.clear()
            self._close()
            self._stopped.wait(_BACK_OFF[min(tried, len(_BACK_OFF) - 1)])
            tried += 1

    def _listen(self) -> None:
        line = socket.create_connection(self.address, timeout=_SECONDS)
        self._socket = line
        with line.makefile("rb") as reader:
            reader.readline()  # who it is
            login = (
                f"Action: Login\r\nActionID: login\r\nUsername: {self.user}\r\nSecret: {self.secret}\r\n\r\n"
            )
            line.sendall(login.encode())
            line.settimeout(None)
            while not self._stopped.is_set():
                event = _read(reader.readline)
                if event.get("ActionID") == "login" and "Response" in event:
                    if event["Response"] != "Success":
                        raise Away
                    self._ready.set()
                    _log.info("switch.there")
                elif "Event" in event:
                    self._tell(event)
                elif event.get("Response") == "Error":
                    _log.error("switch.refused id=%s", event.get("ActionID", ""))
                    self._tell({"Event": REFUSED, "ActionID": event.get("ActionID", "")})

    def _tell(self, event: Event) -> None:
        try:
            self.heard(event)
        except Exception as error:  # one strange event must not end the line
            _log.error("switch.event_failed error=%s", type(error).__name__)

    def _close(self) -> None:
        line, self._socket = self._socket, None
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)  # a reader that waits is woken
            line.close()


def _read(readline: Callable[[], bytes]) -> dict[str, str]:
    """The next block of lines; raises ``Away`` at the end of the connection."""
    block: dict[str, str] = {}
    while True:
        line = readline()
        if not line:
            raise Away
        words = line.decode("utf-8", "replace").rstrip("\r\n")
        if not words:
            if block:
                return block
            continue
        name, _, value = words.partition(": ")
        block.setdefault(name, value)
