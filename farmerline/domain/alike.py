"""Posts in which no product was read: what is said in like words is named to their owner, as nothing can be matched."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.domain import lookups, outbox
from farmerline.models import Account, Post, Purpose
from farmerline.queries import search
from farmerline.words import say

_SIDES = ("supply", "demand")


def tell(session: Session, post: Post, *, now: datetime) -> list[Post]:
    """Name to its owner the open posts of the other side that speak like this one; [] and no word where none does, or
    where posts of this kind have no other side."""
    if post.kind not in _SIDES or post.items:
        return []
    found = search.similar(session, post.text, post.kind, lookups.AT_MOST, without=post.account_id)
    if found:
        owner = session.get_one(Account, post.account_id)
        listed = ";".join(lookups.line(session, one, owner.language) for one in found)
        text = say(
            owner.language, "Perhaps this fits No. {number}: {posts}", number=post.number, posts=listed
        )
        outbox.tell(session, account=owner, text=text, purpose=Purpose.MATCH, now=now)
    return found
