"""What editors changed in the shipped vocabulary, and the words that nobody knows yet."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base, state_type


class WordAct(StrEnum):
    ADD = "add"  # another name for a product, or for a form or variety of it
    MERGE = "merge"  # two products are one
    FORBID = "forbid"  # this word names no product


class WordEdit(Base):
    """One change by one editor, in the order of ``serial``; it counts until it is undone. Rows are never deleted.

    ``word`` is what people write; ``concept`` (with ``form`` and ``variety``, "" where none) what it means. A merge makes
    ``word``, the name of a product, another name of ``concept``. ``reread_at`` is when the posts that it affects had
    been read again, ``undo_reread_at`` the same after it was undone.
    """

    __tablename__ = "word_edit"
    __table_args__ = (Index("ix_word_edit_word", "word"), Index("ix_word_edit_reread_at", "reread_at"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    serial: Mapped[int] = mapped_column(unique=True)
    act: Mapped[WordAct] = mapped_column(state_type(WordAct, "act"))
    word: Mapped[str] = mapped_column(String(40))
    concept: Mapped[str] = mapped_column(String(40), default="")
    form: Mapped[str] = mapped_column(String(16), default="")
    variety: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    by_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    undone_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    undone_at: Mapped[datetime | None]
    reread_at: Mapped[datetime | None]
    undo_reread_at: Mapped[datetime | None]


class WordState(StrEnum):
    HEARD = "heard"
    TAKEN = "taken"  # an editor made an edit of it
    DISMISSED = "dismissed"


class UnknownWord(Base):
    """A word that stood where a product should and that the vocabulary has not. Proposed once it was heard three times."""

    __tablename__ = "unknown_word"
    __table_args__ = (Index("ix_unknown_word_state_times", "state", "times"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    word: Mapped[str] = mapped_column(String(40), unique=True)
    times: Mapped[int] = mapped_column(default=0)
    state: Mapped[WordState] = mapped_column(state_type(WordState, "state"), default=WordState.HEARD)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    edit_id: Mapped[str | None] = mapped_column(ForeignKey("word_edit.id"))


class UnknownWordUse(Base):
    """A sentence in which an unknown word was heard, with numbers and names taken out; the last few are kept."""

    __tablename__ = "unknown_word_use"
    __table_args__ = (UniqueConstraint("word_id", "inbound_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    word_id: Mapped[str] = mapped_column(ForeignKey("unknown_word.id"), index=True)
    inbound_id: Mapped[str] = mapped_column(ForeignKey("inbound.id"))
    sentence: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
