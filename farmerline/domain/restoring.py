"""After a restore nobody knows what left since the copy was made, or what was stopped: nothing goes on by itself.

Alerts that were going out are paused until somebody has looked and lets them go on; signed ones are drafts again;
broadcasts of tips end. Whatever else waited is of unknown outcome: the carrier is asked for it before it is sent.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from farmerline.domain import alerts, audit
from farmerline.domain.quiet import PROMOTIONAL
from farmerline.models import Alert, AlertState, Campaign, CampaignState, Delivery, DeliveryState
from farmerline.words import say

_WAITS = (DeliveryState.QUEUED, DeliveryState.HELD)


def hold(session: Session, *, now: datetime) -> int:
    """Let nothing of a restored county leave unasked; returns how many alerts and broadcasts were held."""
    held = 0
    for alert in session.scalars(select(Alert).where(Alert.state == AlertState.RUNNING)):
        alert.state = AlertState.PAUSED
        session.get_one(Campaign, alert.campaign_id).state = CampaignState.PAUSED
        alerts.note(session, alert, "alert.pause", None, now, why="restored")
        held += 1
    for alert in session.scalars(select(Alert).where(Alert.state == AlertState.SIGNED)):
        alerts.reopen(
            session, alert, say("zh", "The county was restored from a copy: have it signed anew."), now
        )
        alerts.note(session, alert, "alert.refused", None, now, code="restored")
        held += 1
    going = select(Campaign).where(Campaign.state == CampaignState.SENDING, Campaign.purpose.in_(PROMOTIONAL))
    for campaign in session.scalars(going):
        campaign.state = CampaignState.STOPPED
        ended = {"state": DeliveryState.CANCELLED, "reason": "restored", "settled_at": now}
        _put(session, Delivery.campaign_id == campaign.id, **ended)
        audit.record(
            session, actor_id="system", act="campaign.stop", subject=f"campaign:{campaign.id}",
            detail={"why": "restored"}, now=now,
        )  # fmt: skip
        held += 1
    _put(session, Delivery.id.is_not(None), state=DeliveryState.SENDING, claimed_by=None, lease_until=now)
    session.flush()
    return held


def _put(session: Session, which: ColumnElement[bool], **values: object) -> None:
    waiting = update(Delivery).where(which, Delivery.state.in_(_WAITS)).values(**values)
    session.execute(waiting.execution_options(synchronize_session=False))
