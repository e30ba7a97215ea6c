"""Village packs: the page that a contact point takes along each night, and the entries that come back from it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.models.base import Base, Sealed, SealedBytes, state_type


class VillagePack(Base):
    """The newest page of a village, sealed: people's names stand in it."""

    __tablename__ = "village_pack"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), unique=True)
    made_at: Mapped[datetime]
    page_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    page = SealedBytes()


class PackState(StrEnum):
    WAITING = "waiting"  # on record, not yet acted on
    DONE = "done"
    MEND = "mend"  # it could not be used as it is: a person looks at it
    DROPPED = "dropped"  # a person put it away


class PackEntry(Base):
    """One line that came up with a pack: ``body`` as it came, ``said`` what became of it (a sentence and its values).

    ``key`` is the line's own, so that the same line twice is one entry. ``kind`` is "" for a line that cannot be read.
    """

    __tablename__ = "pack_entry"
    __table_args__ = (
        UniqueConstraint("area_code", "key"),
        Index("ix_pack_entry_area_state", "area_code", "state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    key: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(8))
    body_sealed: Mapped[str]
    body = Sealed()
    said_sealed: Mapped[str | None]
    said = Sealed()
    state: Mapped[PackState] = mapped_column(state_type(PackState, "state"), default=PackState.WAITING)
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
