"""Words that people trade with and that the vocabulary has not: counted, kept with a few sentences, put before an editor.

A sentence is kept without phone numbers, ID numbers and the speaker's name; only the last few of a word stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from farmerline.domain import audit, vocabulary
from farmerline.domain.access import Actor
from farmerline.domain.drafts import without_contacts
from farmerline.errors import Absent, Conflict
from farmerline.ids import new_id
from farmerline.models import Account, Inbound, UnknownWord, UnknownWordUse, WordState
from farmerline.names import split_name
from matching import Understood
from matching.unknown import unknown_word

PROPOSED = 3
"""How often a word is heard before an editor is asked."""
KEPT = 5
"""Sentences kept of one word."""
_TRADING = frozenset({"sell", "buy", "other"})
_LONG_NUMBER = re.compile(r"\d[\d -]{4,}\d[xX]?")
_LONGEST = 120


def hear(
    session: Session, inbound: Inbound, said: Understood, *, people: Iterable[Account], now: datetime
) -> UnknownWord | None:
    """Count the unknown word of a message, once for each message; None where it has none. ``people`` share the phone:
    their names are left out of the sentence."""
    if said.intent not in _TRADING or said.reading is None:
        return None
    word = unknown_word(said.reading)
    known = {part for person in people for part in (person.name, split_name(person.name)[1])}
    if not word or word in known:
        return None
    row = _row(session, word, now)
    if row.state is WordState.TAKEN or _is_noted(session, row, inbound):
        return None
    row.times, row.last_at = row.times + 1, now
    if row.state is WordState.DISMISSED and row.times >= PROPOSED:
        row.state = WordState.HEARD  # it was not now; now it is heard again
    sentence = sentence_of(inbound.body, {said.reading.name, *known})
    session.add(UnknownWordUse(word_id=row.id, inbound_id=inbound.id, sentence=sentence, at=now))
    session.flush()
    _trim(session, row)
    return row


def dismiss(session: Session, word_id: str, *, actor: Actor, county: str, now: datetime) -> UnknownWord:
    """Not now: the word is counted anew, and proposed when it was heard as often again. Raises ``Conflict`` where it was
    settled."""
    vocabulary.admit(actor, county)
    row = session.scalar(select(UnknownWord).where(UnknownWord.id == word_id).with_for_update())
    if row is None:
        raise Absent
    if row.state is not WordState.HEARD:
        raise Conflict("word_settled", "Somebody has settled this word already.")
    row.state, row.times = WordState.DISMISSED, 0
    audit.record(
        session, actor_id=actor.account_id, act="word.dismiss", subject=f"unknown_word:{row.id}", now=now
    )
    session.flush()
    return row


def sentence_of(text: str, names: Iterable[str]) -> str:
    """A person's words for an editor to read: no phone, no long number, none of these names."""
    plain = _LONG_NUMBER.sub("…", without_contacts(text))
    for name in sorted({name for name in names if len(name) > 1}, key=len, reverse=True):
        plain = plain.replace(name, "…")
    return " ".join(plain.split())[:_LONGEST]


def _row(session: Session, word: str, now: datetime) -> UnknownWord:
    """The word's row, locked until the transaction ends."""
    held = select(UnknownWord).where(UnknownWord.word == word).with_for_update()
    found = session.scalar(held.execution_options(populate_existing=True))
    if found is None:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        fresh = {"id": new_id(), "word": word, "times": 0, "state": WordState.HEARD}
        values = {**fresh, "first_at": now, "last_at": now}
        session.execute(insert(UnknownWord).values(values).on_conflict_do_nothing())
        found = session.scalars(held.execution_options(populate_existing=True)).one()
    return found


def _is_noted(session: Session, row: UnknownWord, inbound: Inbound) -> bool:
    noted = select(UnknownWordUse.id).where(
        UnknownWordUse.word_id == row.id, UnknownWordUse.inbound_id == inbound.id
    )
    return session.scalar(noted) is not None


def _trim(session: Session, row: UnknownWord) -> None:
    uses = select(UnknownWordUse.id).where(UnknownWordUse.word_id == row.id)
    newest = session.scalars(uses.order_by(UnknownWordUse.at.desc(), UnknownWordUse.id.desc()).limit(KEPT))
    old = delete(UnknownWordUse).where(
        UnknownWordUse.word_id == row.id, UnknownWordUse.id.not_in(newest.all())
    )
    session.execute(old.execution_options(synchronize_session=False))
