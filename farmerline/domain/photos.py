"""Photos as they are kept: sealed, made small by ``render.pictures`` before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.models import Photo


def keep(session: Session, body: bytes, now: datetime) -> str:
    """Keep a small JPEG; returns the photo's id."""
    photo = Photo(kind="image/jpeg", body=body, at=now)
    session.add(photo)
    session.flush()
    return photo.id
