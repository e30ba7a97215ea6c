"""The service log 服务记录: what a contact point did for somebody, noted by one tap and taken back on the same day."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import audit
from farmerline.domain.access import Actor
from farmerline.domain.once import insert_once
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.messages import Channel
from farmerline.models import Role, ServiceEntry, ServiceKind

KINDS = {
    ServiceKind.POST: "Helped to post",
    ServiceKind.ALERT: "Told of an alert",
    ServiceKind.TAUGHT: "Taught",
    ServiceKind.ASKED: "Asked an expert for him",
    ServiceKind.COMPLAINT: "Took a complaint",
    ServiceKind.READ: "Read out letters or prices",
    ServiceKind.OTHER: "Something else",
}
"""Each kind's words, in the order of the buttons."""
_LONGEST = 64


def note(
    session: Session,
    *,
    actor: Actor,
    kind: str,
    ref: str,
    now: datetime,
    at: datetime | None = None,
    area_code: str = "",
) -> bool:
    """Note a service in one of the actor's places (the first where none is said), done ``at`` (now). The same ``ref`` of
    the same person is one service: False where it was there. Raises ``Invalid`` for a kind that is none."""  # fmt: skip
    if kind not in set(ServiceKind):
        raise Invalid("service_kind", "Choose what you did.", field="kind")
    mine = actor.areas(Role.CONTACT)
    place = area_code or mine[0]
    if not place.startswith(mine):
        raise Absent
    made = insert_once(
        session, ServiceEntry, account_id=actor.account_id, area_code=place, kind=ServiceKind(kind), at=at or now,
        ref=_fitting(f"{actor.account_id}:{ref}"),
    )  # fmt: skip
    if made is not None:
        _record(session, actor, "service.note", made, now)
    return made is not None


def take_back(session: Session, *, actor: Actor, entry_id: str, now: datetime) -> None:
    """It was a slip: one's own entry of today goes. Twice changes nothing; raises ``Conflict`` for an earlier day's."""
    row = session.get(ServiceEntry, entry_id)
    if row is None:
        return
    if row.account_id != actor.account_id:
        raise Absent
    if local(row.at).date() != local(now).date():
        raise Conflict("service_old", "Only what was noted today can be taken back.")
    _record(session, actor, "service.take_back", row.id, now)
    session.delete(row)
    session.flush()


def _fitting(ref: str) -> str:
    """A reference as the column holds it: too long a one by what it comes to, never by its beginning."""
    return ref if len(ref) <= _LONGEST else sha256(ref.encode()).hexdigest()


def _record(session: Session, actor: Actor, act: str, entry_id: str, now: datetime) -> None:
    audit.record(
        session, actor_id=actor.account_id, act=act, subject=f"service_entry:{entry_id}", channel=Channel.CONTACT, now=now
    )  # fmt: skip
