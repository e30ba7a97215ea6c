"""Surveys 问卷: planned with a frozen list, opened, sent bit by bit, answered once by each person (who may change it), closed.

A poll goes to the people whom an alert was for: everybody on its list but who stopped messages. A survey of an area goes to who
said yes to tips. One person is asked for each phone. Nobody is asked in the quiet hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import access, areas, audit, consent, outbox, questions, quiet
from farmerline.domain.access import Actor
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountState,
    Alert,
    Purpose,
    Question,
    QuestionKind,
    Reach,
    Role,
    Survey,
    SurveyAnswer,
    SurveyPerson,
    SurveyState,
)
from farmerline.words import say

ASKERS = (Role.PUBLISHER, Role.OFFICER)
MOST_QUESTIONS, MOST_CHOICES = 4, 4
LONGEST_ASKER, LONGEST_TEXT, LONGEST_CHOICE = 10, 24, 6
"""Signs: so that a question, its answers and its code fit into one text message."""
_CHUNK = 500
_LONGEST_DAYS = 60


def plan(
    session: Session,
    *,
    actor: Actor,
    asker: str,
    asked: Sequence[tuple[str, Sequence[str]]],
    days: int,
    now: datetime,
    area_code: str = "",
    alert: Alert | None = None,
) -> Survey:
    """Write a survey and freeze its list; nobody is asked yet. ``asked`` are questions and their choices, ``alert`` makes it
    a poll (one question). Raises ``Invalid`` for what cannot be asked, ``Absent`` where the actor asks nobody."""
    place = _home(alert) if alert is not None else area_code
    access.authorise(actor, ASKERS if alert is None else {Role.OFFICER}, place)
    if areas.get(session, place) is None:
        raise Absent
    row = Survey(
        asker=_words("asker", asker, LONGEST_ASKER), area_code=place, alert_id=alert.id if alert else None,
        questions=_check(asked, 1 if alert else MOST_QUESTIONS), created_by=actor.account_id, created_at=now,
        until=now + timedelta(days=_days(days)),
    )  # fmt: skip
    session.add(row)
    session.flush()
    people = _people(session, row, alert)
    row.people = len(people)
    row.list_hash = sha256("".join(account_id for account_id, _area in people).encode()).hexdigest()
    for start in range(0, len(people), _CHUNK):
        values = [
            {"survey_id": row.id, "account_id": one, "area_code": area, "skipped": ""}
            for one, area in people[start : start + _CHUNK]
        ]
        session.execute(insert(SurveyPerson), values)
    _note(session, row, "survey.plan", actor, now)
    return row


def own(session: Session, survey_id: str, actor: Actor) -> Survey:
    """A survey of the actor's area; ``Absent`` for any other."""
    row = session.get(Survey, survey_id)
    if row is None:
        raise Absent
    access.authorise(actor, ASKERS, row.area_code)
    return row


def start(session: Session, row: Survey, *, actor: Actor, now: datetime) -> None:
    """Let it be asked. Twice changes nothing; raises ``Conflict`` without people, or when it is over."""
    if row.state is SurveyState.OPEN:
        return
    if row.state is SurveyState.CLOSED or row.until <= now:
        raise Conflict("survey_over", "This survey is over.")
    if row.people == 0:
        raise Conflict("survey_nobody", "Nobody is on the list: there is nobody to ask.")
    row.state, row.opened_at = SurveyState.OPEN, now
    _note(session, row, "survey.start", actor, now)


def close(session: Session, row: Survey, *, actor: Actor | None, now: datetime) -> None:
    """End it: nobody more is asked, no answer counts any more. Twice changes nothing."""
    if row.state is SurveyState.CLOSED:
        return
    row.state, row.until = SurveyState.CLOSED, min(row.until, now)
    _note(session, row, "survey.close", actor, now)


def close_over(session: Session, *, now: datetime) -> int:
    """End what has reached its last moment; returns how many."""
    over = session.scalars(select(Survey).where(Survey.state == SurveyState.OPEN, Survey.until <= now)).all()
    for row in over:
        close(session, row, actor=None, now=now)
    return len(over)


