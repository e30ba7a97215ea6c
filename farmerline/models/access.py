"""Signing in: secrets of a person, and the sessions that can be ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base, Sealed


class Credential(Base):
    """Argon2id hashes and the second factor's secret. ``failures`` grows the delay until ``locked_until``.

    ``card`` holds the hashes of a printed card's codes; a used one is ""."""

    __tablename__ = "credential"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_sealed: Mapped[str | None]
    totp = Sealed()
    totp_step: Mapped[int] = mapped_column(default=0)
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    pin_failures: Mapped[int] = mapped_column(default=0)
    pin_day: Mapped[str] = mapped_column(String(10), default="")
    card: Mapped[list[Any]] = mapped_column(JSON, default=list)


class EmailAddress(Base):
    """Where copies of a person's letters go: ``address``, confirmed by a code. ``wanted`` waits for its code.

    ``asked`` counts the codes of the ``day``.
    """

    __tablename__ = "email_address"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    address_sealed: Mapped[str | None]
    address = Sealed()
    wanted_sealed: Mapped[str | None]
    wanted = Sealed()
    code_hash: Mapped[str] = mapped_column(String(64), default="")
    failures: Mapped[int] = mapped_column(default=0)
    asked: Mapped[int] = mapped_column(default=0)
    day: Mapped[str] = mapped_column(String(10), default="")
    made_at: Mapped[datetime]


class WebSession(Base):
    """One signed-in browser. A farmer's session at a shared PC hangs inside the operator's (``parent_id``)."""

    __tablename__ = "web_session"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    parent_id: Mapped[str | None] = mapped_column(
        ForeignKey("web_session.id", ondelete="CASCADE"), index=True
    )
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    idle_seconds: Mapped[int]
    ends_at: Mapped[datetime]
