"""A telephone that needs no sound: runs a call's TwiML for a caller who steps through it.

Time in the call is counted, not waited for: a prompt takes as long as its sound, silence as long as it is said to
take. The browser's handset and the scripted caller both drive this.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from channels.voice.program import (
    KEYS,
    CallerGone,
    CallError,
    Collect,
    Command,
    Connect,
    Fetch,
    Hear,
    Joined,
    Keys,
    Over,
    Refuse,
    Result,
    Sound,
    Take,
    Taken,
    conduct,
)
from channels.voice.sound import guess_seconds, seconds_of

_KEY_SECONDS = 0.3


class Awaits(StrEnum):
    """What the line waits for."""

    KEYS = "keys"
    SPEECH = "speech"
    NOTHING = "nothing"  # the call is over


@dataclass(slots=True)
class Heard:
    """One thing on the line. ``heard`` is how many of its ``seconds`` were listened to; ``audio`` names its sound."""

    kind: str  # say, play, pause, beep, dial, tone
    text: str = ""
    seconds: float = 0.0
    heard: float = 0.0
    audio: str = ""

    @property
    def was_cut(self) -> bool:
        return self.heard < self.seconds


class Media(Protocol):
    """What the telephone network adds to a call: the sound of words, kept recordings, other numbers."""

    def sound(self, sound: Sound) -> tuple[float, str]:
        """Seconds of the sound and the name under which it can be listened to ("" when there is none)."""
        ...

    def keep(self, wav: bytes, seconds: int) -> tuple[str, str]:
        """Keep a recording: its id and address."""
        ...

    def join(self, command: Connect) -> Joined:
        """Ring another number and let the two talk, once whoever answers has agreed to it."""
        ...


@dataclass(slots=True)
class Runner:
    """One call. ``start`` it, then do as a caller does until ``awaits`` is NOTHING. Each act returns what is newly heard."""

    fetch: Fetch
    url: str
    media: Media
    fallback: str = ""
    ended: Callable[[], None] = lambda: None
    lines: list[Heard] = field(default_factory=list)
    awaits: Awaits = Awaits.NOTHING
    seconds: float = 0.0
    refused: str = ""
    error: CallError | None = None
    over: Over | None = None
    """How the documents ended; None while they go on, and where the person hung up."""
    is_over: bool = False
    latest: int = 0
    """Index of the first line that the last act brought."""
    _steps: Generator[Command, Result, Over] | None = None
    _command: Command | None = None
    _buffer: str = ""
    _digits: str = ""
    _position: float = 0.0  # seconds since the present prompt or recording began
    _prompt: float = 0.0  # length of the present prompt
    _deadline: float = 0.0  # position at which silence is an answer
    _gone: bool = False
    _first: int = 0  # index of the present prompt's first line
    _spoken: bytes = b""
    _spoken_seconds: float = 0.0

    def start(self) -> list[Heard]:
        return self._act(self._begin)

    def press(self, keys: str, after: float | None = None) -> list[Heard]:
        """Press keys, ``after`` so many seconds of the present prompt (None: once it has ended)."""
        return self._act(lambda: self._press(keys, after))

    def speak(self, wav: bytes, seconds: float | None = None) -> list[Heard]:
        """Speak into a recording; end it with a key, silence, or by hanging up. Elsewhere nobody listens."""
        return self._act(lambda: self._speak(wav, seconds_of(wav) if seconds is None else seconds))

    @property
    def understands(self) -> bool:
        """Whether words are an answer now: the carrier's recogniser listens."""
        return isinstance(self._command, Collect) and self._command.speech

    def utter(self, words: str, sureness: float = 0.9) -> list[Heard]:
        """Say words that the carrier's recogniser understands, so surely. Where none listens they are lost."""
        return self._act(lambda: self._utter(words, sureness))

    def wait(self, seconds: float) -> list[Heard]:
        """Stay silent."""
        return self._act(lambda: self._wait(seconds))

    def hang_up(self, after: float | None = None) -> list[Heard]:
        """Put the receiver down, ``after`` so many seconds of the present prompt (None: once it has ended)."""
        return self._act(lambda: self._hang_up(after))

    def _act(self, act: Callable[[], None]) -> list[Heard]:
        self.latest = len(self.lines)
        act()
        return self.lines[self.latest :]

    @property
    def prompt(self) -> int:
        """Index of the first line that the present question is asked with."""
        return self._first

    def _begin(self) -> None:
        self._steps = conduct(self.fetch, self.url, self.fallback, self._failed)
        self._resume(None)

    def _resume(self, result: Result) -> None:
        """Send the result in and play whatever needs nothing from the caller."""
        steps = self._steps
        while steps is not None:
            try:
                command = steps.throw(CallerGone()) if self._gone and not result else steps.send(result)
            except StopIteration as done:
                self.over = None if self._gone else done.value
                self._end()
                return
            except CallerGone:
                self._end()
                return
            self._command, result = command, None
            if self._gone:
                continue  # the carrier asked for the next document, but nobody listens
            if isinstance(command, Collect):
                self._collect(command)
                return
            if isinstance(command, Take):
                self._take(command)
                return
            if isinstance(command, Hear):
                self._hear(command.sounds)
                self.seconds += self._prompt
            elif isinstance(command, Connect):
                result = self._connect(command)
            elif isinstance(command, Refuse):
                self.refused = command.reason
                self.lines.append(Heard("tone", command.reason))

    def _hear(self, sounds: tuple[Sound, ...]) -> None:
        self._first, self._prompt = len(self.lines), 0.0
        for sound in sounds:
            seconds, audio = (sound.pause, "") if sound.pause else self.media.sound(sound)
            kind = "say" if sound.text else "play" if sound.url else "pause"
            self.lines.append(Heard(kind, sound.text, seconds, seconds, audio))
            self._prompt += seconds

    def _collect(self, command: Collect) -> None:
        self._hear(command.sounds)
        self.awaits, self._digits, self._position = Awaits.KEYS, "", 0.0
        self._deadline = self._prompt + command.seconds
        if self._buffer:
            keys, self._buffer = self._buffer, ""
            self._press(keys, after=0.0)

    def _take(self, command: Take) -> None:
        if command.beep:
            self.lines.append(Heard("beep", "", 0.4, 0.4))
        self.awaits, self._position = Awaits.SPEECH, 0.0
        self._spoken, self._spoken_seconds, self._deadline = b"", 0.0, command.silence

    def _connect(self, command: Connect) -> Joined:
        joined = self.media.join(command)
        spent = joined.seconds if joined.status == "completed" else command.seconds
        self.lines.append(Heard("dial", joined.status, spent, spent))
        self.seconds += spent
        return joined

    def _press(self, keys: str, after: float | None) -> None:
        keys = "".join(key for key in keys if key in KEYS)
        command = self._command
        if isinstance(command, Take):
            ends = [index for index, key in enumerate(keys) if key in command.finish]
            if ends:
                self._recorded(keys[ends[0]], typed=keys[ends[0] + 1 :])
        elif isinstance(command, Collect) and keys:
            self._listen(after)
            self._type(command, keys)

    def _listen(self, after: float | None) -> None:
        """Let the present prompt run until then, and cut what was not heard (the first key cuts it)."""
        if self._digits:
            return
        self._position = max(self._position, self._prompt if after is None else min(after, self._deadline))
        left = self._position
        for line in self.lines[self._first :]:
            line.heard = min(line.seconds, max(0.0, left))
            left -= line.seconds

    def _type(self, command: Collect, keys: str) -> None:
        for index, key in enumerate(keys):
            self._position += _KEY_SECONDS if index else 0.0
            if key in command.finish:
                self._collected(Keys(self._digits, key), keys[index + 1 :])
                return
            self._digits += key
            if command.count and len(self._digits) == command.count:
                self._collected(Keys(self._digits), keys[index + 1 :])
                return
        self._deadline = self._position + command.seconds

    def _collected(self, keys: Keys, typed: str = "") -> None:
        """Keys typed ahead of the next question are kept for it."""
        self._buffer = typed
        self.seconds += self._position
        self._resume(keys)

    def _speak(self, wav: bytes, seconds: float) -> None:
        command = self._command
        if not isinstance(command, Take):
            return
        self._spoken, self._spoken_seconds = wav, min(seconds, command.most)
        self._position += self._spoken_seconds
        self._deadline = self._position + command.silence
        if seconds >= command.most:
            self._recorded("")

    def _utter(self, words: str, sureness: float) -> None:
        if self.understands:
            self._listen(None)
            self._position += guess_seconds(words)
            self._collected(Keys(said=words, sureness=sureness))

    def _recorded(self, ended_by: str, typed: str = "") -> None:
        seconds = max(1, round(self._spoken_seconds)) if self._spoken_seconds else 0
        self.seconds += self._position
        sid, url = self.media.keep(self._spoken, seconds) if seconds else ("", "")
        self._buffer = typed
        self._resume(Taken(sid, url, seconds, ended_by))

    def _wait(self, seconds: float) -> None:
        while seconds > 0 and self._command is not None:
            left = self._deadline - self._position
            passed = min(seconds, max(left, 0.0))
            self._position += passed
            seconds -= passed
            if passed < left:
                return
            if isinstance(self._command, Collect):
                self._collected(Keys(self._digits))
            else:
                self._recorded("")

    def _hang_up(self, after: float | None) -> None:
        if self.awaits is Awaits.NOTHING:
            return
        self._gone = True
        if isinstance(self._command, Take) and self._spoken_seconds:
            self._recorded("hangup")
            return
        if isinstance(self._command, Collect):
            self._listen(after)
        self.seconds += self._position
        self._resume(None)

    def _failed(self, error: CallError) -> None:
        self.error = error
        if self._gone:  # nobody is there for another document
            raise CallerGone

    def _end(self) -> None:
        self.awaits, self._command, self.is_over = Awaits.NOTHING, None, True
        self.ended()
