"""What a TwiML document asks of a telephone, one command at a time.

``converse`` walks the documents and yields commands; whoever plays them (the simulated caller, a switch) sends back
what the person did. Nothing here knows about sound cards, sockets or time. Rules and defaults follow
https://www.twilio.com/docs/voice/twiml.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urljoin

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

KEYS = "0123456789*#"
APOLOGY = "We are sorry, an application error has occurred. Goodbye."
_QUIET_DOCUMENTS = 25


class CallError(Exception):
    """The call cannot go on. ``code`` is Twilio's: 11200 no good answer, 12100 not XML, 12200 not TwiML."""

    def __init__(self, code: int, what: str) -> None:
        super().__init__(f"{code} {what}")
        self.code = code
        self.what = what


class CallerGone(Exception):
    """The person hung up; thrown into ``converse``."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Words to be spoken (``text``) or a recording to be played (``url``), or silence (``pause`` seconds)."""

    text: str = ""
    language: str = ""
    slow: bool = False
    url: str = ""
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Hear:
    """Play the sounds to their end. Answered with None."""

    sounds: tuple[Sound, ...]


@dataclass(frozen=True, slots=True)
class Collect:
    """Play the sounds, cut short by a key, and collect keys. ``count`` 0 is without limit. Answered with ``Keys``.

    ``speech``: words in this ``language`` are an answer too, where the telephone can tell them.
    """

    sounds: tuple[Sound, ...]
    count: int
    finish: str
    seconds: float
    speech: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Take:
    """Record the person. ``silence`` and ``most`` in seconds. Answered with ``Taken``."""

    most: float
    silence: float
    finish: str
    beep: bool


@dataclass(frozen=True, slots=True)
class Connect:
    """Ring another number and join the two. Answered with ``Joined``.

    With ``screen`` the phone that answers first runs a document of its own from that address (``converse``): the two are
    joined where it ends with ``Over.RAN_OUT``. ``shown`` is the number it sees ("" for whatever the line shows).
    """

    number: str
    seconds: float
    screen: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do not take the call; ``reason`` is ``rejected`` or ``busy``. Answered with None."""

    reason: str


Command = Hear | Collect | Take | Connect | Refuse


@dataclass(frozen=True, slots=True)
class Keys:
    """What was pressed, or ``said``; ``sureness`` is how sure who heard it is, from 0 to 1."""

    digits: str = ""
    finished_on: str = ""
    said: str = ""
    sureness: float | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A recording kept by whoever plays: its id and address; ``seconds`` 0 is an empty one.

    ``ended_by`` is a key, ``hangup`` or "" for silence and full length.
    """

    sid: str = ""
    url: str = ""
    seconds: int = 0
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """``status`` in Twilio's words: completed, busy, no-answer, failed. ``bridged`` tells whether the two could talk: who
    answered may have refused at the screen."""

    status: str
    seconds: int = 0
    bridged: bool = True


class Over(Enum):
    """How a call's documents ended."""

    RAN_OUT = "ran out"  # nothing more to do: of a phone that was asked first, this joins the two
    HUNG_UP = "hung up"


Result = Keys | Taken | Joined | None
Steps = Generator[Command, Result, "Next | Over"]
_Part = Generator[Command, Result, "Next | None"]
Fetch = Callable[[str, str, Mapping[str, str]], str]
"""(method, url, extra fields) → the document's text; raises ``CallError``."""


@dataclass(frozen=True, slots=True)
class Next:
    url: str
    method: str
    fields: Mapping[str, str]


def converse(fetch: Fetch, url: str) -> Generator[Command, Result, Over]:
    """The whole call from its first document to the last. Raises ``CallError``."""
    following: Next | Over = Next(url, "POST", {})
    quiet = 0
    while isinstance(following, Next):
        here = following.url
        steps = _document(_parse(fetch(following.method, here, following.fields)), here)
        quiet += 1
        if quiet > _QUIET_DOCUMENTS:
            raise CallError(11200, "documents that lead in a circle")
        answer: Result = None
        while True:
            try:
                command = steps.send(answer)
            except StopIteration as done:
                following = done.value
                break
            quiet = 0
            answer = yield command
    return following


def conduct(
    fetch: Fetch, url: str, fallback: str, failed: Callable[[CallError], None]
) -> Generator[Command, Result, Over]:
    """``converse``, and what Twilio does when it cannot go on: the fallback address once, else an apology.

    ``failed`` is told of each error.
    """
    for tried in (url, fallback):
        if tried:
            try:
                return (yield from converse(fetch, tried))
            except CallError as error:
                failed(error)
    yield Hear((Sound(text=APOLOGY, language="en-US"),))
    return Over.HUNG_UP