def has_work(session: Session, *, settings: Settings, now: datetime) -> bool:
    """Whether somebody is to be asked now, or a survey is over."""
    if session.scalar(
        select(Survey.id).where(Survey.state == SurveyState.OPEN, Survey.until <= now).limit(1)
    ):
        return True
    awake = quiet.next_allowed(now, settings) <= now
    return (
        awake
        and session.scalar(_unasked(now).with_only_columns(SurveyPerson.account_id).limit(1)) is not None
    )


def ask_due(session: Session, *, settings: Settings, now: datetime, limit: int = 200) -> int:
    """Ask the next people of the lists; returns how many were looked at. Never in the quiet hours."""
    if quiet.next_allowed(now, settings) > now:
        return 0
    rows = session.scalars(_unasked(now).limit(limit).with_for_update(of=SurveyPerson)).all()
    people = {
        one.id: one
        for one in session.scalars(select(Account).where(Account.id.in_([row.account_id for row in rows])))
    }
    stopped = consent.said_no(session, list(people.values()), purpose=Purpose.TIPS)
    for row in rows:
        person, survey = people[row.account_id], session.get_one(Survey, row.survey_id)
        row.asked_at = now
        if person.state is not AccountState.VERIFIED:
            row.skipped = "left"
        elif person.id in stopped or not _send(session, survey, person, now):
            row.skipped = "stopped"
    session.flush()
    return len(rows)


def answer(
    session: Session, row: Survey, account: Account, *, place: int, choice: int, channel: str, now: datetime
) -> None:
    """Put down, or change, a person's answer. Raises ``Conflict`` once it is over."""
    if row.state is not SurveyState.OPEN or row.until <= now:
        raise Conflict("survey_over", "This survey is over.")
    found = session.get(SurveyAnswer, (row.id, account.id, place))
    if found is None:
        found = SurveyAnswer(
            survey_id=row.id, account_id=account.id, place=place, area_code=account.area_code
        )
        session.add(found)
    found.choice, found.channel, found.at = choice, channel[:8], now
    session.flush()


def ask_next(session: Session, row: Survey, account: Account, *, now: datetime) -> Question | None:
    """Open the first question that this person was not asked yet; None where there is none."""
    mine = select(Question.data).where(
        Question.account_id == account.id, Question.kind == QuestionKind.SURVEY
    )
    asked = {data["place"] for data in session.scalars(mine) if data["survey"] == row.id}
    place = next((n for n in range(1, len(row.questions) + 1) if n not in asked), None)
    return _open(session, row, account, place, now) if place else None


def reopen(session: Session, question: Question, *, now: datetime) -> None:
    """Ask again what was answered, to change it. Raises ``Conflict`` once it is over."""
    if (
        session.get_one(Survey, question.data["survey"]).state is not SurveyState.OPEN
        or question.expires_at <= now
    ):
        raise Conflict("survey_over", "This survey is over.")
    questions.open_again(question)


def own_question(session: Session, question_id: str, account_id: str) -> Question:
    """A person's own question of a survey; ``Absent`` for any other."""
    question = session.get(Question, question_id)
    if question is None or question.kind is not QuestionKind.SURVEY or question.account_id != account_id:
        raise Absent
    return question


def text_of(question: Question, language: str) -> str:
    """A question as it is texted, without its code."""
    listed = " ".join(f"{n}{words}" for n, words in enumerate(question.data["choices"], start=1))
    said = question.data
    return say(
        language,
        "{asker} asks: {text} Reply {choices}",
        asker=said["asker"],
        text=said["text"],
        choices=listed,
    )


def _unasked(now: datetime) -> Select[tuple[SurveyPerson]]:
    return (
        select(SurveyPerson)
        .join(Survey, Survey.id == SurveyPerson.survey_id)
        .where(Survey.state == SurveyState.OPEN, Survey.until > now, SurveyPerson.asked_at.is_(None))
        .order_by(Survey.opened_at, SurveyPerson.account_id)
    )


