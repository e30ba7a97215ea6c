"""The page of each village for a day without a line: kept sealed, the newest alone, for the village's contact points."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from farmerline.domain import access, audit
from farmerline.domain.access import Actor
from farmerline.domain.once import insert_once
from farmerline.errors import Absent
from farmerline.ids import new_id
from farmerline.messages import Channel
from farmerline.models import Role, VillagePack


def store(session: Session, village: str, page: bytes, *, now: datetime) -> None:
    """Keep a village's page in place of an older one."""
    row_id = new_id()
    sealed = VillagePack.page.seal(page, row_id)
    if (
        insert_once(session, VillagePack, id=row_id, area_code=village, made_at=now, page_sealed=sealed)
        is None
    ):
        row = session.scalars(_of(village).with_for_update()).one()
        if row.made_at < now:
            row.made_at, row.page = now, page


def take(session: Session, village: str, *, actor: Actor, now: datetime) -> bytes:
    """The newest page, for a contact point of the village; that it was taken along is on record. ``Absent`` without one."""
    access.authorise(actor, {Role.CONTACT}, village)
    row = session.scalar(_of(village))
    if row is None:
        raise Absent
    audit.record(
        session, actor_id=actor.account_id, act="pack.take", subject=f"area:{village}", channel=Channel.CONTACT, now=now
    )  # fmt: skip
    page: bytes = row.page
    return page


def _of(village: str) -> Select[tuple[VillagePack]]:
    return select(VillagePack).where(VillagePack.area_code == village)
