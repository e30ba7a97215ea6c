"""An alert's messages, written person by person: the text, the letter, the question that an answer settles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.orm import Session

from farmerline.config import Module, Settings
from farmerline.domain import escalation, mailing, outbox, questions, quiet
from farmerline.domain.alert_words import as_letter, as_sent, code_of
from farmerline.domain.audience import PERSON, RINGING
from farmerline.domain.mailing import Addressed
from farmerline.domain.many import among
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
    Reach,
    ReachStep,
    Settled,
)

BATCH = 2000
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
    campaign = session.get_one(Campaign, alert.campaign_id)
    people = session.execute(_next_people(alert.id, limit)).all()
    open_ = [one for one in people if one.settled is Settled.OPEN]
    due_at = quiet.alert_time(now, alert.colour, settings)
    urgency = Priority.URGENT if alert.colour in RINGING else Priority.NORMAL
    text, letter = cache(partial(as_sent, alert)), cache(partial(as_letter, alert))  # by language
    messages = [message for one in open_ for message in _messages(one, text, letter, settings)]
    mailing.promise(session, messages, campaign=campaign, priority=urgency, now=now, due_at=due_at)
    if alert.asks_answer:
        asked = [one for one in open_ if one.channel != PERSON]
        questions.ask_about_alert(session, alert.id, code_of(alert), asked, now=now, until=alert.valid_until)
    _take_first_steps(session, alert, people, due_at)
    return len(people)


def _next_people(alert_id: str, limit: int) -> Select[Any]:
    """The next people of the list whose messages are not written, with what these need."""
    return (
        select(
            Reach.account_id, Reach.lead, Reach.channel, Reach.settled, Account.phone_sealed, Account.phone_index,
            Account.language, Account.preferred,
        )
        .join(Account, Account.id == Reach.account_id)
        .where(Reach.alert_id == alert_id, Reach.step == ReachStep.WAIT, Reach.excluded == "")
        .order_by(Reach.account_id)
        .limit(limit)
    )  # fmt: skip


def _take_first_steps(session: Session, alert: Alert, people: Sequence[Any], due_at: datetime) -> None:
    """Set everybody's first step: few different ones, so few statements."""
    steps: dict[tuple[ReachStep, datetime | None, bool], list[str]] = defaultdict(list)
    for one in people:
        step, next_at = ReachStep.DONE, None
        if one.settled is Settled.OPEN:
            step, next_at = escalation.first_step(alert, one.channel, one.lead, due_at)
        steps[step, next_at, step is ReachStep.LIST].append(one.account_id)
    for (step, next_at, has_no_phone), ids in steps.items():
        why = {"failed_why": escalation.NO_PHONE} if has_no_phone else {}
        session.execute(
            update(Reach)
            .where(Reach.alert_id == alert.id, among(Reach.account_id, ids))
            .values(step=step, next_at=next_at, **why)
            .execution_options(synchronize_session=False)
        )


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
    one: Any, text: Callable[[str], str], letter: Callable[[str], str], settings: Settings
) -> Iterable[Addressed]:
    if one.lead and one.channel == Channel.SMS:
        yield Addressed(one.account_id, Channel.SMS, text(one.language), one.phone_index, one.phone_sealed)
    reads_letters = settings.has(Module.MAILBOX) and one.preferred is Channel.MAILBOX
    if one.channel == Channel.MAILBOX or (reads_letters and one.channel != PERSON):
        yield Addressed(one.account_id, Channel.MAILBOX, letter(one.language))


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
