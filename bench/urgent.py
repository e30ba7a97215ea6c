"""An alert let go in the middle of a broadcast, and how soon it was handed over."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import quantiles
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from bench.rig.county import VILLAGE, Place
from farmerline.domain import alert_fanout, audience
from farmerline.domain.audience import Listed
from farmerline.models import Account, Alert, AlertArea, AlertState, Colour, Delivery
from farmerline.runtime import Runtime


@dataclass
class Urgent:
    """An alert to so many people; when it was let go, and its broadcast."""

    people: int
    queued_at: float = 0.0
    campaign: str = ""

    def outcome(
        self, place: Place, accepted: Counter[str], ended: Sequence[dict[str, Any]]
    ) -> dict[str, Any]:
        """How soon it was handed over, by the ledger's times; lost and repeated by the gateway's record; and how many
        claims of other messages were made between its being let go and its last hand-over."""
        with place.open() as runtime, runtime.database.read() as session:
            mine = select(Delivery.id, Delivery.sent_at).where(Delivery.campaign_id == self.campaign)
            rows = session.execute(mine).all()
        took = sorted(row.sent_at.timestamp() - self.queued_at for row in rows if row.sent_at)
        last = self.queued_at + (took[-1] if took else 0.0)
        claims = [at for one in ended for at in one["bulk_claims"]]
        return {
            "people": self.people,
            "p95_s": round(quantiles(took, n=20)[18] if len(took) > 1 else took[0], 2),
            "lost": self.people - sum(row.id in accepted for row in rows),
            "repeated": sum(max(0, accepted[row.id] - 1) for row in rows),
            "bulk_claimed": sum(self.queued_at < at < last for at in claims),
        }


def let_go(place: Place, urgent: Urgent) -> None:
    """Let an orange alert go to the first people of the county; the engine writes its messages."""
    with place.open() as runtime:
        with runtime.database.write() as session:
            alert = _alert(runtime, session)
            audience.write(session, alert, _listed(session, urgent.people))
            alert_fanout.start(session, alert, by=alert.drafted_by, now=runtime.now())
            urgent.campaign = alert.campaign_id or ""
        urgent.queued_at = time.time()


def _alert(runtime: Runtime, session: Session) -> Alert:
    now = runtime.now()
    author = session.scalars(select(Account.id).order_by(Account.id).limit(1)).one()
    alert = Alert(
        year=now.year, serial=1, state=AlertState.SIGNED, colour=Colour.ORANGE, crop="水稻", pest="稻飞虱", degree=4,
        valid_until=now + timedelta(days=3), short_text="早稻稻飞虱偏重,13至15日打药,先看稻丛基部", voice_text="稻飞虱偏重。",
        full_text="早稻稻飞虱偏重发生。先查后打。", drafted_by=author, drafted_at=now, edited_by=author, edited_at=now,
        areas=[AlertArea(area_code=VILLAGE)],
    )  # fmt: skip
    session.add(alert)
    session.flush()
    return alert


def _listed(session: Session, people: int) -> list[Listed]:
    found = select(Account).where(Account.phone_index.is_not(None)).options(lazyload("*"))
    return [
        Listed(one.id, one.area_code, one.phone_index, one.id, "sms")
        for one in session.scalars(found.order_by(Account.id).limit(people))
    ]
