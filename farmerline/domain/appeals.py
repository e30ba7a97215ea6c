"""Appeals: who does not agree that a post was held or taken down asks that somebody else looks at it.

An administrator decides, never who decided before. One appeal a post; what it ends in stands.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import access, audit, cases, drafts, matching_desk, outbox, posts
from farmerline.domain.access import Actor
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountState,
    Case,
    CaseKind,
    CaseState,
    Post,
    PostState,
    Purpose,
    Role,
)
from farmerline.words import say

NOTE = "appealed"
ASKED = "Your appeal about No. {number} is with the county office. You are told within two working days."
_DAYS = timedelta(days=30)
_LONGEST, _LONGEST_REASON = 400, 60
_HIGHEST = 2**31


def may_appeal(post: Post, now: datetime) -> bool:
    """Whether somebody else can be asked to look at a post: it is held, or was taken down by the desk in the last 30 days,
    and nobody asked before."""
    if post.number is None or post.appealed_at is not None:
        return False
    return post.state is PostState.HELD or (
        bool(why_taken_down(post)) and (post.closed_at or now) > now - _DAYS
    )


def why_taken_down(post: Post) -> str:
    """The reason for which somebody of the desk took a post down; "" for every other post."""
    ended = [event for event in post.history if event.state is PostState.WITHDRAWN and event.note != NOTE]
    last = max(ended, key=lambda event: event.at, default=None)
    by_desk = last is not None and last.actor_id not in (None, post.account_id)
    return last.note if last is not None and by_desk and post.state is PostState.WITHDRAWN else ""


def own(session: Session, account: Account, now: datetime) -> list[Post]:
    """This person's posts that can be appealed, the newest first."""
    mine = select(Post).where(
        Post.account_id == account.id,
        Post.state.in_((PostState.HELD, PostState.WITHDRAWN)),
        Post.number.is_not(None),
        Post.appealed_at.is_(None),
    )
    found = session.scalars(mine.order_by(Post.created_at.desc()).limit(20))
    return [post for post in found if may_appeal(post, now)]


def numbered(session: Session, account: Account, number: int) -> list[Post]:
    """This person's post of this number, whatever became of it; an empty list where it is not theirs."""
    mine = select(Post).where(Post.account_id == account.id, Post.number == number)
    return list(session.scalars(mine)) if number < _HIGHEST else []


def ask(session: Session, post: Post, *, by: Account, channel: Channel, words: str, now: datetime) -> Case:
    """Hand a held or refused post to the administrator, with what its owner says to it; the contact point leaves it.

    ``by`` is the owner, or the contact point for them. Raises ``Conflict`` where it was asked before, or is too late.
    """
    session.flush()
    session.refresh(post, with_for_update=True)
    if post.appealed_at is not None:
        raise Conflict("appealed", "You asked for that already. Each post is looked at again once.")
    if not may_appeal(post, now):
        raise Conflict("appeal_over", "Nobody has to look at this post again.")
    owner = session.get_one(Account, post.account_id)
    post.appealed_at = now
    drafts.note(post, post.state, by, now, channel, NOTE)
    for review in _open_reviews(session, post):
        cases.close_case(
            session, review, by=by, outcome=say(by.language, "Appealed: the county office decides."), now=now
        )
    said = " ".join(words.replace("\0", "").split())[:_LONGEST]
    case = cases.open_case(
        session,
        kind=CaseKind.APPEAL,
        area_code=owner.area_code,
        text=f"{posts.describe(session, post)} / {said}" if said else posts.describe(session, post),
        now=now,
        account=owner,
        post=post,
    )
    audit.record(
        session, actor_id=by.id, for_id=owner.id, act="post.appeal", subject=f"post:{post.id}", channel=channel, now=now
    )  # fmt: skip
    return case


def case_of(session: Session, actor: Actor, number: int) -> Case:
    """The appeal with this number; ``Absent`` outside the administrator's area, and for every other case."""
    case = session.scalar(select(Case).where(Case.number == number)) if 0 < number < _HIGHEST else None
    if case is None or case.kind is not CaseKind.APPEAL:
        raise Absent
    access.authorise(actor, {Role.ADMIN}, case.area_code)
    return case


