"""Recognisers of the operator's own: a command, or a service asked by HTTP. What they answer is believed only as far as it is
plain words: anything huge, garbled or with control signs counts as not heard, and a person listens."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from tempfile import NamedTemporaryFile
from threading import Event, Timer
from urllib.parse import urlsplit

from urllib3.filepost import encode_multipart_formdata

from channels.contract import Heard, NotHeard, Recogniser, SendError
from channels.http.keys import HERE
from channels.http.places import Said, Unreadable, check_place
from channels.http.requests import Prepared, origin
from channels.http.wire import Wire
from farmerline.config.voice import VoiceSettings
from farmerline.errors import Misconfigured

FILE = "{file}"
LONGEST = 800
"""Characters of what can have been said in one recording."""
_LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Places:
    """Where the words and how sure they are stand in a JSON answer; "" for an answer that is the words, and for no sureness."""

    text: str = ""
    sureness: str = ""

    def read(self, answer: bytes) -> Heard:
        """What an answer says; raises ``NotHeard``."""
        if len(answer) > _LARGEST:
            raise NotHeard("too large")
        try:
            said = Said(answer.decode("utf-8"))
            words = said.at(self.text) if self.text else said.text
            sureness = said.at(self.sureness) if self.sureness else None
            return Heard(_plain(words or ""), _share(sureness) if self.sureness else None)
        except UnicodeDecodeError as error:
            raise NotHeard("not UTF-8") from error
        except Unreadable as error:
            raise NotHeard("not JSON") from error


@dataclass(frozen=True, slots=True)
class Command:
    """A command that gets the recording on its input, or in a file that is gone afterwards, and the language as its last word."""

    words: Sequence[str]
    places: Places = Places()
    seconds: float = 30.0

    def hear(self, wav: bytes, language: str) -> Heard:
        with NamedTemporaryFile(suffix=".wav") as file:
            file.write(wav)
            file.seek(0)
            told = [word.replace(FILE, file.name) for word in self.words]
            return self.places.read(self._run([*told, language], file.file))

    def _run(self, command: list[str], sound: object) -> bytes:
        try:
            running = subprocess.Popen(
                command,
                stdin=sound,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # type: ignore[call-overload]
        except (OSError, ValueError) as error:
            raise NotHeard(type(error).__name__) from error
        late = Event()

        def stop() -> None:
            late.set()
            _end(running.pid)

        timer = Timer(self.seconds, stop)
        timer.start()
        try:
            answer: bytes = running.stdout.read(_LARGEST + 1)
            if len(answer) > _LARGEST:
                _end(running.pid)
            failed = running.wait()
        finally:
            timer.cancel()
            _end(running.pid)  # whatever it began ends with it
            running.stdout.close()
        if late.is_set():
            raise NotHeard("too slow")
        if failed and len(answer) <= _LARGEST:
            raise NotHeard(f"exit {failed}")
        return answer


@dataclass(frozen=True, slots=True)
class Service:
    """A service that the recording is posted to; ``form_field`` names the form's field for it, "" where it is the whole body."""

    url: str
    token: str = field(default="", repr=False)
    form_field: str = ""
    places: Places = Places()
    wire: Wire = field(default_factory=lambda: Wire(connections=2, read=30.0))

    def hear(self, wav: bytes, language: str) -> Heard:
        body, kind = wav, "audio/wav"
        if self.form_field:
            sound = (self.form_field, ("speech.wav", wav, kind))
            body, kind = encode_multipart_formdata([("language", language), sound])
        headers = {
            "Content-Type": kind,
            "Content-Language": language,
            "Accept": "application/json, text/plain",
        }
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        parts = urlsplit(self.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            answer = self.wire.exchange(Prepared("POST", origin(self.url), target, headers, body))
        except SendError as error:
            raise NotHeard(f"{error.reason} {error.code}".strip(), later=True) from error
        if not 200 <= answer.status < 300:
            raise NotHeard(str(answer.status), later=answer.status >= 500 or answer.status == 429)
        return self.places.read(answer.body)


def build(settings: VoiceSettings, *, stays_here: bool) -> Recogniser | None:
    """The county's own recogniser; None where it has none, or the carrier's. ``stays_here``: no voice leaves this machine.

    Raises ``Misconfigured``.
    """
    if settings.recogniser in ("none", "carrier"):
        return None
    places = Places(settings.recogniser_text, settings.recogniser_sureness)
    for place in (places.text, places.sureness):
        try:
            check_place(place or "any")
        except ValueError as error:
            raise Misconfigured(f"FARMERLINE_RECOGNISER_TEXT or _SURENESS: {error}.") from error
    if settings.recogniser == "command":
        return Command(
            split(settings.recogniser_command, "FARMERLINE_RECOGNISER_COMMAND"),
            places,
            settings.recogniser_seconds,
        )
    url = urlsplit(settings.recogniser_url)
    is_here = url.hostname in HERE
    if not url.hostname or (url.scheme == "http" and not is_here):
        raise Misconfigured(
            "FARMERLINE_RECOGNISER_URL must be an https:// address, or http:// on this machine: it hears people."
        )
    if stays_here and not is_here:
        raise Misconfigured("This mode reaches nobody: FARMERLINE_RECOGNISER_URL must be on this machine.")
    wire = Wire(connections=2, read=settings.recogniser_seconds)
    token = settings.recogniser_token.get_secret_value()
    return Service(settings.recogniser_url, token, settings.recogniser_field, places, wire)


def split(command: str, name: str) -> list[str]:
    """A command's words; raises ``Misconfigured`` under its setting's name."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise Misconfigured(f"{name} is not a command: {error}.") from error
    if not words:
        raise Misconfigured(f"{name} is empty: name the command that writes down what was said.")
    return words


def _plain(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise NotHeard("no words")
    if len(words) > LONGEST:
        raise NotHeard("too long")
    if any(unicodedata.category(sign).startswith("C") for sign in words):
        raise NotHeard("control signs")
    return words


def _share(text: str | None) -> float:
    """A share from 0 to 1; 0 for anything else: who says nothing of it is not sure."""
    try:
        share = float(text or "")
    except ValueError:
        return 0.0
    return share if 0 <= share <= 1 else 0.0


def _end(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
