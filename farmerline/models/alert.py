"""Alerts 情报/预警: what is said, to whom it goes, who stands for it, and what became of each person on its list."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from farmerline.models.base import Base, state_type


class AlertKind(StrEnum):
    """What an alert is to the one it follows (``parent_id``); a first one follows none."""

    ALERT = "alert"
    UPDATE = "update"  # the same matter, new facts: takes the parent's place
    CORRECTION = "correction"  # the parent said something wrong: takes its place
    CANCEL = "cancel"  # the parent was wrong: it is void
    ALL_CLEAR = "all_clear"  # the danger is over


class Colour(StrEnum):
    """How urgent, mildest first. A scale of its own: never derived from the degree."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def urgency(self) -> int:
        """0 for the mildest to 3 for red."""
        return list(Colour).index(self)


class AlertState(StrEnum):
    DRAFT = "draft"  # being written
    SUBMITTED = "submitted"  # its list is frozen, it waits for the second person
    SIGNED = "signed"  # signed, waits for its time
    RUNNING = "running"  # goes out, and each person is followed
    PAUSED = "paused"
    STOPPED = "stopped"  # no more is sent; what it says still holds
    CANCELLED = "cancelled"  # void
    REPLACED = "replaced"  # a newer one took its place, or said that the danger is over
    EXPIRED = "expired"  # its last day is over
    WITHDRAWN = "withdrawn"  # given up before anybody got it


IN_FORCE = frozenset({AlertState.RUNNING, AlertState.PAUSED, AlertState.STOPPED})
"""States in which what an alert says holds."""


class Alert(Base):
    """One alert under its number 年-号 (``year``, ``serial``; exercises have numbers of their own).

    ``degree`` is 1 to 5 (轻 to 大发生). ``window_from`` to ``window_to`` is when to act, ``interval_days`` the safety
    interval before harvest. ``audience_crop`` ("" for all) and ``audience_kind`` ("" for all, a person kind's code, or
    ``contact`` for contact points) and ``audience_group`` (an organisation's id) narrow the areas' people.
    ``version`` counts edits: who signs names the one they saw.
    ``people`` and ``list_hash`` are of the frozen list; ``voice_seconds`` is how long the call's words last.
    ``alone``: sent without a second person (red only), to be looked at again by ``review_due_at``.
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("year", "serial", "exercise"),
        CheckConstraint("degree BETWEEN 1 AND 5", name="degree"),
        Index("ix_alert_state_send_at", "state", "send_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    year: Mapped[int]
    serial: Mapped[int]
    exercise: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[AlertKind] = mapped_column(state_type(AlertKind, "kind"), default=AlertKind.ALERT)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("alert.id"), index=True)
    state: Mapped[AlertState] = mapped_column(state_type(AlertState, "state"), default=AlertState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    colour: Mapped[Colour] = mapped_column(state_type(Colour, "colour"))
    crop: Mapped[str] = mapped_column(String(40))
    growth_stage: Mapped[str] = mapped_column(String(40), default="")
    pest: Mapped[str] = mapped_column(String(40))
    degree: Mapped[int]
    evidence_place: Mapped[str] = mapped_column(String(80), default="")
    evidence_on: Mapped[date | None]
    evidence_method: Mapped[str] = mapped_column(String(80), default="")
    evidence_count: Mapped[float | None]
    evidence_unit: Mapped[str] = mapped_column(String(40), default="")
    window_from: Mapped[date | None]
    window_to: Mapped[date | None]
    look_step: Mapped[str] = mapped_column(String(120), default="")
    threshold: Mapped[str] = mapped_column(String(120), default="")
    action: Mapped[str] = mapped_column(String(200), default="")
    ingredient: Mapped[str] = mapped_column(String(80), default="")
    interval_days: Mapped[int | None]
    valid_until: Mapped[datetime]
    short_text: Mapped[str] = mapped_column(String(200))
    voice_text: Mapped[str] = mapped_column(String(400))
    voice_seconds: Mapped[float] = mapped_column(default=0.0)
    full_text: Mapped[str] = mapped_column(String(4000))
    audience_crop: Mapped[str] = mapped_column(String(40), default="")
    audience_kind: Mapped[str] = mapped_column(String(24), default="")
    send_at: Mapped[datetime | None]
    people: Mapped[int] = mapped_column(default=0)
    list_hash: Mapped[str] = mapped_column(String(64), default="")
    frozen_at: Mapped[datetime | None]
    drafted_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    drafted_at: Mapped[datetime]
    edited_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    edited_at: Mapped[datetime]
    submitted_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    submitted_at: Mapped[datetime | None]
    returned_why: Mapped[str] = mapped_column(String(200), default="")
    signed_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    signed_at: Mapped[datetime | None]
    signed_hash: Mapped[str] = mapped_column(String(64), default="")
    alone: Mapped[bool] = mapped_column(default=False)
    review_due_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    reviewed_at: Mapped[datetime | None]
    review_note: Mapped[str] = mapped_column(String(400), default="")
    issued_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    campaign_id: Mapped[str | None] = mapped_column(
        ForeignKey("campaign.id", name="fk_alert_campaign_id_campaign"), index=True
    )
    audience_group: Mapped[str | None] = mapped_column(String(32))

    areas: Mapped[list[AlertArea]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="AlertArea.area_code"
    )

    @property
    def asks_answer(self) -> bool:
        """Whether each person is followed until they answer: orange and red. A cancellation and an all-clear are content
        with the carrier's receipt: nobody is rung because they keep silent about them."""
        return self.colour in (Colour.ORANGE, Colour.RED) and self.kind not in (
            AlertKind.CANCEL,
            AlertKind.ALL_CLEAR,
        )

    @property
    def number(self) -> str:
        """年-号 as people write it: 2026-12; an exercise is 2026-Y12."""
        return f"{self.year}-{'Y' if self.exercise else ''}{self.serial}"

    @property
    def last_day(self) -> datetime:
        """A moment of the last day on which it holds: ``valid_until`` is the midnight after it."""
        return self.valid_until - timedelta(seconds=1)

    @classmethod
    def _holds_in_sql(cls, now: datetime) -> ColumnElement[bool]:
        return cls.state.in_(IN_FORCE) & (cls.valid_until > now)

    @partial(hybrid_method, expr=_holds_in_sql)
    def holds(self, now: datetime) -> bool:
        """Whether what it says is in force; of the class, the same as a condition."""
        return self.state in IN_FORCE and self.valid_until > now


