"""Webhooks for calls: each turn of a call brings keys or a recording and takes away what is heard next."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from twilio.twiml.voice_response import VoiceResponse

from channels.contract import Ports, Reason, SendError
from channels.doors import CarrierDoor, Form, allowed, delivery_named, nothing_to_say, plain, twiml
from channels.sms.twilio import REASONS as CODES
from channels.voice.links import SignedLinks
from channels.voice.sound import BadSound, seconds_of
from channels.voice.twilio import REASONS, SIP_REASONS, STATES
from channels.voice.twiml import Links, render
from farmerline.messages import Receipt, ReceiptState, Turn

PREFIX = "/hooks/twilio/voice"
_FETCHES = 4
_STEP_LENGTH = 200
_SAID_LENGTH = 800
_MACHINES = ("machine", "fax")
"""How the carrier begins the name of what answered where it was no person."""
_DIALLED = {
    "completed": "answered", "answered": "answered", "busy": "busy", "no-answer": "no_answer", "failed": "failed",
    "canceled": "no_answer",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NotYet(Exception):
    """The provider has not written the recording yet."""

    tried: int


@dataclass(frozen=True, slots=True)
class VoiceLine:
    """What the voice webhooks need besides the inside: the carrier's name in rows, links, recordings, an apology."""

    gateway: str
    public_url: str
    links: SignedLinks
    fetch_recording: Callable[[str], bytes]
    voices: Mapping[str, str]
    apology: str
    """Spoken from memory when the inside fails: says sorry and where a person can be reached."""

    def turn_url(self, step: str, **more: str) -> str:
        delivery = delivery_named()
        kept = {"step": step} | ({"delivery": delivery} if delivery else {}) | more
        return f"{self.public_url}{PREFIX}/turn?{urlencode(kept)}"


def voice_hooks(ports: Ports, door: CarrierDoor, line: VoiceLine) -> Blueprint:
    """First turn, later turns, calls that we placed, their status, kept recordings to play, and the fallback."""
    hooks = Blueprint("voice_hooks", __name__, url_prefix=PREFIX)

    def answer(form: Form) -> Response:
        try:
            turn = read_turn(form, ports, line)
        except NotYet as error:
            return ask_again(form, line, error.tried)
        script = ports.turn(turn)
        links = Links(line.turn_url, lambda kept: line.links.make(kept, ports.now()), line.voices)
        return nothing_more() if turn.ended else twiml(render(script, links))

    hooks.add_url_rule("", "begin", door.hook("CallSid", "From")(answer), methods=["POST"])
    hooks.add_url_rule("/turn", "go_on", door.hook("CallSid", "From")(answer), methods=["POST"])
    hooks.add_url_rule("/outbound", "ring", door.hook("CallSid", "From")(answer), methods=["POST"])

    @hooks.post("/status")
    @door.hook("CallSid", "CallStatus", once=("CallSid", "CallStatus"))
    def report(form: Form) -> Response:
        if delivery_named() and (receipt := read_receipt(form, ports, line)):
            ports.report(receipt)
        if form["CallStatus"] == "completed":  # no other call had turns
            ports.turn(base_turn(form, ports, line, ended=True))
        return nothing_to_say()

    @hooks.post("/amd")
    @door.hook("CallSid", "AnsweredBy", once=("CallSid", "AnsweredBy"))
    def tell_machine(form: Form) -> Response:
        if form["AnsweredBy"].startswith(_MACHINES):
            ports.turn(replace(base_turn(form, ports, line), machine=True))
        return nothing_to_say()

    @hooks.post("/fallback")
    @door.hook("CallSid")
    def apologise(form: Form) -> Response:
        response = VoiceResponse()
        response.say(line.apology, language="cmn-CN", voice=line.voices["zh"])
        response.hangup()
        return twiml(str(response))

    @hooks.get("/recording/<recording_id>")
    @allowed("carrier")
    def play(recording_id: str) -> Response:
        if not line.links.holds(recording_id, request.args, ports.now()):
            return plain(403)
        sound = ports.recording(recording_id)
        return plain(404) if not sound else Response(sound, mimetype="audio/wav")

    return hooks


def base_turn(form: Form, ports: Ports, line: VoiceLine, *, ended: bool = False) -> Turn:
    """A turn with neither keys nor sound. In a call that we placed, the caller is the person we rang."""
    ours = form.get("Direction", "").startswith("outbound")
    person, service = ("To", "From") if ours else ("From", "To")
    seconds = form.get("CallDuration", "")
    return Turn(
        gateway=line.gateway,
        call_ref=form["CallSid"].strip()[:64],
        caller=form.get(person, "").strip()[:32],
        to=form.get(service, "").strip()[:32],
        at=ports.now(),
        delivery_id=delivery_named(),
        ended=ended,
        seconds=int(seconds) if ended and _is_count(seconds) else None,
    )


