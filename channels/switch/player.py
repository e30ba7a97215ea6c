"""Plays a call's TwiML to a person at a telephone: sounds, keys, recordings and other phones by way of Asterisk."""

from __future__ import annotations

from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from channels.switch.agi import HungUp, Leg
from channels.switch.media import CallMedia
from channels.voice.program import (
    KEYS,
    Collect,
    Command,
    Connect,
    Hear,
    Keys,
    Over,
    Refuse,
    Result,
    Sound,
    Steps,
    Take,
    Taken,
)

Value = TypeVar("Value")
_CAUSES = {"busy": 17, "rejected": 21}
_GLANCE = 0.02
_SPEECH_MOST = 60


@dataclass(slots=True)
class Player:
    """One call. Keys pressed while the service is asked, or ahead of a question, are kept for that question."""

    leg: Leg
    media: CallMedia
    pool: Executor
    refused: str = ""
    answered_at: float | None = None
    """When it was answered, by the clock that never jumps; None before that."""
    _keys: str = ""

    def play(self, steps: Steps) -> Over | None:
        """The whole call; None where the person hung up. Raises ``CallError`` as the steps do."""
        result: Result = None
        try:
            while True:
                command = self._while(self.pool.submit(_next, steps, result))
                if isinstance(command, Over):
                    return command
                result = self._do(command)
                if isinstance(result, Taken) and result.ended_by == "hangup":
                    if result.seconds:
                        _next(steps, result)  # the service is told what was said, and nobody hears its answer
                    return None
        except HungUp:
            return None
        finally:
            steps.close()

    def answer(self) -> None:
        """Take the call, where it has not been taken."""
        if self.answered_at is None:
            self.leg.answer()
            self.answered_at = monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the call was answered."""
        return 0.0 if self.answered_at is None else monotonic() - self.answered_at

    def _do(self, command: Command) -> Result:
        if isinstance(command, Refuse):
            self.refused = command.reason
            self.leg.hang_up(_CAUSES.get(command.reason, 21))
            return None
        self.answer()
        if isinstance(command, Collect):
            return self._collect(command)
        if isinstance(command, Take):
            return self._take(command)
        if isinstance(command, Connect):
            return self.media.join(self.leg, command)
        if isinstance(command, Hear):
            self._hear(command.sounds, "")
        return None

    def _hear(self, sounds: tuple[Sound, ...], keys: str) -> str:
        """Play sounds one after the other, the next one made while one is heard; the key that cut them short, or ""."""
        making = self._make(sounds, 0)
        for index, sound in enumerate(sounds):
            path = self._while(making)
            making = self._make(sounds, index + 1)
            if keys and self._keys:
                return self._kept()
            key = self._pause(sound.pause, keys) if sound.pause else self.leg.play(path, keys) if path else ""
            if key:
                return key
        return ""

    def _make(self, sounds: tuple[Sound, ...], index: int) -> Future[str]:
        """The path of a sound; "" for a pause, and after the last."""
        there = index < len(sounds) and not sounds[index].pause
        return self.pool.submit(self.media.sound, sounds[index]) if there else self.pool.submit(str)

    def _pause(self, seconds: float, keys: str) -> str:
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            self._keys += self.leg.wait(left)
            if keys and self._keys:
                return self._kept()
        return ""

    def _collect(self, command: Collect) -> Keys:
        digits, key = "", self._kept() or self._hear(command.sounds, KEYS)
        if not key and command.speech:
            said = self._listen(command)
            if said.said or not said.digits:
                return said
            key = said.digits
        while True:
            key = key or self._kept() or self.leg.wait(command.seconds)
            if not key:
                return Keys(digits)
            if key in command.finish:
                return Keys(digits, key)
            digits += key
            if len(digits) == command.count:
                return Keys(digits)
            key = ""

    def _listen(self, command: Collect) -> Keys:
        """What the person says, or the key that was pressed instead."""
        path = self.media.place_for_recording()
        ended = self.leg.record(path, KEYS, _SPEECH_MOST, command.seconds)
        if ended == "hangup":
            self.media.forget(path)
            raise HungUp
        if ended and ended not in command.finish:  # a key in the place of words
            self.media.forget(path)
            return Keys(digits=ended)
        heard = self.media.words(path, command.language)
        return Keys(digits="" if heard.text else ended, said=heard.text, sureness=heard.sureness)

    def _take(self, command: Take) -> Taken:
        self._keys = ""
        if command.beep:
            self.leg.play(self.media.beep(), "")
        path = self.media.place_for_recording()
        ended = self.leg.record(path, command.finish, command.most, command.silence)
        sid, url, seconds = self.media.keep(path)
        return Taken(sid, url, max(1, round(seconds)) if sid else 0, ended)

    def _kept(self) -> str:
        """The first of the keys that were pressed ahead, or ""."""
        key, self._keys = self._keys[:1], self._keys[1:]
        return key

    def _while(self, work: Future[Value]) -> Value:
        """Wait for something to be done, and keep the keys that are pressed meanwhile."""
        while self.answered_at is not None and not work.done():
            try:
                self._keys += self.leg.wait(_GLANCE)
            except HungUp:
                wait([work])
                raise
        return work.result()


def _next(steps: Steps, result: Result) -> Command | Over:
    try:
        return steps.send(result)
    except StopIteration as done:
        over: Over = done.value
        return over
