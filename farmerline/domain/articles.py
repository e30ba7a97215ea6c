"""Articles: written, read by a second person where their kind asks for it, issued, replaced or withdrawn, each with a name."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import access, areas, audit, photos, plain_words, seasons, submission_fate
from farmerline.domain.alert_words import SHORT_ROOM
from farmerline.domain.numbers import next_number
from farmerline.domain.spoken import seconds_of
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import Article, ArticleAct, ArticleEvent, ArticleKind, ArticleState, Role

LONGEST_VOICE = 45
"""Seconds: what is longer is not heard to its end."""
_SAYS = 30
ANSWER = "answer"
"""The kind of what experts answered: an expert may write it too."""
UNDO = timedelta(minutes=10)
READERS = frozenset({Role.PUBLISHER, Role.OFFICER, Role.SIGNER})
"""Who may be the second reader of an article."""
_LONGEST = {"title": 30, "source": 60, "full_text": 6000, "voice_text": 400, "crops": 100}
_MISSING = {
    "title": "Write a title.",
    "source": "Name the source: who says so.",
    "full_text": "Write the full text.",
    "short_text": "Write the short text for messages.",
    "voice_text": "Write the words that are heard.",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """What an article says, and for whom. ``crops`` by blanks ("" for all); ``term`` a solar term ("" for none)."""

    kind: str
    area_code: str
    title: str
    full_text: str
    short_text: str
    voice_text: str
    source: str
    valid_from: date
    valid_until: date
    crops: str = ""
    term: str = ""


def write(session: Session, wording: Wording, *, actor: access.Actor, now: datetime) -> Article:
    """Keep a new draft. Raises ``Invalid`` for what is missing or too long, ``Absent`` for a place that is not the actor's."""
    _look_through(session, wording, actor)
    article = Article(
        state=ArticleState.DRAFT, written_by=actor.account_id, edited_by=actor.account_id, written_at=now
    )
    _take(article, wording)
    session.add(article)
    session.flush()
    _note(session, article, ArticleAct.WRITE, actor, now)
    return article


def change(
    session: Session, article: Article, wording: Wording, *, actor: access.Actor, now: datetime
) -> None:
    """Change a draft; what was checked must be checked again. An issued one is replaced instead (``Conflict``)."""
    _demand(session, article, actor, ArticleState.DRAFT, ArticleState.CHECKED)
    _look_through(session, wording, actor)
    _take(article, wording)
    article.state, article.checked_by, article.edited_by = ArticleState.DRAFT, None, actor.account_id
    _note(session, article, ArticleAct.CHANGE, actor, now)


def check(session: Session, article: Article, *, actor: access.Actor, now: datetime) -> None:
    """Vouch for a draft as its second reader: never who wrote it or changed it last."""
    _demand(session, article, actor, ArticleState.DRAFT, roles=READERS)
    if actor.account_id in {article.written_by, article.edited_by}:
        raise Conflict("article_own", "Somebody else must read what you wrote.")
    _refuse_brands(article)
    article.state, article.checked_by = ArticleState.CHECKED, actor.account_id
    _note(session, article, ArticleAct.CHECK, actor, now)


def send_back(session: Session, article: Article, *, actor: access.Actor, why: str, now: datetime) -> None:
    """Give a draft back to its writer, with a reason."""
    _demand(session, article, actor, ArticleState.DRAFT, ArticleState.CHECKED, roles=READERS)
    _demand_reason(why)
    article.state, article.checked_by = ArticleState.DRAFT, None
    _note(session, article, ArticleAct.RETURN, actor, now, why)


def issue(session: Session, article: Article, *, actor: access.Actor, now: datetime) -> None:
    """Publish: from this moment it is read everywhere. A kind that asks for a second reader must have had one.

    Raises ``Conflict`` without the check, ``Invalid`` for a brand or where its days are over. What it replaces ends.
    """
    _demand(session, article, actor, ArticleState.DRAFT, ArticleState.CHECKED)
    kind = session.get_one(ArticleKind, article.kind)
    if kind.checked and article.state is not ArticleState.CHECKED:
        raise Conflict("article_unchecked", "This kind is read by a second person before it is issued.")
    if article.valid_until < local(now).date():
        raise Invalid("article_over", "Its last day is over: change the dates.", field="valid_until")
    _refuse_brands(article)
    article.state, article.issued_at = ArticleState.ISSUED, now
    if article.number is None:
        article.number = next_number(session, "post")  # one row of numbers: 查 finds either
    if article.replaces_id is not None:
        older = session.get_one(Article, article.replaces_id, with_for_update=True)
        if older.state is ArticleState.ISSUED:
            older.state = ArticleState.REPLACED
            _note(session, older, ArticleAct.REPLACE, actor, now, f"{article.number}")
    _note(session, article, ArticleAct.ISSUE, actor, now)
    submission_fate.tell_used(session, article, now=now)


def undo(session: Session, article: Article, *, actor: access.Actor, now: datetime) -> None:
    """Take back what was issued within the last ten minutes by one person alone: it is a draft again."""
    _demand(session, article, actor, ArticleState.ISSUED)
    if not may_undo(article, now):
        raise Conflict("article_undo_over", "More than ten minutes have passed: withdraw it instead.")
    article.state, article.issued_at, article.checked_by = ArticleState.DRAFT, None, None
    _note(session, article, ArticleAct.UNDO, actor, now)


def may_undo(article: Article, now: datetime) -> bool:
    """Whether it was issued a moment ago and nothing was replaced by it."""
    issued = article.issued_at if article.state is ArticleState.ISSUED else None
    return issued is not None and now - issued <= UNDO and article.replaces_id is None


