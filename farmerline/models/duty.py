"""Who is called when something cannot wait, in which order, and each such call."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base, state_type


class Task(StrEnum):
    """What somebody is on duty for."""

    SIGN = "sign"  # the second person under an alert
    WATCH = "watch"  # the officer who looks at new clusters of sightings
    SUPERVISE = "supervise"  # told when a red alert went out with one signature


class Duty(Base):
    """One place on the roster of a task in an area; the smallest ``place`` is called first."""

    __tablename__ = "duty"
    __table_args__ = (UniqueConstraint("task", "area_code", "account_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    task: Mapped[Task] = mapped_column(state_type(Task, "task"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    place: Mapped[int]


class CalloutKind(StrEnum):
    SIGN = "sign"  # an alert waits for its second signature
    CLUSTER = "cluster"  # several sightings of one pest in one village
    ALONE = "alone"  # a red alert went out with one signature
    REFUSED = "refused"  # a signed alert did not pass its last check


class Callout(Base):
    """People rung and texted one after the other until one of them answers or the matter is over.

    ``subject`` tells callouts of one kind apart (an alert's id and version, a cluster's village, crop and pest);
    ``people`` are account ids in order, ``place`` how many have been called; ``at_once`` calls all of them together.
    """

    __tablename__ = "callout"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        Index("ix_callout_next_at", "next_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[CalloutKind] = mapped_column(state_type(CalloutKind, "kind"))
    subject: Mapped[str] = mapped_column(String(120))
    alert_id: Mapped[str | None] = mapped_column(ForeignKey("alert.id"), index=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    text: Mapped[str] = mapped_column(String(200))
    people: Mapped[list[Any]] = mapped_column(JSON, default=list)
    at_once: Mapped[bool] = mapped_column(default=False)
    place: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
