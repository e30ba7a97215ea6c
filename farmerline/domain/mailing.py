"""Many promises at once: the messages of a broadcast or an alert, written by one statement for thousands.

What is the same for all is worked out once: words, their length in parts, the connection where there is only one. Each
row is sealed under its own id, as every other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from farmerline import parts
from farmerline.domain import routing
from farmerline.domain.many import insert_rows
from farmerline.ids import new_id
from farmerline.messages import Channel
from farmerline.models import Account, Campaign, Delivery, DeliveryState, GatewayRow, Priority
from farmerline.vault import Unsealable


@dataclass(frozen=True, slots=True)
class Addressed:
    """One message to one person. ``sealed`` is their telephone number as their own row has it; None for a letter."""

    account_id: str
    channel: Channel
    text: str
    phone_index: str | None = None
    sealed: str | None = None


def promise(
    session: Session,
    messages: Iterable[Addressed],
    *,
    campaign: Campaign,
    priority: Priority,
    now: datetime,
    due_at: datetime | None = None,
) -> int:
    """Promise these messages as part of a broadcast; returns how many. Consent has been asked by the caller.

    A number that does not open becomes a dead message with its reason, and stops nobody else's. A letter is due at once.
    """
    same = {
        "campaign_id": campaign.id, "purpose": campaign.purpose, "priority": priority, "created_at": now,
        "attempts": 0, "round": 0, "code": "",
    }  # fmt: skip
    routes = _Routes(session, campaign, priority, now)
    rows = [_row(message, routes, now, due_at or now) for message in messages]
    insert_rows(session, Delivery.__table__, same, rows)  # type: ignore[arg-type]
    return len(rows)


def _row(message: Addressed, routes: _Routes, now: datetime, due_at: datetime) -> dict[str, Any]:
    row_id, is_letter = new_id(), message.channel is Channel.MAILBOX
    state, reason, settled_at = DeliveryState.QUEUED, "", None
    address = message.account_id if is_letter else ""
    if not is_letter:
        try:
            address = _number(message)
        except Unsealable:
            state, reason, settled_at = DeliveryState.DEAD, "unsealable", now
    gateway, length = routes.choose(message.channel, address, message.text)
    return {
        "id": row_id,
        "account_id": message.account_id,
        "channel": message.channel,
        "gateway": gateway,
        "address_sealed": Delivery.address.seal(address, row_id),
        "address_index": None if is_letter else message.phone_index,
        "text_sealed": Delivery.text.seal(message.text, row_id),
        "parts": length,
        "state": state,
        "reason": reason,
        "due_at": now if is_letter else due_at,
        "settled_at": settled_at,
    }


def _number(message: Addressed) -> str:
    return str(Account.phone.open(message.sealed, message.account_id))


class _Routes:
    """By which connection each message goes, and how many parts it is there."""

    def __init__(self, session: Session, campaign: Campaign, priority: Priority, now: datetime) -> None:
        self._session, self._purpose, self._now = session, campaign.purpose, now
        self._urgent = priority is Priority.URGENT

    def choose(self, channel: Channel, address: str, text: str) -> tuple[str, int]:
        """The connection's name, and the parts of the text with its signature."""
        known = routing.of_channel(self._session, channel)
        if not known:
            return channel.value, _parts(channel, text, None)
        length = _parts(channel, text, known[0])
        if len(known) == 1:
            return known[0].name, length
        chosen = routing.choose(
            self._session, channel, address, length, now=self._now, purpose=self._purpose, urgent=self._urgent
        )
        chosen = chosen or known[0]
        return chosen.name, _parts(channel, text, chosen)


def _parts(channel: Channel, text: str, gateway: GatewayRow | None) -> int:
    if channel is not Channel.SMS:
        return 1
    return max(1, parts.count(text, gateway.signature if gateway else "").parts)
