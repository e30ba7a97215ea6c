"""What became of an alert's people, in words: why somebody is not reached yet, and where they are in it now."""

from __future__ import annotations

from farmerline.models import AlertKind, AlertState, ReachStep
from farmerline.words import say

_WHY = {
    "no_answer": "no answer",
    "busy": "busy",
    "unreachable_phone": "switched off",
    "bad_address": "the number is wrong",
    "blocked": "the carrier blocks the number",
    "filtered": "the carrier blocks the number",
    "opted_out": "takes no messages",
}
_RUNG = {
    "": "rung {n} times, nobody answered",
    "no_answer": "rung {n} times, nobody answered",
    "busy": "rung {n} times, busy",
    "unreachable_phone": "rung {n} times, switched off",
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


def why(language: str, code: str, *, phone: bool, rings: int, heard_seconds: float | None) -> str:
    """Why somebody is not reached yet; ``code`` is the last reason (``Reach.failed_why``)."""
    if not phone or code == "no_phone":
        return say(language, "no phone: only in person")
    if heard_seconds:
        span = say(language, "{n} s", n=max(1, round(heard_seconds)))
        return say(language, "heard {span}, then hung up", span=span)
    if rings and code in _RUNG:
        return say(language, _RUNG[code], n=rings)
    if not code:
        return say(language, "no answer yet")
    return say(language, _WHY.get(code, "the carrier could not bring it"))


def step(language: str, at: ReachStep) -> str:
    """What is being done for somebody now."""
    return say(language, _STEPS[at])


def state(language: str, at: AlertState) -> str:
    """Where an alert is in its life."""
    return say(language, _STATES[at])


def kind(language: str, what: AlertKind) -> str:
    """What an alert is to the one before it."""
    return say(language, _KINDS[what])
