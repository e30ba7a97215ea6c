"""The ledger: broadcasts, each message to each person, what carriers reported, and the carriers' connections."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from farmerline.messages import Channel, ReceiptState
from farmerline.models.account import Purpose
from farmerline.models.base import Base, Sealed, state_type


class CampaignState(StrEnum):
    PLANNED = "planned"
    ASKING = "asking"  # it would pass a ceiling: a person decides
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"


class Campaign(Base):
    """One broadcast. ``list_hash`` is SHA-256 over the frozen list of account ids, in order.

    ``cursor`` says how far fan-out has come. ``yuan`` is what it was reckoned to cost when it began; ``ceiling`` the
    ceiling that it passes, if any, and ``allowed_by`` who let it go all the same.
    """

    __tablename__ = "campaign"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(state_type(Purpose, "purpose"))
    text: Mapped[str]
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"))
    state: Mapped[CampaignState] = mapped_column(state_type(CampaignState, "state"))
    created_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    people: Mapped[int] = mapped_column(default=0)
    list_hash: Mapped[str] = mapped_column(String(64), default="")
    cursor: Mapped[str] = mapped_column(String(32), default="")
    yuan: Mapped[float] = mapped_column(default=0.0)
    ceiling: Mapped[str] = mapped_column(String(8), default="")
    allowed_by: Mapped[str | None] = mapped_column(String(32))
    allowed_at: Mapped[datetime | None]


class DeliveryState(StrEnum):
    QUEUED = "queued"
    HELD = "held"  # its broadcast is paused
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"  # the carrier says it did not arrive
    DEAD = "dead"  # we gave up; the reason says why
    CANCELLED = "cancelled"  # stopped before it left


FAILED_ONES = text("state || '' IN ('failed', 'dead')")
"""The few rows of the ledger that did not arrive, in the words of their index: it is used where a query says the same."""


RUNG_LATER, ANSWERS = text("ring_at IS NOT NULL"), text("inbound_id IS NOT NULL")
"""Few rows wait to be rung or answer somebody: the others cost these indexes nothing, which each change of a row would."""


class Priority(StrEnum):
    """Smaller first; the values sort."""

    URGENT = "1"
    NORMAL = "2"
    BULK = "3"
    DIGEST = "4"


class Delivery(Base):
    """One message to one person by one channel: the promise; the deliver job keeps it.

    ``round`` tells tries of one broadcast by one channel apart: redials of a call, a text sent again. ``ring_at`` is
    when a text without a receipt becomes a call. ``parts`` counts SMS segments. ``provider_ref`` is the carrier's id.
    ``lease_until`` and ``claimed_by`` fence the worker that is sending it. ``heard_seconds`` is for calls.
    ``resent_as`` is the delivery that a person sent in its place after it failed.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("campaign_id", "account_id", "channel", "round"),
        UniqueConstraint("gateway", "provider_ref"),
        Index("ix_delivery_claim", "gateway", "state", "priority", "due_at"),
        Index("ix_delivery_account_created_at", "account_id", "created_at"),
        Index("ix_delivery_address_created_at", "address_index", "created_at"),
        Index("ix_delivery_ring_at", "ring_at", sqlite_where=RUNG_LATER, postgresql_where=RUNG_LATER),
        Index("ix_delivery_inbound_id", "inbound_id", sqlite_where=ANSWERS, postgresql_where=ANSWERS),
        Index("ix_delivery_failed", "settled_at", sqlite_where=FAILED_ONES, postgresql_where=FAILED_ONES),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("campaign.id"))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    channel: Mapped[Channel] = mapped_column(state_type(Channel, "channel"))
    gateway: Mapped[str] = mapped_column(String(24))
    address_sealed: Mapped[str]
    address = Sealed()
    address_index: Mapped[str | None] = mapped_column(String(64))
    purpose: Mapped[Purpose] = mapped_column(state_type(Purpose, "purpose"))
    priority: Mapped[Priority] = mapped_column(state_type(Priority, "priority"))
    text_sealed: Mapped[str]
    text = Sealed()
    parts: Mapped[int] = mapped_column(default=1)
    state: Mapped[DeliveryState] = mapped_column(
        state_type(DeliveryState, "state"), default=DeliveryState.QUEUED
    )
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    provider_ref: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(24), default="")
    code: Mapped[str] = mapped_column(String(16), default="")
    question_id: Mapped[str | None] = mapped_column(ForeignKey("question.id"))
    inbound_id: Mapped[str | None] = mapped_column(ForeignKey("inbound.id"))
    letter_id: Mapped[str | None] = mapped_column(ForeignKey("letter.id"))
    call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id"))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    heard_seconds: Mapped[int | None]
    round: Mapped[int] = mapped_column(default=0)
    ring_at: Mapped[datetime | None]
    resent_as: Mapped[str | None] = mapped_column(String(32))


