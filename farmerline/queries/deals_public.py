"""What the county sold, for everybody: sums by crop and destination, without names, and none that would give a person away."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

import matching
from farmerline.domain import areas
from farmerline.models import Deal
from farmerline.queries.deals_report import TONNE, Period, county_name, sums, told_within

FEWEST = 3
"""A line is shown from so many different sellers on; the deals of the others are one number together, and their tonnes are in
the sum of all from so many sellers on."""


@dataclass(frozen=True, slots=True)
class Line:
    """What of one crop went to one county. ``amount`` in tonnes, or in ``unit`` where it is counted."""

    crop: str
    place: str
    deals: int
    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """``deals`` and ``tonnes`` are of all; ``hidden`` deals stand in no line. ``tonnes`` is None where they, less the lines,
    would tell what one or two people sold."""

    deals: int
    tonnes: float | None
    lines: tuple[Line, ...]
    hidden: int


def ledger(session: Session, *, area: str, period: Period) -> Ledger:
    """The county's sums of a period, the heaviest first."""
    unit = case((Deal.qty.is_not(None), func.coalesce(Deal.unit, "")), else_="")
    groups = (Deal.concept, Deal.form, unit, func.substr(Deal.to_area, 1, 6))
    sellers = (
        func.count(Deal.seller_id.distinct()),
        func.min(Deal.seller_id),
        func.max(Deal.seller_id),
    )
    query = (
        select(*groups, func.count(), func.sum(Deal.qty), *sellers)
        .where(told_within(session, period), areas.inside(Deal.from_area, area))
        .group_by(*groups)
    )
    words, lines, few = matching.Lexicon.default(), [], set[str]()
    for concept, form, of, code, deals, qty, people, one, other in session.execute(query).tuples():
        if people < FEWEST:  # two at most, and these are they
            few |= {one, other} if of == "kg" else set()
        elif of:
            weighed = of == "kg"
            amount = round(qty / TONNE, 2) if weighed else round(qty, 2)
            lines.append(
                Line(
                    words.label(concept, form),
                    county_name(session, code),
                    deals,
                    amount,
                    "t" if weighed else of,
                )
            )
    lines.sort(key=lambda line: (line.unit != "t", -line.amount, line.crop, line.place))
    deals, tonnes = sums(session, area=area, period=period)
    hidden = deals - sum(line.deals for line in lines)
    return Ledger(deals, None if 0 < len(few) < FEWEST else tonnes, tuple(lines), hidden)
