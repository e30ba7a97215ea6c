"""Where supply meets demand: posts are matched, both sides are told, both may answer.

Whose number is shown to whom: A's number is shown to B when B says yes, and A allowed it at the read-back or has
said yes to this match.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import matching
from farmerline.config import Settings
from farmerline.domain import alike, match_notices, questions, reveals
from farmerline.domain.candidates import offer_of, rank
from farmerline.domain.reveals import Shown
from farmerline.errors import Absent, Conflict
from farmerline.models import Account, AccountState, Match, MatchState, Post, PostItem, PostState


def meet(session: Session, post: Post, *, settings: Settings, now: datetime) -> list[Match]:
    """Match a post that was just opened, or that wants others, and tell both sides; the new matches, best first.

    A post waits for at most so many answers at once as the settings say. A partner that waits for as many is told when
    this side says yes.
    """
    if not post.items:
        alike.tell(session, post, now=now)
        return []
    room = settings.matches_a_side - _open_offers(session, post)
    if room <= 0:
        return []
    owner = session.get_one(Account, post.account_id)
    best: dict[str, tuple[matching.Score, PostItem, PostItem]] = {}
    for item in post.items:
        for score, candidate in rank(session, item, owner, now):
            known = best.get(candidate.post_id)
            if known is None or score.value > known[0].value:
                best[candidate.post_id] = (score, item, candidate)
    chosen = sorted(best.values(), key=lambda found: -found[0].value)[:room]
    tried = [_make(session, score, mine, theirs, now) for score, mine, theirs in chosen]
    made = [match for match in tried if match is not None]
    session.flush()
    if made:
        match_notices.tell_side(session, post, made, settings, now)
        for match in made:
            other = _other(match, post)
            if _open_offers(session, other) <= settings.matches_a_side:
                match_notices.tell_side(session, other, [match], settings, now)
    return made


def answer(
    session: Session, match: Match, *, account: Account, yes: bool, settings: Settings, now: datetime
) -> Shown | None:
    """One side's answer. Returns the other side's number where it may be shown now.

    Raises ``Conflict`` when the match is over, ``TooOften`` when this person was shown enough numbers today,
    ``Absent`` for anybody who is not a side of it.
    """
    lock(session, match)
    sides = (match.supply_post.account_id, match.demand_post.account_id)
    if account.id not in sides:
        raise Absent
    if match.state not in (MatchState.OFFERED, MatchState.AGREED):
        raise Conflict("match_over", "This match is over: the post has ended. We go on looking.")
    supplies = match.supply_post.account_id == account.id
    mine, theirs = (
        (match.supply_post, match.demand_post) if supplies else (match.demand_post, match.supply_post)
    )
    if not yes:
        _say(match, supplies, yes=False)
        match.state = MatchState.REFUSED
        questions.close_all(session, now=now, match_id=match.id)
        session.flush()
        if not _open_offers(session, mine):
            meet(session, mine, settings=settings, now=now)
        return None
    other = session.get_one(Account, theirs.account_id)
    if other.state is not AccountState.VERIFIED:
        raise Conflict("match_over", "This match is over: the post has ended. We go on looking.")
    other_yes = match.demand_yes if supplies else match.supply_yes
    if not (theirs.share_phone or other_yes):
        _say(match, supplies, yes=True)
        if not questions.is_open(session, other, match_id=match.id):
            match_notices.tell_side(session, theirs, [match], settings, now)
        return None
    shown = reveals.reveal(session, match, viewer=account, shown=other, settings=settings, now=now)
    _say(match, supplies, yes=True)
    if match.state is MatchState.OFFERED:
        match.state, match.agreed_at = MatchState.AGREED, now
        for post in (mine, theirs):
            post.state = PostState.MATCHED if post.state is PostState.OPEN else post.state
    if not other_yes:
        match_notices.tell_wanted(session, match, to=other, by=account, now=now)
    elif not reveals.was_shown(session, match, other):
        match_notices.tell_number(session, match, to=other, about=account, settings=settings, now=now)
    return shown


def lock(session: Session, match: Match) -> None:
    """Wait until nobody else answers this match, and see it as it is then: of two answers each sees the other."""
    session.flush()
    session.refresh(match, with_for_update={"key_share": True})


def _make(
    session: Session, score: matching.Score, mine: PostItem, theirs: PostItem, now: datetime
) -> Match | None:
    """A new match; or one that lapsed with a post that is back. None where the two know of each other already."""
    supply, demand = (mine, theirs) if mine.direction == "supply" else (theirs, mine)
    known = session.scalar(
        select(Match).where(Match.supply_post_id == supply.post_id, Match.demand_post_id == demand.post_id)
    )
    if known is not None and known.state is not MatchState.LAPSED:
        return None
    match = known or Match(supply_post=supply.post, demand_post=demand.post)
    match.state, match.supply_yes, match.demand_yes, match.made_at = MatchState.OFFERED, None, None, now
    match.supply_item, match.demand_item, match.score = supply, demand, score.value
    match.reason_zh = matching.explain(offer_of(mine), offer_of(theirs), score, language="zh")[:120]
    match.reason_en = matching.explain(offer_of(mine), offer_of(theirs), score, language="en")[:240]
    session.add(match)
    return match


def _open_offers(session: Session, post: Post) -> int:
    mine = (Match.supply_post_id == post.id) | (Match.demand_post_id == post.id)
    return (
        session.scalar(select(func.count()).select_from(Match).where(mine, Match.state == MatchState.OFFERED))
        or 0
    )


def _say(match: Match, supplies: bool, *, yes: bool) -> None:
    if supplies:
        match.supply_yes = yes
    else:
        match.demand_yes = yes


def _other(match: Match, post: Post) -> Post:
    return match.demand_post if match.supply_post_id == post.id else match.supply_post
