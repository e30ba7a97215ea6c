"""Submissions 来稿: sent in by units, brought by feeds of listed sources; taken, merged or returned by a publisher.

Nothing that was sent in is ever published by itself: taking makes a draft, which goes the way of every article.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import access, articles, audit, spoken, submission_fate, units
from farmerline.domain.alert_words import SHORT_ROOM
from farmerline.domain.articles import Wording
from farmerline.domain.numbers import next_number
from farmerline.domain.once import insert_once
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.ids import new_id
from farmerline.models import (
    Article,
    ArticleKind,
    ArticleState,
    Role,
    Submission,
    SubmissionState,
    Unit,
    Via,
)
from farmerline.models.base import seal_values

LONGEST = 4000
_TITLE, _SOURCE = 30, 60
_FEWEST = 6
_TWICE = timedelta(minutes=10)
_OPEN_ARTICLES = (ArticleState.DRAFT, ArticleState.CHECKED, ArticleState.ISSUED)


@dataclass(frozen=True, slots=True)
class Found:
    """What a listed source published: ``ref`` is the mark by which it is known again, ``link`` where it stands ("" nowhere)."""

    source: str
    ref: str
    title: str
    text: str
    link: str
    via: Via


def submit(
    session: Session,
    *,
    actor: access.Actor,
    text: str,
    via: Via,
    now: datetime,
    title: str = "",
    unit_id: str = "",
) -> Submission:
    """Send news in for a unit (the person's first, where none is named). The same words within ten minutes are the same.

    Raises ``Absent`` for who speaks for no unit, ``Invalid`` for words that are too few or too many.
    """
    unit = units.unit_for(session, actor, unit_id=unit_id, now=now)
    if unit is None:
        raise Absent
    words = text.strip()
    if not _FEWEST <= len(words) <= LONGEST:
        raise Invalid("submission_length", "Write what is to be told, in 6 to 4000 signs.", field="text")
    if len(title) > _TITLE:
        raise Invalid(
            "too_long", "This has {count} signs; {most} fit.", field="title", count=len(title), most=_TITLE
        )
    lately = select(Submission).where(Submission.account_id == actor.account_id, Submission.at > now - _TWICE)
    for one in session.scalars(lately):
        if one.text == words and one.unit_id == unit.id:
            return one
    row = Submission(
        number=next_number(session, "submission"), unit_id=unit.id, account_id=actor.account_id, via=via, source=unit.name,
        title=title.strip() or _head(words), text=words, at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _note(session, row, "send", actor.account_id, now)
    return row


def keep(session: Session, found: Found, *, now: datetime) -> bool:
    """Put down what a listed source published, for a publisher to look at; False where it is here already."""
    number = next_number(session, "submission")
    row_id = new_id()
    words = found.text.strip()[:LONGEST] or found.title
    made = insert_once(
        session, Submission, id=row_id, number=number, unit_id=None, account_id=None, via=found.via,
        source=found.source[:_SOURCE], link=found.link[:500], ref=found.ref, at=now, state=SubmissionState.WAITING, why="",
        **seal_values(Submission, row_id, title=found.title.strip()[:_TITLE] or _head(words), text=words),
    )  # fmt: skip
    return made is not None


def find(session: Session, submission_id: str, actor: access.Actor) -> Submission:
    """A submission for a publisher of its place; ``Absent`` for others."""
    row = session.get(Submission, submission_id)
    if row is None:
        raise Absent
    access.authorise(actor, {Role.PUBLISHER}, _place(session, row, actor))
    return row


def take(
    session: Session, row: Submission, *, kind: str, area_code: str, actor: access.Actor, now: datetime
) -> Article:
    """Make a draft of it, in its own words cut to size, with who sent it as the source. Raises ``Conflict`` where it is
    settled already."""
    _demand(session, row, actor)
    chosen = session.get(ArticleKind, kind)
    if chosen is None:
        raise Invalid("article_kind", "Choose what kind of article this is.", field="kind")
    today = local(now).date()
    wording = Wording(
        kind=kind, area_code=area_code, title=row.title, full_text=f"{row.text}\n{row.link}".strip(),
        short_text=_line(row.text)[:SHORT_ROOM], voice_text=spoken.cut(_line(row.text), articles.LONGEST_VOICE),
        source=row.source, valid_from=today, valid_until=today + timedelta(days=chosen.days),
    )  # fmt: skip
    article = articles.write(session, wording, actor=actor, now=now)
    _settle(session, row, SubmissionState.TAKEN, actor, now, article=article)
    return article


def merge(session: Session, row: Submission, *, article: Article, actor: access.Actor, now: datetime) -> None:
    """Let it go into an article that is there; a draft names its source too. What is issued already counts as used."""
    _demand(session, row, actor)
    access.authorise(actor, {Role.PUBLISHER}, article.area_code)
    if article.state not in _OPEN_ARTICLES:
        raise Conflict("article_state", "Somebody was quicker: this article is no longer as you saw it.")
    joined = f"{article.source}、{row.source}"
    if (
        article.state is not ArticleState.ISSUED
        and row.source not in article.source
        and len(joined) <= _SOURCE
    ):
        article.source = joined
    _settle(session, row, SubmissionState.MERGED, actor, now, article=article)
    if article.state is ArticleState.ISSUED:
        submission_fate.tell_used(session, article, now=now)


def give_back(session: Session, row: Submission, *, why: str, actor: access.Actor, now: datetime) -> None:
    """Return it with a reason, which its sender is told."""
    _demand(session, row, actor)
    if not 2 <= len(why.strip()) <= 100:
        raise Invalid("reason_missing", "Write the reason in a few words.", field="why")
    _settle(session, row, SubmissionState.RETURNED, actor, now, why=why.strip())
    submission_fate.tell_returned(session, row, now=now)


def _settle(
    session: Session, row: Submission, state: SubmissionState, actor: access.Actor, now: datetime,
    *, article: Article | None = None, why: str = "",
) -> None:  # fmt: skip
    row.state, row.settled_by, row.settled_at, row.why = state, actor.account_id, now, why
    row.article_id = article.id if article else None
    session.flush()
    _note(session, row, state.value, actor.account_id, now)


def _demand(session: Session, row: Submission, actor: access.Actor) -> None:
    access.authorise(actor, {Role.PUBLISHER}, _place(session, row, actor))
    session.refresh(row, with_for_update=True)
    if row.state is not SubmissionState.WAITING:
        raise Conflict("submission_settled", "Somebody was quicker: this was looked at already.")


def _place(session: Session, row: Submission, actor: access.Actor) -> str:
    """Whose it is: its unit's place; what a feed brought is any publisher's."""
    return (
        session.get_one(Unit, row.unit_id).area_code
        if row.unit_id
        else next(iter(actor.areas(Role.PUBLISHER)), "none")
    )


def _line(words: str) -> str:
    return " ".join(words.split())


def _head(words: str) -> str:
    """The first sentence as a title."""
    first = _line(words)
    for sign in "。！？!?；;，,":
        first = first.split(sign)[0] or first
    return first[:_TITLE]


def _note(session: Session, row: Submission, act: str, by_id: str, now: datetime) -> None:
    audit.record(
        session, actor_id=by_id, act=f"submission.{act}", subject=f"submission:{row.id}", detail={"number": row.number}, now=now
    )  # fmt: skip
