"""Pooled offers: small lots of neighbours that together are what a buyer takes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from farmerline.models.base import Base, state_type


class PoolState(StrEnum):
    ASKING = "asking"  # the members are asked
    OFFERED = "offered"  # enough agreed; the buyer is asked
    AGREED = "agreed"  # the buyer took it: each member has a match
    REFUSED = "refused"
    LAPSED = "lapsed"  # too few agreed in time, or a side's post ended


class Pool(Base):
    """Lots of one product and form, of one week, within 10 km of each other, each under the buyer's minimum.

    ``qty`` is what the members who agreed bring, in ``unit``; ``until`` is when asking ends.
    """

    __tablename__ = "pool"
    __table_args__ = (
        Index("ix_pool_state_until", "state", "until"),
        Index("ix_pool_demand_item_id", "demand_item_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(String(80))
    demand_item_id: Mapped[str] = mapped_column(ForeignKey("post_item.id"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    least: Mapped[float]
    qty: Mapped[float] = mapped_column(default=0.0)
    unit: Mapped[str] = mapped_column(String(8))
    state: Mapped[PoolState] = mapped_column(state_type(PoolState, "state"))
    made_at: Mapped[datetime]
    until: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    members: Mapped[list[PoolMember]] = relationship(
        cascade="all, delete-orphan", order_by="PoolMember.position", lazy="selectin"
    )


class PoolMember(Base):
    """One lot in a pool. ``agreed``: yes, no, or none yet; by which channel and when stands beside it."""

    __tablename__ = "pool_member"
    __table_args__ = (UniqueConstraint("pool_id", "item_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    pool_id: Mapped[str] = mapped_column(ForeignKey("pool.id"))
    item_id: Mapped[str] = mapped_column(ForeignKey("post_item.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    position: Mapped[int]
    qty: Mapped[float]
    agreed: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    answered_via: Mapped[str] = mapped_column(String(8), default="")
