"""Links 三农: kept by publishers, looked at once a week by a job; dead ones are marked and, once back, no longer."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.domain import access, audit
from farmerline.errors import Absent, Invalid
from farmerline.models import Link, Role

WEEK = timedelta(days=7)
_AGAIN = timedelta(hours=20)
GIVEN_UP = 3
"""So many looks in a row that found nothing make a link dead; a page that says it is gone needs one."""
GONE = frozenset({"404", "410"})
_LONGEST = {"title": 30, "about": 60, "heading": 10}


def add(
    session: Session,
    *,
    address: str,
    title: str,
    about: str,
    heading: str,
    county: str,
    actor: access.Actor,
    now: datetime,
) -> Link:
    """A new link. Raises ``Invalid`` for an address that is none or is here already, or words that do not fit."""
    access.authorise(actor, {Role.PUBLISHER}, county)
    if not _is_whole(address):
        raise Invalid("link_address", "Write the whole address, with http:// or https://.", field="link")
    for field, said in (("title", title), ("heading", heading)):
        if not said:
            raise Invalid("link_missing", "This is missing.", field=field)
    for field, said in (("title", title), ("about", about), ("heading", heading)):
        if len(said) > _LONGEST[field]:
            raise Invalid(
                "too_long",
                "This has {count} signs; {most} fit.",
                field=field,
                count=len(said),
                most=_LONGEST[field],
            )
    if session.scalar(select(Link).where(Link.address == address)) is not None:
        raise Invalid("link_known", "This address is here already.", field="link")
    last = session.scalar(select(func.max(Link.position))) or 0
    link = Link(
        address=address, title=title, about=about, heading=heading, position=last + 1, added_by=actor.account_id, added_at=now
    )  # fmt: skip
    session.add(link)
    session.flush()
    audit.record(session, actor_id=actor.account_id, act="link.add", subject=f"link:{link.id}", now=now)
    return link


def _is_whole(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and not parts.username
        and len(address) <= 500
    )


def remove(session: Session, link_id: str, *, county: str, actor: access.Actor, now: datetime) -> None:
    """Take a link off the page."""
    access.authorise(actor, {Role.PUBLISHER}, county)
    link = session.get(Link, link_id)
    if link is None:
        raise Absent
    session.delete(link)
    session.flush()
    audit.record(session, actor_id=actor.account_id, act="link.remove", subject=f"link:{link_id}", now=now)


def due(session: Session, *, now: datetime) -> list[tuple[str, str]]:
    """Which links to look at now, id and address: a week after a good look, a day after a bad one."""
    well = (Link.failures == 0) & ((Link.checked_at.is_(None)) | (Link.checked_at <= now - WEEK))
    dead = Link.dead_at.is_not(None) & (Link.checked_at <= now - WEEK)
    doubtful = (Link.failures > 0) & Link.dead_at.is_(None) & (Link.checked_at <= now - _AGAIN)
    query = (
        select(Link.id, Link.address).where(well | dead | doubtful).order_by(Link.checked_at, Link.position)
    )
    return list(session.execute(query.limit(500)).tuples())


def note(session: Session, link_id: str, fault: str, *, now: datetime) -> None:
    """Put down a look: ``fault`` is "" where the page was there, else an HTTP status or a word."""
    link = session.get(Link, link_id, with_for_update=True)
    if link is None:
        return
    link.checked_at, link.fault = now, fault[:40]
    link.failures = link.failures + 1 if fault else 0
    if not fault:
        link.dead_at = None
    elif link.dead_at is None and (fault in GONE or link.failures >= GIVEN_UP):
        link.dead_at = now
    session.flush()


def listed(session: Session) -> list[tuple[str, list[Link]]]:
    """The links under their headings, in their order."""
    found: dict[str, list[Link]] = {}
    for link in session.scalars(select(Link).order_by(Link.position)):
        found.setdefault(link.heading, []).append(link)
    return list(found.items())
