"""Looking for words in one's own letters.

Letters are stored sealed and no index of their words is kept, for it would tell what they say. So a person's newest letters
are opened one after the other and read here; older ones are found by paging through the list.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import mailbox
from farmerline.domain.many import among
from farmerline.models import Account, Letter
from farmerline.queries import letters

NEWEST = 1000
"""So many of a person's letters are looked through."""
_SHOWN = 30
_AROUND = 24
"""Signs shown before what was found."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A letter that holds the words. ``said`` is the place where they stand."""

    id: str
    thread_id: str
    mine: bool
    who: str
    subject: str
    said: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Search:
    """``looked`` letters were read, the newest; ``more``: there are older ones."""

    hits: tuple[Hit, ...]
    looked: int
    more: bool


def search(session: Session, account: Account, words: str) -> Search:
    """The newest letters that hold all of the words, in what they say, their subject or the other's name."""
    wanted = _plain(words).split()
    query = select(
        Letter.id,
        Letter.thread_id,
        Letter.from_id,
        Letter.to_id,
        Letter.subject_sealed,
        Letter.body_sealed,
        Letter.sent_at,
    ).where(mailbox.seen_by(account))
    rows = session.execute(query.order_by(Letter.sent_at.desc(), Letter.id.desc()).limit(NEWEST + 1)).all()
    others = {row.from_id if row.to_id == account.id else row.to_id for row in rows}
    people = {one.id: one for one in session.scalars(select(Account).where(among(Account.id, others)))}
    names: dict[tuple[str, str], str] = {}
    hits: list[Hit] = []
    for row in rows[:NEWEST] if wanted else ():
        subject, body = (
            Letter.subject.open(row.subject_sealed, row.id),
            Letter.body.open(row.body_sealed, row.id),
        )
        other = people[row.from_id if row.to_id == account.id else row.to_id]
        if (key := (other.id, row.thread_id)) not in names:
            names[key] = letters.name_for(session, account, other, row.thread_id)
        if not _holds(f"{subject} {body} {names[key]}", wanted):
            continue
        hits.append(
            Hit(
                row.id,
                row.thread_id,
                row.from_id == account.id,
                names[key],
                subject,
                _around(body, wanted),
                row.sent_at,
            )
        )
        if len(hits) == _SHOWN:
            break
    return Search(tuple(hits), min(len(rows), NEWEST), len(rows) > NEWEST)


def _holds(text: str, wanted: list[str]) -> bool:
    plain = _plain(text)
    return all(word in plain for word in wanted)


def _around(body: str, wanted: list[str]) -> str:
    """The words of a letter from a little before what was found."""
    line = " ".join(body.split())
    at = min((place for word in wanted if (place := _plain(line).find(word)) >= 0), default=0)
    start = max(0, at - _AROUND)
    end = start + letters.START
    return ("…" if start else "") + line[start:end] + ("…" if end < len(line) else "")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
