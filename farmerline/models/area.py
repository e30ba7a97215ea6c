"""Areas: province to village, by GB/T 2260 and the statistics bureau's town and village codes."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base, state_type


class AreaLevel(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"


CODE_LENGTH = {
    AreaLevel.PROVINCE: 2,
    AreaLevel.CITY: 4,
    AreaLevel.COUNTY: 6,
    AreaLevel.TOWN: 9,
    AreaLevel.VILLAGE: 12,
}


class Area(Base):
    """A place. Its code begins with its parent's code, so "within" is a prefix test.

    ``lat`` and ``lon`` (degrees, WGS 84) where they are known: distances in km need them.
    """

    __tablename__ = "area"
    __table_args__ = (
        Index("ix_area_pinyin", "pinyin"),
        Index("ix_area_initials", "initials"),
        Index("ix_area_name", "name"),
    )

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    level: Mapped[AreaLevel] = mapped_column(state_type(AreaLevel, "level"))
    pinyin: Mapped[str] = mapped_column(String(200))
    initials: Mapped[str] = mapped_column(String(40))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
