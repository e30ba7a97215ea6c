"""The vocabulary as its editors see it: what a word means, what waits for them, what was changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.domain import vocabulary
from farmerline.domain.people import names_of
from farmerline.domain.reader import places
from farmerline.domain.unknown_words import KEPT, PROPOSED
from farmerline.domain.vocabulary import Change
from farmerline.models import LIVE, Post, UnknownWord, UnknownWordUse, WordEdit, WordState
from matching import Gazetteer, Lexicon, Matcher, Reading, Sense
from matching.editing import edited, plain_word

PAGE = 20
_NAMES, _NEAR, _PROPOSALS = 12, 12, 10
_PROPOSED = (UnknownWord.state == WordState.HEARD, UnknownWord.times >= PROPOSED)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A word that nobody knows, how often it was heard, and its last sentences, the newest first."""

    id: str
    word: str
    times: int
    last_at: datetime
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word means: ``concept`` in ``form`` and ``variety``; "" for a word that is not known.

    ``own`` is true for the product's own name. ``edit`` is the change that made it so, None where it was shipped.
    ``forbidden``: an editor said that it names no product. ``names`` are some of the product's other names, of ``more``.
    """

    word: str
    concept: str = ""
    label: str = ""
    form: str = ""
    variety: str = ""
    category: str = ""
    own: bool = False
    forbidden: bool = False
    names: tuple[str, ...] = ()
    more: int = 0
    edit: Line | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One edit. ``reread`` says whether the open posts have been read again since it was made, or undone."""

    id: str
    serial: int
    act: str
    word: str
    concept: str
    form: str
    variety: str
    note: str
    by: str
    at: datetime
    undone_by: str = ""
    undone_at: datetime | None = None
    reread: bool = False


@dataclass(frozen=True, slots=True)
class Thing:
    """One product read in a sentence, with its amount and price as said."""

    label: str
    form: str
    said: str


@dataclass(frozen=True, slots=True)
class Tried:
    """How a sentence is read now, and with the change. ``side`` is supply, demand or none."""

    sentence: str
    side: str
    before: tuple[Thing, ...]
    side_after: str
    after: tuple[Thing, ...]


def waiting(session: Session) -> int:
    """How many words wait for an editor."""
    return session.scalar(select(func.count()).select_from(UnknownWord).where(*_PROPOSED)) or 0


def proposals(session: Session, limit: int = _PROPOSALS) -> list[Proposal]:
    """The words that wait, the most frequent first, with their sentences."""
    order = (UnknownWord.times.desc(), UnknownWord.last_at.desc(), UnknownWord.id)
    rows = session.scalars(select(UnknownWord).where(*_PROPOSED).order_by(*order).limit(limit)).all()
    uses = select(UnknownWordUse).where(UnknownWordUse.word_id.in_([row.id for row in rows]))
    heard: dict[str, list[str]] = {}
    for use in session.scalars(uses.order_by(UnknownWordUse.at.desc(), UnknownWordUse.id.desc())):
        heard.setdefault(use.word_id, []).append(use.sentence)
    return [
        Proposal(row.id, row.word, row.times, row.last_at, tuple(heard.get(row.id, ())[:KEPT]))
        for row in rows
    ]


def history(session: Session, *, before: int = 0, word: str = "") -> list[Line]:
    """The edits, the newest first: those before a serial, or those of one word."""
    query = select(WordEdit).order_by(WordEdit.serial.desc()).limit(PAGE)
    if before:
        query = query.where(WordEdit.serial < before)
    if word:
        query = query.where((WordEdit.word == word) | (WordEdit.concept == word))
    rows = session.scalars(query).all()
    people = names_of(session, {one for row in rows for one in (row.by_id, row.undone_by) if one})
    return [_line(row, people) for row in rows]