def _send(session: Session, row: Survey, person: Account, now: datetime) -> bool:
    question = _open(session, row, person, 1, now)
    sent = outbox.tell(
        session, account=person, text=f"{text_of(question, person.language)}[{question.code}]", now=now, question=question,
        purpose=Purpose.LETTER if row.alert_id else Purpose.TIPS,
    )  # fmt: skip
    if sent is None:
        session.delete(question)
    return sent is not None


def _open(session: Session, row: Survey, person: Account, place: int, now: datetime) -> Question:
    text, choices = row.questions[place - 1]
    return questions.ask(
        session, kind=QuestionKind.SURVEY, account=person, now=now, hours=(row.until - now) / timedelta(hours=1),
        data={"survey": row.id, "place": place, "asker": row.asker, "text": text, "choices": list(choices)},
    )  # fmt: skip


def _people(session: Session, row: Survey, alert: Alert | None) -> list[tuple[str, str]]:
    """Who is asked, by id: one for each phone, without who may not be."""
    if alert is not None:
        listed = select(Reach.account_id).where(Reach.alert_id == alert.id, Reach.excluded == "", Reach.lead)
        who = select(Account).where(Account.id.in_(listed), Account.state == AccountState.VERIFIED)
        purpose = Purpose.LETTER
    else:
        who = select(Account).where(
            areas.inside(Account.area_code, row.area_code), Account.state == AccountState.VERIFIED
        )
        purpose = Purpose.TIPS
    found = list(session.scalars(who.order_by(Account.id)))
    allowed = consent.filter_allowed(session, found, purpose=purpose)
    stopped = consent.said_no(session, allowed, purpose=Purpose.TIPS)
    by_phone = {one.phone_index or one.id: one for one in reversed(allowed) if one.id not in stopped}
    return sorted((one.id, one.area_code) for one in by_phone.values())


def _home(alert: Alert) -> str:
    """The area that holds all areas of an alert: the place where its poll is asked from."""
    codes = [one.area_code for one in alert.areas]
    common = min(codes, key=len, default="")
    while common and not all(code.startswith(common) for code in codes):
        common = common[: {12: 9, 9: 6, 6: 4, 4: 2}.get(len(common), 0)]
    return common


def _check(asked: Iterable[tuple[str, Sequence[str]]], most: int) -> list[tuple[str, list[str]]]:
    found = []
    for place, (text, choices) in enumerate(asked, start=1):
        kept = [_words(f"choices{place}", one, LONGEST_CHOICE) for one in choices if one.strip()]
        if not 2 <= len(kept) <= MOST_CHOICES or len(set(kept)) < len(kept):
            raise Invalid(
                "survey_choices",
                "Give two to {most} different answers.",
                field=f"choices{place}",
                most=MOST_CHOICES,
            )
        found.append((_words(f"text{place}", text, LONGEST_TEXT), kept))
    if not 1 <= len(found) <= most:
        raise Invalid("survey_questions", "Ask one to {most} questions.", field="text1", most=most)
    return found


def _words(field: str, said: str, most: int) -> str:
    words = " ".join(said.replace("\0", "").split())
    if not words:
        raise Invalid("survey_empty", "Nothing stands here yet.", field=field)
    if len(words) > most:
        raise Invalid(
            "too_long", "This has {count} signs; {most} fit.", field=field, count=len(words), most=most
        )
    return words


def _days(days: int) -> int:
    if not 1 <= days <= _LONGEST_DAYS:
        raise Invalid("survey_days", "Ask for 1 to {most} days.", field="days", most=_LONGEST_DAYS)
    return days


def _note(session: Session, row: Survey, act: str, actor: Actor | None, now: datetime) -> None:
    audit.record(
        session, actor_id=actor.account_id if actor else "system", act=act, subject=f"survey:{row.id}", channel=Channel.WEB,
        detail={"people": row.people, "list": row.list_hash}, now=now,
    )  # fmt: skip
