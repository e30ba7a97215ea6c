"""What the village loudspeaker says of an alert, and who takes the file away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import alert_words, audit
from farmerline.domain.access import Actor
from farmerline.domain.spoken import spoken
from farmerline.errors import Absent, Conflict
from farmerline.models import Role
from farmerline.words import DEFAULT_LANGUAGE, say

ROLES = frozenset({Role.CONTACT, Role.PUBLISHER, Role.OFFICER, Role.SIGNER})


def take(
    session: Session, number: str, *, actor: Actor | None, kind: str, settings: Settings, now: datetime
) -> str:
    """The words of an alert that holds, for who works in one of its places (None: the command line); that they were taken is on
    record. ``kind`` is wav or mp3.

    Raises ``Absent`` where there is none for them, ``Conflict`` for one that does not hold any more.
    """
    alert = alert_words.find(session, number)
    if (
        alert is None
        or alert.issued_at is None
        or not (actor is None or works_there(actor, [area.area_code for area in alert.areas]))
    ):
        raise Absent
    if not alert.holds(now):
        raise Conflict(
            "alert_over", "{number} does not hold any more: it is not announced.", number=alert.number
        )
    audit.record(
        session, actor_id=actor.account_id if actor else "cli", act="alert.loudspeaker", subject=f"alert:{alert.id}",
        detail={"kind": kind}, now=now,
    )  # fmt: skip
    end = say(
        DEFAULT_LANGUAGE,
        "This is alert {number}. Anything unclear? Ring {line}.",
        number=alert.number,
        line=settings.line_number,
    )
    return spoken(f"{alert_words.as_spoken(alert)} {end}")


def works_there(actor: Actor, places: Iterable[str]) -> bool:
    """Whether one of the places where the actor may take the file and one of these lie within each other."""
    mine = actor.areas(*ROLES)
    return any(place.startswith(one) or one.startswith(place) for one in mine for place in places)
