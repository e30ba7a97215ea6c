"""The week's television programme: asked for by a person, made by a job, kept as files in the service's folder."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base, state_type


class ProgrammeState(StrEnum):
    WAITING = "waiting"
    MAKING = "making"
    DONE = "done"
    FAILED = "failed"  # ``problem`` says why


class Programme(Base):
    """One making of a week's programme. ``name`` is what its files are called (tv-2026-W47), in a folder of its ``id``.

    ``share`` is how much is done, 0 to 1, as of ``moved_at``; ``parts`` how many things it tells. ``seconds`` is its length,
    ``loudness`` LUFS as measured on it. ``problem`` is a message id of why it could not be made.
    """

    __tablename__ = "programme"
    __table_args__ = (Index("ix_programme_state_asked_at", "state", "asked_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(24))
    state: Mapped[ProgrammeState] = mapped_column(state_type(ProgrammeState, "state"))
    asked_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    moved_at: Mapped[datetime]
    share: Mapped[float] = mapped_column(default=0.0)
    parts: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[float] = mapped_column(default=0.0)
    loudness: Mapped[float] = mapped_column(default=0.0)
    problem: Mapped[str] = mapped_column(String(300), default="")