def read_turn(form: Form, ports: Ports, line: VoiceLine) -> Turn:
    """What the caller just did. Raises ``NotYet`` while the recording cannot be fetched.

    ``recording`` is None only where sound was recorded and could not be had after several tries:
    ``recording_seconds`` then still says how long it was.
    """
    turn = base_turn(form, ports, line, ended=_is_over(form))
    recorded = form.get("RecordingSid") or request.args.get("recording", "")
    seconds = form.get("RecordingDuration") or request.args.get("seconds", "")
    step = request.args.get("step", "")[:_STEP_LENGTH]
    return Turn(
        gateway=turn.gateway,
        call_ref=turn.call_ref,
        caller=turn.caller,
        to=turn.to,
        at=turn.at,
        step=step,
        digits="" if recorded or turn.ended else _keys(form),
        recording=fetch(recorded, line) if recorded else b"",
        recording_seconds=int(seconds) if _is_count(seconds) else 0,
        said=form.get("SpeechResult", "")[:_SAID_LENGTH],
        sureness=_share(form.get("Confidence", "")),
        delivery_id=turn.delivery_id,
        ended=turn.ended,
        seconds=turn.seconds,
        dialled=_DIALLED.get(form.get("DialCallStatus", ""), ""),
        dialled_seconds=int(lasted) if _is_count(lasted := form.get("DialCallDuration", "")) else 0,
    )


def _keys(form: Form) -> str:
    """The keys pressed. A ``#`` alone is told from silence, which is an answer to some questions."""
    return form.get("Digits", "")[:64] or form.get("FinishedOnKey", "")[:1]


def _is_over(form: Form) -> bool:
    """Whether the caller hung up: into a recording, or while they were put through."""
    return form.get("Digits") == "hangup" or (
        "DialCallStatus" in form and form.get("CallStatus") == "completed"
    )


def _share(text: str) -> float | None:
    """A number from 0 to 1; None where nothing is said, 0 for anything else: who does not say how sure is not."""
    if not text:
        return None
    return float(text) if re.fullmatch(r"0(\.\d{1,20})?|1(\.0{1,20})?", text) else 0.0


def _is_count(text: str) -> bool:
    return text.isdecimal() and len(text) < 6


def fetch(sid: str, line: VoiceLine) -> bytes | None:
    """The recording; empty where it holds no sound. A recording may be announced before it can be had."""
    tried = request.args.get("tried", "0")
    times = int(tried) if tried.isdecimal() else 0
    try:
        sound = line.fetch_recording(sid)
        return sound if seconds_of(sound) else b""
    except (SendError, BadSound) as error:
        if isinstance(error, SendError) and error.reason is not Reason.BAD_ADDRESS and times < _FETCHES:
            raise NotYet(times + 1) from error
        return None


def ask_again(form: Form, line: VoiceLine, tried: int) -> Response:
    """Come back in two seconds: the webhook itself may not wait."""
    more = {"recording": form.get("RecordingSid") or request.args.get("recording", ""), "tried": str(tried)}
    more["seconds"] = form.get("RecordingDuration") or request.args.get("seconds", "")
    response = VoiceResponse()
    response.pause(length=2)
    response.redirect(line.turn_url(request.args.get("step", "")[:_STEP_LENGTH], **more), method="POST")
    return twiml(str(response))


def read_receipt(form: Form, ports: Ports, line: VoiceLine) -> Receipt | None:
    """What became of a call that we placed; None for a status that says nothing to us."""
    status = form["CallStatus"].lower()
    state = STATES.get(status)
    if state is None:
        return None
    failed = state is ReceiptState.FAILED
    sip, code, seconds = (
        form.get("SipResponseCode", ""),
        form.get("ErrorCode", ""),
        form.get("CallDuration", ""),
    )
    reason = (
        SIP_REASONS.get(sip) or (CODES.get(int(code)) if code.isdecimal() else None) or REASONS.get(status)
    )
    return Receipt(
        gateway=line.gateway,
        ref=form["CallSid"].strip()[:64],
        state=state,
        at=ports.now(),
        delivery_id=delivery_named(),
        reason=reason if failed else None,
        code=(sip or code)[:16] if failed else "",
        seconds=int(seconds) if _is_count(seconds) and state is ReceiptState.DELIVERED else None,
    )


def nothing_more() -> Response:
    return twiml(str(VoiceResponse()))
