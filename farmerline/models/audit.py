"""The audit: rows chained by SHA-256, which nothing may change or delete."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base


class AuditRow(Base):
    """One act. ``detail`` holds ids, counts and hashes, never a name or a number.

    ``digest`` is SHA-256 over this row's fields and ``before``, the digest of the row with the number before.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_actor_at", "actor_id", "at"), Index("ix_audit_subject", "subject"))

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[str] = mapped_column(String(32))
    for_id: Mapped[str] = mapped_column(String(32), default="")
    act: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(60), default="")
    channel: Mapped[str] = mapped_column(String(8), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    before: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The chain's end, one row, locked while a row is added."""

    __tablename__ = "audit_head"

    name: Mapped[str] = mapped_column(String(8), primary_key=True)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
