"""The number that is only rung: the call is not taken, so that it costs nothing, and the line rings back at once.

Anybody's number can be shown to us by who rings, so each is rung back once an hour, and all of them together only so
often (settings); and only numbers of this country.
"""

from __future__ import annotations

import logging
import re
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.config import Settings
from farmerline.domain import outbox
from farmerline.domain.numbers import next_number
from farmerline.messages import Channel, Refuse, SpokenScript, Turn
from farmerline.models import Delivery, MissedCall, Priority, Purpose
from farmerline.words import say

_AGAIN_AFTER = timedelta(hours=1)
_OURS = re.compile(r"\+86[1-9]\d{8,11}", re.ASCII)
_log = logging.getLogger(__name__)


def rung(heard: Turn, settings: Settings) -> bool:
    """Whether a call came to the number that is only rung."""
    return (
        bool(settings.missed_call_number)
        and heard.to == settings.missed_call_number
        and not heard.delivery_id
    )


def take(session: Session, heard: Turn, *, settings: Settings) -> SpokenScript:
    """Promise to ring back, unless this phone was a short while ago; the call itself is refused either way."""
    refused = SpokenScript(steps=(Refuse(),))
    index = vault.phone_index(heard.caller) if _OURS.fullmatch(heard.caller) else None
    if heard.ended or index is None:
        return refused
    next_number(session, "missed_call")  # one after the other: of two at once the second sees the first
    lately = select(func.count()).select_from(MissedCall).where(MissedCall.rang_at > heard.at - _AGAIN_AFTER)
    same = lately.join(Delivery, Delivery.id == MissedCall.delivery_id).where(Delivery.address_index == index)
    if session.scalar(same):
        return refused
    if (session.scalar(lately) or 0) >= settings.missed_calls_an_hour:
        _log.warning("missed_calls.too_many")
        return refused
    promised = outbox.queue(
        session, channel=Channel.VOICE, address=heard.caller, text=say("zh", "You rang: the line rings back."),
        purpose=Purpose.SERVICE, now=heard.at, priority=Priority.URGENT,
    )  # fmt: skip
    if promised is not None:
        session.add(MissedCall(delivery_id=promised.id, rang_at=heard.at))
        session.flush()
    return refused


def is_ring_back(session: Session, delivery: Delivery) -> bool:
    """Whether a call that the service places answers one that was only rung."""
    return session.get(MissedCall, delivery.id) is not None
