"""What an owner does with a post of their own by a button: it is over, it goes on, it is taken down."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import appeals, matching_desk, posts
from farmerline.errors import Absent, Conflict
from farmerline.messages import Channel
from farmerline.models import LIVE, Account, Case, Post, PostState


def own(session: Session, account: Account, post_id: str) -> Post:
    """The person's own post; ``Absent`` for anybody else's."""
    post = session.get(Post, post_id)
    if post is None or post.account_id != account.id:
        raise Absent
    return post


def finish(session: Session, account: Account, post_id: str, *, now: datetime) -> Post:
    """It is sold or bought: the post is over. Raises ``Conflict`` where it is not open."""
    post = own(session, account, post_id)
    if post.state not in LIVE:
        raise Conflict("post_settled", "This post is already settled.")
    posts.end(session, post, PostState.DONE, by=account, channel=Channel.WEB, now=now)
    return post


def take_down(session: Session, account: Account, post_id: str, *, now: datetime) -> Post:
    """Nobody shall see it any more. Raises ``Conflict`` where it has ended already."""
    post = own(session, account, post_id)
    if post.state not in LIVE | {PostState.PENDING, PostState.HELD}:
        raise Conflict("post_settled", "This post is already settled.")
    posts.end(session, post, PostState.WITHDRAWN, by=account, channel=Channel.WEB, now=now)
    return post


def keep(session: Session, account: Account, post_id: str, *, settings: Settings, now: datetime) -> Post:
    """Its days begin anew, and what fits is looked for once more. Raises ``Conflict`` for a draft or a taken-down post."""
    post = own(session, account, post_id)
    was_live = post.state in LIVE
    posts.renew(session, post, by=account, channel=Channel.WEB, now=now)
    if not was_live:
        matching_desk.meet(session, post, settings=settings, now=now)
    return post


def appeal(session: Session, account: Account, post_id: str, *, words: str, now: datetime) -> Case:
    """Somebody else shall look at it. Raises ``Conflict`` where it is neither held nor taken down, or was asked before."""
    return appeals.ask(
        session, own(session, account, post_id), by=account, channel=Channel.WEB, words=words, now=now
    )
