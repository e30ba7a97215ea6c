"""A running alert made into lines: the gap, the funnel, the villages' bars, who is not told and who goes there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from farmerline.clock import local
from farmerline.domain import Alert, AlertKind, AlertState, Role, Session
from farmerline.domain.people import name_of
from farmerline.queries import alert_run, alerts
from farmerline.queries.alert_run import Split
from farmerline.queries.alerts import VillageLine
from farmerline.web.alerts import follow_words
from farmerline.web.alerts.acts import Act, acts_for
from farmerline.web.alerts.follow_words import Person
from farmerline.web.alerts.truth import reader_is
from farmerline.web.doors import now
from farmerline.web.format import clock_time, exact, when
from farmerline.web.language import _, current_language

MOVING = frozenset({AlertState.SIGNED, AlertState.RUNNING, AlertState.PAUSED, AlertState.STOPPED})
"""States in which the figures of the page can still change."""
VILLAGES, PEOPLE = 15, 12
"""How many are shown before one asks for all."""
_MOST_PEOPLE = 500
_FOLLOWS = {
    AlertKind.CANCEL: "tells that {number} is void",
    AlertKind.CORRECTION: "puts {number} right",
    AlertKind.UPDATE: "new facts on {number}",
    AlertKind.ALL_CLEAR: "all clear after {number}",
}
_BAR = 300
_FUNNEL = 198

Stop = tuple[str, int, int, str, bool]


@dataclass(frozen=True, slots=True)
class Bar:
    """A village's line: widths in 300ths of the largest village, and its counts."""

    name: str
    filled: int
    hatched: int
    empty: int
    open: int
    done: int
    all: int


@dataclass(frozen=True, slots=True)
class Total:
    """People: not told yet (of them ``silent`` got something), understood or told in person, and all to be told."""

    open: int
    silent: int
    done: int
    all: int


@dataclass(frozen=True, slots=True)
class Followed:
    """The moving parts of the page. ``sendable`` is to how many nobody goes and somebody could be sent, ``asks``
    whether an answer is waited for (else the carrier's receipt is enough)."""

    headline: str
    detail: str
    signed: str
    follows: str
    asks: bool
    clock: str
    moves: bool
    total: Total
    nobody: int
    sendable: int
    stops: list[Stop]
    under_way: str
    reasons: str
    bars: list[Bar]
    bars_left: int
    people: list[Person]
    people_left: int
    split: str
    acts: list[Act]
    history: list[tuple[str, str, str]]


def follow(rows: Session, alert: Alert, *, everything: bool) -> Followed:
    """The page's figures as they are now; ``everything`` lists all villages and up to 500 people."""
    lines = alerts.villages(rows, alert)
    progress, split = alerts.progress(rows, alert), alert_run.split(rows, alert)
    areas = [area.area_code for area in alert.areas]
    most = _MOST_PEOPLE if everything else PEOPLE
    missing = alerts.unreached(rows, alert, areas=areas, limit=most)
    contacts = alert_run.contacts(rows, {one.area_code for one in missing})
    total = _total(lines)
    shown = lines if everything else lines[:VILLAGES]
    moves = alert.state in MOVING
    in_hand = alert.issued_at is not None and moves
    works = in_hand and reader_is(alert, Role.OFFICER, Role.SIGNER)
    return Followed(
        headline=_headline(alert, total),
        detail=_detail(alert, total),
        signed=_signed(rows, alert),
        follows=_follows(rows, alert),
        asks=alert.asks_answer,
        clock=_clock(moves, everything),
        moves=moves,
        total=total,
        nobody=split.nobody if in_hand else 0,
        sendable=split.nobody if works else 0,
        stops=_stops(lines, total),
        under_way=follow_words.messages(progress),
        reasons=follow_words.reasons(progress),
        bars=_bars(shown),
        bars_left=len(lines) - len(shown),
        people=[follow_words.person(one, contacts.get(one.area_code), works) for one in missing],
        people_left=total.open - len(missing),
        split=follow_words.parts_of(split) if in_hand else "",
        acts=acts_for(rows, alert, split, progress, sum(one.delivered for one in lines)),
        history=_history(rows, alert, split),
    )


def _total(lines: Sequence[VillageLine]) -> Total:
    return Total(
        open=sum(one.unreached for one in lines),
        silent=sum(one.silent for one in lines),
        done=sum(one.confirmed + one.told for one in lines),
        all=sum(one.planned - one.excluded for one in lines),
    )


