"""每日一助 at its hour: what came of yesterday is published, then today's seller is told of to likely buyers."""

from __future__ import annotations

from farmerline.domain import digest
from farmerline.words import DEFAULT_LANGUAGE, say
from jobs.context import Context


def make_digest(context: Context) -> str:
    """Publish outcomes, give the day to a seller; says how it went."""
    with context.database.write() as session:
        digest.publish_results(session, settings=context.settings, now=context.now())
    with context.database.read() as session:  # nobody who writes waits for the looking
        choice = digest.choose(session, settings=context.settings, now=context.now())
    with context.database.write() as session:
        made = digest.make(session, choice, settings=context.settings, now=context.now())
    if made.why != "told":
        return made.why
    return say(
        DEFAULT_LANGUAGE, "No. {number}, people told: {people}", number=made.number, people=made.people
    )


def has_work(context: Context) -> bool:
    """Whether there is an outcome to publish or a seller whose turn it is. Reads only."""
    with context.database.read() as session:
        return digest.has_work(session, settings=context.settings, now=context.now())
