"""A person's own deals: what they sold and bought, to whom and where it went, and their sums by crop and destination."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from farmerline.clock import SHANGHAI, local
from farmerline.domain import areas, deal_records, lots
from farmerline.domain.many import among
from farmerline.domain.people import name_of
from farmerline.models import Account, Deal, Match, Outcome
from farmerline.queries.deals_report import TONNE, county_name

MOST = 500
"""Deals of a year that the page shows; its sums and its file are of all."""


@dataclass(frozen=True, slots=True)
class OwnDeal:
    """One deal. ``amount`` as people say it, "" where nobody said; ``price`` for one ``price_unit``; ``yuan`` in all, None
    where price or amount is unknown; ``kilos`` None where it is not weighed."""

    number: int
    sold: bool
    partly: bool
    what: str
    amount: str
    price: float | None
    price_unit: str
    yuan: float | None
    other: str
    place: str
    at: datetime
    kilos: float | None
    qty: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Sum:
    """What of one crop went to one county: tonnes, or a count in ``unit``; None where nobody said how much."""

    what: str
    place: str
    deals: int
    amount: float | None
    unit: str
    yuan: float | None


@dataclass(frozen=True, slots=True)
class Slip:
    """A deal with all that its slip says. ``open``: its figures may still be put right."""

    deal: OwnDeal
    seller: str
    seller_place: str
    buyer: str
    buyer_place: str
    told_by: str
    told_via: str
    corrected_by: str
    corrected_at: datetime | None
    open: bool


def years(session: Session, account: Account) -> list[int]:
    """The years in which this person dealt, the newest first."""
    moments = session.scalars(select(Deal.at).where(_mine(account)))
    return sorted({local(at).year for at in moments}, reverse=True)


def of_year(session: Session, account: Account, year: int) -> list[OwnDeal]:
    """This person's deals of a year, the newest first."""
    start, end = (datetime.combine(date(each, 1, 1), time(0), SHANGHAI) for each in (year, year + 1))
    query = select(Deal).where(_mine(account), Deal.at >= start, Deal.at < end)
    found = session.scalars(query.order_by(Deal.at.desc(), Deal.number.desc())).all()
    _matches = _load_matches(session, found)  # held: each line looks into its own
    others = {_other_of(deal, account) for deal in found}
    names = {one.id: one.name for one in session.scalars(select(Account).where(among(Account.id, others)))}
    places = {code: county_name(session, code) for code in {_place_of(deal, account)[:6] for deal in found}}
    return [
        _line(
            session,
            deal,
            account,
            names.get(_other_of(deal, account), ""),
            places[_place_of(deal, account)[:6]],
        )
        for deal in found
    ]


def sums(deals: Sequence[OwnDeal]) -> list[Sum]:
    """What was sold, by crop and the county it went to, the heaviest first."""
    groups: dict[tuple[str, str, str], list[OwnDeal]] = {}
    for deal in deals:
        if deal.sold:
            unit = "" if deal.qty is None else "t" if deal.kilos is not None else deal.unit
            groups.setdefault((deal.what, deal.place, unit), []).append(deal)
    made = []
    for (what, place, unit), group in groups.items():
        amount = sum(deal.qty or 0 for deal in group) / (TONNE if unit == "t" else 1)
        yuan = [deal.yuan for deal in group if deal.yuan is not None]
        made.append(
            Sum(
                what,
                place,
                len(group),
                round(amount, 4) if unit else None,
                unit,
                round(sum(yuan), 2) if yuan else None,
            )
        )
    return sorted(made, key=lambda one: (one.unit != "t", -(one.amount or 0), one.what, one.place))


def slip(session: Session, account: Account, number: int, *, now: datetime) -> Slip:
    """One of this person's deals with both names. ``Absent`` for everybody else."""
    deal = deal_records.own(session, account, number)
    place = county_name(session, _place_of(deal, account)[:6])
    return Slip(
        deal=_line(session, deal, account, name_of(session, _other_of(deal, account)), place),
        seller=name_of(session, deal.seller_id), seller_place=areas.path_name(session, deal.from_area),
        buyer=name_of(session, deal.buyer_id), buyer_place=areas.path_name(session, deal.to_area),
        told_by=name_of(session, deal.told_by), told_via=deal.told_via, corrected_by=name_of(session, deal.corrected_by),
        corrected_at=deal.corrected_at, open=now - deal.at <= deal_records.OPEN_FOR,
    )  # fmt: skip


def rows_of(deals: Sequence[OwnDeal], words: tuple[str, str]) -> list[Sequence[object]]:
    """The deals as the lines of a file, its heads first; ``words`` say sold and bought."""
    heads = (
        "number",
        "day",
        "side",
        "product",
        "amount",
        "unit",
        "price",
        "price_unit",
        "yuan",
        "with",
        "county",
    )
    lines = [
        (
            deal.number, local(deal.at).date().isoformat(), words[0 if deal.sold else 1], deal.what,
            "" if deal.qty is None else deal.qty, deal.unit, "" if deal.price is None else deal.price, deal.price_unit,
            "" if deal.yuan is None else deal.yuan, deal.other, deal.place,
        )
        for deal in deals
    ]  # fmt: skip
    return [heads, *lines]


def _line(session: Session, deal: Deal, account: Account, other: str, place: str) -> OwnDeal:
    like = lots.spoken_of(session.get_one(Match, deal.match_id))
    price, unit = deal_records.price_of(deal)
    known = deal.qty is not None and deal.unit_price is not None
    return OwnDeal(
        number=deal.number, sold=deal.seller_id == account.id, partly=deal.outcome is Outcome.PARTLY,
        what=deal_records.what(deal),
        amount="" if deal.qty is None else lots.say_amount(deal.qty, deal.unit, like), price=price, price_unit=unit,
        yuan=round((deal.qty or 0) * (deal.unit_price or 0), 2) if known else None, other=other, place=place, at=deal.at,
        kilos=deal.qty if deal.unit == "kg" else None, qty=deal.qty, unit=deal.unit or "",
    )  # fmt: skip


def _load_matches(session: Session, deals: Sequence[Deal]) -> Sequence[Match]:
    """The matches of these deals, at once: a trader has thousands in a year."""
    query = select(Match).where(among(Match.id, {deal.match_id for deal in deals}))
    lots_of = (selectinload(Match.supply_item), selectinload(Match.demand_item))
    return session.scalars(query.options(*lots_of)).all()


def _mine(account: Account) -> ColumnElement[bool]:
    return or_(Deal.seller_id == account.id, Deal.buyer_id == account.id)


def _other_of(deal: Deal, account: Account) -> str:
    return deal.buyer_id if deal.seller_id == account.id else deal.seller_id


def _place_of(deal: Deal, account: Account) -> str:
    """Where it went, of what was sold; where it came from, of what was bought."""
    return deal.to_area if deal.seller_id == account.id else deal.from_area
