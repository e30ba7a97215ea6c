"""The report of deals: how many, how soon, by whom, what went where, and why the others came to nothing.

How each figure is counted stands in ``COUNTED``; pages, files and the command print it beside the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    and_,
    case,
    cast,
    extract,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

import matching
from farmerline.clock import SHANGHAI, local
from farmerline.domain import areas, lots
from farmerline.errors import Invalid
from farmerline.models import (
    Account,
    Deal,
    Match,
    MatchState,
    NoReason,
    Post,
    PostItem,
    PostKind,
)

DAYS = 365
"""The period where none is chosen: so many days up to today."""
_LONGEST = 3660
_SECONDS_A_DAY = 86_400
TONNE = 1_000.0  # kg
_NO_CITY = ("市辖区", "县", "省直辖", "自治区直辖")
"""What stands between a province and its counties where there is no city."""
_ALL = 2**31 - 1
"""A limit that cuts nothing: it keeps the database from giving up the order of a part."""

COUNTED = (
    "A deal is what one side told us: sold, or sold in part. Each match counts once, on the day it was told.",
    "It belongs to a place when seller or buyer lives there; what was sold, by whom and how soon counts for the seller's place.",
    "Per 100 posts: deals told in the period for each 100 offers and wants that people of the place published in it.",
    "Days: from the seller's post until the deal was told, the middle one; and until the sides had each other's number.",
    "A small seller has no firm or co-op behind them, and their lot was small when it was posted: {limits}.",
    "Weights are added up as tonnes, other goods by their own unit. A deal without an amount counts as a deal and adds nothing.",
    "Reasons: of the matches whose numbers were shown in the period, those that came to nothing, as one side said why.",
)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, in China, both included."""

    first: date
    last: date

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The moment it begins, and the moment after its end."""
        start = datetime.combine(self.first, time(0), SHANGHAI)
        return start, datetime.combine(self.last + timedelta(days=1), time(0), SHANGHAI)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What of one crop went to one place. ``amount`` in tonnes, or in ``unit`` where it is counted; None where nobody said."""

    crop: str
    to_area: str
    to_place: str
    inside: bool
    deals: int
    amount: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one place and period. Shares are 0 to 1; None where there is nothing to divide by."""

    area: str
    place: str
    first: date
    last: date
    posts: int
    deals: int
    deals_per_100_posts: float | None
    sold: int
    tonnes_sold: float
    without_amount: int
    median_days_to_deal: float | None
    median_days_to_number: float | None
    small_deals: int
    small_share: float | None
    ledger: tuple[LedgerLine, ...]
    numbers_shown: int
    no_deal: int
    not_told_yet: int
    reasons: tuple[tuple[str, int], ...]


def period(first: str, last: str, *, now: datetime) -> Period:
    """The period that two days (YYYY-MM-DD) name; the last year where they are empty.

    Raises ``Invalid`` for what is no day, a first day after the last, or more than ten years.
    """
    end = _day(last, "last") if last else local(now).date()
    start = _day(first, "first") if first else end - timedelta(days=DAYS - 1)
    if start > end:
        raise Invalid("period_turned", "The first day lies after the last.", field="first")
    if (end - start).days > _LONGEST:
        raise Invalid("period_long", "Choose ten years at most.", field="first")
    return Period(start, end)


def report(session: Session, *, area: str, period: Period) -> Report:
    """The figures of a place (a code and everything in it) and a period."""
    told = told_within(session, period)
    posts = _count_posts(session, area, period)
    ledger, deals = _ledger(session, area, told)
    to_deal, to_number, small, sold = _sales(session, area, told)
    states, reasons = _ends(session, area, period)
    shown = sum(states.values())
    return Report(
        area=area,
        place=areas.path_name(session, area),
        first=period.first,
        last=period.last,
        posts=posts,
        deals=deals,
        deals_per_100_posts=round(100 * deals / posts, 1) if posts else None,
        sold=sold,
        tonnes_sold=round(sum(line.amount or 0 for line in ledger if line.unit == "t"), 3),
        without_amount=sum(line.deals for line in ledger if line.amount is None),
        median_days_to_deal=round(median(to_deal), 1) if to_deal else None,
        median_days_to_number=round(median(to_number), 1) if to_number else None,
        small_deals=small,
        small_share=round(small / sold, 3) if sold else None,
        ledger=ledger,
        numbers_shown=shown,
        no_deal=states.get(MatchState.REFUSED, 0),
        not_told_yet=states.get(MatchState.AGREED, 0),
        reasons=reasons,
    )


def sums(session: Session, *, area: str, period: Period) -> tuple[int, float]:
    """For everybody: how many deals the people of a place told of as sellers, and how many tonnes went with them."""
    weighed = func.sum(case((Deal.unit == "kg", Deal.qty), else_=0.0))
    query = select(func.count(), weighed).where(
        told_within(session, period), areas.inside(Deal.from_area, area)
    )
    deals, kilos = session.execute(query).one()
    return deals, round(float(kilos or 0) / TONNE, 1)


def _day(said: str, name: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise Invalid(
            "day_wrong", "{said} is no day: write it like 2026-11-20.", field=name, said=said[:20]
        ) from None


def told_within(session: Session, period: Period) -> ColumnElement[bool]:
    """Whether a deal was told in the period. SQLite reads the table as it lies: by the index it would jump about in it."""
    since, until = period.bounds
    at = type_coerce(literal_column("+deal.at"), Deal.at.type) if _is_lite(session) else Deal.at
    return and_(at >= since, at < until)


def _is_lite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _count_posts(session: Session, area: str, period: Period) -> int:
    traded = select(PostKind.code).where(PostKind.direction.is_not(None))
    since, until = period.bounds
    query = (
        select(func.count())
        .select_from(Post)
        .where(
            Post.kind.in_(traded),
            areas.inside(Post.area_code, area),
            Post.published_at >= since,
            Post.published_at < until,
        )
    )
    return session.scalar(query) or 0


def _ledger(session: Session, area: str, told: ColumnElement[bool]) -> tuple[tuple[LedgerLine, ...], int]:
    """What was sold from the place, by crop and the county it went to, the heaviest first; and how many deals in all."""
    known = case((and_(Deal.qty.is_not(None), Deal.unit.is_not(None)), Deal.unit), else_="")
    sold_here = case((areas.inside(Deal.from_area, area), 1), else_=0)
    groups = (Deal.concept, Deal.form, known, func.substr(Deal.to_area, 1, 6), sold_here)
    here = or_(areas.inside(Deal.from_area, area), areas.inside(Deal.to_area, area))
    query = select(*groups, func.count(), func.sum(Deal.qty)).where(told, here).group_by(*groups)
    words, deals = matching.Lexicon.default(), 0
    places: dict[str, str] = {}
    lines: list[LedgerLine] = []
    for concept, form, unit, code, sold, count, qty in session.execute(query).tuples():
        deals += count
        if not sold:
            continue
        if code not in places:
            places[code] = county_name(session, code)
        weighed = unit == "kg"
        amount = None if not unit else round(qty / TONNE, 4) if weighed else round(qty, 2)
        lines.append(
            LedgerLine(
                crop=words.label(concept, form), to_area=code, to_place=places[code], inside=code == area[:6],
                deals=count, amount=amount, unit="t" if weighed else unit,
            )
        )  # fmt: skip
    lines.sort(key=lambda line: (line.unit != "t", -(line.amount or 0), -line.deals, line.crop, line.to_area))
    return tuple(lines), deals


def county_name(session: Session, code: str) -> str:
    """A county under its city: 宁波市慈溪市, 上海市青浦区; its code where nobody knows it."""
    city = areas.path_name(session, code[:4])
    if city.startswith(_NO_CITY):
        city = areas.path_name(session, code[:2])
    return (city + (areas.path_name(session, code) if len(code) > 4 else "")) or code


def _sales(
    session: Session, area: str, told: ColumnElement[bool]
) -> tuple[list[float], list[float], int, int]:
    """Of what the place's people sold: days to the deal, days to the number, deals of small sellers, deals."""
    told_at = (
        select(Deal.match_id, Deal.at)
        .where(told, areas.inside(Deal.from_area, area))
        .order_by(Deal.match_id)  # rows made one after the other lie side by side
        .limit(_ALL)
        .subquery()
    )

    def days(moment: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[Any]:
        if _is_lite(session):
            return func.julianday(moment)
        return cast(extract("epoch", moment), Float) / _SECONDS_A_DAY

    firms = select(Account.id).where(Account.organisation_id.is_not(None))
    small = and_(Post.account_id.not_in(firms), lots.is_small())
    query = (
        select(days(Post.published_at), days(told_at.c.at), days(Match.agreed_at), case((small, 1), else_=0))
        .select_from(told_at)
        .join(Match, Match.id == told_at.c.match_id)
        .join(PostItem, PostItem.id == Match.supply_item_id)
        .join(Post, Post.id == Match.supply_post_id)
    )
    rows = session.execute(query).all()
    to_deal = [told - since for since, told, _agreed, _small in rows if since is not None]
    to_number = [agreed - since for since, _told, agreed, _small in rows if None not in (since, agreed)]
    return to_deal, to_number, sum(row[3] for row in rows), len(rows)


def _ends(
    session: Session, area: str, period: Period
) -> tuple[dict[MatchState, int], tuple[tuple[str, int], ...]]:
    """What became of the matches whose numbers were shown in the period; and the reasons of those without a deal."""
    offer, want = aliased(Post), aliased(Post)
    since, until = period.bounds
    shown = (
        select(Match.state, Match.no_reason, Match.supply_post_id, Match.demand_post_id)
        .where(Match.agreed_at >= since, Match.agreed_at < until)
        .order_by(Match.id)
        .limit(_ALL)
        .subquery()
    )
    query = (
        select(shown.c.state, shown.c.no_reason, func.count())
        .join(offer, offer.id == shown.c.supply_post_id)
        .join(want, want.id == shown.c.demand_post_id)
        .where(or_(areas.inside(offer.area_code, area), areas.inside(want.area_code, area)))
        .group_by(shown.c.state, shown.c.no_reason)
    )
    states: dict[MatchState, int] = {}
    reasons: dict[NoReason, int] = {}
    for state, reason, count in session.execute(query).tuples():
        states[state] = states.get(state, 0) + count
        if state is MatchState.REFUSED:
            reasons[reason] = reasons.get(reason, 0) + count
    told = sorted(reasons.items(), key=lambda pair: (pair[0] is NoReason.UNSAID, -pair[1]))
    return states, tuple((reason.value, count) for reason, count in told)


def rows_of(made: Report) -> Sequence[Sequence[object]]:
    """The ledger as the lines of a file, its heads first."""
    heads = ("crop", "destination_code", "destination", "deals", "amount", "unit")
    lines = [
        (
            line.crop,
            line.to_area,
            line.to_place,
            line.deals,
            "" if line.amount is None else line.amount,
            line.unit,
        )
        for line in made.ledger
    ]
    return [heads, *lines]
