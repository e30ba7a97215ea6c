"""An alert's messages, written person by person: the text, the letter, the question that an answer settles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, lazyload

from farmerline.config import Module, Settings
from farmerline.domain import escalation, outbox, questions, quiet
from farmerline.domain.alert_words import as_letter, as_sent, code_of
from farmerline.domain.audience import PERSON, RINGING
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Alert,
    AlertState,
    Campaign,
    CampaignState,
    Delivery,
    Priority,
    Purpose,
    Question,
    Reach,
    ReachStep,
    Settled,
)

BATCH = 500
"""People a transaction: SQLite has one writer, and carriers' reports wait for it meanwhile."""


def start(session: Session, alert: Alert, *, by: str, now: datetime) -> None:
    """Open the alert's broadcast; ``write`` then writes its messages. ``by`` is who let it go (an account id)."""
    campaign = Campaign(
        purpose=Purpose.ALERT,
        text=as_sent(alert),
        area_code=alert.areas[0].area_code,
        state=CampaignState.SENDING,
        created_by=by,
        created_at=now,
        people=alert.people,
        list_hash=alert.list_hash,
    )
    session.add(campaign)
    session.flush()
    alert.campaign_id, alert.state, alert.issued_at = campaign.id, AlertState.RUNNING, now


def waiting(session: Session) -> list[str]:
    """Ids of the running alerts with people whose messages are not written yet. Reads only."""
    waits = exists().where(
        Reach.alert_id == Alert.id, Reach.step == ReachStep.WAIT, Reach.excluded == ""
    )  # fmt: skip
    return list(session.scalars(select(Alert.id).where(Alert.state == AlertState.RUNNING, waits)))


def write(session: Session, alert_id: str, *, settings: Settings, now: datetime, limit: int = BATCH) -> int:
    """Promise the next people of the list their messages; returns how many people.

    Safe to run twice at once and after a crash: a person's step moves in the same transaction.
    """
    locked = select(Alert).where(Alert.id == alert_id, Alert.state == AlertState.RUNNING)
    alert = session.scalars(locked.with_for_update()).one_or_none()
    if alert is None:
        return 0
    todo = select(Reach).where(Reach.alert_id == alert.id, Reach.step == ReachStep.WAIT, Reach.excluded == "")
    rows = list(session.scalars(todo.order_by(Reach.account_id).limit(limit)))
    people = _accounts(session, [row.account_id for row in rows])
    due_at = quiet.alert_time(now, alert.colour, settings)
    for row in rows:
        account = people[row.account_id]
        if row.settled is not Settled.OPEN:
            row.step = ReachStep.DONE
            continue
        for delivery in _messages(session, alert, row, account, settings, due_at, now):
            session.add(delivery)
        if alert.asks_answer and row.channel != PERSON:
            session.add(_question(alert, account, now))
        escalation.begin(alert, row, due_at=due_at)
    session.flush()
    return len(rows)


def text_again(session: Session, alert: Alert, row: Reach, *, settings: Settings, now: datetime) -> None:
    """Promise the text once more, as the next round."""
    mine = select(func.max(Delivery.round)).where(
        Delivery.campaign_id == alert.campaign_id,
        Delivery.account_id == row.account_id,
        Delivery.channel == Channel.SMS,
    )
    account = session.get_one(Account, row.account_id)
    delivery = _text(session, alert, account, quiet.alert_time(now, alert.colour, settings), now)
    delivery.round = (session.scalar(mine) or 0) + 1
    session.add(delivery)
    session.flush()


def ring(session: Session, alert: Alert, row: Reach, *, now: datetime) -> Delivery:
    """Promise a call, as the next round; flushed with whatever else is done."""
    account = session.get_one(Account, row.account_id)
    delivery = _prepare(session, alert, account, Channel.VOICE, account.phone, alert.voice_text, now, now)
    delivery.round = row.rings
    row.rings += 1
    session.add(delivery)
    return delivery


def _messages(
    session: Session,
    alert: Alert,
    row: Reach,
    account: Account,
    settings: Settings,
    due_at: datetime,
    now: datetime,
) -> Iterable[Delivery]:
    if row.lead and row.channel == Channel.SMS:
        yield _text(session, alert, account, due_at, now)
    reads_letters = settings.has(Module.MAILBOX) and account.preferred is Channel.MAILBOX
    if row.channel == Channel.MAILBOX or (reads_letters and row.channel != PERSON):
        letter = as_letter(alert, account.language)
        yield _prepare(session, alert, account, Channel.MAILBOX, account.id, letter, now, now)


def _text(session: Session, alert: Alert, account: Account, due_at: datetime, now: datetime) -> Delivery:
    words = as_sent(alert, account.language)
    return _prepare(session, alert, account, Channel.SMS, account.phone, words, due_at, now)


def _prepare(
    session: Session,
    alert: Alert,
    account: Account,
    channel: Channel,
    address: str,
    text: str,
    due_at: datetime,
    now: datetime,
) -> Delivery:
    row = outbox.prepare(
        session,
        channel=channel,
        address=address,
        text=text,
        purpose=Purpose.ALERT,
        now=now,
        account=account,
        priority=Priority.URGENT if alert.colour in RINGING else Priority.NORMAL,
        due_at=due_at,
    )
    row.campaign_id = alert.campaign_id
    return row


def _question(alert: Alert, account: Account, now: datetime) -> Question:
    return questions.about_alert(
        alert_id=alert.id, code=code_of(alert), account=account, now=now, until=alert.valid_until
    )


def _accounts(session: Session, ids: list[str]) -> dict[str, Account]:
    found: dict[str, Account] = {}
    for start_ in range(0, len(ids), 500):
        part = select(Account).where(Account.id.in_(ids[start_ : start_ + 500])).options(lazyload("*"))
        found.update((account.id, account) for account in session.scalars(part))
    return found
