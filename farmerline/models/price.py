"""Prices 行情: what goods fetch at which market from day to day. Markets, goods and units are rows, not code."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from farmerline.models.base import Base, state_type


class PriceState(StrEnum):
    SHOWN = "shown"
    HELD = "held"  # far from the usual: somebody else looks at it
    REFUSED = "refused"  # it was a slip


class PriceUnit(Base):
    """What a price is for: 斤, 株, 箱. ``kilograms`` of one, None for what is counted and not weighed."""

    __tablename__ = "price_unit"

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    kilograms: Mapped[float | None]
    position: Mapped[int] = mapped_column(default=0)


class Market(Base):
    """A place where prices are noted down. A closed one takes no more."""

    __tablename__ = "market"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), index=True)
    closed: Mapped[bool] = mapped_column(default=False)


class Good(Base):
    """What is priced: a product, its grade ("" where there is but one), the unit it is priced by."""

    __tablename__ = "good"
    __table_args__ = (UniqueConstraint("product", "grade"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    product: Mapped[str] = mapped_column(String(40))
    grade: Mapped[str] = mapped_column(String(20), default="")
    unit: Mapped[str] = mapped_column(ForeignKey("price_unit.code"))
    position: Mapped[int] = mapped_column(default=0)
    closed: Mapped[bool] = mapped_column(default=False)


class Price(Base):
    """What a good fetched at a market on a day: ``yuan`` for the good's unit.

    A price that was held keeps what it was compared with in ``usual``.
    """

    __tablename__ = "price"
    __table_args__ = (
        UniqueConstraint("good_id", "market_id", "day"),
        CheckConstraint("yuan > 0", name="yuan"),
        Index("ix_price_state_day", "state", "day"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    good_id: Mapped[str] = mapped_column(ForeignKey("good.id"))
    market_id: Mapped[str] = mapped_column(ForeignKey("market.id"))
    day: Mapped[date]
    yuan: Mapped[float]
    state: Mapped[PriceState] = mapped_column(state_type(PriceState, "state"))
    usual: Mapped[float | None]
    entered_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]
    settled_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))

    good: Mapped[Good] = relationship()
    market: Mapped[Market] = relationship()
