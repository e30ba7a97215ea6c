"""What the service wants to say to somebody: a row is the promise, the deliver job keeps it.

A text is stored without the connection's signature (so that history reads well) and counted with it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol, TypedDict, Unpack

from sqlalchemy import insert
from sqlalchemy.orm import Session

from farmerline import parts, vault
from farmerline.domain import consent, routing
from farmerline.identity import is_mobile
from farmerline.ids import new_id
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
from farmerline.models.base import seal_values
from farmerline.words import say

RINGS_AFTER = timedelta(minutes=10)
"""How long before a call that is neither urgent nor an answer its text comes."""
OUTWARD = frozenset({Channel.SMS, Channel.VOICE, Channel.MAILBOX, Channel.EMAIL})
"""The channels by which words go out. A mailbox delivery's address is its reader's account id."""
_INSERT = insert(Delivery.__table__)  # type: ignore[arg-type]


class Reader(Protocol):
    """What it takes to know by which channel a person is told things: an account, or a row of these columns."""

    @property
    def preferred(self) -> Channel: ...
    @property
    def phone_index(self) -> str | None: ...


class About(TypedDict, total=False):
    """What a message belongs to, how urgent it is (else ``NORMAL``) and when it is due (else now)."""

    priority: Priority
    question: Question | None
    inbound: Inbound | None
    letter: Letter | None
    campaign: Campaign | None
    call: Call | None
    due_at: datetime | None


def queue(
    session: Session,
    *,
    channel: Channel,
    address: str,
    text: str,
    purpose: Purpose,
    now: datetime,
    account: Account | None = None,
    **about: Unpack[About],
) -> Delivery | None:
    """Promise one message to one address; None, and nothing queued, where consent forbids it.

    ``address`` is an E.164 number, for the mailbox an account id. A voice delivery is a call we place: its words
    are asked for once the phone is answered. Answers (``Purpose.SERVICE``) go out whatever was stopped.
    Raises ``ValueError`` for a channel that nothing goes out by.
    """
    row = prepare(
        session,
        channel=channel,
        address=address,
        text=text,
        purpose=purpose,
        now=now,
        account=account,
        **about,
    )
    may = consent.allows(
        session, account=account, phone_index=row.address_index, purpose=purpose, channel=channel
    )
    if not may:
        return None
    session.add(row)
    session.flush()
    return row


def prepare(
    session: Session,
    *,
    channel: Channel,
    address: str,
    text: str,
    purpose: Purpose,
    now: datetime,
    account: Account | None = None,
    **about: Unpack[About],
) -> Delivery:
    """The row of a message, not yet promised: for who has asked consent for many people at once, and adds it."""
    if channel not in OUTWARD:
        raise ValueError(f"nothing goes out by {channel}")
    priority = about.get("priority", Priority.NORMAL)
    first = gateway_of(session, channel)
    length = _parts(channel, text, first)
    gateway = routing.choose(
        session, channel, address, length, now=now, purpose=purpose, urgent=priority is Priority.URGENT
    )
    if gateway and first and gateway.signature != first.signature:
        length = _parts(channel, text, gateway)
    return Delivery(
        account_id=account.id if account else None,
        channel=channel,
        gateway=gateway.name if gateway else channel.value,
        address=address,
        address_index=_index_of(channel, address),
        purpose=purpose,
        priority=priority,
        text=text,
        parts=length,
        state=DeliveryState.QUEUED,
        due_at=about.get("due_at") or now,
        created_at=now,
        question_id=_id_of(about.get("question")),
        inbound_id=_id_of(about.get("inbound")),
        letter_id=_id_of(about.get("letter")),
        campaign_id=_id_of(about.get("campaign")),
        call_id=_id_of(about.get("call")),
    )


def tell(
    session: Session,
    *,
    account: Account,
    text: str,
    purpose: Purpose,
    now: datetime,
    **about: Unpack[About],
) -> Delivery | None:
    """Promise a message to a person by the channel they prefer; as ``queue``.

    A call that nobody waits for is announced to a mobile phone by a text, ``RINGS_AFTER`` before it comes.
    """
    channel, address = reach(session, account)
    sooner = about.get("due_at") or now
    announced = channel is Channel.VOICE and _is_announced(address, purpose, about)
    if announced:
        about["due_at"] = sooner + RINGS_AFTER
    promised = queue(
        session,
        channel=channel,
        address=address,
        text=text,
        purpose=purpose,
        now=now,
        account=account,
        **about,
    )
    if announced and promised is not None:
        words = say(account.language, "We ring you in ten minutes with news for you. Please take the call.")
        queue(
            session, channel=Channel.SMS, address=address, text=words, purpose=purpose, now=now, account=account,
            due_at=sooner,
        )  # fmt: skip
    return promised


def _is_announced(address: str, purpose: Purpose, about: About) -> bool:
    urgent = about.get("priority", Priority.NORMAL) is Priority.URGENT
    return purpose is not Purpose.SERVICE and not urgent and is_mobile(address)


def reach(session: Session, account: Account) -> tuple[Channel, str]:
    """The channel and address by which a person is told things.

    What they prefer; SMS where the county has no voice line; the mailbox where they have no phone.
    """
    channel = channel_of(session, account)
    return channel, account.id if channel is Channel.MAILBOX else account.phone


def channel_of(session: Session, account: Reader) -> Channel:
    """The channel by which a person is told things."""
    if account.preferred is Channel.MAILBOX or account.phone_index is None:
        return Channel.MAILBOX
    if account.preferred is Channel.VOICE and gateway_of(session, Channel.VOICE) is not None:
        return Channel.VOICE
    return Channel.SMS


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
            session,
            account=account,
            text=text,
            purpose=Purpose.SERVICE,
            now=now,
            question=question,
            inbound=inbound,
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


def record_shown(
    session: Session,
    *,
    inbound: Inbound,
    account: Account,
    text: str,
    now: datetime,
    question: Question | None = None,
) -> Delivery:
    """Put on record what a signed-in person was answered on a page: a delivery that has already arrived."""
    row = Delivery(
        account_id=account.id,
        gateway=Channel.WEB.value,
        address=account.id,
        text=text,
        question_id=_id_of(question),
        inbound_id=inbound.id,
        **_arrived(Channel.WEB, now),
    )
    session.add(row)
    session.flush()
    return row


def record_spoken(session: Session, *, call: Call, account: Account | None, text: str, now: datetime) -> None:
    """Put on record what was said to a caller: a delivery that has already arrived. No job waits for it: it is written as a
    plain row, of which nobody is told."""
    row_id = new_id()
    row = {
        "id": row_id,
        "account_id": account.id if account else None,
        "gateway": call.gateway,
        "address_index": call.caller_index,
        "call_id": call.id,
        **seal_values(Delivery, row_id, address=call.caller, text=text),
        **_arrived(Channel.VOICE, now),
    }
    session.execute(_INSERT, row)


def _arrived(channel: Channel, now: datetime) -> dict[str, Any]:
    """What all deliveries have in common that arrived as they were written."""
    return {
        "channel": channel,
        "purpose": Purpose.SERVICE,
        "priority": Priority.NORMAL,
        "state": DeliveryState.DELIVERED,
        "due_at": now,
        "created_at": now,
        "sent_at": now,
        "settled_at": now,
    }


def gateway_of(session: Session, channel: Channel) -> GatewayRow | None:
    """The first connection of a channel; None where the county has none."""
    return next(iter(routing.of_channel(session, channel)), None)


def _parts(channel: Channel, text: str, gateway: GatewayRow | None) -> int:
    if channel is not Channel.SMS:
        return 1
    return max(1, parts.count(text, gateway.signature if gateway else "").parts)


def _index_of(channel: Channel, address: str) -> str | None:
    """By what an address is found again: a number or an e-mail address; an account id needs nothing."""
    if channel is Channel.MAILBOX:
        return None
    return vault.current().index("email", address) if channel is Channel.EMAIL else vault.phone_index(address)


def _id_of(row: Question | Inbound | Letter | Campaign | Call | None) -> str | None:
    return row.id if row else None
