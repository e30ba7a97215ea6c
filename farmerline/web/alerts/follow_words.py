"""The words of a running alert: why somebody is not told, what happens next for them, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from farmerline.domain import AlertState, reach_words
from farmerline.domain.reach_words import Unreached
from farmerline.queries.alert_run import Contact, Split
from farmerline.queries.alerts import PersonLine, Progress
from farmerline.web.alerts.desk import blueprint
from farmerline.web.doors import actor
from farmerline.web.format import clock_time
from farmerline.web.language import _, current_language

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


@blueprint.app_template_filter()
def alert_state(state: str) -> str:
    """Where an alert is in its life."""
    return reach_words.state(current_language(), AlertState(state))


@blueprint.app_template_filter()
def why_unreached(line: Unreached) -> str:
    """Why somebody is not reached yet."""
    return reach_words.why(current_language(), line)


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
        said = reach_words.reason(current_language(), code)
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
    if line.rings and not (line.why or line.heard_seconds or line.listed):  # this call may still be ringing
        return _("rung {n} times", n=line.rings)
    return why_unreached(line)


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
