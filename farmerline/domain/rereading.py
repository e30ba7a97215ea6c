"""Open posts are read again after the vocabulary was changed, and only what the change means to them is changed in them.

A post's text is read with the vocabulary as it was and as it is. Where the same lots come out with another product, form or
variety, its items are changed in place; what the person corrected since stays. Where other lots come out, a person looks at it.
A post whose owner has shown numbers is left as it was agreed on. All of it can be done twice, by two at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

import matching
from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import (
    cases,
    drafts,
    guards,
    matching_desk,
    post_words,
    questions,
    subscriptions,
    vocabulary,
)
from farmerline.domain.candidates import offer_of
from farmerline.domain.reader import Reader
from farmerline.models import (
    LIVE,
    Account,
    Case,
    CaseKind,
    Match,
    MatchState,
    Post,
    PostItem,
    PostState,
    Subscription,
    WordAct,
    WordEdit,
)
from farmerline.words import say
from matching import Item, Lexicon, Matcher

NOTE, LEFT = "re-read", "re-read: left as agreed"
_OPEN = (*LIVE, PostState.HELD)
_MOST_ITEMS = 5


@dataclass(frozen=True, slots=True)
class Due:
    """An edit whose posts are to be read again, as it stood when the work was begun."""

    id: str
    word: str
    concept: str
    is_merge: bool
    since: datetime
    undone: bool


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done: the edits, the vocabulary before them and now, and the products that were made one, or two again
    (in small letters). ``since``: what was noted after it is not noted again."""

    edits: tuple[Due, ...]
    before: Matcher
    now: Matcher
    merged: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """A post of which the change makes something else: what it was read as, and what it is read as now."""

    post_id: str
    text: str
    before: tuple[Item, ...]
    after: tuple[Item, ...]

    @property
    def in_place(self) -> bool:
        """Whether the same lots came out, amount by amount."""
        return [_amounts(item) for item in self.before] == [_amounts(item) for item in self.after]


_MADE = WordEdit.reread_at.is_(None)
_UNDONE = WordEdit.undone_at.is_not(None) & WordEdit.undo_reread_at.is_(None)


def is_due(session: Session) -> bool:
    """Whether an edit waits for its posts to be read again."""
    return bool(session.scalar(select(exists().where(or_(_MADE, _UNDONE)))))


def plan(session: Session, reader: Reader) -> Work | None:
    """The edits whose posts are to be read again, with both vocabularies; None where there are none."""
    rows = session.scalars(select(WordEdit).order_by(WordEdit.serial)).all()
    edits = tuple(
        Due(
            id=row.id, word=row.word, concept=row.concept, is_merge=row.act is WordAct.MERGE,
            since=row.undone_at or row.at, undone=row.undone_at is not None,
        )
        for row in rows
        if row.reread_at is None or (row.undone_at is not None and row.undo_reread_at is None)
    )  # fmt: skip
    if not edits:
        return None
    was = [row for row in rows if (row.reread_at or row.undone_at) and row.undo_reread_at is None]
    is_now = [row for row in rows if row.undone_at is None]
    before, now = (
        reader.with_edits([vocabulary.edit_of(row) for row in counting]) for counting in (was, is_now)
    )
    merged = _merged(edits, before.lexicon, now.lexicon)
    return Work(edits, before, now, merged, min(one.since for one in edits))


def texts(session: Session, work: Work, *, after: str, limit: int) -> list[tuple[str, str]]:
    """Ids and texts of the open posts whose text holds one of the words, or that bear a merged product: by id, those
    behind ``after``."""
    said = func.lower(Post.text)
    concerned: list[ColumnElement[bool]] = [said.contains(one.word, autoescape=True) for one in work.edits]
    if work.merged:
        bears = func.lower(PostItem.concept).in_(work.merged)
        concerned.append(exists().where(PostItem.post_id == Post.id, bears))
    query = select(Post.id, Post.text).where(Post.state.in_(_OPEN), Post.id > after, or_(*concerned))
    return list(session.execute(query.order_by(Post.id).limit(limit)).tuples())


def compare(work: Work, post_id: str, text: str) -> Changed | None:
    """What the change makes of a post's text; None where nothing. Pure."""
    was, is_now = (matcher.read(text).items[:_MOST_ITEMS] for matcher in (work.before, work.now))
    if [_thing(item) for item in was] == [_thing(item) for item in is_now]:
        return None
    return Changed(post_id, text, was, is_now)


def apply(session: Session, work: Work, changed: Changed, *, settings: Settings, now: datetime) -> bool:
    """Bring the change into a post, in a transaction of its own; whether anything was done."""
    mine = (Match.supply_post_id == changed.post_id) | (Match.demand_post_id == changed.post_id)
    answering = select(Match).where(mine).order_by(Match.id).with_for_update()
    matches = session.scalars(answering.execution_options(populate_existing=True)).all()
    held = select(Post).where(Post.id == changed.post_id).with_for_update()
    post = session.scalar(held.execution_options(populate_existing=True))
    if post is None or post.state not in _OPEN or post.text != changed.text or not post.items:
        return False
    if any(match.state is MatchState.AGREED for match in matches):
        return _leave(post, work.since, now)
    if not changed.in_place:
        return _let_look(session, post, changed, work.since, now)
    return _change(session, post, changed, matches, settings, now)