def meaning(session: Session, said: str) -> Meaning:
    """What a word means now, with the edits that count."""
    words, word = vocabulary.lexicon(session), plain_word(said)
    sense = words.resolve(word)
    if sense is None or sense.concept not in words.concepts:
        made = _maker(session, word)
        return Meaning(word, forbidden=word in words.forbidden, edit=made)
    shipped = Lexicon.default().resolve(word)
    names = [
        name
        for name, other in words.senses.items()
        if other == Sense(sense.concept) and name not in (word, sense.concept)
    ]
    return Meaning(
        word=word,
        concept=sense.concept,
        label=_label(words, sense),
        form=sense.form or words.default_form(sense.concept),
        variety=sense.variety or "",
        category=words.category(sense.concept),
        own=word == sense.concept.lower(),
        names=tuple(names[:_NAMES]),
        more=max(0, len(names) - _NAMES),
        edit=_maker(session, word, sense.concept) if sense != shipped else None,
    )


def concerned(session: Session, said: str) -> int:
    """How many open posts hold the word: they are read again when it is changed."""
    word = plain_word(said)
    holds = func.lower(Post.text).contains(word, autoescape=True)
    open_posts = select(func.count()).select_from(Post).where(Post.state.in_(LIVE), holds)
    return (session.scalar(open_posts) or 0) if word else 0


def sentence(session: Session, said: str) -> str:
    """The last sentence in which a word that nobody knew was heard; "" for others."""
    heard = select(UnknownWordUse.sentence).join(UnknownWord, UnknownWord.id == UnknownWordUse.word_id)
    newest = (UnknownWordUse.at.desc(), UnknownWordUse.id.desc())
    last = heard.where(UnknownWord.word == plain_word(said)).order_by(*newest)
    return session.scalar(last.limit(1)) or ""


def near(session: Session, said: str) -> list[str]:
    """Known words that hold this one or stand in it, the shortest first: for who does not find what they look for."""
    word = plain_word(said)
    if not word:
        return []
    words = vocabulary.lexicon(session)
    found = [
        name for name in words.senses if name != word and (word in name or (len(name) > 1 and name in word))
    ]
    return sorted(found, key=lambda name: (abs(len(name) - len(word)), name))[:_NEAR]


def form_choices(session: Session) -> list[str]:
    """The forms that a word can stand for."""
    return vocabulary.forms(vocabulary.lexicon(session))


def tried(session: Session, change: Change, sentence: str, *, county: str) -> Tried:
    """How a sentence is read with this change, beside how it is read now; nothing is kept. Raises as ``vocabulary.make``
    for a change that will not do; what is only doubtful is tried."""
    now = vocabulary.lexicon(session)
    edit, _doubt = vocabulary.checked(session, now, change, county)
    before, after = (_matcher(session, words, county).read(sentence) for words in (now, edited(now, [edit])))
    return Tried(sentence, before.direction, _things(before), after.direction, _things(after))


def _matcher(session: Session, words: Lexicon, county: str) -> Matcher:
    return Matcher(words, Gazetteer.default().with_rows(places(session, county)))


def _things(reading: Reading) -> tuple[Thing, ...]:
    return tuple(
        Thing(item.name, item.form, " ".join(part for part in (item.qty_said, item.price_said) if part))
        for item in reading.items
    )


def _label(words: Lexicon, sense: Sense) -> str:
    return words.label(sense.concept, sense.form or words.default_form(sense.concept), sense.variety)


def _maker(session: Session, word: str, concept: str = "") -> Line | None:
    """The newest edit that counts and made the word what it is: its own, or a merge into its product."""
    mine = WordEdit.word == word
    if concept:
        mine |= WordEdit.concept == concept
    counts = select(WordEdit).where(mine, WordEdit.undone_at.is_(None)).order_by(WordEdit.serial.desc())
    row = session.scalar(counts.limit(1))
    return _line(row, names_of(session, {row.by_id})) if row else None


def _line(row: WordEdit, people: dict[str, str]) -> Line:
    done = row.reread_at is not None if row.undone_at is None else row.undo_reread_at is not None
    return Line(
        row.id, row.serial, row.act.value, row.word, row.concept, row.form, row.variety, row.note,
        people.get(row.by_id, ""), row.at, people.get(row.undone_by or "", ""), row.undone_at, done,
    )  # fmt: skip