def _headline(alert: Alert, total: Total) -> str:
    if alert.issued_at is None:
        return _("Nobody has got it yet: {n} people are on the list", n=total.all)
    if not total.all:
        return _("Nobody is to be told so far")
    if not total.open:
        return _("All {n} people are told", n=total.all)
    if total.silent:
        return _("{n} people have not confirmed yet", n=total.open)
    return _("{n} people have not got it yet", n=total.open)


def _detail(alert: Alert, total: Total) -> str:
    """What the headline's number is made of, and when a signed one goes out."""
    if alert.state is AlertState.SIGNED and alert.send_at is not None:
        return _("It goes out {when}.", when=exact(current_language(), alert.send_at, now()))
    if alert.issued_at is None or not total.silent:
        return ""
    return _(
        "To {missing} of them nothing has arrived; {silent} got it and have not answered.",
        missing=total.open - total.silent,
        silent=total.silent,
    )


def _signed(rows: Session, alert: Alert) -> str:
    if alert.signed_at is None:
        return ""
    name = name_of(rows, alert.signed_by)
    at = when(current_language(), alert.signed_at, now())
    if alert.kind is AlertKind.CANCEL:
        return _("{name} made it void {when}", name=name, when=at)
    return _("signed by {name} {when}", name=name, when=at)


def _follows(rows: Session, alert: Alert) -> str:
    """What it is to the alert before it; "" for a first one."""
    before = rows.get(Alert, alert.parent_id) if alert.parent_id else None
    return _(_FOLLOWS[alert.kind], number=before.number) if before and alert.kind in _FOLLOWS else ""


def _clock(moves: bool, everything: bool) -> str:
    at = local(now())
    said = f"{clock_time(now())}:{at.second:02}"
    return _("{time}, new every {n} s", time=said, n=5 if everything else 2) if moves else said


def _stops(lines: Sequence[VillageLine], total: Total) -> list[Stop]:
    def stop(words: str, count: int, before: int = 0, last: bool = False) -> Stop:
        short, all_ = before - count, total.all or 1
        small = _("{percent} %, {n} less", percent=round(100 * count / all_), n=short) if short > 0 else ""
        return (words, count, round(_FUNNEL * count / all_), small, last)

    counted = {
        name: sum(getattr(one, name) for one in lines)
        for name in ("sent", "delivered", "heard", "confirmed", "told", "excluded")
    }
    excluded = _("{n} left out", n=counted["excluded"]) if counted["excluded"] else ""
    return [
        (_("To tell"), total.all, _FUNNEL if total.all else 0, excluded, False),
        stop(_("With the carrier"), counted["sent"], total.all),
        stop(_("Arrived"), counted["delivered"], counted["sent"]),
        stop(_("Heard to the end"), counted["heard"]),
        stop(_("Understood"), counted["confirmed"]),
        stop(_("Told in person"), counted["told"], last=True),
    ]


def _bars(lines: Sequence[VillageLine]) -> list[Bar]:
    most = max((one.planned - one.excluded for one in lines), default=0) or 1

    def width(count: int) -> int:
        return round(_BAR * max(count, 0) / most)

    return [
        Bar(
            one.name, width(one.confirmed + one.told), width(one.silent), width(one.unreached - one.silent),
            one.unreached, one.confirmed + one.told, one.planned - one.excluded,
        )
        for one in lines
    ]  # fmt: skip


def _history(rows: Session, alert: Alert, split: Split) -> list[tuple[str, str, str]]:
    """What was done, in order, then what comes next: (time, words, a node's class)."""
    found = [(at, follow_words.act(act, name)) for at, act, name in alerts.history(rows, alert)]
    if alert.kind is AlertKind.CANCEL and alert.issued_at is not None:
        found.append((alert.issued_at, _("it goes to those who were reached")))
    arrived = alert_run.first_arrival(rows, alert)
    if arrived is not None:
        found.append((arrived, _("the first message arrived")))
    done = [(_moment(at), words, "") for at, words in sorted(found, key=lambda one: one[0]) if words]
    if alert.state is not AlertState.RUNNING:
        return done
    ahead: list[tuple[datetime | None, str]] = [
        (split.rings_at, _("the next calls")),
        (split.lists_at, _("the next go on the contact points' lists")),
        (split.towns_at, _("whoever is still not told goes on the town's list")),
    ]
    coming = sorted((at, words) for at, words in ahead if at is not None)
    return done + [(_moment(at), words, "o" if place else "h") for place, (at, words) in enumerate(coming)]


def _moment(at: datetime) -> str:
    if local(at).date() == local(now()).date():
        return clock_time(at)
    return exact(current_language(), at, now())
