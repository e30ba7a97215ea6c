"""What a channel needs from inside, and what the inside may ask of a channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from farmerline.messages import Accepted, Channel, Incoming, Outgoing, Receipt, SpokenScript, Turn


class Reason(StrEnum):
    """Why a message was not handed over, or did not arrive: a closed list."""

    BAD_ADDRESS = "bad_address"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    UNREACHABLE_PHONE = "unreachable_phone"  # switched off, out of range
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FILTERED = "filtered"
    TOO_LONG = "too_long"
    THROTTLED = "throttled"
    QUEUE_FULL = "queue_full"
    UNAVAILABLE = "unavailable"  # the provider answered, but cannot serve now (5xx)
    UNREACHABLE = "unreachable"  # no answer from the provider: outcome unknown
    MISCONFIGURED = "misconfigured"
    REFUSED = "refused"

    @property
    def retryable(self) -> bool:
        """True where the same message may well go through later."""
        return self in _RETRYABLE

    @property
    def outcome_unknown(self) -> bool:
        """True where the provider may have taken the message: look it up before sending it again."""
        return self is Reason.UNREACHABLE


_RETRYABLE = frozenset(
    {
        Reason.UNREACHABLE_PHONE,
        Reason.BUSY,
        Reason.NO_ANSWER,
        Reason.THROTTLED,
        Reason.QUEUE_FULL,
        Reason.UNAVAILABLE,
        Reason.UNREACHABLE,
        Reason.MISCONFIGURED,
    }
)


class SendError(Exception):
    """A message was not handed over. ``code`` is the provider's own, for the record."""

    def __init__(self, reason: Reason, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{reason} {code}".strip())
        self.reason = reason
        self.code = code
        self.retry_after = retry_after


class Sender(Protocol):
    """Hands one message to a carrier."""

    def send(self, message: Outgoing) -> str:
        """Hand over and return the provider's id; raises ``SendError``.

        A text that went out in several pieces, each with an id of its own, returns them one a line.
        """
        ...

    def find(self, message: Outgoing, since: datetime) -> str | None:
        """The provider's id of this message if it was taken since that moment, else None.

        Asked before anything of unknown outcome is sent again; raises ``SendError`` when it cannot tell.
        """
        ...


class Inbox(Protocol):
    """What people sent us, as the carrier has it on record: webhooks that found nobody are not all tried again."""

    def received(self, since: datetime) -> list[Incoming]:
        """Every text to us since that moment, oldest first, those known included; raises ``SendError``."""
        ...


class Statement(Protocol):
    """What we sent, as the carrier has it on record: receipts get lost, and so does our own memory."""

    def became(self, ref: str) -> Receipt | None:
        """What became of the message with the carrier's id, None where it knows none; raises ``SendError``."""
        ...

    def handed(self, since: datetime, until: datetime) -> list[str]:
        """The carrier's ids of messages of ours made between these moments, at most 1,000; raises ``SendError``."""
        ...


class OpenLine(Protocol):
    """A connection that stays open, by which the carrier brings what it has for us."""

    def start(self, ports: Ports) -> None:
        """Open it, keep it open, and hand in what comes."""
        ...

    def stop(self) -> None:
        """Close it."""
        ...


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A message that a carrier has taken: our id, the carrier's, to whom it is, when it was handed over."""

    id: str
    ref: str
    to: str
    at: datetime


class Polls(Protocol):
    """A carrier that does not call us, and is asked now and then. What it says may be known already."""

    @property
    def one_by_one(self) -> bool:
        """Whether it is asked for each message that waits for its receipt."""
        ...

    def receipts(self, waiting: Sequence[HandedOver]) -> Iterable[Receipt]:
        """What became of messages, as far as there is news; raises ``SendError``."""
        ...

    def texts(self) -> Iterable[Incoming]:
        """What people texted; raises ``SendError``."""
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recogniser understood; ``sureness`` from 0 to 1, None where it does not say."""

    text: str
    sureness: float | None = None


class NotHeard(Exception):
    """A recogniser gave no words. ``later``: it could not be asked, and may well be able to another time."""

    def __init__(self, why: str, *, later: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.later = later


class Recogniser(Protocol):
    """Writes down what was said."""

    def hear(self, wav: bytes, language: str) -> Heard:
        """The words of a recording of the telephone in ``zh`` or ``en``; raises ``NotHeard``."""
        ...


@dataclass(frozen=True, slots=True)
class Gateway:
    """A configured carrier connection: its name in settings and rows, what it carries, how fast.

    ``rate`` is SMS parts or calls a second; ``signature`` what we put before each text, in 【】 (empty where the
    carrier does it). ``cost`` is yuan for one part, or for a started minute of a call. What it may carry:
    ``prefixes`` are beginnings of E.164 numbers, ``purposes`` what messages are for (``Purpose`` values), ``longest``
    the parts of one text; empty or 0 means all.

    ``can_find`` is false where nobody can be asked what became of a message: ``sender.find`` is then of no use.
    Its results are put down more often, because a crash repeats what was not put down.
    ``probe`` sees whether the carrier answers, and raises ``SendError``. ``line`` is a connection that stays open.

    ``lanes`` is how many messages may be on their way to it at one time: its sender must stand being called by so many
    threads.
    """

    name: str
    channel: Channel
    sender: Sender
    rate: float
    signature: str = ""
    inbox: Inbox | None = None
    prefixes: tuple[str, ...] = ()
    cost: float = 0.0
    purposes: tuple[str, ...] = ()
    longest: int = 0
    statement: Statement | None = None
    kind: str = ""
    can_find: bool = True
    lanes: int = 1
    probe: Callable[[], None] | None = None
    line: OpenLine | None = None
    polls: Polls | None = None


@dataclass(frozen=True, slots=True)
class Ports:
    """The inside, as a channel sees it. Filled once, in ``farmerline.runtime``."""

    accept: Callable[[Incoming], Accepted]
    """Put words on record, once. They are acted on a moment later; what is answered goes out as a message of its own."""
    report: Callable[[Receipt], None]
    turn: Callable[[Turn], SpokenScript]
    recording: Callable[[str], bytes | None]
    """WAV bytes of a kept recording by its id, for the carrier to play."""
    now: Callable[[], datetime]
    move_clock: Callable[[timedelta], list[str]] | None = None
    """Demo only: move the demo clock forward, run what fell due, return a line for each thing run."""
    run_due: Callable[[], list[str]] | None = None
    """Demo only: run what is due now."""
