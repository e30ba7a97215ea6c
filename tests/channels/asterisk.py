"""Asterisk's end of FastAGI, in a thread: it answers each command as a telephone would, and remembers what it was asked."""

from __future__ import annotations

import socket
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from channels.switch.agi import Leg
from channels.voice.sound import hum, make_wav

ANSWERED = "200 result=0"


@dataclass
class Line:
    """A channel. ``keys`` are pressed one a prompt or a wait; ``spoken`` seconds are recorded, ended by ``ends``.

    "-" among the keys is silence, "h" hangs up. ``facts`` is what Asterisk says of the channel.
    """

    keys: str = ""
    spoken: float = 0.0
    ends: str = "#"
    dialstatus: str = "NOANSWER"
    facts: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    during_dial: Callable[[str], None] = lambda options: None
    gone: bool = False

    @contextmanager
    def open(self) -> Iterator[Leg]:
        ours, theirs = socket.socketpair()
        answering = Thread(target=self._answer, args=(ours,))
        answering.start()
        facts = "".join(f"agi_{name}: {value}\n" for name, value in self.facts.items())
        ours.sendall(f"{facts}\n".encode())
        try:
            with theirs, theirs.makefile("rb") as reader, theirs.makefile("wb") as writer:
                yield Leg(reader, writer)
        finally:
            answering.join()

    def run(self, serve: Callable[[Leg], None]) -> Line:
        """The channel handed to the switch, to its end."""
        with self.open() as leg:
            serve(leg)
        return self

    @property
    def verbs(self) -> list[str]:
        """What was asked, without the waiting for keys between two turns."""
        return [words.split(' "')[0] for words in self.asked if words != 'WAIT FOR DIGIT "20"']

    def _answer(self, ours: socket.socket) -> None:
        with ours, ours.makefile("rb") as reader:
            for line in reader:
                words = line.decode().strip()
                self.asked.append(words)
                ours.sendall(f"{self._said(words)}\n".encode())

    def _said(self, words: str) -> str:
        if self.gone:
            return "511 Command Not Permitted on a dead channel or intercept routine"
        if words.startswith(("STREAM FILE", "WAIT FOR DIGIT")):
            listens = not words.endswith('""') and words != 'WAIT FOR DIGIT "20"'
            return self._key() if listens else ANSWERED
        if words.startswith("RECORD FILE"):
            return self._record(words.split('"')[1])
        if words.startswith('EXEC "Dial"'):
            self.during_dial(words)
            return ANSWERED
        if words == 'GET VARIABLE "DIALSTATUS"':
            return f"200 result=1 ({self.dialstatus})"
        if words == 'GET VARIABLE "ANSWEREDTIME"':
            return "200 result=1 (12)" if self.dialstatus == "ANSWER" else ANSWERED
        return ANSWERED

    def _key(self) -> str:
        key, self.keys = self.keys[:1], self.keys[1:]
        if key == "h":
            self.gone = True
            return "HANGUP\n200 result=-1"
        return f"200 result={ord(key) if key and key != '-' else 0} endpos=800"

    def _record(self, path: str) -> str:
        Path(f"{path}.wav").write_bytes(hum(self.spoken) if self.spoken else make_wav(array("h")))
        if self.ends == "h":
            self.gone = True
            return "200 result=-1 (hangup) endpos=8000"
        return (
            f"200 result={ord(self.ends)} (dtmf) endpos=8000"
            if self.ends
            else "200 result=0 (timeout) endpos=8000"
        )
