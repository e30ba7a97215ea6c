"""Cases 工单: whatever a machine must not decide, with a person, a due time and an end."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base, Sealed, state_type


class CaseKind(StrEnum):
    UNCLEAR = "unclear"  # words we could not read
    VOICE_POST = "voice_post"  # a spoken post to write down
    SIGHTING = "sighting"
    QUESTION = "question"
    MESSAGE = "message"  # left for a person
    REGISTER = "register"  # somebody wants an account: see the ID
    REVIEW = "review"  # a first post to look at
    APPEAL = "appeal"  # a held or refused post, looked at by somebody else
    CALL_BACK = "call_back"  # they asked for a person, or silence met our question


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Ear(StrEnum):
    """How far a recogniser came with what was said; "" while none was asked."""

    NONE = ""
    GIVEN = "given"  # it was handed the recording
    READY = "ready"  # words that wait to be read back
    TOLD = "told"  # the caller was asked whether they are right
    ASIDE = "aside"  # no words, or doubtful ones: a person listens


class Case(Base):
    """One matter for the contact point of ``area_code``, due at ``due_at``. ``heard`` is what a recogniser made of what was
    said: never taken for true before the caller agreed.

    ``assigned_to`` is the expert it went to, if any. ``tell_hour`` is the hour of the day at which the asker wants to be
    rung with the answer. ``board_text`` is the question as everybody may read it, without names ("" where it is not shown);
    ``board_asked`` says that the asker agreed to that.
    """

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_area_state_due_at", "area_code", "state", "due_at"),
        Index("ix_case_kind_state_due_at", "kind", "state", "due_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[CaseKind] = mapped_column(state_type(CaseKind, "kind"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    phone_sealed: Mapped[str | None]
    phone = Sealed()
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    text_sealed: Mapped[str]
    text = Sealed()
    direction: Mapped[str] = mapped_column(String(8), default="")
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recording.id"))
    inbound_id: Mapped[str | None] = mapped_column(ForeignKey("inbound.id"))
    post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"))
    state: Mapped[CaseState] = mapped_column(state_type(CaseState, "state"), default=CaseState.OPEN)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    outcome_sealed: Mapped[str | None]
    outcome = Sealed()
    assigned_to: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    photo_id: Mapped[str | None] = mapped_column(ForeignKey("photo.id"))
    tell_hour: Mapped[int | None]
    board_text: Mapped[str] = mapped_column(String(200), default="")
    board_asked: Mapped[bool] = mapped_column(default=False)
    heard_sealed: Mapped[str | None]
    heard = Sealed()
    ear: Mapped[Ear] = mapped_column(state_type(Ear, "ear"), default=Ear.NONE)
