"""Warnings of other bureaus (the weather bureau's, say) that become drafts of alerts, and never more than drafts.

A draft is put before an officer of the county under their name; it goes the way of every alert: changed, handed over, signed
by a second person. A warning that came before is not drafted twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import access, alerts, areas, audit, spoken
from farmerline.domain.alert_words import SHORT_ROOM
from farmerline.domain.alerts import Draft
from farmerline.domain.once import insert_once
from farmerline.errors import Conflict, Invalid
from farmerline.models import Alert, Area, Colour, ForeignWarning, Role
from farmerline.places import short_name

ALL_CROPS = "各种作物"
_HOLDS = timedelta(days=2)
_LONGEST = alerts.LONGEST_HOLD - timedelta(days=1)
_ROOM = {"pest": 40, "evidence_method": 80, "full_text": 4000}


@dataclass(frozen=True, slots=True)
class WarningMessage:
    """What another bureau says. ``severity`` is 0 (mildest) to 3; ``places`` are names with place codes (6, 9 or 12 digits,
    may be none); ``exercise``: it is practice."""

    sender: str
    identifier: str
    event: str
    severity: int
    headline: str
    text: str
    places: tuple[tuple[str, tuple[str, ...]], ...]
    expires: datetime | None
    exercise: bool = False


def take(session: Session, warning: WarningMessage, *, settings: Settings, now: datetime) -> Alert:
    """Draft an alert of a warning, for the county's longest-serving officer.

    Raises ``Conflict`` where it was taken before or the county has no officer, ``Invalid`` where its sender is not on the
    list of those listened to, it is over, or none of its places is of this county (each is named).
    """
    if warning.sender not in settings.cap_senders:
        raise Invalid(
            "warning_sender",
            "{sender} is not among those listened to (FARMERLINE_CAP_SENDERS).",
            sender=warning.sender[:60],
        )
    if warning.expires is not None and warning.expires <= now:
        raise Invalid("warning_over", "This warning is over already.")
    codes = _codes(session, warning, settings.county)
    officer = next(iter(access.holders(session, Role.OFFICER, settings.county)), None)
    if officer is None:
        raise Conflict("no_officer", "The county has no officer who could take the draft.")
    taken = insert_once(
        session,
        ForeignWarning,
        sender=warning.sender[:120],
        identifier=warning.identifier[:120],
        at=now,
        alert_id=None,
    )
    if taken is None:
        raise Conflict("warning_known", "This warning was taken before.")
    alert = alerts.draft(
        session,
        actor=access.actor_of(session, officer, second_factor=True),
        fields=_draft(warning, codes, now),
        settings=settings,
        now=now,
    )
    session.get_one(ForeignWarning, taken).alert_id = alert.id
    session.flush()
    audit.record(
        session, actor_id="system", act="alert.from_warning", subject=f"alert:{alert.id}",
        detail={"sender": warning.sender[:60], "identifier": warning.identifier[:60]}, now=now,
    )  # fmt: skip
    return alert


def _draft(warning: WarningMessage, codes: tuple[str, ...], now: datetime) -> Draft:
    until = min(max(warning.expires or now + _HOLDS, now), now + _LONGEST)
    short = warning.headline[:SHORT_ROOM]
    return Draft(
        colour=list(Colour)[warning.severity],
        crop=ALL_CROPS,
        pest=warning.event[: _ROOM["pest"]],
        degree=min(5, warning.severity + 2),
        areas=codes,
        valid_until=local(until).date(),
        short_text=short,
        voice_text=spoken.cut(warning.headline, alerts.LONGEST_CALL),
        full_text=(warning.text or warning.headline)[: _ROOM["full_text"]],
        exercise=warning.exercise,
        evidence_method=f"{warning.sender} {warning.identifier}"[: _ROOM["evidence_method"]],
    )


def _codes(session: Session, warning: WarningMessage, county: str) -> tuple[str, ...]:
    """The places of this county that are meant, none inside another; a wider place means the whole county."""
    found: set[str] = set()
    for name, codes in warning.places:
        for code in codes:
            if county.startswith(_trimmed(code)):
                found.add(county)
            elif code.startswith(county) and areas.get(session, code) is not None:
                found.add(code)
        if not codes:
            found |= _named(session, name, county)
    kept: list[str] = []
    for code in sorted(found, key=len):
        if not code.startswith(tuple(kept)):
            kept.append(code)
    if not kept:
        said = "、".join(name or "?" for name, _ in warning.places[:5]) or "?"
        raise Invalid(
            "warning_elsewhere", "None of its places is of this county: {places}.", places=said[:100]
        )
    return tuple(kept)


def _trimmed(code: str) -> str:
    """A six-digit code of a province or city without its zeros: 330000 → 33, 330200 → 3302."""
    return re.sub(r"(00){1,2}$", "", code) if len(code) == 6 else code


def _named(session: Session, name: str, county: str) -> set[str]:
    """Places of the county that bear this name, or are named in it."""
    inside = select(Area).where(areas.inside(Area.code, county))
    return {
        area.code
        for area in session.scalars(inside)
        if area.name and (area.name == name or short_name(area.name) == name)
    }