def was_involved(session: Session, post: Post, account_id: str) -> bool:
    """Whether this person wrote the post, took it down, or settled a review of it: then they do not decide again."""
    reviewed = select(Case.closed_by).where(Case.post_id == post.id, Case.kind == CaseKind.REVIEW)
    took_down = (event.actor_id for event in post.history if event.state is PostState.WITHDRAWN)
    return account_id in {post.account_id, post.operator_id, *session.scalars(reviewed), *took_down}


def decide(
    session: Session,
    *,
    actor: Actor,
    number: int,
    publish: bool,
    reason: str,
    settings: Settings,
    now: datetime,
) -> None:
    """Let the post out, or leave it down; its owner is told, with the reason.

    Raises ``Invalid`` without a reason, ``Conflict`` for who was involved, for a person whose ID nobody has seen, and where
    it is settled already.
    """  # fmt: skip
    case = case_of(session, actor, number)
    session.refresh(case, with_for_update=True)
    by, post = session.get_one(Account, actor.account_id), session.get_one(Post, case.post_id or "")
    if case.state is CaseState.CLOSED:
        raise Conflict("case_closed", "This was already done by someone else.")
    if was_involved(session, post, by.id):
        raise Conflict(
            "appeal_self", "Who wrote or decided it before does not decide again: ask another administrator."
        )
    why = " ".join(reason.replace("\0", "").split())[:_LONGEST_REASON]
    if not why:
        raise Invalid("reason_missing", "Write why, in a few words: he is told.", field="reason")
    owner = session.get_one(Account, post.account_id)
    if publish:
        _let_out(session, post, owner, by, settings, now)
    elif post.state is PostState.HELD:
        posts.end(session, post, PostState.WITHDRAWN, by=by, channel=Channel.WEB, now=now, note=why)
    _tell(session, post, owner, why, publish, settings, now)
    outcome = (
        say(by.language, "Appeal granted: {reason}", reason=why)
        if publish
        else say(by.language, "Appeal refused: {reason}", reason=why)
    )
    cases.close_case(session, case, by=by, outcome=outcome, now=now)
    audit.record(
        session, actor_id=by.id, for_id=owner.id, act="post.appeal_decided", subject=f"post:{post.id}", channel=Channel.WEB,
        detail={"publish": publish}, now=now,
    )  # fmt: skip


def _let_out(
    session: Session, post: Post, owner: Account, by: Account, settings: Settings, now: datetime
) -> None:
    if owner.state is not AccountState.VERIFIED:
        raise Conflict("person_unverified", "See this person's ID first; then the post can go out.")
    if post.state is not PostState.HELD and not why_taken_down(post):
        raise Conflict("post_settled", "This post is already settled.")
    owner.reviewed, post.closed_at = True, None
    posts.release(session, post, by=by, channel=Channel.WEB, now=now)
    drafts.note(post, post.state, by, now, Channel.WEB, "appeal granted")
    matching_desk.meet(session, post, settings=settings, now=now)


def _tell(
    session: Session, post: Post, owner: Account, why: str, publish: bool, settings: Settings, now: datetime
) -> None:
    if publish:
        text = say(
            owner.language, "Your appeal: No. {number} is published. {reason}", number=post.number, reason=why
        )
    else:
        text = say(
            owner.language,
            "Your appeal: No. {number} stays down. {reason}. Questions: ring {line}",
            number=post.number,
            reason=why,
            line=settings.line_number,
        )
    outbox.tell(session, account=owner, text=text, purpose=Purpose.SERVICE, now=now)


def _open_reviews(session: Session, post: Post) -> list[Case]:
    waiting = select(Case).where(
        Case.post_id == post.id, Case.kind == CaseKind.REVIEW, Case.state == CaseState.OPEN
    )
    return list(session.scalars(waiting))
