"""Links 三农: pages elsewhere that a publisher finds worth a farmer's visit, looked at once a week."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base


class Link(Base):
    """A page elsewhere. ``checked_at`` is the last look; ``failures`` how many looks in a row found nothing, ``fault`` why
    (an HTTP status, or a word); ``dead_at`` is when it was given up on."""

    __tablename__ = "link"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    address: Mapped[str] = mapped_column(String(500), unique=True)
    title: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(200), default="")
    heading: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(default=0)
    added_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str] = mapped_column(String(40), default="")
    dead_at: Mapped[datetime | None]
