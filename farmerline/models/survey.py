"""Surveys 问卷: a few questions with numbered answers to a frozen list of people. A poll is one question to an alert's list."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base, state_type


class SurveyState(StrEnum):
    PLANNED = "planned"  # its list is frozen, nobody was asked
    OPEN = "open"
    CLOSED = "closed"


class Survey(Base):
    """``asker`` is the name under which it is asked; ``alert_id`` is of a poll. ``questions`` are text and choices, in their
    order. ``list_hash`` is SHA-256 over the frozen list of account ids, in order; until ``until`` answers count."""

    __tablename__ = "survey"
    __table_args__ = (Index("ix_survey_state_until", "state", "until"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    asker: Mapped[str] = mapped_column(String(20))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    alert_id: Mapped[str | None] = mapped_column(ForeignKey("alert.id"), index=True)
    questions: Mapped[list[tuple[str, list[str]]]] = mapped_column(JSON)
    state: Mapped[SurveyState] = mapped_column(state_type(SurveyState, "state"), default=SurveyState.PLANNED)
    people: Mapped[int] = mapped_column(default=0)
    list_hash: Mapped[str] = mapped_column(String(64), default="")
    created_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    until: Mapped[datetime]


class SurveyPerson(Base):
    """One person of the list. ``skipped`` says why somebody is not asked after all: stopped, or left."""

    __tablename__ = "survey_person"
    __table_args__ = (Index("ix_survey_person_asked", "survey_id", "asked_at"),)

    survey_id: Mapped[str] = mapped_column(ForeignKey("survey.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(12))
    asked_at: Mapped[datetime | None]
    skipped: Mapped[str] = mapped_column(String(8), default="")


class SurveyAnswer(Base):
    """One person's answer to the question at ``place``, from 1; the last one said counts."""

    __tablename__ = "survey_answer"
    __table_args__ = (CheckConstraint("choice BETWEEN 1 AND 4", name="choice"),)

    survey_id: Mapped[str] = mapped_column(ForeignKey("survey.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    area_code: Mapped[str] = mapped_column(String(12))
    choice: Mapped[int]
    channel: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
