"""What became of an alert's people, in words: why somebody is not reached yet, and where they are in it now."""

from __future__ import annotations

from typing import Protocol

from farmerline.models import AlertKind, AlertState, ReachStep
from farmerline.words import say

_WHY = {
    "no_answer": "no answer",
    "busy": "busy",
    "machine": "an answering machine took the call",
    "unreachable_phone": "switched off or out of range",
    "bad_address": "the number is wrong",
    "no_phone": "no phone: only in person",
    "blocked": "the carrier blocks the number",
    "opted_out": "takes no messages",
    "filtered": "held back by the carrier",
}
_CARRIER = {
    "too_long": "the message was too long",
    "throttled": "the carrier takes no more just now",
    "queue_full": "the carrier takes no more just now",
    "unavailable": "the carrier is disturbed",
    "unreachable": "the carrier did not answer",
    "misconfigured": "the connection to the carrier is set up wrong",
    "refused": "refused by the carrier",
    "expired": "no report came back",
    "no_route": "no connection may carry it",
    "unresolved": "the carrier cannot tell whether it had it",
    "attempts": "tried often, without an end",
    "carrier_changed": "the carrier was changed while it was on its way",
    "unsealable": "its words cannot be opened",
}
_FAILED = "the carrier could not bring it"
_RUNG = {
    "": "rung {n} times, nobody answered",
    "no_answer": "rung {n} times, nobody answered",
    "busy": "rung {n} times, busy",
    "unreachable_phone": "rung {n} times, switched off",
    "machine": "rung {n} times, an answering machine",
}
_STEPS = {
    ReachStep.WAIT: "nothing sent yet",
    ReachStep.TEXT: "told by text, waits for an answer",
    ReachStep.RING: "being rung",
    ReachStep.LIST: "on the contact point's list",
    ReachStep.TOWN: "on the town's list too",
    ReachStep.DONE: "nothing more is done for them",
}
_STATES = {
    AlertState.DRAFT: "being written",
    AlertState.SUBMITTED: "waits for its second signature",
    AlertState.SIGNED: "signed, waits for its time",
    AlertState.RUNNING: "going out",
    AlertState.PAUSED: "halted",
    AlertState.STOPPED: "sending stopped, still holds",
    AlertState.CANCELLED: "void",
    AlertState.REPLACED: "replaced by a newer one",
    AlertState.EXPIRED: "over: its last day has passed",
    AlertState.WITHDRAWN: "thrown away before it was sent",
}
_KINDS = {
    AlertKind.ALERT: "a first alert",
    AlertKind.UPDATE: "an update",
    AlertKind.CORRECTION: "a correction",
    AlertKind.CANCEL: "a cancellation",
    AlertKind.ALL_CLEAR: "an all-clear",
}


class Unreached(Protocol):
    """A line of somebody who is not reached: ``phone`` "" where there is none, ``why`` the last reason's code."""

    @property
    def phone(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def rings(self) -> int: ...
    @property
    def heard_seconds(self) -> float | None: ...


def why(language: str, line: Unreached) -> str:
    """Why somebody is not reached yet."""
    if not line.phone:
        return say(language, _WHY["no_phone"])
    if line.heard_seconds:
        span = say(language, "{n} s", n=max(1, round(line.heard_seconds)))
        return say(language, "heard {span}, then hung up", span=span)
    if line.rings and line.why in _RUNG:
        return say(language, _RUNG[line.why], n=line.rings)
    return say(language, _WHY.get(line.why, _FAILED) if line.why else "no answer yet")


def reason(language: str, code: str) -> str:
    """Why a message or call did not arrive, by the code that its delivery keeps: the carrier's own troubles by name."""
    return say(language, _WHY.get(code) or _CARRIER.get(code, _FAILED))


def step(language: str, at: ReachStep) -> str:
    """What is being done for somebody now."""
    return say(language, _STEPS[at])


def state(language: str, at: AlertState) -> str:
    """Where an alert is in its life."""
    return say(language, _STATES[at])


def kind(language: str, what: AlertKind) -> str:
    """What an alert is to the one before it."""
    return say(language, _KINDS[what])
