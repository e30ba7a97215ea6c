"""The timetable's record, counters, and the demo's clock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base


class ScheduleRun(Base):
    """One firing of one job: the unique pair keeps it from firing twice, on however many hosts."""

    __tablename__ = "schedule_run"
    __table_args__ = (UniqueConstraint("name", "fire_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(24))
    fire_at: Mapped[datetime]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(String(120), default="")
    failed: Mapped[bool] = mapped_column(default=False)


class Counter(Base):
    """The next short number of a kind (posts, cases)."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[int]


class DemoClock(Base):
    """How far the demo's clock is from the machine's, in seconds; one row, only in a demo."""

    __tablename__ = "demo_clock"

    name: Mapped[str] = mapped_column(String(8), primary_key=True)
    offset_seconds: Mapped[float]
