"""A deal as both of its sides keep it: their own record, which either may put right for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import matching
from farmerline.domain import audit, lots, outbox
from farmerline.domain.digest_words import say_price
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import Account, AuditRow, Deal, Match, Purpose
from farmerline.words import say

OPEN_FOR = timedelta(days=90)
"""So long after it was told a deal's figures may be put right."""
CORRECTIONS_A_DAY = 3
"""So often in a day one side may put a deal right: the other is told each time."""
_CORRECT = "deal.correct"
MOST_YUAN = 1_000_000.0
_MOST_QTY = 100_000_000.0


def own(session: Session, account: Account, number: int) -> Deal:
    """A deal of this person's, sold or bought; ``Absent`` for everybody else."""
    deal = session.scalar(select(Deal).where(Deal.number == number))
    if deal is None or account.id not in (deal.seller_id, deal.buyer_id):
        raise Absent
    return deal


def correct(
    session: Session, deal: Deal, *, by: Account, amount: str, price: str, channel: str, now: datetime
) -> bool:
    """Put a deal's figures right, as its side writes them; the other side is told. Whether anything changed.

    ``amount`` is in words (600斤), in the lot's own measure where it has no unit; ``price`` yuan for one ``price_unit``,
    "" where none was agreed. What is left of the lots stays as it is. Raises ``Invalid`` for what is no amount or price,
    ``Conflict`` after ``OPEN_FOR``, and after ``CORRECTIONS_A_DAY`` by this side.
    """
    if now - deal.at > OPEN_FOR:
        raise Conflict("deal_old", "After {days} days a deal stays as it is.", days=OPEN_FOR.days)
    session.refresh(deal, with_for_update={"key_share": True})
    match = session.get_one(Match, deal.match_id)
    qty, unit = _amount(amount, match)
    yuan = _yuan(price, unit)
    if (qty, unit, yuan) == (deal.qty, deal.unit, deal.unit_price):
        return False
    _demand_room(session, deal, by, now)
    was = {"qty": deal.qty, "unit": deal.unit, "price": deal.unit_price}
    deal.qty, deal.unit, deal.unit_price = qty, unit, yuan
    deal.corrected_at, deal.corrected_by = now, by.id
    session.flush()
    other = session.get_one(Account, deal.buyer_id if by.id == deal.seller_id else deal.seller_id)
    audit.record(
        session, actor_id=by.id, for_id=other.id, act=_CORRECT, subject=f"deal:{deal.id}", channel=channel,
        detail={"was": was, "qty": qty, "unit": unit, "price": yuan}, now=now,
    )  # fmt: skip
    text = say(
        other.language, "{name} put deal No. {number} right: {what} {amount}, {price}. See “My deals”.",
        name=by.name, number=deal.number, what=what(deal), amount=lots.say_amount(qty, unit, lots.spoken_of(match)),
        price=price_words(deal, other.language),
    )  # fmt: skip
    outbox.tell(session, account=other, text=text, purpose=Purpose.MATCH, now=now)
    return True


def what(deal: Deal) -> str:
    """The goods of a deal in a word: 葡萄苗."""
    return matching.Lexicon.default().label(deal.concept, deal.form)


def price_of(deal: Deal) -> tuple[float | None, str]:
    """The price as people say it, and for one of what: weights are priced by the 斤."""
    if deal.unit != "kg":
        return deal.unit_price, deal.unit or ""
    return (None if deal.unit_price is None else round(deal.unit_price * lots.JIN, 4)), "斤"


def price_words(deal: Deal, language: str) -> str:
    """1.8元/斤; 价格面议 where none is known."""
    yuan, unit = price_of(deal)
    return say_price(None if yuan is None else (yuan, yuan, unit), language)


def _demand_room(session: Session, deal: Deal, by: Account, now: datetime) -> None:
    mine = (AuditRow.subject == f"deal:{deal.id}", AuditRow.act == _CORRECT, AuditRow.actor_id == by.id)
    done = select(func.count()).select_from(AuditRow).where(*mine, AuditRow.at > now - timedelta(days=1))
    if (session.scalar(done) or 0) >= CORRECTIONS_A_DAY:
        raise Conflict(
            "deal_often",
            "You put this deal right {limit} times today. Please go on tomorrow.",
            limit=CORRECTIONS_A_DAY,
        )


def _amount(said: str, match: Match) -> tuple[float, str]:
    meant = lots.amount_meant(said, lots.spoken_of(match))
    if meant is None or not 0 < meant[0] <= _MOST_QTY:
        raise Invalid(
            "deal_amount", "Write how much it was with its unit: 600斤, 2吨, 500株.", field="amount"
        )
    return meant


def _yuan(said: str, unit: str) -> float | None:
    """Yuan for one of ``unit``, as the ledger keeps it."""
    words = said.strip().removesuffix("元").strip()
    if not words:
        return None
    try:
        yuan = float(words)
    except ValueError:
        yuan = -1.0
    if not 0 < yuan <= MOST_YUAN:
        raise Invalid(
            "deal_price", "Write the price as a number of yuan, like 1.5; or leave it empty.", field="price"
        )
    return yuan / lots.JIN if unit == "kg" else yuan
