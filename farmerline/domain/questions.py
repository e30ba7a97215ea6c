"""Open questions: asked of a person, told apart by a short code, answered once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, or_, select
from sqlalchemy.orm import Session

from farmerline.ids import new_id
from farmerline.models import Account, Question, QuestionKind, QuestionState

# I and O are left out: on an old phone they look like 1 and 0. X and Z are the alerts': one code for all its people.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWY"

ASIDE = frozenset({QuestionKind.LETTER, QuestionKind.SPEAK})
"""Kinds that a bare 1 or 2 never answers: they need their code, or a call."""
IN_WORDS = frozenset({QuestionKind.CHANGE, QuestionKind.AMOUNT})
"""Kinds that want words: a bare 1 or 2 means another question, if one waits."""


def ask(
    session: Session,
    *,
    kind: QuestionKind,
    now: datetime,
    hours: float,
    account: Account | None = None,
    phone_index: str | None = None,
    post_id: str | None = None,
    match_id: str | None = None,
    letter_id: str | None = None,
    data: dict[str, Any] | None = None,
) -> Question:
    """Open a question with a code that no other open question of this phone has. ``hours`` is how long it waits."""
    phone = account.phone_index if account is not None else phone_index
    question = Question(
        kind=kind,
        account_id=account.id if account else None,
        phone_index=phone,
        post_id=post_id,
        match_id=match_id,
        letter_id=letter_id,
        data=data or {},
        asked_at=now,
        expires_at=now + timedelta(hours=hours),
        code="",
    )
    question.code = _free_code(session, question)
    session.add(question)
    session.flush()
    return question


def ask_about_alert(
    session: Session, alert_id: str, code: str, people: Sequence[Any], *, now: datetime, until: datetime
) -> None:
    """Ask people whether they understood an alert, under the alert's own code; each has ``account_id`` and ``phone_index``."""
    same = {
        "kind": QuestionKind.ALERT, "code": code, "data": {"alert": alert_id}, "state": QuestionState.OPEN,
        "asked_at": now, "expires_at": until, "answer": "",
    }  # fmt: skip
    rows = [
        {**same, "id": new_id(), "account_id": one.account_id, "phone_index": one.phone_index}
        for one in people
    ]
    if rows:
        session.connection().execute(insert(Question.__table__), rows)  # type: ignore[arg-type]


_THEIRS = Question.account_id.in_(bindparam("people", expanding=True))
_OPEN = select(Question).where(Question.state == QuestionState.OPEN).order_by(Question.asked_at, Question.id)
_OF_PEOPLE = _OPEN.where(_THEIRS)
_OF_PHONE = _OPEN.where(or_(_THEIRS, Question.phone_index == bindparam("phone")))


def open_questions(session: Session, accounts: Iterable[Account], phone_index: str | None) -> list[Question]:
    """What is open for these people or this phone, oldest first."""
    people = [account.id for account in accounts]
    if not phone_index:
        return list(session.scalars(_OF_PEOPLE, {"people": people}))
    return list(session.scalars(_OF_PHONE, {"people": people, "phone": phone_index}))


def is_open(session: Session, account: Account, *, match_id: str) -> bool:
    """Whether a person is still asked about a match."""
    mine = (Question.account_id == account.id, Question.match_id == match_id)
    return (
        session.scalar(select(Question.id).where(*mine, Question.state == QuestionState.OPEN).limit(1))
        is not None
    )


def close(
    question: Question, *, now: datetime, answer: str = "", state: QuestionState = QuestionState.ANSWERED
) -> None:
    """End a question with what was answered."""
    question.state = state
    question.answer = answer[:24]
    question.answered_at = now


def open_again(question: Question) -> None:
    """An answered question waits for another answer."""
    question.state, question.answer, question.answered_at = QuestionState.OPEN, "", None


def close_all(
    session: Session,
    *,
    now: datetime,
    post_id: str | None = None,
    match_id: str | None = None,
    answer: str = "",
) -> None:
    """End what is still asked about a post or a match, because it no longer matters."""
    about = Question.post_id == post_id if post_id else Question.match_id == match_id
    for question in session.scalars(select(Question).where(about, Question.state == QuestionState.OPEN)):
        close(question, now=now, answer=answer, state=QuestionState.REPLACED)


def due_unanswered(session: Session, *, now: datetime, limit: int = 200) -> list[Question]:
    """Open questions whose time is over."""
    due = select(Question).where(Question.state == QuestionState.OPEN, Question.expires_at <= now)
    return list(session.scalars(due.order_by(Question.expires_at).limit(limit)))


def _free_code(session: Session, question: Question) -> str:
    """The next code of this phone: codes go round, so that a late answer does not meet a new question."""
    mine = (
        Question.phone_index == question.phone_index
        if question.phone_index
        else Question.account_id == question.account_id
    )
    rotating = Question.kind != QuestionKind.ALERT
    newest = (
        select(Question.code).where(mine, rotating).order_by(Question.asked_at.desc(), Question.id.desc())
    )
    last = session.scalar(newest.limit(1))
    taken = set(session.scalars(select(Question.code).where(mine, Question.state == QuestionState.OPEN)))
    place = _place(last) + 1 if last else _place("A11")
    while (code := _code(place)) in taken:
        place += 1
    return code


def _place(code: str) -> int:
    return _LETTERS.index(code[0]) * 90 + int(code[1:]) - 10


def _code(place: int) -> str:
    letter, number = divmod(place % (len(_LETTERS) * 90), 90)
    return f"{_LETTERS[letter]}{number + 10}"
