"""Open posts are read again after an editor changed the vocabulary, a part at a time."""

from __future__ import annotations

import logging

from farmerline.domain import rereading
from jobs.context import Context

_log = logging.getLogger(__name__)
PART = 200
_FOLLOWING = 1000


def reread_posts(context: Context) -> int:
    """Read the posts again that edits concern; returns how many were changed, or were noted as left.

    What is killed on the way begins anew and finds done what was done.
    """
    if context.reader is None:
        return 0
    with context.database.read() as session:
        work = rereading.plan(session, context.reader)
    if work is None:
        return 0
    done = _reread(context, work)
    _follow(context, work)
    with context.database.write() as session:
        rereading.settle(session, work, now=context.now())
    _log.info("vocabulary.reread edits=%d posts=%d", len(work.edits), done)
    return done


def has_work(context: Context) -> bool:
    """Whether an edit waits. Reads only."""
    with context.database.read() as session:
        return rereading.is_due(session)


def _reread(context: Context, work: rereading.Work) -> int:
    """Only what changes is written, each post in a transaction of its own."""
    done, after = 0, ""
    while True:
        with context.database.read() as session:
            found = rereading.texts(session, work, after=after, limit=PART)
        for post_id, text in found:
            after = post_id
            changed = rereading.compare(work, post_id, text)
            if changed is not None:
                with context.database.write() as session:
                    done += rereading.apply(
                        session, work, changed, settings=context.settings, now=context.now()
                    )
        if len(found) < PART:
            return done


def _follow(context: Context, work: rereading.Work) -> None:
    after = ""
    while work.merged:
        with context.database.write() as session:
            after = rereading.follow(session, work, after=after, limit=_FOLLOWING)
        if not after:
            return
