"""What is counted once a day, so that no page ever counts the whole ledger."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base


class DailyFigure(Base):
    """One day in China. ``handed`` messages left, ``quick`` of them within ten seconds of their time; ``planned`` people
    stood on the lists of alerts issued that day, ``reached`` and ``confirmed`` of them; ``posts`` were published, ``deals``
    told; ``incidents`` were open when it was counted. Exercises are left out."""

    __tablename__ = "daily_figure"

    day: Mapped[date] = mapped_column(primary_key=True)
    handed: Mapped[int] = mapped_column(default=0)
    quick: Mapped[int] = mapped_column(default=0)
    alerts: Mapped[int] = mapped_column(default=0)
    planned: Mapped[int] = mapped_column(default=0)
    reached: Mapped[int] = mapped_column(default=0)
    confirmed: Mapped[int] = mapped_column(default=0)
    posts: Mapped[int] = mapped_column(default=0)
    deals: Mapped[int] = mapped_column(default=0)
    incidents: Mapped[int] = mapped_column(default=0)
    counted_at: Mapped[datetime]
