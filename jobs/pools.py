"""Pooled offers: small lots that together are enough are brought together; those whose time is over are settled."""

from __future__ import annotations

from sqlalchemy import exists, select

from farmerline.domain import pools
from farmerline.models import Pool, PostItem
from jobs.context import Context


def pool_lots(context: Context) -> int:
    """Settle what is due, then form what can be formed; returns how many pools were settled."""
    settled = 0
    while True:
        with context.database.write() as session:
            due = pools.due(session, now=context.now())
            for pool in due:
                pools.settle_due(session, pool, settings=context.settings, now=context.now())
        settled += len(due)
        if not due:
            break
    after: str | None = ""
    while after is not None:
        with context.database.write() as session:
            after = pools.form_all(session, settings=context.settings, now=context.now(), after=after)
    return settled


def has_work(context: Context) -> bool:
    """Whether a pool's time is over, or a want is open for which there may be lots. Reads only."""
    over = exists().where(Pool.state.in_(pools.ACTIVE), Pool.until <= context.now())
    wanted = exists().where(PostItem.live, PostItem.direction == "demand", PostItem.unit.is_not(None))
    with context.database.read() as session:
        return bool(session.scalar(select(over | wanted)))
