"""Matches, what became of them, and whose number was shown to whom."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from farmerline.models.base import Base, state_type
from farmerline.models.post import Post, PostItem


class MatchState(StrEnum):
    OFFERED = "offered"
    AGREED = "agreed"  # numbers shown
    REFUSED = "refused"
    DONE = "done"  # the outcome is known
    LAPSED = "lapsed"  # a side's post ended first


class NoReason(StrEnum):
    """Why a match came to no deal, as a side told it by one key."""

    UNSAID = ""
    PRICE = "price"
    QUALITY = "quality"
    NOT_REACHED = "not_reached"
    GONE = "gone"  # sold or bought elsewhere
    OTHER = "other"


class Match(Base):
    """A supply post and a demand post that fit, with the reason in both languages. Answers are true, false or none yet.

    ``no_reason`` says why a deal came to nothing, ``pool_id`` of which pooled offer it is a part.
    """

    __tablename__ = "match"
    __table_args__ = (
        UniqueConstraint("supply_post_id", "demand_post_id"),
        Index("ix_match_state_agreed_at", "state", "agreed_at"),
        Index("ix_match_demand_post_id", "demand_post_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    supply_post_id: Mapped[str] = mapped_column(ForeignKey("post.id"))
    demand_post_id: Mapped[str] = mapped_column(ForeignKey("post.id"))
    supply_item_id: Mapped[str] = mapped_column(ForeignKey("post_item.id"))
    demand_item_id: Mapped[str] = mapped_column(ForeignKey("post_item.id"))
    score: Mapped[float]
    reason_zh: Mapped[str] = mapped_column(String(120))
    reason_en: Mapped[str] = mapped_column(String(240))
    state: Mapped[MatchState] = mapped_column(state_type(MatchState, "state"), default=MatchState.OFFERED)
    supply_yes: Mapped[bool | None]
    demand_yes: Mapped[bool | None]
    made_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    asked_times: Mapped[int] = mapped_column(default=0)
    no_reason: Mapped[NoReason] = mapped_column(state_type(NoReason, "no_reason"), default=NoReason.UNSAID)
    pool_id: Mapped[str | None] = mapped_column(ForeignKey("pool.id"), index=True)

    supply_post: Mapped[Post] = relationship(foreign_keys=[supply_post_id])
    demand_post: Mapped[Post] = relationship(foreign_keys=[demand_post_id])
    supply_item: Mapped[PostItem] = relationship(foreign_keys=[supply_item_id])
    demand_item: Mapped[PostItem] = relationship(foreign_keys=[demand_item_id])


class Reveal(Base):
    """One number shown to one person: logged, and at most 30 a day for a viewer."""

    __tablename__ = "reveal"
    __table_args__ = (Index("ix_reveal_viewer_at", "viewer_id", "at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    match_id: Mapped[str] = mapped_column(ForeignKey("match.id"), index=True)
    viewer_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    shown_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class Outcome(StrEnum):
    SOLD = "sold"
    PARTLY = "partly"
    NO = "no"


class Deal(Base):
    """What became of a match, as a side told us. ``qty`` in kg or the count's unit; ``unit_price`` in yuan for one of it.

    ``corrected_by`` is the side that put its figures right last.
    """

    __tablename__ = "deal"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    match_id: Mapped[str] = mapped_column(ForeignKey("match.id"), unique=True)
    outcome: Mapped[Outcome] = mapped_column(state_type(Outcome, "outcome"))
    concept: Mapped[str] = mapped_column(String(40))
    form: Mapped[str] = mapped_column(String(16))
    qty: Mapped[float | None]
    unit: Mapped[str | None] = mapped_column(String(8))
    unit_price: Mapped[float | None]
    from_area: Mapped[str] = mapped_column(String(12))
    to_area: Mapped[str] = mapped_column(String(12))
    told_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    told_via: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(index=True)
    number: Mapped[int] = mapped_column(unique=True)
    seller_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    buyer_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    corrected_at: Mapped[datetime | None]
    corrected_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
