"""The store of answers: a good answer becomes an article once a second person has read it; what is like a question is found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import advice, articles
from farmerline.domain.access import Actor
from farmerline.domain.spoken import seconds_of
from farmerline.domain.talk import Understand
from farmerline.errors import Conflict, Invalid
from farmerline.models import Account, Article, Case, CaseAnswer, CaseKind, Expert
from farmerline.queries import articles as stored
from farmerline.words import say

HOLDS = timedelta(days=365)
AT_MOST = 3
_LOOKED_AT = 300
"""Answered questions among which like ones are looked for, the newest first."""
_LIKE = 0.25
"""Share of a question's pairs of signs that another must hold to be like it."""


@dataclass(frozen=True, slots=True)
class Like:
    """An answer that may fit: an article (``article``) or an answered question (``case``), by number."""

    title: str
    short: str
    full: str
    article: int = 0
    case: int = 0


def find_like(session: Session, case: Case, *, understand: Understand, now: datetime) -> list[Like]:
    """At most three answers to what is like this question, the best first: articles about its pest or product, then what
    experts of its county answered before."""
    said = understand(case.text, frozenset())
    words = (said.reading.pest if said.reading else "", str(said.slots.get("product") or ""))
    found: dict[int, Article] = {}
    for word in filter(None, words):
        for article in stored.in_force(session, place=case.area_code, now=now, word=word, most=10):
            found.setdefault(article.number or 0, article)
    signs = _pairs(case.text)
    likes = [
        (
            0.5 + _share(signs, f"{one.title}{one.short_text}{one.full_text}"),
            Like(one.title, one.short_text, one.full_text, article=one.number or 0),
        )
        for one in found.values()
    ]
    earlier = (
        select(Case, CaseAnswer)
        .join(CaseAnswer, CaseAnswer.case_id == Case.id)
        .where(
            Case.id != case.id, Case.kind == CaseKind.QUESTION, Case.area_code.startswith(case.area_code[:6])
        )
        .where(CaseAnswer.useful.is_not(False), CaseAnswer.recording_id.is_(None))
        .order_by(CaseAnswer.at.desc())
        .limit(_LOOKED_AT)
    )
    for other, row in session.execute(earlier).tuples() if signs else ():
        share = _share(signs, other.text)
        if share >= _LIKE:
            likes.append(
                (share, Like(" ".join(other.text.split())[:60], row.short, row.full, case=other.number))
            )
    likes.sort(key=lambda one: -one[0])
    return [like for _, like in likes[:AT_MOST]]


def propose(
    session: Session, *, actor: Actor, number: int, title: str, question: str, now: datetime
) -> Article:
    """Make a draft article of an answer, in words without names; a publisher or an officer reads it, then it is issued.

    Raises ``Invalid`` for a title or words that will not do, ``Conflict`` before the answer or for the second time.
    """
    case = advice.case_of(session, actor, number)
    row = advice.answer_of(session, case)
    if row is None or row.recording_id is not None:
        raise Conflict("answer_first", "Answer it in writing first.")
    if row.article_id is not None:
        raise Conflict("proposed_twice", "This answer is in the store's drafts already.")
    by = session.get_one(Account, row.by_id)
    expert = session.get(Expert, row.by_id)
    asked = " ".join(question.replace("\0", "").split())
    if not 4 <= len(asked) <= 200:
        raise Invalid(
            "question_missing", "Write the question in general words, without names.", field="question"
        )
    today = local(now).date()
    article = articles.write(
        session,
        articles.Wording(
            kind=articles.ANSWER, area_code=case.area_code[:6], title=title,
            full_text=say("zh", "Question: {asked}\nAnswer: {full}", asked=asked, full=row.full or row.short),
            short_text=row.short, voice_text=_heard(asked, row), valid_from=today, valid_until=today + HOLDS,
            source=f"{by.name}{f'({expert.field})' if expert is not None else ''}",
        ),
        actor=actor, now=now,
    )  # fmt: skip
    row.article_id = article.id
    session.flush()
    return article


def _heard(asked: str, row: CaseAnswer) -> str:
    """Question and whole answer where that is not too long to listen to, else less of it."""
    for words in (f"{asked}。{row.full or row.short}", f"{asked}。{row.short}"):
        if seconds_of(words) <= articles.LONGEST_VOICE and len(words) <= 400:
            return words
    return str(row.short)


def _pairs(text: str) -> frozenset[str]:
    said = "".join(sign for sign in text if sign.isalnum())
    return frozenset(said[at : at + 2] for at in range(len(said) - 1))


def _share(signs: frozenset[str], text: str) -> float:
    return len(signs & _pairs(text)) / len(signs) if signs else 0.0
