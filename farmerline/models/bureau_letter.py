"""Letters to the bureau 来信: each with a number, a unit that looks after it, a due time by its kind, and an end."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from farmerline.models.base import Base, Sealed, state_type


class BureauLetterKind(Base):
    """A kind of letter: a row, not code. ``days`` is the promise: working days until the answer."""

    __tablename__ = "bureau_letter_kind"

    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    days: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)


class BureauLetterState(StrEnum):
    RECEIVED = "received"
    PASSED = "passed"  # a unit looks after it
    ANSWERED = "answered"
    CLOSED = "closed"


class BureauLetter(Base):
    """One letter under its ``number``. ``unit`` is the name of the office that looks after it, ``unit_id`` its row where it has
    one, ``handler_id`` its person there.

    ``board_asked``: the writer agrees that others read it without the name; ``board_text`` and ``board_answer`` are the words
    that a second look let out ("" where it is not shown).
    """

    __tablename__ = "bureau_letter"
    __table_args__ = (Index("ix_bureau_letter_state_due_at", "state", "due_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(ForeignKey("bureau_letter_kind.code"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    from_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    operator_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    body_sealed: Mapped[str]
    body = Sealed()
    channel: Mapped[str] = mapped_column(String(8))
    case_id: Mapped[str | None] = mapped_column(ForeignKey("case.id"))
    state: Mapped[BureauLetterState] = mapped_column(state_type(BureauLetterState, "state"))
    unit: Mapped[str] = mapped_column(String(60), default="")
    handler_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    answer_sealed: Mapped[str | None]
    answer = Sealed()
    closed_at: Mapped[datetime | None]
    board_asked: Mapped[bool] = mapped_column(default=False)
    board_text: Mapped[str] = mapped_column(String(300), default="")
    board_answer: Mapped[str] = mapped_column(String(400), default="")
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("unit.id"), index=True)

    history: Mapped[list[BureauLetterEvent]] = relationship(
        cascade="all, delete-orphan", order_by="BureauLetterEvent.at, BureauLetterEvent.id"
    )


class BureauLetterAct(StrEnum):
    WRITE = "write"
    PASS_ON = "pass_on"  # noqa: S105 - an act
    ANSWER = "answer"
    CLOSE = "close"
    SHOW = "show"  # let out for everybody
    HIDE = "hide"


class BureauLetterEvent(Base):
    """One step of a letter: who did it, and the unit or the reason."""

    __tablename__ = "bureau_letter_event"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    letter_id: Mapped[str] = mapped_column(ForeignKey("bureau_letter.id"), index=True)
    at: Mapped[datetime]
    act: Mapped[BureauLetterAct] = mapped_column(state_type(BureauLetterAct, "act"))
    by_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str] = mapped_column(String(200), default="")
