"""Letters to a group: one to each of its people, a few in a week, told of by day."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import audit, letter_groups, mailbox, quiet
from farmerline.errors import Absent, Conflict
from farmerline.models import Account, Campaign, CampaignState, Letter, LetterGroup, Purpose

LETTERS, DAYS = 3, 7
"""A group gets so many letters in so many days at most."""


def room(session: Session, group: LetterGroup, now: datetime) -> int:
    """How many letters the group may still get now."""
    sent = select(func.count(Letter.campaign_id.distinct())).where(
        Letter.group_id == group.id, Letter.sent_at > now - timedelta(days=DAYS)
    )
    return max(0, LETTERS - (session.scalar(sent) or 0))


def write(
    session: Session, group: LetterGroup, *, owner: Account, body: str, subject: str, once: str, settings: Settings,
    now: datetime,
) -> Campaign:  # fmt: skip
    """Write to the group: one letter to each of its people, who are told as they prefer, not at night.

    ``once`` is the form's own mark: the same form twice is one letter. Raises ``Conflict`` where nobody is in the group or it
    had its letters of the week, ``Invalid`` as ``mailbox.write``.
    """
    known = session.get(Campaign, once)
    if known is not None:
        if known.created_by != owner.id or known.purpose is not Purpose.LETTER:
            raise Absent
        return known
    readers = letter_groups.readers(session, group)
    if not readers:
        raise Conflict("group_empty", "Nobody is in the group yet.")
    if not room(session, group, now):
        raise Conflict(
            "group_week", "The group had {n} letters in {days} days. Wait a little.", n=LETTERS, days=DAYS
        )
    row = Campaign(
        id=once, purpose=Purpose.LETTER, text="", area_code=owner.area_code, state=CampaignState.DONE,
        people=len(readers), created_by=owner.id, created_at=now,
        list_hash=sha256("".join(f"{one.id}\n" for one in readers).encode()).hexdigest(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    due = quiet.next_allowed(now, settings)
    for one in readers:
        letter = mailbox.write(
            session,
            sender=owner,
            to=one,
            body=body,
            subject=subject,
            channel="web",
            now=now,
            group=group,
            campaign=row,
        )
        mailbox.tell(session, letter, owner, one, now, campaign=row, due_at=due)
    audit.record(
        session, actor_id=owner.id, act="group.write", subject=f"group:{group.id}", channel="web",
        detail={"people": len(readers)}, now=now,
    )  # fmt: skip
    return row
