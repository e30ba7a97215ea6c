"""The service's own figures for everybody: counted once a day into rows, so that a page adds up a few rows and no more.

How each figure is counted stands in ``COUNTED``; the page prints it beside the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session

from farmerline.clock import SHANGHAI
from farmerline.domain.reach import CONFIRMED
from farmerline.messages import Channel
from farmerline.models import (
    Alert,
    AlertKind,
    DailyFigure,
    Deal,
    Delivery,
    DeliveryState,
    GatewayRow,
    Post,
    PostKind,
    Reach,
    Settled,
)

DAYS = 90
"""So many days back the page adds up."""
QUICK = timedelta(seconds=10)
SETTLES = 3
"""Days for which a day is counted anew: people are told in person, and deals told, after it."""
_OUTWARD = (Channel.SMS, Channel.VOICE)
_ANSWERED = frozenset({*CONFIRMED, Settled.TOLD})

COUNTED = (
    (
        "Handed over: of all texts and calls that left, the share that a carrier took within 10 seconds of their time, at the "
        "first try. Waiting for a busy line counts as late; what was put off on purpose (at night) counts from its later time."
    ),
    (
        "Reached: of the people on the lists of real alerts, those at whose phone something arrived, who answered, or who were "
        "told in person. Confirmed: those who answered, heard a call to its end or were told in person; for blue and yellow the "
        "carrier's receipt is enough."
    ),
    "Nobody is left out of the whole: who may not be told, has no phone, or whose phone is off counts as not reached.",
    (
        "Open incidents: connections to carriers that were out of order when it was counted, and alerts that went out with one "
        "signature and were not looked at within a day."
    ),
    "Deals per 100 posts: deals that one side told us, for each 100 offers and wants published in the same days.",
    "Practice is left out. Each day is counted at night, and again for three days after it.",
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over some days. Shares are 0 to 1; None where there is nothing to divide by."""

    days: int
    last: date | None
    handed: int
    quick: int
    alerts: int
    planned: int
    reached: int
    confirmed: int
    posts: int
    deals: int
    incidents: int

    @property
    def quick_share(self) -> float | None:
        return self.quick / self.handed if self.handed else None

    @property
    def reached_share(self) -> float | None:
        return self.reached / self.planned if self.planned else None

    @property
    def confirmed_share(self) -> float | None:
        return self.confirmed / self.planned if self.planned else None

    @property
    def deals_per_100(self) -> float | None:
        return 100 * self.deals / self.posts if self.posts else None


def figures(session: Session, *, today: date, days: int = DAYS) -> Figures:
    """The sums of the last days that were counted; ``incidents`` are those of the last count."""
    rows = _rows(session, today - timedelta(days=days))
    sums = {
        name: sum(getattr(row, name) for row in rows)
        for name in ("handed", "quick", "alerts", "planned", "reached", "confirmed", "posts", "deals")
    }
    return Figures(
        days=len(rows),
        last=rows[-1].day if rows else None,
        incidents=rows[-1].incidents if rows else 0,
        **sums,
    )


def months(session: Session, *, today: date, most: int = 6) -> list[tuple[date, Figures]]:
    """The same by month, the newest first: each month's first day."""
    found: dict[date, list[DailyFigure]] = {}
    for row in _rows(session, today - timedelta(days=31 * most)):
        found.setdefault(row.day.replace(day=1), []).append(row)
    return [(first, _sum(rows)) for first, rows in sorted(found.items(), reverse=True)][:most]


def count_day(session: Session, day: date, *, now: datetime) -> DailyFigure:
    """One day's figures from the rows, not stored. Reads the ledger of the day: for a job at night."""
    since = datetime.combine(day, time(0), SHANGHAI)
    until = since + timedelta(days=1)
    handed, quick = _handed(session, since, until)
    alerts, planned, reached, confirmed = _people(session, since, until)
    traded = select(PostKind.code).where(PostKind.direction.is_not(None))
    published = Post.kind.in_(traded), Post.published_at >= since, Post.published_at < until
    return DailyFigure(
        day=day, handed=handed, quick=quick, alerts=alerts, planned=planned, reached=reached, confirmed=confirmed,
        posts=session.scalar(select(func.count()).select_from(Post).where(*published)) or 0,
        deals=session.scalar(select(func.count()).select_from(Deal).where(Deal.at >= since, Deal.at < until)) or 0,
        incidents=_incidents(session, now), counted_at=now,
    )  # fmt: skip


def _rows(session: Session, since: date) -> Sequence[DailyFigure]:
    return session.scalars(
        select(DailyFigure).where(DailyFigure.day >= since).order_by(DailyFigure.day)
    ).all()


def _sum(rows: Sequence[DailyFigure]) -> Figures:
    names = ("handed", "quick", "alerts", "planned", "reached", "confirmed", "posts", "deals")
    sums = {name: sum(getattr(row, name) for row in rows) for name in names}
    return Figures(days=len(rows), last=rows[-1].day, incidents=rows[-1].incidents, **sums)


def _handed(session: Session, since: datetime, until: datetime) -> tuple[int, int]:
    """Moments are compared after they were read: the two databases add to them differently. Who was spoken to in a call
    of their own has no carrier's id."""
    query = select(Delivery.due_at, Delivery.sent_at, Delivery.attempts).where(
        Delivery.channel.in_(_OUTWARD), Delivery.provider_ref.is_not(None),
        Delivery.sent_at >= since, Delivery.sent_at < until,
    )  # fmt: skip
    handed = quick = 0
    for due_at, sent_at, attempts in session.execute(query.execution_options(yield_per=5000)).tuples():
        handed += 1
        quick += attempts <= 1 and sent_at is not None and sent_at - due_at <= QUICK
    return handed, quick


def _people(session: Session, since: datetime, until: datetime) -> tuple[int, int, int, int]:
    issued = (
        Alert.issued_at >= since, Alert.issued_at < until, Alert.exercise.is_(False), Alert.kind != AlertKind.CANCEL,
    )  # fmt: skip
    arrived = exists().where(
        Delivery.campaign_id == Alert.campaign_id, Delivery.account_id == Reach.lead_id,
        Delivery.state == DeliveryState.DELIVERED,
    )  # fmt: skip
    knows = Reach.settled.in_(_ANSWERED)
    told = Reach.excluded == ""

    def people(which: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((which, 1), else_=0)), 0)

    query = (
        select(func.count(), people(told & (knows | arrived)), people(told & knows))
        .select_from(Reach)
        .join(Alert, Alert.id == Reach.alert_id)
        .where(*issued)
    )
    planned, reached, confirmed = session.execute(query).one()
    alerts = session.scalar(select(func.count()).select_from(Alert).where(*issued)) or 0
    return alerts, planned, int(reached), int(confirmed)


def _incidents(session: Session, now: datetime) -> int:
    broken = select(func.count()).select_from(GatewayRow).where(GatewayRow.last_error != "")
    unseen = select(func.count()).select_from(Alert).where(
        Alert.alone.is_(True), Alert.reviewed_at.is_(None), Alert.review_due_at <= now, Alert.exercise.is_(False)
    )  # fmt: skip
    return (session.scalar(broken) or 0) + (session.scalar(unseen) or 0)
