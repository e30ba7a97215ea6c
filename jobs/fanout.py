"""Turning a broadcast into one promise a person, ten thousand a transaction, with a cursor."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event

from farmerline.domain import campaigns, due_times
from farmerline.models import Campaign
from jobs.context import Context

_log = logging.getLogger(__name__)
_IDLE_SECONDS = 1.0


def fan_out(context: Context) -> int:
    """Promise the messages of every broadcast that was started; returns how many were promised."""
    with context.database.read() as session:
        waiting = campaigns.unfinished(session)
    promised = 0
    for campaign_id in waiting:
        while queued := _step(context, campaign_id):
            promised += queued
    return promised


def loops(context: Context) -> list[Callable[[Event], None]]:
    """One loop that fans out whatever was started, until it is told to stop."""

    def loop(stop: Event) -> None:
        while not stop.is_set():
            try:
                fan_out(context)
            except Exception as error:  # the database is away, say: the next round tries again
                _log.error("fan_out.failed error=%s", type(error).__name__)
            stop.wait(_IDLE_SECONDS)

    return [loop]


def _step(context: Context, campaign_id: str) -> int:
    now = context.now()
    with context.database.write() as session:
        begun = session.get_one(Campaign, campaign_id).cursor
        queued = campaigns.fan_out(session, campaign_id, now=now)
        if queued:
            due_times.put_off(session, campaign_id, after=begun, settings=context.settings, now=now)
        return queued
