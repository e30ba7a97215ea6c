"""A farmer's telephone: baresip, which speaks from a file, keeps what it hears, and is told what to do over a socket."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import wave
from array import array
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from typing import Any

from bench.pbx import bundle

_SECONDS = 40.0
_LOUD = 500  # of 32,767: what is heard, and not the silence between


@dataclass(slots=True)
class Phone:
    """One telephone. ``answers``: it takes calls by itself."""

    root: Path
    folder: Path
    number: str
    sip: int
    control: int
    carrier: int
    speaks: Path
    answers: bool = True
    events: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)
    _process: subprocess.Popen[bytes] | None = None
    _socket: socket.socket | None = None
    _news: Condition = field(default_factory=Condition)

    @property
    def _heard(self) -> Path:
        return self.folder / "heard.wav"

    def start(self) -> None:
        self.folder.mkdir(parents=True)
        names = ("g711", "aufile", "uuid", "account", "menu", "ctrl_tcp")
        first = "\n".join(f"module {name}.so" for name in names[:3])
        later = "\n".join(f"module_app {name}.so" for name in names[3:])
        (self.folder / "config").write_text(
            f"sip_listen 127.0.0.1:{self.sip}\naudio_path {self.folder}\naudio_source aufile,{self.speaks}\n"
            f"audio_player aufile,{self._heard}\naudio_alert aufile,{self.folder}/alert.wav\n"
            "audio_srate 8000\naudio_channels 1\nrtp_ports 23000-24999\ncall_max_calls 2\nring_aufile none\n"
            f"ctrl_tcp_listen 127.0.0.1:{self.control}\nmodule_path {bundle.modules(self.root, 'baresip')}\n{first}\n{later}\n"
        )
        mode = "auto" if self.answers else "manual"
        (self.folder / "accounts").write_text(
            f"<sip:{self.number}@127.0.0.1:{self.carrier}>;regint=0;answermode={mode};audio_codecs=PCMA/8000/1\n"
        )
        (self.folder / "contacts").touch()
        started = bundle.command(self.root, "usr/bin/baresip", "-f", str(self.folder))
        self._process = bundle.start(started, self.folder / "out")

    def connect(self) -> None:
        """Until it takes commands. Raises ``TimeoutError``."""
        until = time.monotonic() + _SECONDS
        while self._socket is None:
            try:
                self._socket = socket.create_connection(("127.0.0.1", self.control), timeout=5)
            except OSError as error:
                if time.monotonic() > until:
                    words = (self.folder / "out").read_text(errors="replace")[-300:]
                    raise TimeoutError(f"the telephone {self.number} does not start: {words}") from error
                time.sleep(0.05)
        self._socket.settimeout(None)
        Thread(target=self._read, daemon=True).start()

    def dial(self, number: str) -> float:
        """Ring a number; the moment."""
        self._heard.unlink(missing_ok=True)
        self.do("dial", f"sip:{number}@127.0.0.1:{self.carrier}")
        return time.monotonic()

    def press(self, keys: str) -> None:
        for key in keys:
            self.do("sndcode", key)
            time.sleep(0.25)

    def hang_up(self) -> None:
        self.do("hangup")

    def do(self, command: str, words: str = "") -> None:
        asked = json.dumps({"command": command, "params": words, "token": command})
        assert self._socket is not None
        self._socket.sendall(f"{len(asked)}:{asked},".encode())

    def wait(self, kind: str, seconds: float = _SECONDS, since: float = 0.0) -> float | None:
        """The moment at which something happened (CALL_ESTABLISHED, CALL_CLOSED …); None where it did not in time."""
        until = time.monotonic() + seconds
        with self._news:
            while True:
                for at, name, _ in self.events:
                    if name == kind and at >= since:
                        return at
                left = until - time.monotonic()
                if left <= 0:
                    return None
                self._news.wait(left)

    def ended_with(self) -> str:
        """What the last call's end said."""
        closed = [told for _, name, told in self.events if name == "CALL_CLOSED"]
        return str(closed[-1].get("param", "")) if closed else ""

    def heard(self) -> array[int]:
        """Samples of what was heard in the last call, 8,000 a second."""
        until = time.monotonic() + 3  # it is written when the call has ended
        while not self._heard.is_file() and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.1)
        samples: array[int] = array("h")
        with suppress(OSError, EOFError, wave.Error), wave.open(str(self._heard)) as sound:
            samples.frombytes(sound.readframes(sound.getnframes()))
        return samples

    def first_sound(self) -> float | None:
        """Seconds from the call's beginning to the first sound that was heard."""
        found = next((index for index, sample in enumerate(self.heard()) if abs(sample) > _LOUD), None)
        return None if found is None else found / 8000

    def stop(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            bundle.end(self._process, 3)

    def _read(self) -> None:
        kept = b""
        assert self._socket is not None
        while True:
            try:
                fresh = self._socket.recv(65536)
            except OSError:
                return
            if not fresh:
                return
            kept += fresh
            while (told := _netstring(kept)) is not None:
                words, kept = told
                with self._news:
                    if words.get("event"):
                        self.events.append((time.monotonic(), str(words.get("type")), words))
                    self._news.notify_all()


def _netstring(kept: bytes) -> tuple[dict[str, Any], bytes] | None:
    """The first message of what has come, and the rest; None where it is not whole."""
    length, colon, rest = kept.partition(b":")
    if not colon or len(rest) < int(length) + 1:
        return None
    return json.loads(rest[: int(length)]), rest[int(length) + 1 :]
