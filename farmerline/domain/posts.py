"""Posts: drafted from words, read back, published, renewed, ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local, noon
from farmerline.domain import areas, cases, drafts, guards, outbox, post_words, questions, subscriptions
from farmerline.domain.drafts import amend as amend
from farmerline.domain.drafts import draft as draft
from farmerline.domain.drafts import turn as turn
from farmerline.domain.drafts import without_contacts as without_contacts
from farmerline.domain.numbers import next_number
from farmerline.errors import Conflict
from farmerline.messages import Channel
from farmerline.models import (
    LIVE,
    Account,
    AreaLevel,
    Case,
    CaseKind,
    CaseState,
    Match,
    MatchState,
    Post,
    PostItem,
    PostKind,
    PostState,
    Purpose,
    Question,
    QuestionKind,
)
from farmerline.words import say

_SLOW_FORMS = frozenset({"seedling", "seed", "land", "machine", "equipment", "service", "labour"})


def publish(
    session: Session,
    post: Post,
    *,
    by: Account,
    channel: Channel,
    share_phone: bool,
    now: datetime,
    hold_hours: int,
) -> None:
    """Make a confirmed post public, or hold it with its reason. Raises ``Conflict`` when it is no longer a draft."""
    if post.state not in (PostState.PENDING, PostState.HELD):
        raise Conflict("post_settled", "This post is already settled.")
    owner = session.get_one(Account, post.account_id)
    post.share_phone = share_phone
    post.number = post.number or next_number(session, "post")
    post.text_mark = guards.mark(post.text)
    reason = guards.reason_to_hold(session, post, owner, now)
    if reason:
        post.state, post.held_reason = PostState.HELD, reason
        _open_review(session, post, owner, now, hold_hours)
        if reason == "same_text":
            for twin in guards.twins(session, post, owner, now):
                _look_again(session, twin, now, hold_hours)
    else:
        release(session, post, by=by, channel=channel, now=now)
        if not owner.reviewed:
            _open_review(session, post, owner, now, hold_hours)
    drafts.note(post, post.state, by, now, channel, reason)
    session.flush()


def release(session: Session, post: Post, *, by: Account, channel: Channel, now: datetime) -> None:
    """Open a post to everyone, and to the matcher."""
    post.state, post.held_reason = PostState.OPEN, ""
    post.published_at = post.published_at or now
    post.expires_at = now + timedelta(days=days_open(session, post))
    for item in post.items:
        item.live, item.day = True, local(now).date()
    session.flush()
    post_words.keep(session, post)
    subscriptions.note_post(session, post, now)


def end(
    session: Session,
    post: Post,
    state: PostState,
    *,
    by: Account | None,
    channel: str,
    now: datetime,
    note: str = "",
) -> None:
    """Take a post out of the market: done, withdrawn or expired. What was asked about it is asked no more."""
    if post.state in (PostState.DONE, PostState.WITHDRAWN, PostState.EXPIRED):
        return
    post.state, post.closed_at = state, now
    for item in post.items:
        item.live = False
    questions.close_all(session, now=now, post_id=post.id)
    mine = (Match.supply_post_id == post.id) | (Match.demand_post_id == post.id)
    for match in session.scalars(select(Match).where(mine, Match.state == MatchState.OFFERED)):
        match.state = MatchState.LAPSED
        questions.close_all(session, now=now, match_id=match.id)
    drafts.note(post, state, by, now, channel, note)
    session.flush()
    post_words.keep(session, post)


def renew(session: Session, post: Post, *, by: Account, channel: str, now: datetime) -> None:
    """Give a post its days once more; one that ended or was taken down by mistake comes back."""
    if post.state not in LIVE | {PostState.EXPIRED, PostState.DONE}:
        raise Conflict("post_settled", "This post is already settled.")
    post.state, post.closed_at = PostState.OPEN, None
    post.expires_at = now + timedelta(days=days_open(session, post))
    if all(item.qty_left == 0 for item in post.items):
        for item in post.items:  # sold out, and there is more of it
            item.qty_left = item.qty
    for item in post.items:
        item.live = item.qty_left is None or item.qty_left > 0
    drafts.note(post, PostState.OPEN, by, now, channel, "renewed")
    session.flush()
    post_words.keep(session, post)


def days_open(session: Session, post: Post) -> int:
    """How many days a post of this kind stays: longer for seedlings, land and machines."""
    kind = session.get_one(PostKind, post.kind)
    return kind.seedling_days if any(item.form in _SLOW_FORMS for item in post.items) else kind.days


def describe(
    session: Session, post: Post, language: str = "zh", *, start: AreaLevel = AreaLevel.VILLAGE
) -> str:
    """The post in one line, as it is read back: ``卖 葡萄苗 2000株 3元/株 杨高村``; its place from ``start`` downwards."""
    place = areas.path_name(session, post.area_code, start=start)
    if not post.items:
        return f"{post.text[:40]} {place}".strip()
    verb = say(language, "sell" if post.items[0].direction == "supply" else "buy")
    things = "、".join(
        " ".join(part for part in (item.name, item.said_qty, item.said_price) if part)
        for item in post.items[:3]
    )
    return f"{verb} {things} {place}".strip()


def expire_due(session: Session, *, now: datetime, limit: int = 200) -> int:
    """End the open posts whose days are over; returns how many."""
    due = (
        select(Post)
        .where(Post.state.in_(LIVE), Post.expires_at <= now)
        .order_by(Post.expires_at)
        .limit(limit)
    )
    found = list(session.scalars(due))
    for post in found:
        end(session, post, PostState.EXPIRED, by=None, channel="", now=now)
    return len(found)


def take_from_lot(item: PostItem, qty: float | None) -> bool:
    """Take a sold quantity (kg or count) off a lot; True when nothing is left of it. Unknown: nothing is taken."""
    if item.qty_left is None or qty is None:
        return False
    item.qty_left = max(0.0, item.qty_left - max(0.0, qty))
    item.live = item.live and item.qty_left > 0
    return item.qty_left == 0


def _open_review(session: Session, post: Post, owner: Account, now: datetime, hours: int) -> None:
    cases.open_case(
        session,
        kind=CaseKind.REVIEW,
        area_code=owner.area_code,
        text=describe(session, post),
        now=now,
        account=owner,
        post=post,
        hours=hours,
    )


def _look_again(session: Session, post: Post, now: datetime, hours: int) -> None:
    """Let the contact point look at an open post whose words came again under another name; it stays open meanwhile."""
    known = select(Case.id).where(
        Case.post_id == post.id, Case.kind == CaseKind.REVIEW, Case.state == CaseState.OPEN
    )
    if post.state in LIVE and session.scalar(known.limit(1)) is None:
        drafts.note(post, post.state, None, now, "", guards.LOOKED_AGAIN)
        _open_review(session, post, session.get_one(Account, post.account_id), now, hours)


def ask_renewals(session: Session, *, now: datetime, limit: int = 200) -> int:
    """Ask the owners of posts that end before tomorrow is over whether to keep them; once a term. Returns how many.

    By the day and not by the hour: who posted at nine in the morning has a day for the answer too.
    """
    over = noon(local(now).date() + timedelta(days=1)) + timedelta(hours=12)
    soon = select(Post).where(Post.state.in_(LIVE), Post.expires_at > now, Post.expires_at <= over)
    asked = select(Question.post_id).where(
        Question.kind == QuestionKind.RENEW, Question.asked_at > now - timedelta(days=3)
    )
    found = list(session.scalars(soon.where(Post.id.not_in(asked)).limit(limit)))
    for post in found:
        owner = session.get_one(Account, post.account_id)
        question = questions.ask(
            session, kind=QuestionKind.RENEW, now=now, hours=48, account=owner, post_id=post.id
        )
        text = say(
            owner.language,
            "No. {number} {what} ends tomorrow. Reply 1 to keep it, 2 to take it down",
            number=post.number,
            what=describe(session, post, owner.language),
        )
        outbox.tell(
            session,
            account=owner,
            text=f"{text}[{question.code}]",
            purpose=Purpose.MATCH,
            now=now,
            question=question,
        )
    return len(found)
