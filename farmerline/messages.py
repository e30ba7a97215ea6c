"""Frozen values that cross the borders between channels, the domain and the jobs.

They are named for what they mean to the service, never for a provider's field.
Times are aware UTC, phone numbers E.164 (``+8613800000001``), lengths seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_NUMBER = re.compile(r"\+\d{6,15}", re.ASCII)


class Channel(StrEnum):
    """How words come in or go out."""

    SMS = "sms"
    VOICE = "voice"
    WEB = "web"  # in: a signed-in person's own form
    CONTACT = "contact"  # in: a contact point acting for a person
    MAILBOX = "mailbox"  # out: a letter in the service itself
    EMAIL = "email"  # out: a copy of a letter


@dataclass(frozen=True, slots=True)
class Piece:
    """Which piece of a longer text this is: ``number`` of ``total``, from 1; ``reference`` is the same for all of them."""

    reference: str
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """Words from a person, whatever the channel.

    ``gateway`` and ``ref`` together are the provider's id of the message: the same pair twice is the same
    message (a provider's retry, a form sent twice). ``account_id`` is set only where the channel has
    proved who speaks (a web session); for SMS and voice the sender's number is looked up. ``operator_id``
    is the contact point acting for the person. ``raw`` is what arrived, kept as it was. ``piece`` marks a piece of a
    longer text: it is acted on with the others.
    """

    channel: Channel
    gateway: str
    ref: str
    sender: str
    text: str
    received_at: datetime
    to: str = ""
    account_id: str | None = None
    operator_id: str | None = None
    raw: str = ""
    piece: Piece | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an ``Incoming``: it is on record, and this is what the person is told.

    ``repeated`` says the same message was on record before; ``replies`` are then the first answers.
    ``question_code`` names the open question the person is now asked (a read-back), if any. ``inbound_id`` is empty for a
    piece of a text that is not whole yet.
    """

    inbound_id: str
    replies: tuple[str, ...] = ()
    question_code: str | None = None
    post_id: str | None = None
    case_id: str | None = None
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one address, handed to a sender.

    ``id`` is the delivery's id (also the idempotency key); ``to`` an E.164 number, for the mailbox an account id, for
    e-mail an address (the first line of the text is then its subject). A call's words are asked for by the gateway once
    the phone is answered. ``purpose`` is what the message is for: some carriers want a template of their own for each.
    """

    id: str
    channel: Channel
    to: str
    text: str
    subject: str = ""
    purpose: str = ""


class ReceiptState(StrEnum):
    """What a carrier reports of a delivery, in the order things happen."""

    QUEUED = "queued"
    SENT = "sent"
    RINGING = "ringing"
    ANSWERED = "answered"
    DELIVERED = "delivered"  # for a call: it was answered and has ended
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A carrier's report on a delivery. They arrive late, twice and out of order.

    ``delivery_id`` is our own id where the carrier gives it back, so that a receipt that overtakes the
    carrier's own answer still finds its delivery. ``reason`` is a ``Reason`` value for failures;
    ``seconds`` the length of a call that was answered.
    """

    gateway: str
    ref: str
    state: ReceiptState
    at: datetime
    delivery_id: str | None = None
    reason: str | None = None
    code: str = ""
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of a call: what the caller just did, and the call it belongs to.

    ``step`` is the name that the last spoken script gave for its answer ("" on the first turn);
    ``digits`` the keys pressed ("" when silent). ``recording`` is the sound a ``Record`` step brought
    back, WAV bytes (empty for silence); ``said`` the words where the carrier's recogniser heard them, ``sureness`` how sure
    it is of them (0 to 1; None where it does not say).
    ``delivery_id`` is set when the service placed the call. ``seconds`` is how long the call was, known at its end.
    ``machine``: the carrier reports, beside the call's own turns, that an answering machine took it.
    ``dialled`` is how putting the caller through ended (answered, busy, no_answer, failed), ``dialled_seconds`` how long
    the other phone was off its hook.
    """

    gateway: str
    call_ref: str
    caller: str
    to: str
    at: datetime
    step: str = ""
    digits: str = ""
    recording: bytes | None = None
    recording_seconds: int = 0
    said: str = ""
    sureness: float | None = None
    delivery_id: str | None = None
    ended: bool = False
    seconds: int | None = None
    machine: bool = False
    dialled: str = ""
    dialled_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Say:
    """Words to be spoken. ``slow`` for names and numbers."""

    text: str
    slow: bool = False


@dataclass(frozen=True, slots=True)
class PlayRecording:
    """A recording kept by the service, by its id."""

    recording_id: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Wait for keys after the prompt; a key cuts the prompt short.

    ``count`` keys at most (0: until ``#``); silence for ``seconds`` comes back with empty ``digits``. With ``speech`` the
    carrier also listens, and what it understood comes back as ``said``.
    """

    step: str
    prompt: tuple[Say | PlayRecording, ...] = ()
    count: int = 1
    seconds: int = 6
    speech: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """Record the caller until ``#``, ``max_seconds`` or ``silence`` seconds of silence."""

    step: str
    max_seconds: int = 120
    silence: int = 5


@dataclass(frozen=True, slots=True)
class Transfer:
    """Put the caller through to a person of ours (never a number a caller gave); ``step`` follows.

    Before the two are joined the person called is asked by the script of ``screen``: it joins them by ending without a
    ``HangUp``. ``shown`` is the number that the person called sees ("" leaves it to the carrier). Raises ``ValueError`` for
    what is not a number.
    """

    to: str
    step: str
    seconds: int = 20
    screen: str = ""
    shown: str = ""

    def __post_init__(self) -> None:
        if not _NUMBER.fullmatch(self.to) or not _NUMBER.fullmatch(self.shown or self.to):
            raise ValueError("only an E.164 number is dialled")


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call politely."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do not take the call: nobody pays for it, and its caller hears the engaged tone."""


SpokenStep = Say | PlayRecording | Ask | Record | Transfer | HangUp | Refuse


@dataclass(frozen=True, slots=True)
class SpokenScript:
    """What a caller hears next, and what we wait for. Rendered by the voice channel.

    ``area_code`` is where the caller belongs ("" where nobody knows): it tells the dialect of recordings.
    """

    steps: tuple[SpokenStep, ...]
    language: str = "zh"
    area_code: str = ""
