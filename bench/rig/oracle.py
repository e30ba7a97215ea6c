"""Who counts: what was promised, what the gateway took, what the ledger says in the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select, text

from bench.rig.county import Place
from farmerline.db import Database
from farmerline.models import Campaign, CampaignState, Delivery, DeliveryState

_OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.HELD)
_GONE = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.FAILED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``lost``: people of the list without a message at the gateway and without a named failure. ``repeated``: messages
    that it took beside the first. ``misnoted``: the ledger says sent and the gateway knows nothing, or has what nobody
    promised. ``failed``: named failures; a message that met silence twice may have been taken all the same."""

    people: int
    lost: int
    repeated: int
    failed: int
    misnoted: int
    sound: bool

    @property
    def holds(self) -> bool:
        return not (self.lost or self.misnoted) and self.sound


def compare(place: Place, campaign_id: str, accepted: Counter[str]) -> Verdict:
    """The verdict on a broadcast that has ended."""
    with place.open() as runtime, runtime.database.read() as session:
        people = session.get_one(Campaign, campaign_id).people
        found = select(Delivery.id, Delivery.state, Delivery.account_id).where(
            Delivery.campaign_id == campaign_id
        )
        rows = session.execute(found).all()
        sound = is_sound(runtime.database)
    gone = {row.id for row in rows if row.state in _GONE}
    failed = {row.id for row in rows if row.state not in _GONE and row.state not in _OPEN}
    mine = {row.id for row in rows}
    reached = {row.account_id for row in rows if row.id in accepted or row.id in failed}
    return Verdict(
        people=people,
        lost=people - len(reached),
        repeated=sum(count - 1 for ref, count in accepted.items() if ref in mine),
        failed=len(failed),
        misnoted=len(gone - accepted.keys()) + len(accepted.keys() - mine),
        sound=sound,
    )


def is_over(database: Database, campaign_id: str) -> bool:
    """Whether nothing of a broadcast is left to do."""
    with database.read() as session:
        return session.get_one(Campaign, campaign_id).state is CampaignState.DONE


def states(database: Database, campaign_id: str) -> dict[str, int]:
    """How many messages of a broadcast stand where."""
    with database.read() as session:
        mine = select(Delivery.state, func.count()).where(Delivery.campaign_id == campaign_id)
        return {state.value: count for state, count in session.execute(mine.group_by(Delivery.state))}


def is_sound(database: Database) -> bool:
    """What the database says of itself."""
    if not database.is_sqlite:
        return True
    with database.writer.connect() as connection:
        return bool(connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok")
