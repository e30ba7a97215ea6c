"""One telephone channel of Asterisk, as FastAGI hands it over: commands go out, an answer comes back to each.

https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/AGI_Commands/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import BinaryIO

_ANSWER = re.compile(r"200 result=(-?\w*)(?: \((?P<word>[^)]*)\))?")
_SAFE = re.compile(r'[^"\\\r\n]*')
_LONGEST = 100  # lines of the environment


class HungUp(Exception):
    """The person is gone, or the switch took the channel away."""


class BadAnswer(Exception):
    """The switch did not do what it was asked."""


@dataclass(frozen=True, slots=True)
class Said:
    """``result`` is the number that a command ended with, ``word`` what stands in brackets after it."""

    result: str
    word: str


@dataclass(slots=True)
class Leg:
    """A person's end of a call. Each verb raises ``HungUp`` once the person is gone. One thread at a time."""

    reader: BinaryIO
    writer: BinaryIO
    facts: dict[str, str] = field(init=False)
    """What the switch says of the channel: ``callerid``, ``extension``, ``uniqueid``, ``network_script``, ``arg_1`` …"""

    def __post_init__(self) -> None:
        self.facts = {}
        for _ in range(_LONGEST):
            name, found, value = self._line().partition(": ")
            if not name:
                return
            if found:
                self.facts[name.removeprefix("agi_")] = value
        raise BadAnswer("too many facts")

    def answer(self) -> None:
        self._done("ANSWER")

    def hang_up(self, cause: int = 16) -> None:
        """End the call; ``cause`` as ITU-T Q.850 numbers them: 16 usual, 17 busy, 21 refused."""
        self._done("EXEC", "Hangup", str(cause))

    def play(self, path: str, keys: str) -> str:
        """Play a sound file (its path without its ending); the key that cut it short, or ""."""
        return self._key(self._done("STREAM FILE", path, keys))

    def wait(self, seconds: float) -> str:
        """The next key within so many seconds, or ""."""
        return self._key(self._done("WAIT FOR DIGIT", str(max(1, round(seconds * 1000)))))

    def record(self, path: str, finish: str, most: float, silence: float) -> str:
        """Record into ``path``.wav until a key of ``finish``, ``most`` seconds or ``silence`` seconds of silence. What ended it:
        the key, ``hangup`` or ""."""
        listen = [f"s={max(1, round(silence))}"] if silence else []
        said = self._ask("RECORD FILE", path, "wav", finish, str(round(most * 1000)), *listen)
        if said.word == "hangup" or said.result == "-1":
            return "hangup"
        return self._key(said) if said.word == "dtmf" else ""

    def run(self, application: str, *arguments: str) -> None:
        """Run an application of the dialplan to its end."""
        self._ask("EXEC", application, ",".join(arguments))

    def put(self, name: str, value: str) -> None:
        """Set a variable or a function of the channel."""
        self._done("SET VARIABLE", name, value)

    def get(self, name: str) -> str:
        """A variable of the channel; "" where it has none."""
        return self._ask("GET VARIABLE", name).word

    def _done(self, verb: str, *arguments: str) -> Said:
        said = self._ask(verb, *arguments)
        if said.result == "-1":
            raise HungUp
        return said

    def _ask(self, verb: str, *arguments: str) -> Said:
        if not all(_SAFE.fullmatch(argument) for argument in arguments):
            raise ValueError("a command's argument may hold no quotes and no line ends")
        try:
            self.writer.write(
                (" ".join([verb, *(f'"{argument}"' for argument in arguments)]) + "\n").encode()
            )
            self.writer.flush()
        except OSError as error:
            raise HungUp from error
        line = self._line()
        while line == "HANGUP":  # said once, between an answer and the next
            line = self._line()
        if line.startswith("511"):
            raise HungUp
        found = _ANSWER.match(line)
        if found is None:
            if line.startswith("520-"):
                while not line.startswith("520 "):
                    line = self._line()
            raise BadAnswer(line[:60])
        return Said(found[1], found["word"] or "")

    def _line(self) -> str:
        try:
            line = self.reader.readline(4096)
        except OSError as error:
            raise HungUp from error
        if not line:
            raise HungUp
        return line.decode("utf-8", "replace").strip()

    @staticmethod
    def _key(said: Said) -> str:
        return chr(int(said.result)) if said.result.isdigit() and int(said.result) else ""
