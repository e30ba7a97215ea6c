"""Articles 文章: what the bureau publishes, entered once and read on the web, by telephone and by text."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from farmerline.models.base import Base, state_type


class ArticleState(StrEnum):
    DRAFT = "draft"
    CHECKED = "checked"  # another person has read it
    ISSUED = "issued"
    REPLACED = "replaced"  # a newer one took its place
    WITHDRAWN = "withdrawn"


class ArticleAct(StrEnum):
    """What was done with an article: its history, each with who and when."""

    WRITE = "write"
    CHANGE = "change"
    CHECK = "check"
    RETURN = "return"  # the second reader sent it back, with a reason
    ISSUE = "issue"
    UNDO = "undo"  # taken back within minutes of being issued
    REPLACE = "replace"
    WITHDRAW = "withdraw"


class ArticleKind(Base):
    """A kind of article (farm work, technique, policy …): a row, not code.

    ``box`` is the box of the voice station in which it is heard (``farmerline.domain.keys.LISTEN``); ``checked``: a second
    person reads it before it is issued; ``days`` is how long it holds where nothing else is said.
    """

    __tablename__ = "article_kind"

    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    box: Mapped[str] = mapped_column(String(16))
    checked: Mapped[bool]
    days: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)


class Article(Base):
    """One article, under its ``number`` once it was issued.

    ``crops`` are products' names, by blanks ("" for all); ``term`` a solar term ("" for none). It holds from ``valid_from``
    to ``valid_until``, both included. ``short_text`` is what a text message says, ``voice_text`` what is heard.
    ``edited_by`` is who changed the words last. ``photo_says`` tells what the photo shows, for who cannot see it.
    """

    __tablename__ = "article"
    __table_args__ = (
        Index("ix_article_state_area_code", "state", "area_code"),
        Index("ix_article_state_issued_at", "state", "issued_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int | None] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(ForeignKey("article_kind.code"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    crops: Mapped[str] = mapped_column(String(200), default="")
    term: Mapped[str] = mapped_column(String(8), default="")
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    source: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(60))
    full_text: Mapped[str] = mapped_column(Text)
    short_text: Mapped[str] = mapped_column(String(80))
    voice_text: Mapped[str] = mapped_column(Text)
    state: Mapped[ArticleState] = mapped_column(state_type(ArticleState, "state"))
    replaces_id: Mapped[str | None] = mapped_column(ForeignKey("article.id"))
    written_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    edited_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    written_at: Mapped[datetime]
    checked_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    issued_at: Mapped[datetime | None]
    photo_id: Mapped[str | None] = mapped_column(ForeignKey("photo.id"))
    photo_says: Mapped[str] = mapped_column(String(60), default="")

    history: Mapped[list[ArticleEvent]] = relationship(
        cascade="all, delete-orphan", order_by="ArticleEvent.at, ArticleEvent.id"
    )


class ArticleEvent(Base):
    """One step in the life of an article."""

    __tablename__ = "article_event"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    article_id: Mapped[str] = mapped_column(ForeignKey("article.id"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    act: Mapped[ArticleAct] = mapped_column(state_type(ArticleAct, "act"))
    note: Mapped[str] = mapped_column(String(200), default="")