class ReceiptRow(Base):
    """A carrier's report, kept even when its delivery is not known (yet)."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("gateway", "ref", "state"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    gateway: Mapped[str] = mapped_column(String(24))
    ref: Mapped[str] = mapped_column(String(64))
    state: Mapped[ReceiptState] = mapped_column(state_type(ReceiptState, "state"))
    at: Mapped[datetime]
    delivery_id: Mapped[str | None] = mapped_column(ForeignKey("delivery.id"), index=True)
    reason: Mapped[str] = mapped_column(String(24), default="")
    code: Mapped[str] = mapped_column(String(16), default="")
    seconds: Mapped[int | None]


class Breaker(StrEnum):
    """Whether a connection carries its share: ``open`` carries nothing, ``trying`` a little, to see how it goes."""

    CLOSED = "closed"
    OPEN = "open"
    TRYING = "trying"


class GatewayRow(Base):
    """What is known of a carrier connection: its token bucket (parts or calls), a pause after trouble, its health.

    ``tokens`` may be below zero: a claim takes its second of the rate ahead. ``signature`` stands before each text
    that leaves by it, and counts in its parts. ``cost`` is yuan for a part, or a started minute. ``prefixes``,
    ``purposes`` (words, separated by spaces) and ``longest`` say what it may carry; empty or 0 means all.

    ``share`` of its rate is what it may carry now, 0 to 1, and ``moved_at`` when that changed last. ``good`` and ``bad``
    are hand-overs of the last minute by their outcome, decayed, as of ``counted_at``, when ``counted`` of the day's were
    among them; ``streak`` is the faults in a row since something went well. ``delay`` is how long receipts take, in
    seconds, decayed (``delay_at``). ``strangers`` are messages of the last day that the carrier has and we have not.
    """

    __tablename__ = "gateway"

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    channel: Mapped[Channel] = mapped_column(state_type(Channel, "channel"))
    rate: Mapped[float]
    signature: Mapped[str] = mapped_column(String(16), default="")
    tokens: Mapped[float] = mapped_column(default=0.0)
    tokens_at: Mapped[datetime]
    paused_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(40), default="")
    prefixes: Mapped[str] = mapped_column(default="")
    purposes: Mapped[str] = mapped_column(String(80), default="")
    longest: Mapped[int] = mapped_column(default=0)
    cost: Mapped[float] = mapped_column(default=0.0)
    share: Mapped[float] = mapped_column(default=1.0)
    breaker: Mapped[Breaker] = mapped_column(state_type(Breaker, "breaker"), default=Breaker.CLOSED)
    opened_at: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]
    good: Mapped[float] = mapped_column(default=0.0)
    bad: Mapped[float] = mapped_column(default=0.0)
    streak: Mapped[int] = mapped_column(default=0)
    counted: Mapped[int] = mapped_column(default=0)
    counted_at: Mapped[datetime | None]
    delay: Mapped[float | None]
    delay_at: Mapped[datetime | None]
    strangers: Mapped[int] = mapped_column(default=0)
    reconciled_at: Mapped[datetime | None]


class Spending(Base):
    """What one day (in China) cost by one connection: messages and parts (calls) handed over, and their yuan.

    A row of its own, so that workers who put results down do not wait for one that claims. ``promised`` is what the
    broadcasts begun that day were reckoned to cost, kept in the row without a connection's name; ``loose`` is the yuan of
    what belongs to no broadcast.
    """

    __tablename__ = "spending"

    day: Mapped[date] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(String(24), primary_key=True)
    handed: Mapped[int] = mapped_column(default=0)
    parts: Mapped[int] = mapped_column(default=0)
    yuan: Mapped[float] = mapped_column(default=0.0)
    loose: Mapped[float] = mapped_column(default=0.0)
    promised: Mapped[float] = mapped_column(default=0.0)
