"""Answers to open questions: what each kind of question does with what was said, and what silence does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from farmerline.domain import (
    advice,
    alert_answers,
    cases,
    choices,
    draft_talk,
    edit_talk,
    group_talk,
    matching_desk,
    outcome_talk,
    pool_talk,
    posts,
    questions,
    sighting_talk,
    survey_talk,
    which,
    which_talk,
)
from farmerline.domain.talk import Talk
from farmerline.errors import Refusal
from farmerline.models import (
    Account,
    Alert,
    Case,
    CaseKind,
    Inbound,
    InboundState,
    Match,
    Post,
    PostState,
    Question,
    QuestionKind,
    QuestionState,
)
from farmerline.words import say


def settle(talk: Talk, question: Question) -> None:
    """Act on an answer to an open question."""
    try:
        _ANSWERS[question.kind](talk, question)
    except Refusal as refusal:
        talk.refuse(refusal)


def topic(session: Session, question: Question, language: str) -> str:
    """What a question is about, in a few words."""
    if question.match_id:
        match = session.get_one(Match, question.match_id)
        mine = match.supply_post.account_id == question.account_id
        return say(language, "match: {what}", what=(match.demand_item if mine else match.supply_item).name)
    if question.kind is QuestionKind.WHICH:
        return which.topic(question, language)
    if question.kind is QuestionKind.EDIT:
        return edit_talk.topic(question, language)
    if question.kind is QuestionKind.CHOICE:
        return choices.topic(session, question, language)
    if question.post_id:
        return posts.describe(session, session.get_one(Post, question.post_id), language)
    if question.kind in (QuestionKind.POOL, QuestionKind.POOLED):
        return pool_talk.topic(session, question, language)
    if question.kind is QuestionKind.GROUP:
        return group_talk.topic(session, question, language)
    if question.kind is QuestionKind.ALERT:
        return say(language, "alert {number}", number=session.get_one(Alert, question.data["alert"]).number)
    if question.kind is QuestionKind.USEFUL:
        row = advice.answer_of(session, session.get_one(Case, question.data["case"]))
        return (row.full or row.short) if row is not None else ""
    if question.kind is QuestionKind.HEARD:
        return session.get_one(Case, question.data["case"]).heard or ""
    if question.kind is QuestionKind.SURVEY:
        return str(question.data["text"])
    if question.kind is QuestionKind.SPEAK:
        return say(language, "your answer is awaited by telephone")
    if question.kind is QuestionKind.CALLOUT:
        return say(language, "you are called out")
    return say(language, "who is speaking")


def park_unanswered(session: Session, *, now: datetime) -> int:
    """Questions that met silence: drafts and words without a name go to a person, the rest end. Returns how many."""
    due = questions.due_unanswered(session, now=now)
    for question in due:
        questions.close(question, now=now, state=QuestionState.EXPIRED)
        if question.kind is QuestionKind.WHO:
            _pass_on_unnamed(session, question, now)
        post = session.get(Post, question.post_id) if question.post_id else None
        if post is not None and post.state is PostState.PENDING:
            owner = session.get_one(Account, post.account_id)
            cases.open_case(
                session,
                kind=CaseKind.CALL_BACK,
                area_code=owner.area_code,
                text=posts.describe(session, post),
                now=now,
                account=owner,
                post=post,
                inbound=session.get(Inbound, post.inbound_id) if post.inbound_id else None,
            )
    return len(due)


def _pass_on_unnamed(session: Session, question: Question, now: datetime) -> None:
    """Nobody said who spoke: the words go to the household's contact point."""
    row = session.get(Inbound, question.data["inbound"])
    member = session.get(Account, question.data["members"][0])
    if row is None or member is None or row.state is not InboundState.PARKED:
        return
    row.state = InboundState.HANDLED
    case = cases.open_case(
        session,
        kind=CaseKind.UNCLEAR,
        area_code=member.area_code,
        text=row.body,
        now=now,
        phone=row.sender or None,
        inbound=row,
    )
    row.case_id = case.id


