"""Answers about pooled offers: a member's yes or no, the buyer's."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import audit, matching_desk, pool_words, pools, questions, reveals
from farmerline.domain.candidates import offer_of
from farmerline.domain.talk import Talk
from farmerline.errors import Conflict
from farmerline.models import (
    Account,
    Match,
    MatchState,
    Pool,
    PoolMember,
    PoolState,
    PostItem,
    PostState,
    Question,
    QuestionKind,
)
from farmerline.words import say
from matching import explain

_OVER = "This pooled offer is over."


def topic(session: Session, question: Question, language: str) -> str:
    """What a question about a pooled offer is about, in a few words."""
    pool = session.get_one(Pool, question.data["pool"])
    want = session.get_one(PostItem, pool.demand_item_id)
    if question.kind is QuestionKind.POOLED:
        listed = pool_words.names(session, pool, want, language)
        return say(language, "pooled offer of {what}: {names}", what=want.name, names=listed)
    return say(language, "your {what} together with the neighbours'", what=want.name)


def settle_member(talk: Talk, question: Question) -> None:
    """A member's answer; the last one brings the pool to the buyer."""
    pool = _locked(talk.session, question)
    member = next((one for one in pool.members if one.account_id == question.account_id), None)
    if pool.state is not PoolState.ASKING or member is None:
        raise Conflict("pool_over", _OVER)
    yes = talk.said.intent != "deny"
    member.agreed, member.answered_at, member.answered_via = yes, talk.now, talk.inbound.channel
    questions.close(question, now=talk.now, answer="yes" if yes else "no")
    _note(talk, pool, "pool.agree" if yes else "pool.decline")
    if yes:
        talk.tell("Noted: yours goes with them. When the buyer takes it, you hear who it is.")
    else:
        talk.tell("All right, not with the neighbours. Your own post stays.")
    pools.review(talk.session, pool, settings=talk.settings, now=talk.now)


def settle_buyer(talk: Talk, question: Question) -> None:
    """The buyer's answer: with a yes each member's lot becomes a match with both numbers known to the buyer."""
    pool = _locked(talk.session, question)
    if pool.state is not PoolState.OFFERED:
        raise Conflict("pool_over", _OVER)
    members = pools.agreed(pool)
    if talk.said.intent == "deny":
        pool.state, pool.settled_at = PoolState.REFUSED, talk.now
        questions.close(question, now=talk.now, answer="no")
        _note(talk, pool, "pool.refuse")
        for member in members:
            pool_words.tell_refused(
                talk.session, pool, talk.session.get_one(Account, member.account_id), talk.now
            )
        talk.tell("All right, not this one. We go on looking.")
        return
    shown = [_agree(talk, pool, member) for member in members]
    pool.state, pool.settled_at = PoolState.AGREED, talk.now
    questions.close(question, now=talk.now, answer="yes")
    _note(talk, pool, "pool.take")
    for member in members:
        account = talk.session.get_one(Account, member.account_id)
        pool_words.tell_taken(talk.session, pool, account, talk.person, talk.now)
    talk.tell(
        "{people}. In {days} days we ask how it went.",
        people=pool_words.numbers(shown, talk.language),
        days=talk.settings.follow_up_days[0],
    )


def _agree(talk: Talk, pool: Pool, member: PoolMember) -> reveals.Shown:
    session, want = talk.session, talk.session.get_one(PostItem, pool.demand_item_id)
    lot = session.get_one(PostItem, member.item_id)
    match = session.scalar(
        select(Match).where(Match.supply_post_id == lot.post_id, Match.demand_post_id == want.post_id)
    )
    if match is None:
        match = Match(supply_post=lot.post, demand_post=want.post, score=1.0, made_at=talk.now)
        session.add(match)
    else:
        matching_desk.lock(session, match)
        questions.close_all(session, now=talk.now, match_id=match.id)
    match.supply_item, match.demand_item, match.pool_id = lot, want, pool.id
    match.reason_zh = explain(offer_of(want), offer_of(lot), language="zh")[:120]
    match.reason_en = explain(offer_of(want), offer_of(lot), language="en")[:240]
    match.supply_yes = match.demand_yes = True
    match.state, match.agreed_at = MatchState.AGREED, talk.now
    for post in (lot.post, want.post):
        post.state = PostState.MATCHED if post.state is PostState.OPEN else post.state
    session.flush()
    owner = session.get_one(Account, member.account_id)
    return reveals.reveal(
        session, match, viewer=talk.person, shown=owner, settings=talk.settings, now=talk.now
    )


def _locked(session: Session, question: Question) -> Pool:
    """The pool, seen as it is when nobody else answers it."""
    session.flush()
    pool = session.get_one(Pool, question.data["pool"])
    session.refresh(pool, with_for_update={"key_share": True})
    return pool


def _note(talk: Talk, pool: Pool, act: str) -> None:
    audit.record(
        talk.session, actor_id=talk.speaker.id, for_id=talk.person.id, act=act, subject=f"pool:{pool.id}",
        channel=talk.inbound.channel, now=talk.now,
    )  # fmt: skip
