"""What was sent in: the publisher's board, and a sender's own list with what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.models import Account, Article, ArticleState, Role, Submission, SubmissionState, Unit


@dataclass(frozen=True, slots=True)
class Line:
    """One submission; ``state`` and ``via`` are their values, ``by`` who sent it ("" for a feed), ``article`` the number of
    the article it went into (0: not issued), ``used`` whether that was issued."""

    id: str
    number: int
    title: str
    text: str
    source: str
    link: str
    via: str
    by: str
    at: datetime
    state: str
    why: str
    article: int
    article_id: str
    used: bool


def waiting(session: Session, *, actor: Actor, most: int = 60) -> list[Line]:
    """What nobody has looked at, the oldest first: of the units of the actor's places, and of feeds."""
    query = (
        _of(actor).where(Submission.state == SubmissionState.WAITING).order_by(Submission.at, Submission.id)
    )
    return lines(session, session.scalars(query.limit(most)).all())


def count_waiting(session: Session, *, actor: Actor) -> int:
    """How many nobody has looked at."""
    waits = _of(actor).where(Submission.state == SubmissionState.WAITING).subquery()
    return session.scalar(select(func.count()).select_from(waits)) or 0


def settled(session: Session, *, actor: Actor, most: int = 20) -> list[Line]:
    """What was looked at lately."""
    query = (
        _of(actor).where(Submission.state != SubmissionState.WAITING).order_by(Submission.settled_at.desc())
    )
    return lines(session, session.scalars(query.limit(most)).all())


def own(session: Session, account_id: str, *, most: int = 30) -> list[Line]:
    """What a person sent in, the newest first."""
    query = select(Submission).where(Submission.account_id == account_id).order_by(Submission.at.desc())
    return lines(session, session.scalars(query.limit(most)).all())


def lines(session: Session, rows: Sequence[Submission]) -> list[Line]:
    """These submissions as lines of a list."""
    people = {row.account_id for row in rows if row.account_id}
    names = {one.id: one.name for one in session.scalars(select(Account).where(Account.id.in_(people)))}
    into = {row.article_id for row in rows if row.article_id}
    numbers = dict(
        session.execute(select(Article.id, Article.number).where(Article.id.in_(into))).tuples().all()
    )
    return [
        Line(
            id=row.id, number=row.number, title=row.title, text=row.text, source=row.source, link=row.link, via=row.via.value,
            by=names.get(row.account_id or "", ""), at=row.at, state=row.state.value, why=row.why,
            article=numbers.get(row.article_id or "") or 0, article_id=row.article_id or "", used=row.used_at is not None,
        )
        for row in rows
    ]  # fmt: skip


def into_which(session: Session, *, actor: Actor) -> list[tuple[str, str]]:
    """The articles that a submission can go into: id and title, drafts first."""
    query = select(Article).where(
        Article.state.in_((ArticleState.DRAFT, ArticleState.CHECKED, ArticleState.ISSUED)),
        inside_any(Article.area_code, actor.areas(Role.PUBLISHER)),
    )
    found = session.scalars(
        query.order_by(Article.issued_at.is_not(None), Article.written_at.desc()).limit(30)
    )
    return [(one.id, one.title) for one in found]


def _of(actor: Actor) -> Select[tuple[Submission]]:
    here = inside_any(Unit.area_code, actor.areas(Role.PUBLISHER))
    query = select(Submission).outerjoin(Unit, Unit.id == Submission.unit_id)
    return query.where(or_(Submission.unit_id.is_(None), here))
