"""What the service wants to say to somebody: a row is the promise, the deliver job keeps it.

A text is stored without the connection's signature (so that history reads well) and counted with it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from farmerline import parts, vault
from farmerline.domain import consent
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Call,
    Campaign,
    Delivery,
    DeliveryState,
    GatewayRow,
    Inbound,
    Letter,
    Priority,
    Purpose,
    Question,
)

GATEWAYS = {Channel.SMS: "sms", Channel.VOICE: "voice", Channel.MAILBOX: "mailbox"}
"""The connection that carries each channel. A mailbox delivery's address is its reader's account id."""


def queue(
    session: Session,
    *,
    channel: Channel,
    address: str,
    text: str,
    purpose: Purpose,
    now: datetime,
    account: Account | None = None,
    priority: Priority = Priority.NORMAL,
    question: Question | None = None,
    inbound: Inbound | None = None,
    letter: Letter | None = None,
    campaign: Campaign | None = None,
    call: Call | None = None,
    due_at: datetime | None = None,
) -> Delivery | None:
    """Promise one message to one address; None, and nothing queued, where consent forbids it.

    ``address`` is an E.164 number, for the mailbox an account id. A voice delivery is a call we place: its words
    are asked for once the phone is answered. Answers (``Purpose.SERVICE``) go out whatever was stopped.
    Raises ``ValueError`` for a channel that nothing goes out by.
    """
    if channel not in GATEWAYS:
        raise ValueError(f"nothing goes out by {channel}")
    index = vault.phone_index(address) if channel is not Channel.MAILBOX else None
    if not consent.allows(session, account=account, phone_index=index, purpose=purpose, channel=channel):
        return None
    row = _row(session, channel=channel, address=address, text=text, purpose=purpose, now=now, account=account)
    row.address_index = index
    row.priority = priority
    row.due_at = due_at or now
    row.question_id = question.id if question else None
    row.inbound_id = inbound.id if inbound else None
    row.letter_id = letter.id if letter else None
    row.campaign_id = campaign.id if campaign else None
    row.call_id = call.id if call else None
    session.add(row)
    session.flush()
    return row


def tell(
    session: Session,
    *,
    account: Account,
    text: str,
    purpose: Purpose,
    now: datetime,
    priority: Priority = Priority.NORMAL,
    question: Question | None = None,
    inbound: Inbound | None = None,
    letter: Letter | None = None,
    campaign: Campaign | None = None,
    call: Call | None = None,
    due_at: datetime | None = None,
) -> Delivery | None:
    """Promise a message to a person by the channel they prefer; as ``queue``."""
    channel, address = reach(session, account)
    return queue(
        session,
        channel=channel,
        address=address,
        text=text,
        purpose=purpose,
        now=now,
        account=account,
        priority=priority,
        question=question,
        inbound=inbound,
        letter=letter,
        campaign=campaign,
        call=call,
        due_at=due_at,
    )


def reach(session: Session, account: Account) -> tuple[Channel, str]:
    """The channel and address by which a person is told things.

    What they prefer; SMS where the county has no voice line; the mailbox where they have no phone.
    """
    phone: str | None = account.phone
    if account.preferred is Channel.MAILBOX or phone is None:
        return Channel.MAILBOX, account.id
    if account.preferred is Channel.VOICE and _gateway(session, Channel.VOICE) is not None:
        return Channel.VOICE, phone
    return Channel.SMS, phone


def answer(
    session: Session,
    *,
    inbound: Inbound,
    text: str,
    now: datetime,
    question: Question | None = None,
    account: Account | None = None,
) -> Delivery | None:
    """Answer somebody's words on the channel they came by; what was not texted is answered as the person prefers.

    ``account`` is who spoke, where that is known; a stranger's phone is answered as well. None where there is
    neither a person nor a number.
    """
    if account is None and inbound.account_id is not None:
        account = session.get_one(Account, inbound.account_id)
    if inbound.channel is not Channel.SMS and account is not None:
        return tell(
            session, account=account, text=text, purpose=Purpose.SERVICE, now=now, question=question, inbound=inbound
        )
    if not inbound.sender:
        return None
    return queue(
        session,
        channel=Channel.SMS,
        address=inbound.sender,
        text=text,
        purpose=Purpose.SERVICE,
        now=now,
        account=account,
        question=question,
        inbound=inbound,
    )


def record_spoken(
    session: Session,
    *,
    call: Call,
    text: str,
    now: datetime,
    purpose: Purpose = Purpose.SERVICE,
    account: Account | None = None,
    question: Question | None = None,
    letter: Letter | None = None,
) -> Delivery:
    """Put on record what was said to a caller inside a call: a delivery that has already arrived."""
    row = _row(
        session, channel=Channel.VOICE, address=call.caller, text=text, purpose=purpose, now=now, account=account
    )
    row.address_index = call.caller_index
    row.priority = Priority.NORMAL
    row.due_at = now
    row.state = DeliveryState.DELIVERED
    row.sent_at = row.settled_at = now
    row.call_id = call.id
    row.question_id = question.id if question else None
    row.letter_id = letter.id if letter else None
    session.add(row)
    session.flush()
    return row


def _row(
    session: Session,
    *,
    channel: Channel,
    address: str,
    text: str,
    purpose: Purpose,
    now: datetime,
    account: Account | None,
) -> Delivery:
    gateway = _gateway(session, channel)
    signature = gateway.signature if gateway else ""
    return Delivery(
        account_id=account.id if account else None,
        channel=channel,
        gateway=GATEWAYS[channel],
        address=address,
        purpose=purpose,
        text=text,
        parts=max(1, parts.count(text, signature).parts) if channel is Channel.SMS else 1,
        state=DeliveryState.QUEUED,
        created_at=now,
    )


def _gateway(session: Session, channel: Channel) -> GatewayRow | None:
    return session.get(GatewayRow, GATEWAYS[channel])
