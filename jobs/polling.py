"""Carriers that do not call us are asked: what became of messages, and what people texted."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from channels.contract import Gateway, HandedOver, SendError
from farmerline.domain import intake, receipts
from farmerline.models import Delivery, DeliveryState, Priority
from farmerline.vault import Unsealable
from jobs.context import Context
from jobs.intake import act_on

_log = logging.getLogger(__name__)
PERIOD = timedelta(minutes=1)
_MOST = 200
"""Messages asked about one by one, of one connection in one run."""
_LOOKED_BACK = timedelta(days=4)
_AGES = [timedelta(minutes=2**step) for step in range(13)]  # 1 minute … 68 hours


def ask_carriers(context: Context) -> int:
    """Ask each carrier that has to be asked; returns how much was new. One that gives no answer is asked next time.

    What a carrier says twice does nothing twice, so that a run cut short is made good by the next.
    """
    return sum(_ask(context, gateway) for gateway in context.gateways if gateway.polls is not None)


def has_polls(context: Context) -> bool:
    """Whether there is a carrier that has to be asked."""
    return any(gateway.polls is not None for gateway in context.gateways)


def waiting(session: Session, *, gateway: str, now: datetime, limit: int = _MOST) -> list[HandedOver]:
    """Messages without a final receipt whose turn it is: 1, 2, 4, 8 … minutes after the hand-over, for three days.

    The turns are read off the age alone, so that no host needs to remember whom it asked about.
    """
    turns = or_(
        *(and_(Delivery.sent_at > now - age - PERIOD, Delivery.sent_at <= now - age) for age in _AGES)
    )
    found = select(Delivery).where(
        Delivery.gateway == gateway,
        Delivery.state == DeliveryState.SENT,
        Delivery.priority.in_(list(Priority)),  # with the next line, a small range of the claim's index
        Delivery.due_at > now - _LOOKED_BACK,
        Delivery.provider_ref.is_not(None),
        turns,
    )
    handed = []
    for row in session.scalars(found.order_by(Delivery.sent_at.desc()).limit(limit)):
        try:
            handed.append(HandedOver(row.id, row.provider_ref or "", row.address, row.sent_at or now))
        except Unsealable:
            continue
    return handed


def _ask(context: Context, gateway: Gateway) -> int:
    polls, asked = gateway.polls, list[HandedOver]()
    if polls is None:
        return 0
    if polls.one_by_one:
        with context.database.read() as session:
            asked = waiting(session, gateway=gateway.name, now=context.now())
    told, stored = 0, list[str]()
    try:
        for receipt in polls.receipts(asked):
            with context.database.write() as session:
                told += receipts.report(session, receipt)
        for text in polls.texts():
            with context.database.write() as session:
                inbound_id, known = intake.store(session, text)
            stored += [] if known else [inbound_id]
    except SendError as error:
        _log.warning("polling.failed gateway=%s reason=%s code=%s", gateway.name, error.reason, error.code)
    act_on(context, stored)
    return told + len(stored)
