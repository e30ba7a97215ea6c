"""How a call that was not answered ended: the telephone network's causes in Twilio's words.

Causes are those of ITU-T Q.850; SIP codes belong to them as RFC 3398 (7.2.6.1) and Asterisk's own table say.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ending:
    """``status`` is busy, no-answer, failed or canceled; ``sip`` the network's answer, "" where it gave none."""

    status: str
    sip: str = ""


_CAUSES = {
    1: Ending("failed", "404"),  # no such number
    2: Ending("failed", "404"),
    3: Ending("failed", "404"),
    17: Ending("busy", "486"),
    18: Ending("no-answer", "408"),
    19: Ending("no-answer", "480"),
    20: Ending("failed", "480"),  # switched off, out of range
    21: Ending("busy", "603"),  # pushed away by hand
    22: Ending("failed", "410"),
    27: Ending("failed", "502"),
    28: Ending("failed", "484"),
    34: Ending("failed", "503"),
    38: Ending("failed", "503"),
    41: Ending("failed", "503"),
    42: Ending("failed", "503"),
    44: Ending("failed", "503"),
}
_SIP = {
    "404": Ending("failed", "404"), "408": Ending("no-answer", "408"), "410": Ending("failed", "410"),
    "480": Ending("failed", "480"), "484": Ending("failed", "484"), "486": Ending("busy", "486"),
    "487": Ending("no-answer", "487"), "600": Ending("busy", "600"), "603": Ending("busy", "603"),
    "604": Ending("failed", "604"),
}  # fmt: skip
_NO_ANSWER = Ending("no-answer")
_FAILED = Ending("failed")
_DIALLED = {
    "ANSWER": "completed",
    "BUSY": "busy",
    "NOANSWER": "no-answer",
    "CANCEL": "canceled",
    "DONTCALL": "busy",
    "TORTURE": "busy",
}


def ending(cause: int, sip: str = "", *, rang_out: bool = False) -> Ending:
    """How a call that nobody answered ended. ``sip`` is the network's own code where it is known; ``rang_out``: the time for
    ringing was over."""
    if rang_out:
        return _NO_ANSWER
    return _SIP.get(sip) or _CAUSES.get(cause, _FAILED)


def dialled(status: str) -> str:
    """Asterisk's DIALSTATUS in Twilio's words."""
    return _DIALLED.get(status, "failed")
