"""农业110: who of the experts is on duty when, whom a call was put through to, and what they answered."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base, Sealed, state_type


class Expert(Base):
    """What an expert knows about (``field``: 果树), as the people who ask see it."""

    __tablename__ = "expert"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(40))


class Shift(Base):
    """An expert's hours of one weekday (0 is Monday), each week. ``starts`` and ``ends`` are minutes of the day in China;
    of several at one time the smallest ``place`` is called first."""

    __tablename__ = "expert_shift"
    __table_args__ = (
        UniqueConstraint("area_code", "weekday", "account_id", "starts"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="hours"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    weekday: Mapped[int]
    starts: Mapped[int]
    ends: Mapped[int]
    place: Mapped[int]


class SpecialDay(Base):
    """A day that does not go by its own weekday: a holiday (``weekday`` None: nobody), or a working day made up for one."""

    __tablename__ = "expert_day"
    __table_args__ = (UniqueConstraint("area_code", "day"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    day: Mapped[date]
    weekday: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(40))


class Absence(Base):
    """An expert who is not there on one day, and who takes their hours (nobody where ``substitute_id`` is None)."""

    __tablename__ = "expert_absence"
    __table_args__ = (UniqueConstraint("area_code", "day", "account_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    day: Mapped[date]
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    substitute_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))


class RingEnd(StrEnum):
    """How putting a caller through to one expert ended."""

    TALKED = "talked"
    DECLINED = "declined"  # off the hook, and not taken: another key, no key, an answering machine
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    LEFT = "left"  # the caller hung up while it rang


class ExpertRing(Base):
    """One expert's telephone rung for one caller, who has waited since ``rung_at``. ``seconds`` is how long they talked."""

    __tablename__ = "expert_ring"
    __table_args__ = (
        UniqueConstraint("case_id", "place"),
        Index("ix_expert_ring_account_id_rung_at", "account_id", "rung_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"))
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    place: Mapped[int]
    rung_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[RingEnd | None] = mapped_column(state_type(RingEnd, "outcome"))
    seconds: Mapped[int] = mapped_column(default=0)


class CaseAnswer(Base):
    """What an expert answered to a case. ``short`` is texted, ``full`` stands on the page and is read out; a recording is
    heard in their place. ``useful`` is the asker's word for it."""

    __tablename__ = "case_answer"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), unique=True)
    by_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    short_sealed: Mapped[str]
    short = Sealed()
    full_sealed: Mapped[str]
    full = Sealed()
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recording.id"))
    at: Mapped[datetime]
    useful: Mapped[bool | None]
    useful_at: Mapped[datetime | None]
    article_id: Mapped[str | None] = mapped_column(ForeignKey("article.id"))


class CaseAct(StrEnum):
    """What was done with a case on its way to an answer."""

    HAND_OVER = "hand_over"
    LATE = "late"  # not answered in time: it went to somebody by name
    WRITE_DOWN = "write_down"  # what was said on the telephone, in words


class CaseEvent(Base):
    """One step of a case: who did it (None: the clock), and to whom it went."""

    __tablename__ = "case_event"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    at: Mapped[datetime]
    act: Mapped[CaseAct] = mapped_column(state_type(CaseAct, "act"))
    by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    to_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