def withdraw(session: Session, article: Article, *, actor: access.Actor, why: str, now: datetime) -> None:
    """Take it away everywhere; its page says so with the reason."""
    states = (ArticleState.DRAFT, ArticleState.CHECKED, ArticleState.ISSUED)
    _demand(session, article, actor, *states)
    _demand_reason(why)
    article.state = ArticleState.WITHDRAWN
    _note(session, article, ArticleAct.WITHDRAW, actor, now, why)


def replace(session: Session, article: Article, *, actor: access.Actor, now: datetime) -> Article:
    """A draft with the words of an issued article, which takes its place once it is issued itself."""
    _demand(session, article, actor, ArticleState.ISSUED)
    draft = write(session, _said(article), actor=actor, now=now)
    draft.replaces_id, draft.photo_id, draft.photo_says = article.id, article.photo_id, article.photo_says
    session.flush()
    return draft


def put_photo(
    session: Session, article: Article, body: bytes, says: str, *, actor: access.Actor, now: datetime
) -> None:
    """Give a draft a photo (a small JPEG), and the words that tell what it shows; what was checked is checked again."""
    _demand(session, article, actor, ArticleState.DRAFT, ArticleState.CHECKED)
    if not 2 <= len(says) <= _SAYS:
        raise Invalid("photo_says", "Write what the photo shows, in 2 to 30 signs.", field="photo_says")
    article.photo_id, article.photo_says = photos.keep(session, body, now), says
    article.state, article.checked_by, article.edited_by = ArticleState.DRAFT, None, actor.account_id
    session.flush()


def find(session: Session, article_id: str, actor: access.Actor) -> Article:
    """The article for who may work on it; ``Absent`` for others."""
    article = session.get(Article, article_id)
    if article is None:
        raise Absent
    access.authorise(actor, READERS, article.area_code)
    return article


def plainness(wording: Wording | Article, known: Container[str] = frozenset()) -> plain_words.Plainness:
    """How an article reads: all that a farmer sees or hears of it."""
    texts = (wording.title, wording.short_text, wording.voice_text, wording.full_text)
    return plain_words.examine("\n".join(texts), known)


def _look_through(session: Session, wording: Wording, actor: access.Actor) -> None:
    writers = {Role.PUBLISHER, Role.EXPERT} if wording.kind == ANSWER else {Role.PUBLISHER}
    access.authorise(actor, writers, wording.area_code)
    if session.get(ArticleKind, wording.kind) is None:
        raise Invalid("article_kind", "Choose what kind of article this is.", field="kind")
    if areas.get(session, wording.area_code) is None:
        raise Invalid("area_unknown", "Choose the place.", field="area_code")
    for field, missing in _MISSING.items():
        said, most = getattr(wording, field).strip(), _LONGEST.get(field, SHORT_ROOM)
        if not said:
            raise Invalid(f"{field}_missing", missing, field=field)
        if len(said) > most:
            raise Invalid(
                "too_long", "This has {count} signs; {most} fit.", field=field, count=len(said), most=most
            )
    seconds = seconds_of(wording.voice_text)
    if seconds > LONGEST_VOICE:
        raise Invalid(
            "voice_long", "Read aloud this takes {seconds} seconds; at most {most} are heard to the end.",
            field="voice_text", seconds=round(seconds), most=LONGEST_VOICE,
        )  # fmt: skip
    if len(wording.crops) > _LONGEST["crops"]:
        raise Invalid("crops_long", "Name fewer crops.", field="crops")
    if wording.term and wording.term not in seasons.TERMS:
        raise Invalid("term_unknown", "There is no such solar term.", field="term")
    if wording.valid_until < wording.valid_from:
        raise Invalid("dates_turned", "The last day is before the first.", field="valid_until")


def _take(article: Article, wording: Wording) -> None:
    for name in Wording.__dataclass_fields__:
        value = getattr(wording, name)
        setattr(article, name, value.strip() if isinstance(value, str) else value)


def _said(article: Article) -> Wording:
    return Wording(**{name: getattr(article, name) for name in Wording.__dataclass_fields__})


def _refuse_brands(article: Article) -> None:
    if refused := plainness(article).refused:
        raise Invalid(
            "brand_named", "Name what is in it, not the brand: {words}.", field="full_text", words=refused[0].words
        )  # fmt: skip


def _demand_reason(why: str) -> None:
    if not 2 <= len(why.strip()) <= 200:
        raise Invalid("reason_missing", "Write the reason in a few words.", field="why")


def _demand(
    session: Session,
    article: Article,
    actor: access.Actor,
    *states: ArticleState,
    roles: frozenset[Role] = frozenset({Role.PUBLISHER}),
) -> None:
    """Take the article for one change; ``Absent`` for another area's people, ``Conflict`` in another state."""
    access.authorise(actor, roles, article.area_code)
    session.refresh(article, with_for_update=True)
    if article.state not in states:
        raise Conflict("article_state", "Somebody was quicker: this article is no longer as you saw it.")


def _note(
    session: Session, article: Article, act: ArticleAct, actor: access.Actor, now: datetime, note: str = ""
) -> None:
    session.add(
        ArticleEvent(article_id=article.id, at=now, by_id=actor.account_id, act=act, note=note.strip())
    )
    session.flush()
    audit.record(
        session, actor_id=actor.account_id, act=f"article.{act}", subject=f"article:{article.id}",
        detail={"number": article.number or 0, "note": note.strip()}, now=now,
    )  # fmt: skip
