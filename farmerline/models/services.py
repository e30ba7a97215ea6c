"""The service log: what a contact point did for somebody, noted by one tap."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base, state_type


class ServiceKind(StrEnum):
    POST = "post"  # helped somebody to post or to answer
    ALERT = "alert"  # told somebody of an alert who stands on no list
    TAUGHT = "taught"  # showed how something is done
    ASKED = "asked"  # asked the experts for somebody
    COMPLAINT = "complaint"
    READ = "read"  # read letters or prices out
    OTHER = "other"


class ServiceEntry(Base):
    """One service. ``ref`` is of the form that noted it: the same form twice is one service."""

    __tablename__ = "service_entry"
    __table_args__ = (
        Index("ix_service_entry_account_at", "account_id", "at"),
        Index("ix_service_entry_area_at", "area_code", "at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    kind: Mapped[ServiceKind] = mapped_column(state_type(ServiceKind, "kind"))
    at: Mapped[datetime]
    ref: Mapped[str] = mapped_column(String(64), unique=True)
