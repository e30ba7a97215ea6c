"""Who may change how the line sounds, and that they did: recordings of phrases, dialects, how words are read.

The sounds themselves are files (``farmerline.render.speech``): what is done with them is done within the same transaction.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import access, areas, audit
from farmerline.errors import Invalid
from farmerline.models import Role


def note(
    session: Session,
    act: str,
    *,
    area_code: str,
    actor: access.Actor,
    settings: Settings,
    now: datetime,
    **detail: str,
) -> None:
    """Let pass the publisher of the area whose callers hear it ("" for everybody: the county), and put it on record.

    ``act`` is keep, remove, put_back, dialect, reading or no_reading. Raises ``Absent``.
    """
    access.authorise(actor, {Role.PUBLISHER}, area_code or settings.county)
    audit.record(
        session, actor_id=actor.account_id, act=f"voice.{act}", subject=f"area:{area_code or settings.county}",
        detail=detail, now=now,
    )  # fmt: skip


def check_place(session: Session, area_code: str) -> None:
    """Raises ``Invalid`` for a place that there is not."""
    if area_code and areas.get(session, area_code) is None:
        raise Invalid("area_unknown", "No place has the code {place}.", field="area_code", place=area_code)
