"""Calling somebody out: rung and texted in the roster's order, the next one after five minutes, until it is taken up."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from farmerline.config import Module, Settings
from farmerline.domain import audit, duty, outbox, questions
from farmerline.domain.once import insert_once
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountState,
    Alert,
    Callout,
    CalloutKind,
    Delivery,
    DeliveryState,
    Priority,
    Purpose,
    Question,
    QuestionKind,
    QuestionState,
    Task,
)
from farmerline.words import say

NEXT_AFTER = timedelta(minutes=5)
"""How long one person has before the next is called."""
TAKEN_FOR = timedelta(minutes=10)
"""How long who says "I take it" has to sign, before the next is called."""
_WAITS_HOURS = 24.0
_ADDRESS = re.compile(r"https?://\S+ ?")  # nobody can follow one by ear
_TASKS = {
    CalloutKind.SIGN: Task.SIGN,
    CalloutKind.CLUSTER: Task.WATCH,
    CalloutKind.ALONE: Task.SUPERVISE,
    CalloutKind.REFUSED: Task.SIGN,
}


def open(  # noqa: A001 - always read with its module: callouts.open
    session: Session,
    *,
    kind: CalloutKind,
    subject: str,
    area_code: str,
    text: str,
    now: datetime,
    alert: Alert | None = None,
    at_once: bool = False,
    most: int | None = None,
    leave_out: Sequence[str] = (),
    first: Sequence[str] = (),
    only: Collection[str] | None = None,
) -> Callout | None:
    """Call out who is on duty for this kind; None where the same matter was called out before.

    ``first`` are called before the roster, ``leave_out`` not at all, and nobody beyond ``only`` where that is given
    (account ids); ``most`` people at most.
    ``at_once`` calls all of them together. Nothing is sent here: ``step`` does, at once.
    """
    roster = [account.id for account in duty.roster(session, _TASKS[kind], area_code)]
    fitting = [one for one in dict.fromkeys([*first, *roster]) if one not in leave_out]
    people = [one for one in fitting if only is None or one in only][:most]
    callout_id = insert_once(
        session,
        Callout,
        kind=kind,
        subject=subject[:120],
        alert_id=alert.id if alert else None,
        area_code=area_code,
        text=text[:200],
        people=people,
        at_once=at_once,
        place=0,
        opened_at=now,
        next_at=now,
    )
    if callout_id is None:
        return None
    audit.record(
        session,
        actor_id="system",
        act="callout.open",
        subject=f"alert:{alert.id}" if alert else f"callout:{callout_id}",
        detail={"kind": kind.value, "people": len(people)},
        now=now,
    )
    return session.get_one(Callout, callout_id)


def step(session: Session, *, settings: Settings, now: datetime, limit: int = 50) -> int:
    """Call whoever is due; returns how many people were called."""
    due = select(Callout).where(Callout.next_at <= now, Callout.done_at.is_(None))
    called = 0
    for callout in session.scalars(
        due.order_by(Callout.next_at).limit(limit).with_for_update(skip_locked=True)
    ):
        for account_id in callout.people[callout.place :]:
            callout.place += 1
            account = session.get_one(Account, account_id)
            if account.state is not AccountState.VERIFIED:  # left or suspended since: the next one, at once
                continue
            _call(session, callout, account, settings, now)
            called += 1
            if not callout.at_once:
                break
        callout.next_at = now + NEXT_AFTER if callout.place < len(callout.people) else None
    session.flush()
    return called


def take_up(session: Session, callout: Callout, *, by: Account, now: datetime) -> None:
    """Somebody says "I take it": an alert's signers have ten minutes before the next is called; other matters are done."""
    if callout.done_at is not None:
        return
    if callout.kind is CalloutKind.SIGN:
        left = callout.place < len(callout.people)
        callout.next_at = now + TAKEN_FOR if left else None
    elif not callout.at_once:
        end(session, callout, now=now, by=by)
    audit.record(
        session,
        actor_id=by.id,
        act="callout.take_up",
        subject=f"alert:{callout.alert_id}" if callout.alert_id else f"callout:{callout.id}",
        detail={"kind": callout.kind.value},
        now=now,
    )


def end(session: Session, callout: Callout, *, now: datetime, by: Account | None = None) -> None:
    """The matter is over: nobody more is called, and what waits to be sent about it is not."""
    if callout.done_at is not None:
        return
    callout.done_at, callout.next_at = now, None
    callout.done_by = by.id if by else None
    asked = select(Question).where(
        Question.kind == QuestionKind.CALLOUT,
        Question.account_id.in_(callout.people),
        Question.state == QuestionState.OPEN,
    )
    mine = [question for question in session.scalars(asked) if question.data.get("callout") == callout.id]
    for question in mine:
        questions.close(question, now=now, state=QuestionState.REPLACED)
    session.execute(
        update(Delivery)
        .where(
            Delivery.question_id.in_([question.id for question in mine]),
            Delivery.state == DeliveryState.QUEUED,
        )
        .values(state=DeliveryState.CANCELLED, reason="settled", settled_at=now)
        .execution_options(synchronize_session=False)
    )


def of_alert(session: Session, alert: Alert) -> list[Callout]:
    """The alert's callouts, the newest first."""
    query = select(Callout).where(Callout.alert_id == alert.id)
    return list(session.scalars(query.order_by(Callout.opened_at.desc(), Callout.id)))


def _call(session: Session, callout: Callout, account: Account, settings: Settings, now: datetime) -> None:
    """Text and ring one person, at whatever hour: who is on duty agreed to it."""
    question = questions.ask(
        session,
        kind=QuestionKind.CALLOUT,
        now=now,
        hours=_WAITS_HOURS,
        account=account,
        data={"callout": callout.id},
    )
    words = {
        Channel.SMS: f"{callout.text}{say(account.language, ' I take it: reply 1.')}[{question.code}]",
        Channel.VOICE: _ADDRESS.sub("", callout.text),
        Channel.MAILBOX: callout.text,
    }
    channels = [Channel.SMS, Channel.VOICE] if settings.has(Module.VOICE) else [Channel.SMS]
    for channel in channels if account.phone else [Channel.MAILBOX]:
        outbox.queue(
            session,
            channel=channel,
            address=account.phone or account.id,
            text=words[channel],
            purpose=Purpose.SERVICE,
            now=now,
            account=account,
            priority=Priority.URGENT,
            question=question,
        )
