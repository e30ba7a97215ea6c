"""Articles as people read them and as publishers see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import areas
from farmerline.domain.access import Actor
from farmerline.domain.areas import covers, inside_any
from farmerline.domain.articles import READERS
from farmerline.models import Account, Article, ArticleKind, ArticleState, Photo

_PUBLIC = (ArticleState.ISSUED, ArticleState.REPLACED, ArticleState.WITHDRAWN)
_ENDED = (ArticleState.REPLACED, ArticleState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Line:
    """An article in a list; ``state`` is its state's value, ``by`` who wrote it."""

    id: str
    number: int | None
    kind: str
    title: str
    short_text: str
    place: str
    source: str
    state: str
    by: str
    issued_at: datetime | None
    written_at: datetime
    valid_until: date


@dataclass(frozen=True, slots=True)
class Step:
    """One step of its history: what (an ``ArticleAct`` value), who, when, with which words."""

    act: str
    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An issued article as anybody reads it. ``standing`` is holds, over, replaced or withdrawn (with ``why``);
    ``newer`` the number of what took its place, 0 without one; ``photo`` tells what its photo shows, "" without one."""

    line: Line
    crops: tuple[str, ...]
    term: str
    full_text: str
    voice_text: str
    valid_from: date
    checker: str
    standing: str
    why: str
    newer: int
    photo: str


def kinds(session: Session) -> list[ArticleKind]:
    """All kinds in their order."""
    return list(session.scalars(select(ArticleKind).order_by(ArticleKind.position)))


def kind_names(session: Session, language: str) -> dict[str, str]:
    """Each kind's name in a language, in their order."""
    return {kind.code: kind.name_zh if language == "zh" else kind.name_en for kind in kinds(session)}


def in_force(
    session: Session,
    *,
    place: str,
    now: datetime,
    box: str = "",
    kind: str = "",
    word: str = "",
    most: int = 20,
) -> list[Article]:
    """What holds today for a place (an area's code; "" for everywhere), the newest first: of a voice box, of a kind, or
    with a word in its title, its crops or its short text."""
    found = _holding(now).order_by(Article.issued_at.desc(), Article.id.desc()).limit(most)
    if place:
        found = found.where(covers(Article.area_code, place))
    if box:
        found = found.join(ArticleKind, ArticleKind.code == Article.kind).where(ArticleKind.box == box)
    if kind:
        found = found.where(Article.kind == kind)
    if word:
        found = found.where(
            or_(*(part.contains(word, autoescape=True) for part in (Article.title, Article.crops, Article.short_text)))
        )  # fmt: skip
    return list(session.scalars(found))


def lines(session: Session, articles: Sequence[Article]) -> list[Line]:
    """These articles as lines of a list."""
    names = _names(session, [one.written_by for one in articles])
    return [
        Line(
            id=one.id, number=one.number, kind=one.kind, title=one.title, short_text=one.short_text,
            place=areas.path_name(session, one.area_code), source=one.source, state=one.state.value,
            by=names.get(one.written_by, ""), issued_at=one.issued_at, written_at=one.written_at,
            valid_until=one.valid_until,
        )
        for one in articles
    ]  # fmt: skip


def desk(session: Session, *, actor: Actor, now: datetime) -> dict[str, list[Line]]:
    """The publisher's board: what waits for a second reader, what is being written, what holds, what ended lately."""
    here = inside_any(Article.area_code, actor.areas(*READERS))
    needs = select(ArticleKind.code).where(ArticleKind.checked)
    mine = or_(Article.written_by == actor.account_id, Article.edited_by == actor.account_id)
    draft, issued = (Article.state == state for state in (ArticleState.DRAFT, ArticleState.ISSUED))
    holds = Article.valid_until >= local(now).date()
    parts = {
        "to_check": and_(draft, Article.kind.in_(needs), ~mine),
        "drafts": or_(Article.state == ArticleState.CHECKED, and_(draft, or_(mine, Article.kind.not_in(needs)))),
        "issued": and_(issued, holds),
        "ended": or_(Article.state.in_(_ENDED), and_(issued, ~holds)),
    }  # fmt: skip
    newest = func.coalesce(Article.issued_at, Article.written_at).desc()
    return {
        name: lines(session, list(session.scalars(select(Article).where(here, part).order_by(newest).limit(20))))
        for name, part in parts.items()
    }  # fmt: skip


def history(session: Session, article: Article) -> list[Step]:
    """What was done with it, the first first."""
    names = _names(session, [event.by_id for event in article.history])
    return [
        Step(event.act.value, names.get(event.by_id, ""), event.at, event.note) for event in article.history
    ]


def shown(session: Session, number: int, *, now: datetime) -> Shown | None:
    """The article of a number for anybody; None where none was issued, or it was taken back at once."""
    article = session.scalar(select(Article).where(Article.number == number, Article.state.in_(_PUBLIC)))
    if article is None:
        return None
    newer = session.scalar(
        select(Article.number).where(Article.replaces_id == article.id, Article.state.in_(_PUBLIC))
    )
    checker = session.get(Account, article.checked_by) if article.checked_by else None
    return Shown(
        line=lines(session, [article])[0],
        crops=tuple(article.crops.split()),
        term=article.term,
        full_text=article.full_text,
        voice_text=article.voice_text,
        valid_from=article.valid_from,
        checker=checker.name if checker else "",
        standing=_standing(article, now),
        why=article.history[-1].note if article.state is ArticleState.WITHDRAWN else "",
        newer=newer or 0,
        photo=article.photo_says,
    )


def photo_of(session: Session, article: Article) -> Photo | None:
    """An article's photo for its desk; None without one."""
    return session.get(Photo, article.photo_id) if article.photo_id else None


def photo(session: Session, number: int) -> Photo | None:
    """The photo of an issued article for anybody; None without one."""
    seen = (Article.number == number, Article.state.in_((ArticleState.ISSUED, ArticleState.REPLACED)))
    return session.scalar(select(Photo).join(Article, Article.photo_id == Photo.id).where(*seen))


def _holding(now: datetime) -> Select[tuple[Article]]:
    today = local(now).date()
    return select(Article).where(
        Article.state == ArticleState.ISSUED, Article.valid_from <= today, Article.valid_until >= today
    )


def _standing(article: Article, now: datetime) -> str:
    if article.state in _ENDED:
        return article.state.value
    return "holds" if article.valid_until >= local(now).date() else "over"


def _names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    found = session.scalars(select(Account).where(Account.id.in_(set(ids))))
    return {account.id: account.name for account in found}
