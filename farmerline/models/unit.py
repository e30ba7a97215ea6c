"""Units 单位 that report to the bureau, and the person each of them names: its liaison 联络员."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from farmerline.models.base import Base, state_type


class UnitKind(StrEnum):
    OFFICE = "office"  # a station or section of the bureau
    TOWN = "town"
    MARKET = "market"
    FIRM = "firm"  # a firm, a co-op, a large grower
    POINT = "point"  # a village's contact point


class Unit(Base):
    """A unit of a place. Firms and markets may be organisations that post as well."""

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[UnitKind] = mapped_column(state_type(UnitKind, "kind"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), index=True)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), unique=True)

    liaisons: Mapped[list[Liaison]] = relationship(order_by="Liaison.since, Liaison.named_at")


class Liaison(Base):
    """Who speaks for a unit from the day ``since`` to the day before ``until`` (None: until further notice).

    ``confirmed_at`` is when they, or who named them, last said that it is still so; ``reminded_at`` the last reminder.
    """

    __tablename__ = "liaison"
    __table_args__ = (Index("ix_liaison_unit_since", "unit_id", "since"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("unit.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    since: Mapped[date]
    until: Mapped[date | None]
    confirmed_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    named_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    named_at: Mapped[datetime]
