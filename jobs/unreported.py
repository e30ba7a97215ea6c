"""Messages that left and were never reported on, asked for at the carrier; and what the carrier has and we have not."""

from __future__ import annotations

import logging
from datetime import timedelta

from channels.contract import Gateway, SendError, Statement
from farmerline.domain import receipts, unreported
from farmerline.messages import Receipt
from jobs.context import Context

_log = logging.getLogger(__name__)
_BACK = timedelta(days=1)
_GRACE = timedelta(minutes=30)
"""What is younger may still be on its way into our own rows."""
_TOGETHER = 50


def settle(context: Context) -> str:
    """Settle what the carriers can tell of, and count what only they know; says how many.

    A carrier that gives no answer is asked again at the next age of its messages.
    """
    settled = unknown = 0
    for gateway in context.gateways:
        if gateway.statement is None:
            continue
        try:
            settled += _settle(context, gateway, gateway.statement)
            unknown += _count_strangers(context, gateway, gateway.statement)
        except SendError as error:
            _log.warning("unreported.failed gateway=%s error=%s", gateway.name, error.reason)
    return f"{settled} settled, {unknown} unknown"


def has_due(context: Context) -> bool:
    """Whether a message is to be asked for now. Reads only."""
    names = [gateway.name for gateway in context.gateways if gateway.statement is not None]
    with context.database.read() as session:
        return any(unreported.due(session, name, now=context.now(), limit=1) for name in names)


def _settle(context: Context, gateway: Gateway, statement: Statement) -> int:
    with context.database.read() as session:
        refs = unreported.due(session, gateway.name, now=context.now())
    told: list[Receipt] = []
    settled = 0
    for number, ref in enumerate(refs, start=1):
        if (receipt := statement.became(ref)) is not None:
            told.append(receipt)
        if told and (len(told) == _TOGETHER or number == len(refs)):
            with context.database.write() as session:
                settled += sum(receipts.report(session, one) for one in told)
            told = []
    return settled


def _count_strangers(context: Context, gateway: Gateway, statement: Statement) -> int:
    now = context.now()
    if not (refs := statement.handed(now - _BACK, now - _GRACE)):  # nothing, or a carrier that keeps no list
        return 0
    with context.database.read() as session:
        found = unreported.strangers(session, gateway.name, refs)
    with context.database.write() as session:
        unreported.note(session, gateway.name, strangers=len(found), now=now)
    if found:
        _log.warning("unreported.strangers gateway=%s count=%d", gateway.name, len(found))
    return len(found)
