"""What an alert says on each channel, and what 查 answers about it."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain.areas import covers
from farmerline.models import IN_FORCE, Account, Alert, AlertArea, AlertKind, AlertState, Colour
from farmerline.words import say

COLOURS = {
    Colour.BLUE: "Blue",
    Colour.YELLOW: "Yellow",
    Colour.ORANGE: "Orange",
    Colour.RED: "Red",
}
"""The colours' words, as message ids."""
DEGREES = {1: "light", 2: "rather light", 3: "medium", 4: "rather heavy", 5: "heavy outbreak"}
"""The degrees 轻, 偏轻, 中等, 偏重, 大发生, as message ids."""
SHORT_ROOM = 58
"""Signs of a short text at most: with the county's signature it is one part."""
DRILL = "【演练】"
SAY_SOMETHING = frozenset({AlertKind.ALERT, AlertKind.UPDATE, AlertKind.CORRECTION})
"""Kinds that tell what to do; the others end something."""
_AT_MOST = 3
"""Alerts named in one SMS: a small trusted set instead of a flood."""
_ASKS = re.compile(r"[回按复][复]?\s*1|reply 1", re.I)
_NUMBER = re.compile(
    r"(?<!\d)(?P<year>20\d\d|\d\d)\s*[-－—年/]\s*第?\s*(?P<drill>Y|演)?\s*(?P<serial>\d{1,4})(?!\d)",
    re.I,
)
_OVER = {
    AlertState.CANCELLED: "{number} is void: it was issued in error. Do not act on it.",
    AlertState.EXPIRED: "{number} was real, and is over since {day}.",
}


def head(alert: Alert, language: str = "zh") -> str:
    """How an alert begins wherever it is read: 橙色12号:"""
    colour = say(language, COLOURS[alert.colour])
    begin = say(language, "{colour} No. {serial}: ", colour=colour, serial=alert.serial)
    return (DRILL if alert.exercise else "") + begin


def as_sent(alert: Alert, language: str = "zh") -> str:
    """The text as it leaves, before the signature: its colour and number, the words, how to answer, and that answer's code."""
    words = head(alert, language) + alert.short_text.strip()
    if not alert.asks_answer:
        return words
    if not _ASKS.search(alert.short_text):
        words = words.rstrip("。.,， ") + say(language, ". Understood: reply 1.")
    return f"{words}[{code_of(alert)}]"


def as_spoken(alert: Alert) -> str:
    """The words of a call, without the keys."""
    return (say("zh", "This is an exercise. ") if alert.exercise else "") + alert.voice_text


def as_letter(alert: Alert, language: str = "zh") -> str:
    """The full text, as it stands in a mailbox."""
    begin = head(alert, language)
    return f"{begin}{alert.short_text}\n\n{alert.full_text}".strip()


def code_of(alert: Alert) -> str:
    """The code of an answer to this alert: the same for everybody, and of a letter that no other question has."""
    return f"{'X' if alert.exercise else 'Z'}{alert.serial % 90 + 10}"


def find(session: Session, number: str) -> Alert | None:
    """The alert of a number as people write it: 2026-12, 2026年第12号, 26-12, 2026-Y3 (an exercise); None where there is none."""
    found = _NUMBER.search(number)
    if found is None:
        return None
    year = int(found["year"])
    return session.scalar(
        select(Alert).where(
            Alert.year == (year if year > 99 else 2000 + year),
            Alert.serial == int(found["serial"]),
            Alert.exercise.is_(found["drill"] is not None),
        )
    )


def in_force_at(session: Session, place: str, *, now: datetime) -> list[Alert]:
    """The alerts that hold at a place and tell what to do, most urgent first, then the newest; never an exercise."""
    here = select(AlertArea.alert_id).where(covers(AlertArea.area_code, place))
    found = session.scalars(
        select(Alert)
        .where(
            Alert.id.in_(here),
            Alert.holds(now),
            Alert.kind.in_(SAY_SOMETHING),
            Alert.exercise.is_(False),
            Alert.issued_at.is_not(None),
        )
        .options(lazyload(Alert.areas))
    )
    newest = sorted(found, key=lambda alert: (alert.issued_at, alert.id), reverse=True)
    return sorted(newest, key=lambda alert: -alert.colour.urgency)


def answer_place(session: Session, place: str, *, language: str, now: datetime) -> str:
    """What somebody is told who asks which alerts there are: the most urgent in its words, others by number."""
    here = in_force_at(session, place, now=now)
    if not here:
        return say(
            language,
            "No alert is in force in your area now. To check one write 查 and its number, like 查2026-12.",
        )
    said = say(
        language,
        "In force now: {number} {words}",
        number=here[0].number,
        words=head(here[0], language) + here[0].short_text,
    )
    others = "、".join(alert.number for alert in here[1:_AT_MOST])
    return said + (say(language, " Also: {numbers}.", numbers=others) if others else "")


def answer_number(session: Session, number: str, *, settings: Settings, language: str, now: datetime) -> str:
    """What somebody is told who asks whether an alert is real."""
    alert = find(session, number)
    if alert is None or alert.issued_at is None:
        return say(
            language,
            "No alert with number {number} was issued by us. If in doubt ring {line} and press 0.",
            number=number.upper(),
            line=settings.line_number,
        )
    if alert.exercise:
        return say(language, "{number} is only an exercise. Nobody has to act on it.", number=alert.number)
    if alert.state in _OVER:
        day = f"{local(alert.valid_until):%m-%d}"
        return say(language, _OVER[alert.state], number=alert.number, day=day)
    if alert.state is AlertState.REPLACED:
        newer = follower(session, alert)
        return say(
            language,
            "{number} was real and no longer holds: {newer} took its place.",
            number=alert.number,
            newer=newer.number if newer else "",
        )
    if alert.state in IN_FORCE and alert.valid_until <= now:
        return say(
            language, _OVER[AlertState.EXPIRED], number=alert.number, day=f"{local(alert.valid_until):%m-%d}"
        )
    signer = session.get(Account, alert.signed_by or alert.drafted_by)
    return say(
        language,
        "Real. {head}{words} Signed by {name} on {day}, valid until {until}.",
        head=head(alert, language),
        words=alert.short_text if len(alert.short_text) <= SHORT_ROOM else alert.short_text[:SHORT_ROOM],
        name=signer.name if signer else settings.bureau_name,
        day=f"{local(alert.issued_at):%m-%d}",
        until=f"{local(alert.last_day):%m-%d}",
    )


def follower(session: Session, alert: Alert) -> Alert | None:
    """The last one issued of those that follow it; None without any."""
    later = select(Alert).where(Alert.parent_id == alert.id, Alert.issued_at.is_not(None))
    return session.scalars(later.order_by(Alert.issued_at.desc()).limit(1)).first()