def _settle_match(talk: Talk, question: Question) -> None:
    match = talk.session.get_one(Match, question.match_id)
    yes = talk.said.intent != "deny"
    shown = matching_desk.answer(
        talk.session, match, account=talk.person, yes=yes, settings=talk.settings, now=talk.now
    )
    questions.close(question, now=talk.now, answer="yes" if yes else "no")
    if not yes:
        talk.tell("All right, not this one. We go on looking.")
    elif shown is None:
        talk.tell("Noted. The other side is asked; when they say yes too you get the number.")
    else:
        talk.tell(
            "{name} ({what}): {phone}. In {days} days we ask how it went.",
            name=shown.name,
            what=shown.what,
            phone=shown.phone,
            days=talk.settings.follow_up_days[0],
        )


def _settle_renew(talk: Talk, question: Question) -> None:
    post = talk.session.get_one(Post, question.post_id)
    questions.close(question, now=talk.now, answer=talk.said.intent)
    talk.post = post
    if talk.said.intent == "deny":
        posts.end(
            talk.session, post, PostState.DONE, by=talk.speaker, channel=talk.inbound.channel, now=talk.now
        )
        talk.tell("No. {number} is taken down. Thank you for telling us.", number=post.number)
        return
    posts.renew(talk.session, post, by=talk.speaker, channel=talk.inbound.channel, now=talk.now)
    days = (post.expires_at - talk.now).days if post.expires_at else 0
    talk.tell("No. {number} stays {days} more days.", number=post.number, days=days)


def _settle_useful(talk: Talk, question: Question) -> None:
    useful = talk.said.intent != "deny"
    questions.close(question, now=talk.now, answer="yes" if useful else "no")
    again = advice.rate(talk.session, question, useful=useful, now=talk.now)
    if again is None:
        talk.tell("Thank you for telling us.")
    else:
        talk.tell("The expert looks at it once more. Number {number}.", number=again.number)


def _settle_speak(talk: Talk, question: Question) -> None:
    talk.tell("This is answered by telephone or on the desk's page.", question=question)


def _settle_letter(talk: Talk, question: Question) -> None:
    talk.tell("To answer this letter write {code} and then your words.", code=question.code)


def _settle_who(talk: Talk, question: Question) -> None:
    names = question.data.get("members", [])
    talk.tell("Please reply a number from 1 to {count}.", question=question, count=len(names))


_ANSWERS: dict[QuestionKind, Callable[[Talk, Question], None]] = {
    QuestionKind.PUBLISH: draft_talk.settle_publish,
    QuestionKind.SIDE: draft_talk.settle_side,
    QuestionKind.CHOICE: draft_talk.settle_choice,
    QuestionKind.CHANGE: draft_talk.settle_change,
    QuestionKind.WHICH: which_talk.settle,
    QuestionKind.EDIT: edit_talk.settle,
    QuestionKind.MATCH: _settle_match,
    QuestionKind.OUTCOME: outcome_talk.settle_outcome,
    QuestionKind.AMOUNT: outcome_talk.settle_amount,
    QuestionKind.REASON: outcome_talk.settle_reason,
    QuestionKind.POOL: pool_talk.settle_member,
    QuestionKind.POOLED: pool_talk.settle_buyer,
    QuestionKind.RENEW: _settle_renew,
    QuestionKind.LETTER: _settle_letter,
    QuestionKind.SURVEY: survey_talk.settle,
    QuestionKind.USEFUL: _settle_useful,
    QuestionKind.SPEAK: _settle_speak,
    QuestionKind.WHO: _settle_who,
    QuestionKind.HEARD: sighting_talk.settle_heard,
    QuestionKind.ALERT: alert_answers.settle_alert,
    QuestionKind.CALLOUT: alert_answers.settle_callout,
    QuestionKind.GROUP: group_talk.settle,
}
