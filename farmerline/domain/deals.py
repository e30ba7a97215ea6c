"""What became of matches: both sides are asked on day 3 and day 10, and a deal is a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import audit, matching_desk, outbox, posts, questions
from farmerline.domain.numbers import next_number
from farmerline.errors import Conflict, Invalid
from farmerline.identity import mask_name
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Deal,
    Match,
    MatchState,
    NoReason,
    Outcome,
    Post,
    PostItem,
    PostState,
    Purpose,
    QuestionKind,
)
from farmerline.words import say

_ANSWER_HOURS = 24 * 7


def ask_due(session: Session, *, days: Sequence[int], now: datetime, limit: int = 200) -> int:
    """Ask both sides of agreed matches whose day 3 or day 10 has come; returns how many matches were asked about.

    They are asked at the hour at which they agreed: then they were awake.
    """
    asked = 0
    for times, day in reversed(list(enumerate(days))):  # a late job asks once, not twice in a row
        due = select(Match).where(
            Match.state == MatchState.AGREED,
            Match.asked_times <= times,
            Match.agreed_at <= now - timedelta(days=day),
        )
        for match in session.scalars(due.order_by(Match.agreed_at).limit(limit)).all():
            match.asked_times = times + 1
            _ask_both(session, match, now)
            asked += 1
    session.flush()
    return asked


def record(
    session: Session,
    match: Match,
    *,
    outcome: Outcome,
    by: Account,
    teller: Account,
    channel: Channel,
    qty: float | None,
    now: datetime,
    unit: str | None = None,
    asked_again: bool = False,
) -> Deal | None:
    """Put down how a match ended, as one side told it; the first answer that settles it counts.

    ``qty`` in kg or the count's unit, where it was said; ``unit`` where it is another than the lot's. A deal takes its
    quantity off the lots of its unit; what is left stays open. "No" makes no deal row and leaves both posts open; where
    both are ``asked_again`` on a later day it may only be "not yet": the match goes on, and the other side may still
    tell. Raises ``Conflict`` when it is already known, ``Invalid`` for an amount that is none.
    """
    if qty is not None and not 0 < qty < float("inf"):
        raise Invalid("deal_qty", "Write how much it was: a number above zero.", field="qty")
    matching_desk.lock(session, match)
    if match.state is not MatchState.AGREED:
        raise Conflict("outcome_known", "This was already told. Thank you.")
    if outcome is Outcome.NO:
        _note(session, match, by, teller, channel, now, outcome="not yet" if asked_again else "no")
        if not asked_again:
            questions.close_all(session, now=now, match_id=match.id)
            match.state = MatchState.REFUSED
        return None
    questions.close_all(session, now=now, match_id=match.id)
    match.state = MatchState.DONE
    sold = qty if qty is not None else _assumed(match, outcome)
    deal = Deal(
        number=next_number(session, "deal"),
        match_id=match.id,
        seller_id=match.supply_post.account_id,
        buyer_id=match.demand_post.account_id,
        outcome=outcome,
        concept=match.supply_item.concept,
        form=match.supply_item.form,
        qty=sold,
        unit=unit or match.supply_item.unit or match.demand_item.unit,
        unit_price=match.supply_item.unit_price or match.demand_item.unit_price,
        from_area=match.supply_post.area_code,
        to_area=match.demand_post.area_code,
        told_by=teller.id,
        told_via=channel,
        at=now,
    )
    session.add(deal)
    for item, post in ((match.supply_item, match.supply_post), (match.demand_item, match.demand_post)):
        over = outcome is Outcome.SOLD and _is_over(match, post, teller, sold)
        _take(session, deal, item, post, over=over, by=by, channel=channel, now=now)
    _note(session, match, by, teller, channel, now, outcome=outcome.value)
    session.flush()
    return deal


def tell_amount(
    session: Session,
    deal: Deal,
    match: Match,
    *,
    qty: float,
    unit: str,
    by: Account,
    teller: Account,
    channel: Channel,
    now: datetime,
) -> None:
    """Put down how much a deal in part was, and take it off both lots. ``qty`` in kg or the count's ``unit``.

    Raises ``Conflict`` when it is already known, ``Invalid`` for an amount that is none.
    """
    if not 0 < qty < float("inf"):
        raise Invalid("deal_qty", "Write how much it was: a number above zero.", field="qty")
    matching_desk.lock(session, match)
    session.refresh(deal, with_for_update={"key_share": True})
    if deal.qty is not None:
        raise Conflict("outcome_known", "This was already told. Thank you.")
    deal.qty, deal.unit = qty, deal.unit or unit
    for item, post in ((match.supply_item, match.supply_post), (match.demand_item, match.demand_post)):
        _take(session, deal, item, post, over=False, by=by, channel=channel, now=now)
    _note(session, match, by, teller, channel, now, outcome=deal.outcome.value, act="deal.amount")
    session.flush()


def is_more_than_there(match: Match, qty: float, unit: str) -> bool:
    """Whether an amount is more than the seller's lot still held."""
    item = match.supply_item
    return item.qty_left is not None and item.unit == unit and qty > item.qty_left