def _parse(markup: str) -> ElementTree.Element:
    try:
        root: ElementTree.Element = fromstring(markup, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise CallError(12100, "the document cannot be read") from error
    if root.tag != "Response":
        raise CallError(12200, f"the document's root is {root.tag}")
    return root


def _document(root: ElementTree.Element, here: str) -> Steps:
    for verb in root:
        if verb.tag in ("Say", "Play", "Pause"):
            yield Hear(_sounds([verb], here))
        elif verb.tag == "Gather":
            following = yield from _gather(verb, here)
            if following:
                return following
        elif verb.tag == "Record":
            following = yield from _record(verb, here)
            if following:
                return following
        elif verb.tag == "Dial":
            following = yield from _dial(verb, here)
            if following:
                return following
        elif verb.tag == "Redirect":
            return _next(verb, here, (verb.text or "").strip(), {})
        elif verb.tag == "Hangup":
            return Over.HUNG_UP
        elif verb.tag == "Reject":
            yield Refuse(verb.get("reason", "rejected"))
            return Over.HUNG_UP
        else:
            raise CallError(12200, f"{verb.tag} is not a verb that is known here")
    return Over.RAN_OUT


def _gather(verb: ElementTree.Element, here: str) -> _Part:
    keys = yield Collect(
        _sounds(list(verb), here),
        int(_seconds(verb, "numDigits", 0)),
        verb.get("finishOnKey", "#"),
        _seconds(verb, "timeout", 5),
        "speech" in verb.get("input", "dtmf").split(),
        verb.get("language", "en-US"),
    )
    if not isinstance(keys, Keys):
        raise TypeError(f"Keys were awaited, not {keys!r}")
    if not keys.digits and not keys.said and verb.get("actionOnEmptyResult") != "true":
        return None
    fields = (
        {"msg": "Gather End", "SpeechResult": keys.said}
        if keys.said
        else {"msg": "Gather End", "Digits": keys.digits}
    )
    if keys.said and keys.sureness is not None:
        fields["Confidence"] = f"{keys.sureness:.4f}"
    if keys.finished_on:
        fields["FinishedOnKey"] = keys.finished_on
    return _next(verb, here, verb.get("action", ""), fields)


def _record(verb: ElementTree.Element, here: str) -> _Part:
    taken = yield Take(
        _seconds(verb, "maxLength", 3600),
        _seconds(verb, "timeout", 5),
        verb.get("finishOnKey", "1234567890*#"),
        verb.get("playBeep", "true") == "true",
    )
    if not isinstance(taken, Taken):
        raise TypeError(f"Taken were awaited, not {taken!r}")
    if not taken.seconds:
        return None  # Twilio goes on with the next verb when nothing was recorded
    fields = {
        "RecordingSid": taken.sid,
        "RecordingUrl": taken.url,
        "RecordingDuration": str(taken.seconds),
        "Digits": taken.ended_by,
    }
    return _next(verb, here, verb.get("action", ""), fields)


def _dial(verb: ElementTree.Element, here: str) -> _Part:
    inner = verb.find("Number")
    number = ((inner.text if inner is not None else verb.text) or "").strip()
    screen = inner.get("url", "") if inner is not None else ""
    joined = yield Connect(
        number,
        _seconds(verb, "timeout", 30),
        urljoin(here, screen) if screen else "",
        verb.get("callerId", ""),
    )
    if not isinstance(joined, Joined):
        raise TypeError(f"Joined were awaited, not {joined!r}")
    if "action" not in verb.attrib:
        return None
    fields = {
        "DialCallStatus": joined.status,
        "DialCallDuration": str(joined.seconds),
        "DialBridged": str(joined.bridged).lower(),
    }
    return _next(verb, here, verb.get("action", ""), fields)


def _next(verb: ElementTree.Element, here: str, action: str, fields: Mapping[str, str]) -> Next:
    return Next(urljoin(here, action) if action else here, verb.get("method", "POST").upper(), fields)


def _sounds(verbs: list[ElementTree.Element], here: str) -> tuple[Sound, ...]:
    sounds: list[Sound] = []
    for verb in verbs:
        if verb.tag == "Say":
            slow = any(inner.get("rate") in ("slow", "x-slow") for inner in verb.iter("prosody"))
            once = Sound(
                text="".join(verb.itertext()).strip(), language=verb.get("language", "en-US"), slow=slow
            )
        elif verb.tag == "Play":
            once = Sound(url=urljoin(here, (verb.text or "").strip()))
        elif verb.tag == "Pause":
            once = Sound(pause=_seconds(verb, "length", 1))
        else:
            raise CallError(12200, f"{verb.tag} cannot stand there")
        sounds += [once] * max(1, min(10, int(_seconds(verb, "loop", 1))))
    return tuple(sounds)


def _seconds(verb: ElementTree.Element, name: str, default: float) -> float:
    try:
        return max(0.0, float(verb.get(name, default)))
    except ValueError as error:
        raise CallError(12200, f"{verb.tag} {name} is not a number") from error
