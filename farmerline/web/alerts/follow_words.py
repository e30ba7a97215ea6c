"""The words of a running alert: why somebody is not told, what happens next for them, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from farmerline.domain import Account, Session
from farmerline.queries.alert_run import Contact, Split
from farmerline.queries.alerts import PersonLine, Progress
from farmerline.web.doors import actor
from farmerline.web.format import clock_time
from farmerline.web.language import _

_WHY: Mapping[str, str] = {
    "bad_address": "the number does not exist",
    "opted_out": "said no at the carrier",
    "blocked": "blocked at the carrier",
    "unreachable_phone": "switched off or out of range",
    "busy": "engaged",
    "no_answer": "nobody picked up",
    "filtered": "held back by the carrier",
    "too_long": "the message was too long",
    "throttled": "the carrier takes no more just now",
    "queue_full": "the carrier takes no more just now",
    "unavailable": "the carrier is disturbed",
    "unreachable": "the carrier did not answer",
    "misconfigured": "the connection to the carrier is set up wrong",
    "refused": "refused by the carrier",
    "no_phone": "has no phone: only in person",
    "expired": "no report came back",
}
_ACTS: Mapping[str, str] = {
    "alert.draft": "{name} wrote it",
    "alert.edit": "{name} changed it",
    "alert.submit": "{name} handed it over for signing",
    "alert.take_back": "{name} took it back",
    "alert.give_back": "{name} gave it back",
    "alert.sign": "{name} signed it",
    "alert.send_alone": "{name} sent it alone",
    "alert.begin": "checked once more; it goes out",
    "alert.pause": "{name} halted it",
    "alert.resume": "{name} let it go on",
    "alert.stop": "{name} stopped it",
    "alert.resend": "{name} had it sent again to whom it had not reached",
    "alert.cancel": "{name} made it void",
    "alert.replaced": "another took its place",
    "alert.expire": "its last day is over",
    "alert.withdraw": "{name} threw it away",
    "alert.review": "{name} looked at it again",
    "alert.at_night": "red: sent in the quiet hours as well",
    "alert.refused": "refused: {name} tried something that is not allowed",
    "callout.open": "those on duty are called",
    "callout.take_up": "{name} says: I take it",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody not told yet. ``key`` names them on a button, ``send_to`` who can be sent ("" where somebody
    goes), ``myself`` where that is the reader: the village has no contact point."""

    key: str
    name: str
    village: str
    phone: str
    why: str
    mark: str
    next: str
    send_to: str
    myself: bool


def name_of(rows: Session, account_id: str | None) -> str:
    """A person's name; "" for nobody."""
    account = rows.get(Account, account_id) if account_id else None
    return account.name if account else ""


def act(name: str, person: str) -> str:
    """What was done by whom; "" for what is no business of this page."""
    return _(_ACTS[name], name=person or _("the service")) if name in _ACTS else ""


def messages(progress: Progress) -> str:
    """The messages by what became of them."""
    parts = [
        _("waiting {n}", n=progress.queued),
        _("held {n}", n=progress.held) if progress.held else "",
        _("with the carrier {n}", n=progress.handed_over),
        _("arrived {n}", n=progress.delivered),
        _("failed {n}", n=progress.failed),
    ]
    return _("Messages and calls: {what}", what=" · ".join(part for part in parts if part))


def reasons(progress: Progress) -> str:
    """Why messages failed, the most frequent first; "" where none did."""
    by_words: dict[str, int] = {}
    for code, count in progress.reasons.items():
        said = _(_WHY.get(code, "for another reason"))
        by_words[said] = by_words.get(said, 0) + count
    return " · ".join(
        f"{said} {count}" for said, count in sorted(by_words.items(), key=lambda one: (-one[1], one[0]))
    )


def parts_of(split: Split) -> str:
    """The people that are not told yet by what happens with them."""
    parts = [
        _("{n} wait for an answer", n=split.waiting) if split.waiting else "",
        _("{n} are rung", n=split.ringing) if split.ringing else "",
        _("somebody goes to {n}", n=split.going) if split.going else "",
        _("nobody goes to {n}", n=split.nobody) if split.nobody else "",
    ]
    return " · ".join(part for part in parts if part)


def person(line: PersonLine, contact: Contact | None, in_hand: bool) -> Person:
    """One line of the list. ``in_hand``: this reader can send somebody."""
    mark, following = _next(line)
    sends = in_hand and mark == "todo"
    return Person(
        key=line.account_id,
        name=line.name,
        village=line.village,
        phone=line.phone,
        why=_why(line),
        mark=mark,
        next=following,
        send_to=(contact.name if contact else actor().name) if sends else "",
        myself=contact is None,
    )


def _why(line: PersonLine) -> str:
    if line.heard_seconds:
        return _("hung up after {n} s", n=round(line.heard_seconds))
    if line.why == "no_answer" and line.rings > 1:
        return _("rung {n} times, nobody picked up", n=line.rings)
    if line.why:
        return _(_WHY.get(line.why, "for another reason"))
    return _("rung {n} times", n=line.rings) if line.rings else _("no answer yet")


def _next(line: PersonLine) -> tuple[str, str]:
    """The mark and the words of what happens next."""
    at = clock_time(line.next_at) if line.next_at else ""
    if line.listed and line.going:
        return "way", _("{name} goes", name=line.going)
    if line.listed:
        return "todo", _("nobody goes")
    if line.step == "ring":
        return "way", _("call {n} at {time}", n=line.rings + 1, time=at) if at else _("is being rung")
    if line.step == "list":
        return "way", _("on the contact point's list at {time}", time=at) if at else _("goes on the list")
    if line.step == "done":
        return "not", _("nothing more is sent")
    return ("way", _("is rung at {time}", time=at)) if at else ("way", _("on its way"))
