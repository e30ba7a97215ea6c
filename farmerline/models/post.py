"""Posts: supply, demand and the other kinds of listing."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from farmerline.messages import Channel
from farmerline.models.base import Base, state_type


class PostState(StrEnum):
    PENDING = "pending"  # a draft, read back, not yet confirmed
    HELD = "held"  # waits for the contact point, with its reason
    OPEN = "open"
    MATCHED = "matched"  # two sides have each other's number
    DONE = "done"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


_SCORED = ("variety", "area_code", "qty_left", "unit", "unit_price", "price_unit")

LIVE = frozenset({PostState.OPEN, PostState.MATCHED})
LIVE_POSTS = text("state || '' IN ('open', 'matched')")
"""The same as the database hears it, word for word as in the indexes of live posts: only so are they used. The ``|| ''`` keeps
SQLite from taking the index that begins with the state instead, and sorting all that is open for one page."""


class PostKind(Base):
    """A kind of listing (supply, demand, transport, job, tourism, service, notice): a row, not code.

    ``matched_with`` names the kind that posts of this kind are matched with; ``direction`` what the
    matcher calls this side. ``days`` is how long a post stays; ``seedling_days`` for seedlings and seed.
    """

    __tablename__ = "post_kind"

    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    tile: Mapped[str] = mapped_column(String(2))
    direction: Mapped[str | None] = mapped_column(String(8))
    days: Mapped[int]
    seedling_days: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)


class Post(Base):
    """One listing by one person. ``text`` is the person's words with phone numbers and links taken out.

    ``text_mark`` is the same for texts that say the same, to find one text under several names. ``appealed_at``: when its
    owner asked that somebody else look at a post that was held or refused.
    """

    __tablename__ = "post"
    __table_args__ = (
        Index("ix_post_state_expires_at", "state", "expires_at"),
        Index("ix_post_account_state", "account_id", "state"),
        Index("ix_post_state_published_at", "state", "published_at"),
        Index("ix_post_text_mark", "text_mark", "created_at"),
        *(
            Index(
                f"ix_post_live_{name}",
                *columns,
                "id",
                "kind",
                "state",
                sqlite_where=LIVE_POSTS,
                postgresql_where=LIVE_POSTS,
            )
            for name, columns in {"day": ("published_at",), "area": ("area_code", "published_at")}.items()
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int | None] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(ForeignKey("post_kind.code"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    operator_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    channel: Mapped[Channel] = mapped_column(state_type(Channel, "channel", never=(Channel.EMAIL,)))
    inbound_id: Mapped[str | None] = mapped_column(ForeignKey("inbound.id"))
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[PostState] = mapped_column(state_type(PostState, "state"))
    held_reason: Mapped[str] = mapped_column(String(40), default="")
    share_phone: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    text_mark: Mapped[str] = mapped_column(String(32), default="")
    appealed_at: Mapped[datetime | None]

    items: Mapped[list[PostItem]] = relationship(
        back_populates="post", cascade="all, delete-orphan", order_by="PostItem.position", lazy="selectin"
    )
    history: Mapped[list[PostEvent]] = relationship(cascade="all, delete-orphan", order_by="PostEvent.at")


class PostItem(Base):
    """One product of a post, as the matcher read it. Weights in kg, prices in yuan per kg; counts in their own unit.

    ``key`` is ``concept·form·direction``; ``variety`` is "" where none was said; ``least`` is the smallest lot that a buyer
    takes; ``said_qty`` and ``said_price`` are the farmer's own measure, for reading back. ``live`` is true while the post
    can be found: the indexes hold live rows only, with all that a score is made of, newest first in a city, a province,
    anywhere, and the same for one variety. ``price`` is for prices of the past, ``tree``
    for how many posts name a thing now.
    """

    __tablename__ = "post_item"
    __table_args__ = (
        *(
            Index(
                f"ix_post_item_{name}",
                "key",
                *columns,
                "day",
                "id",
                *(one for one in _SCORED if one not in columns),
                sqlite_where=text("live"),
                postgresql_where=text("live"),
            )
            for name, columns in {
                "city": ("city",),
                "province": ("province",),
                "nation": (),
                "variety_province": ("variety", "province"),
                "variety_nation": ("variety",),
            }.items()
        ),
        Index("ix_post_item_price", "key", "day", "unit_price", "price_unit"),
        Index(
            "ix_post_item_tree",
            "key",
            "post_id",
            "live",
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("post.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    key: Mapped[str] = mapped_column(String(80))
    direction: Mapped[str] = mapped_column(String(8))
    concept: Mapped[str] = mapped_column(String(40))
    form: Mapped[str] = mapped_column(String(16))
    category: Mapped[str] = mapped_column(String(16), default="")
    variety: Mapped[str] = mapped_column(String(40), default="")
    name: Mapped[str] = mapped_column(String(60))
    qty: Mapped[float | None]
    qty_left: Mapped[float | None]
    unit: Mapped[str | None] = mapped_column(String(8))
    unit_price: Mapped[float | None]
    price_unit: Mapped[str | None] = mapped_column(String(8))
    said_qty: Mapped[str] = mapped_column(String(24), default="")
    said_price: Mapped[str] = mapped_column(String(24), default="")
    area_code: Mapped[str] = mapped_column(String(12))
    province: Mapped[str] = mapped_column(String(2))
    city: Mapped[str] = mapped_column(String(4))
    day: Mapped[date]
    live: Mapped[bool] = mapped_column(default=False)
    least: Mapped[float | None]

    post: Mapped[Post] = relationship(back_populates="items")


class PostEvent(Base):
    """One step in the life of a post: who, when, by which channel."""

    __tablename__ = "post_event"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    post_id: Mapped[str] = mapped_column(ForeignKey("post.id"), index=True)
    at: Mapped[datetime]
    state: Mapped[PostState] = mapped_column(state_type(PostState, "state"))
    actor_id: Mapped[str | None] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(8), default="")
    note: Mapped[str] = mapped_column(String(80), default="")
