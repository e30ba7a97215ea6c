"""Verbs. Session first, the rest by keyword, the moment passed in; they flush and never commit."""

from sqlalchemy.orm import Session

from farmerline.models import (
    IN_FORCE,
    STAFF,
    Account,
    Alert,
    AlertKind,
    AlertState,
    Colour,
    Purpose,
    Role,
    Settled,
    Sighting,
    Task,
    Verdict,
    Via,
)
from matching import Understood

__all__ = [
    "IN_FORCE", "STAFF", "Account", "Alert", "AlertKind", "AlertState", "Colour", "Purpose", "Role", "Session", "Settled",
    "Sighting", "Task", "Understood", "Verdict", "Via",
]  # fmt: skip