def settle(session: Session, work: Work, *, now: datetime) -> None:
    """Note that these edits' posts have been read again; one undone meanwhile is due once more."""
    for one in work.edits:
        row = session.get_one(WordEdit, one.id, with_for_update=True)
        row.reread_at = row.reread_at or now
        if one.undone:
            row.undo_reread_at = row.undo_reread_at or now


def follow(session: Session, work: Work, *, after: str, limit: int) -> str:
    """Let subscriptions to products that were made one, or two again, follow their name; the last one's id, "" at the end."""
    query = select(Subscription).where(
        Subscription.id > after,
        Subscription.ended_at.is_(None),
        func.lower(Subscription.concept).in_(work.merged),
    )
    last = ""
    for row in session.scalars(query.order_by(Subscription.id).limit(limit)):
        last = row.id
        named = work.now.read(f"求购{row.name}").items
        sense = work.now.lexicon.resolve(row.concept)
        concept = named[0].concept if named else sense.concept if sense else row.concept
        if concept != row.concept:
            row.concept, row.key = concept, subscriptions.key(concept, row.direction)
    return last


def _merged(edits: Sequence[Due], *vocabularies: Lexicon) -> tuple[str, ...]:
    names = {name for one in edits if one.is_merge for name in (one.word, one.concept)}
    senses = [words.resolve(name) for words in vocabularies for name in names]
    return tuple(sorted({name.lower() for name in names | {sense.concept for sense in senses if sense}}))


def _change(
    session: Session,
    post: Post,
    changed: Changed,
    matches: Sequence[Match],
    settings: Settings,
    now: datetime,
) -> bool:
    """The items that were read as before are what they are read as now; what fits no more lapses, others are looked for."""
    owner = session.get_one(Account, post.account_id)
    other_goods: list[tuple[str, str]] = []
    held_before = guards.reason_to_hold(session, post, owner, now)
    touched = False
    for row, was, is_now in zip(post.items, changed.before, changed.after, strict=False):
        if _thing(is_now) == _thing(was) or _row_thing(row) != _thing(was):
            continue
        name, touched = drafts.own_word(is_now)[:60], True
        if is_now.concept != was.concept:
            other_goods.append((row.name, name))
        row.concept, row.form, row.category, row.name = is_now.concept, is_now.form, is_now.category, name
        row.variety = (is_now.variety or "")[:40]
        row.key = matching.key(row.concept, row.form, row.direction)
    if not touched:
        return False
    drafts.note(post, post.state, None, now, "", NOTE)
    session.flush()
    post_words.keep(session, post)
    for match in matches:
        _lapse(session, match, now)
    guarded = guards.reason_to_hold(session, post, owner, now) not in ("", held_before)
    if guarded or any(before != after for before, after in other_goods):
        before, after = (", ".join(pair[side] for pair in other_goods) for side in (0, 1))
        _open_review(session, post, before, after, now)
    if post.state in LIVE:
        if other_goods:
            subscriptions.note_post(session, post, now)
        matching_desk.meet(session, post, settings=settings, now=now)
    return True


def _lapse(session: Session, match: Match, now: datetime) -> None:
    """End an offered match whose two sides are not the same goods any more."""
    if match.state is not MatchState.OFFERED:
        return
    today = local(now).date().toordinal()
    want, have = offer_of(match.demand_item), offer_of(match.supply_item)
    if matching.score(want, have, today) is None:
        match.state = MatchState.LAPSED
        questions.close_all(session, now=now, match_id=match.id)


def _leave(post: Post, since: datetime, now: datetime) -> bool:
    if _noted(post, since, LEFT):
        return False
    drafts.note(post, post.state, None, now, "", LEFT)
    return True


def _let_look(session: Session, post: Post, changed: Changed, since: datetime, now: datetime) -> bool:
    """Other lots come out than the owner confirmed: the contact point decides whether the post stands."""
    things = [_row_thing(row) for row in post.items]
    if things != [_thing(item) for item in changed.before] or _noted(post, since, NOTE):
        return False  # corrected by its owner since, or looked at already
    drafts.note(post, post.state, None, now, "", NOTE)
    after = ", ".join(item.name for item in changed.after) or "-"
    _open_review(session, post, ", ".join(row.name for row in post.items), after, now)
    return True


def _open_review(session: Session, post: Post, before: str, after: str, now: datetime) -> None:
    known = select(Case.id).where(
        Case.post_id == post.id, Case.kind == CaseKind.REVIEW, Case.closed_at.is_(None)
    )
    if session.scalar(known.limit(1)) is not None:
        return
    owner = session.get_one(Account, post.account_id)
    text = say(
        "zh",
        "No. {number}: with the vocabulary's new words {before} is read as {after}. Ask whether that is right.",
        number=post.number,
        before=before,
        after=after,
    )
    cases.open_case(
        session, kind=CaseKind.REVIEW, area_code=owner.area_code, text=text, now=now, account=owner, post=post
    )


def _noted(post: Post, since: datetime, note: str) -> bool:
    return any(event.note == note and event.at >= since for event in post.history)


def _thing(item: Item) -> tuple[str, str, str]:
    return item.concept, item.form, (item.variety or "")[:40]


def _row_thing(row: PostItem) -> tuple[str, str, str]:
    return row.concept, row.form, row.variety


def _amounts(item: Item) -> tuple[object, ...]:
    return item.qty, item.unit, item.unit_price, item.price_unit
