"""Groups 群 of the mailbox: who is written to together, each because they agreed to it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from farmerline.models.base import Base, Sealed, state_type


class LetterGroup(Base):
    """A named group that its owner keeps and writes to. ``ended_at``: nobody is written to by it any more."""

    __tablename__ = "letter_group"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    name_sealed: Mapped[str]
    name = Sealed()
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    members: Mapped[list[GroupMember]] = relationship(order_by="GroupMember.asked_at, GroupMember.account_id")


class MemberState(StrEnum):
    ASKED = "asked"
    IN = "in"
    OUT = "out"  # said no, or left: never asked again by its owner
    REMOVED = "removed"  # by the owner


class GroupMember(Base):
    """One person asked into a group, and what they said; ``answered_via`` is the channel."""

    __tablename__ = "letter_group_member"
    __table_args__ = (Index("ix_letter_group_member_account_state", "account_id", "state"),)

    group_id: Mapped[str] = mapped_column(ForeignKey("letter_group.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    state: Mapped[MemberState] = mapped_column(state_type(MemberState, "state"))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_via: Mapped[str] = mapped_column(String(8), default="")