class AlertArea(Base):
    """One area an alert goes to: all of it, down to its villages."""

    __tablename__ = "alert_area"

    alert_id: Mapped[str] = mapped_column(ForeignKey("alert.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)


class ReachStep(StrEnum):
    """What is done next for a person on an alert's list, in order."""

    WAIT = "wait"  # nothing sent yet
    TEXT = "text"  # told by text or letter; the answer is waited for
    RING = "ring"  # being rung
    LIST = "list"  # on the contact point's list
    TOWN = "town"  # on the town's list as well
    DONE = "done"  # nothing more is done


class Settled(StrEnum):
    """How a person's line was closed; "" while it is open."""

    OPEN = ""
    REPLY = "reply"  # answered the text
    PAGE = "page"  # pressed the button on a page
    KEY = "key"  # pressed 1 in a call
    HEARD = "heard"  # heard at least nine tenths in a call
    RECEIPT = "receipt"  # blue and yellow ask for no answer: the carrier's receipt is enough
    TOLD = "told"  # told in person
    NOT_MINE = "not_mine"  # said that it is not for them


class Reach(Base):
    """One person on an alert's frozen list: excluded with a reason, or followed until settled.

    ``lead_id`` is the one member of a household phone by whom it is texted and rung (a person alone on a phone leads
    themselves, see ``lead``); what settles the phone settles all its members. ``channel`` is how they are reached first
    (``person`` where there is neither phone nor mailbox).
    ``first_ring_at`` counts the redials; ``rings`` how many calls were placed; ``failed_why`` is the last reason.
    ``going_id`` is who goes there.
    """

    __tablename__ = "reach"
    __table_args__ = (
        Index("ix_reach_alert_area", "alert_id", "area_code"),
        Index("ix_reach_phone_alert", "phone_index", "alert_id"),
        Index("ix_reach_alert_lead", "alert_id", "lead_id"),
        Index("ix_reach_alert_next_at", "alert_id", "next_at"),
        Index("ix_reach_alert_step", "alert_id", "step", "excluded"),
        Index("ix_reach_account_id", "account_id"),
        Index("ix_reach_going_id", "going_id"),
    )

    alert_id: Mapped[str] = mapped_column(ForeignKey("alert.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    area_code: Mapped[str] = mapped_column(String(12))
    phone_index: Mapped[str | None] = mapped_column(String(64))
    lead_id: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(8))
    excluded: Mapped[str] = mapped_column(String(24), default="")
    step: Mapped[ReachStep] = mapped_column(state_type(ReachStep, "step"), default=ReachStep.WAIT)
    next_at: Mapped[datetime | None]
    first_ring_at: Mapped[datetime | None]
    rings: Mapped[int] = mapped_column(default=0)
    heard_at: Mapped[datetime | None]
    heard_seconds: Mapped[float | None]
    failed_why: Mapped[str] = mapped_column(String(24), default="")
    settled: Mapped[Settled] = mapped_column(state_type(Settled, "settled"), default=Settled.OPEN)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    going_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    listed_at: Mapped[datetime | None]
    town_at: Mapped[datetime | None]

    @hybrid_property
    def lead(self) -> bool:
        """Whether this is the member by whom the phone is reached."""
        return self.lead_id == self.account_id


class ReachChange(Base):
    """One change of one person's line: to which state (listed, town, going, how it was settled, open again, excluded), when,
    and by what: the clock, the way it was said, or an account."""

    __tablename__ = "reach_change"
    __table_args__ = (Index("ix_reach_change_alert_account", "alert_id", "account_id"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alert.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(String(32))


class DrillMember(Base):
    """Who may be reached by an exercise; nobody else is."""

    __tablename__ = "drill_member"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    added_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime]


class ForeignWarning(Base):
    """A warning of another bureau that was taken once, and the alert that was drafted of it."""

    __tablename__ = "foreign_warning"
    __table_args__ = (UniqueConstraint("sender", "identifier"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    sender: Mapped[str] = mapped_column(String(120))
    identifier: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    alert_id: Mapped[str | None] = mapped_column(ForeignKey("alert.id"))
