"""Calls and their recordings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from farmerline import vault
from farmerline.models.base import Base, Sealed, SealedBytes


class Call(Base):
    """One phone call; its place in the menu is a row, so that any web process can take the next turn."""

    __tablename__ = "call"
    __table_args__ = (UniqueConstraint("gateway", "ref"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    gateway: Mapped[str] = mapped_column(String(24))
    ref: Mapped[str] = mapped_column(String(64))
    outbound: Mapped[bool] = mapped_column(default=False)
    caller_sealed: Mapped[str]
    caller = Sealed()
    caller_index: Mapped[str | None] = mapped_column(String(64), index=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    wrong_keys: Mapped[int] = mapped_column(default=0)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @property
    def said(self) -> list[list[str]]:
        """What was last said: kind (say, slow, play) and words or recording. Sealed: letters, names and numbers are among it."""
        kept = self.data.get("said")
        return json.loads(vault.current().open(kept, place=self._said_place)) if kept else []

    @said.setter
    def said(self, steps: Sequence[Sequence[str]]) -> None:
        sealed = vault.current().seal(json.dumps(steps, ensure_ascii=False), place=self._said_place)
        self.data = {**self.data, "said": sealed}

    @property
    def _said_place(self) -> str:
        return f"call.said:{self.id}"


class Recording(Base):
    """What a caller said, sealed. ``use`` is sell, buy, pest, ask, message or letter."""

    __tablename__ = "recording"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), index=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    use: Mapped[str] = mapped_column(String(12))
    seconds: Mapped[int]
    sound_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sound = SealedBytes()
    at: Mapped[datetime]
