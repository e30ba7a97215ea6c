"""What was refused at the alert desk stays on record: who tried what, and why it was not done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from farmerline.domain import Alert, Session, alerts, audit, credentials
from farmerline.errors import Refusal
from farmerline.web.doors import actor, now, reading, writing


@contextmanager
def deciding(act: str, alert_id: str = "") -> Iterator[Session]:
    """A writing session for one act on an alert; a refusal rolls it back, is put on record, and is raised again.

    ``act`` is a short name (``sign``, ``submit``); ``alert_id`` is "" where there is no alert yet. A wrong code of the
    second factor (``credentials.WRONG_CODE``) is counted here, as its own count was rolled back.
    """
    try:
        with writing() as rows:
            yield rows
    except Refusal as refusal:
        with writing() as rows:
            if refusal.code == credentials.WRONG_CODE:
                credentials.count_wrong_code(rows, actor().account_id, now=now())
            audit.record(
                rows,
                actor_id=actor().account_id,
                act="alert.refused",
                subject=f"alert:{alert_id}" if alert_id else "",
                channel="web",
                detail={"act": act, "code": refusal.code},
                now=now(),
            )
        raise


@contextmanager
def deciding_on(number: str, act: str) -> Iterator[tuple[Session, Alert]]:
    """The same with the alert of this number; ``Absent``, and nothing on record, where it is not there for the reader."""
    with reading() as rows:
        alert_id = alerts.get(rows, number, actor=actor()).id
    with deciding(act, alert_id) as rows:
        yield rows, alerts.get(rows, number, actor=actor())
