"""What came in, as it came, and the questions that are open."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.messages import Channel
from farmerline.models.base import Base, Sealed, state_type


class InboundState(StrEnum):
    RECEIVED = "received"  # on record, not yet acted on
    HANDLED = "handled"
    PARKED = "parked"  # kept until the sender is a verified person
    FAILED = "failed"  # gave up after several tries; a case was opened


class Inbound(Base):
    """A message from a person, stored before anything is made of it; of spoken words with their ``recording_id``."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("gateway", "ref"),
        Index("ix_inbound_state_received_at", "state", "received_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[Channel] = mapped_column(state_type(Channel, "channel", never=(Channel.EMAIL,)))
    gateway: Mapped[str] = mapped_column(String(24))
    ref: Mapped[str] = mapped_column(String(80))
    sender_sealed: Mapped[str]
    sender = Sealed()
    sender_index: Mapped[str | None] = mapped_column(String(64), index=True)
    sent_to: Mapped[str] = mapped_column(String(32), default="")
    body_sealed: Mapped[str]
    body = Sealed()
    raw_sealed: Mapped[str]
    raw = Sealed()
    received_at: Mapped[datetime]
    state: Mapped[InboundState] = mapped_column(state_type(InboundState, "state"))
    attempts: Mapped[int] = mapped_column(default=0)
    handled_at: Mapped[datetime | None]
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    operator_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    intent: Mapped[str] = mapped_column(String(16), default="")
    question_id: Mapped[str | None] = mapped_column(String(32))
    post_id: Mapped[str | None] = mapped_column(String(32))
    case_id: Mapped[str | None] = mapped_column(String(32))
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recording.id"))


class InboundPiece(Base):
    """A piece of a longer text, kept until the others are there; ``inbound_id`` is then the whole text.

    ``ref`` tells a piece that came twice. ``reference`` is the same for all pieces of a text.
    """

    __tablename__ = "inbound_piece"
    __table_args__ = (
        UniqueConstraint("gateway", "ref"),
        Index("ix_inbound_piece_sender", "sender_index", "reference"),
        Index("ix_inbound_piece_received_at", "received_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    gateway: Mapped[str] = mapped_column(String(24))
    ref: Mapped[str] = mapped_column(String(80))
    sender_sealed: Mapped[str]
    sender = Sealed()
    sender_index: Mapped[str] = mapped_column(String(64))
    sent_to: Mapped[str] = mapped_column(String(32), default="")
    reference: Mapped[str] = mapped_column(String(8))
    number: Mapped[int]
    total: Mapped[int]
    body_sealed: Mapped[str]
    body = Sealed()
    raw_sealed: Mapped[str]
    raw = Sealed()
    received_at: Mapped[datetime]
    inbound_id: Mapped[str | None] = mapped_column(String(32))


class QuestionKind(StrEnum):
    PUBLISH = "publish"  # the read-back of a draft post
    SIDE = "side"  # do you sell or buy?
    CHANGE = "change"  # "2" was answered: what should it say?
    MATCH = "match"  # do you want this one?
    OUTCOME = "outcome"  # did you buy, did you sell?
    WHO = "who"  # which member of the household speaks?
    RENEW = "renew"  # your post ends tomorrow: again?
    LETTER = "letter"  # a letter that may be answered
    ALERT = "alert"  # did you understand the alert?
    CALLOUT = "callout"  # do you take this up?
    CHOICE = "choice"  # not sure what was meant: which of these?
    AMOUNT = "amount"  # a part was sold: how much?
    REASON = "reason"  # no deal: why?
    POOL = "pool"  # shall your lot go with the neighbours'?
    POOLED = "pooled"  # do you want the pooled lot?
    USEFUL = "useful"  # did the expert's answer help?
    SPEAK = "speak"  # of an expert: speak your answer
    GROUP = "group"  # do you want to be written to with a group?
    HEARD = "heard"  # is this what you said?
    WHICH = "which"  # several may be meant: which of these?
    EDIT = "edit"  # an open post as it is to be changed: is this right?
    SURVEY = "survey"  # one question of a survey


class QuestionState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    REPLACED = "replaced"
    EXPIRED = "expired"


class Question(Base):
    """Something a person was asked. ``code`` tells open questions of one phone apart (a letter, two digits)."""

    __tablename__ = "question"
    __table_args__ = (
        Index("ix_question_account_state", "account_id", "state"),
        Index("ix_question_phone_state", "phone_index", "state"),
        Index("ix_question_state_expires_at", "state", "expires_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(3))
    kind: Mapped[QuestionKind] = mapped_column(state_type(QuestionKind, "kind"))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    phone_index: Mapped[str | None] = mapped_column(String(64))
    post_id: Mapped[str | None] = mapped_column(ForeignKey("post.id"), index=True)
    match_id: Mapped[str | None] = mapped_column(ForeignKey("match.id"), index=True)
    letter_id: Mapped[str | None] = mapped_column(ForeignKey("letter.id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[QuestionState] = mapped_column(
        state_type(QuestionState, "state"), default=QuestionState.OPEN
    )
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(24), default="")