def note_reason(
    session: Session,
    match: Match,
    *,
    reason: NoReason,
    by: Account,
    teller: Account,
    channel: Channel,
    now: datetime,
) -> None:
    """Put down why a match came to nothing; what was said first stays."""
    matching_desk.lock(session, match)
    if match.no_reason is NoReason.UNSAID:
        match.no_reason = reason
        _note(session, match, by, teller, channel, now, outcome=reason.value, act="deal.reason")
    session.flush()


def is_asked_again(match: Match, days: Sequence[int]) -> bool:
    """Whether a later day comes on which both sides of an agreed match are asked once more."""
    return match.asked_times < len(days)


def _note(
    session: Session,
    match: Match,
    by: Account,
    teller: Account,
    channel: Channel,
    now: datetime,
    *,
    outcome: str,
    act: str = "deal.record",
) -> None:
    audit.record(
        session, actor_id=by.id, for_id=teller.id, act=act, subject=f"match:{match.id}", channel=channel,
        detail={"outcome": outcome}, now=now,
    )  # fmt: skip


def _take(
    session: Session,
    deal: Deal,
    item: PostItem,
    post: Post,
    *,
    over: bool,
    by: Account,
    channel: Channel,
    now: datetime,
) -> None:
    """Take a deal off one side's lot where both are measured alike; a post without any lot left is done."""
    session.refresh(item, with_for_update={"key_share": True})
    same = deal.unit is None or item.unit is None or item.unit == deal.unit
    if (same and posts.take_from_lot(item, deal.qty)) or over:
        item.live = False
    if not any(each.live for each in post.items):
        posts.end(session, post, PostState.DONE, by=by, channel=channel, now=now, note="deal")


def _is_over(match: Match, post: Post, teller: Account, sold: float | None) -> bool:
    """Whether "sold" ends a side's lot: what was wanted is there; a seller's word counts where no amount does."""
    if post is match.demand_post:
        return True
    return post.account_id == teller.id and (sold is None or match.supply_item.qty_left is None)


def _assumed(match: Match, outcome: Outcome) -> float | None:
    """Where no quantity was said: all that was wanted, as far as it was there. Part of it: not known."""
    wanted, there = match.demand_item.qty_left, match.supply_item.qty_left
    if outcome is Outcome.PARTLY or wanted is None:
        return None
    if there is None:
        return wanted
    return min(wanted, there) if match.supply_item.unit == match.demand_item.unit else None


def _ask_both(session: Session, match: Match, now: datetime) -> None:
    questions.close_all(session, now=now, match_id=match.id)  # day 10 asks anew what day 3 asked
    item = match.supply_item
    for post, other in ((match.demand_post, match.supply_post), (match.supply_post, match.demand_post)):
        account = session.get_one(Account, post.account_id)
        partner = session.get_one(Account, other.account_id)
        question = questions.ask(
            session,
            kind=QuestionKind.OUTCOME,
            now=now,
            hours=_ANSWER_HOURS,
            account=account,
            match_id=match.id,
        )
        sentence = (
            "{what}: did you buy? Reply 1 yes, 3 a part of it, 2 no"
            if post is match.demand_post
            else "{what}: did you sell? Reply 1 yes, 3 a part of it, 2 no"
        )
        text = say(account.language, sentence, what=f"{item.name}({mask_name(partner.name)})")
        outbox.tell(
            session,
            account=account,
            text=f"{text}[{question.code}]",
            purpose=Purpose.MATCH,
            now=now,
            question=question,
        )
