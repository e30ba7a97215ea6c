"""Texts that the carrier has on record and we have not: its webhooks are not tried again for ever."""

from __future__ import annotations

import logging
from datetime import timedelta

from channels.contract import SendError
from farmerline.domain import intake
from farmerline.messages import Incoming
from jobs.context import Context
from jobs.intake import handle_waiting

_log = logging.getLogger(__name__)
_BACK = timedelta(days=1)
_GRACE = timedelta(minutes=2)
"""What is younger may still be on its way by webhook."""


def take_missed(context: Context) -> int:
    """Put on record what the webhooks of the last day missed, and act on it; returns how many texts that were.

    A text is known by the carrier's id, so one that comes by webhook after all does nothing twice. Raises
    ``SendError`` where the carrier gives no answer: the next run asks again.
    """
    missed = _missed(context)
    if missed:
        with context.database.write() as session:
            stored = [intake.store(session, text) for text in missed]
        missed = [text for text, (_, known) in zip(missed, stored, strict=True) if not known]
        _log.warning("reconcile.missed count=%d", len(missed))
        handle_waiting(context)
    return len(missed)


def has_missed(context: Context) -> bool:
    """Whether the carrier has a text that we have not. Writes nothing; a carrier that is away has none now."""
    try:
        return bool(_missed(context))
    except SendError:
        return False


def _missed(context: Context) -> list[Incoming]:
    now = context.now()
    inboxes = [gateway.inbox for gateway in context.gateways if gateway.inbox is not None]
    texts = [
        text for inbox in inboxes for text in inbox.received(now - _BACK) if text.received_at <= now - _GRACE
    ]
    with context.database.read() as session:
        known = intake.known(session, texts)
    return [text for text in texts if (text.gateway, text.ref) not in known]
