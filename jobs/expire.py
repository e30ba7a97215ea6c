"""What has had its time: posts end, people are asked whether to renew, unanswered questions go to a person."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from farmerline.domain import answers, posts
from farmerline.models import LIVE, Post, Question, QuestionState
from jobs.context import Context

_PART = 200


def expire_posts(context: Context) -> int:
    """End posts whose days are over; returns how many."""
    return _in_parts(context, lambda session: posts.expire_due(session, now=context.now(), limit=_PART))


def ask_renewals(context: Context) -> int:
    """Ask whose post ends before tomorrow is over whether it should stay; returns how many were asked."""
    return _in_parts(context, lambda session: posts.ask_renewals(session, now=context.now(), limit=_PART))


def park_unanswered(context: Context) -> int:
    """End questions that met silence; a draft goes to the contact point. Returns how many."""
    return _in_parts(context, lambda session: answers.park_unanswered(session, now=context.now()))


def has_expired(context: Context) -> bool:
    """Whether a post's days are over. Reads only."""
    over = exists().where(Post.state.in_(LIVE), Post.expires_at <= context.now())
    with context.database.read() as session:
        return bool(session.scalar(select(over)))


def has_unanswered(context: Context) -> bool:
    """Whether a question's time is over. Reads only."""
    over = exists().where(Question.state == QuestionState.OPEN, Question.expires_at <= context.now())
    with context.database.read() as session:
        return bool(session.scalar(select(over)))


def _in_parts(context: Context, act: Callable[[Session], int]) -> int:
    """Do it a part at a time, each in a transaction of its own."""
    done = 0
    while True:
        with context.database.write() as session:
            more = act(session)
        done += more
        if more < _PART:
            return done
