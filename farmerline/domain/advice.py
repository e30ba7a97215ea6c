"""The expert's desk: a question is answered by text or by voice, handed over, written down, and rated by who asked."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import access, audit, cases, hearing, outbox, plain_words, questions, quiet, shifts
from farmerline.domain.access import Actor
from farmerline.domain.alert_words import SHORT_ROOM
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.identity import is_mobile, show_phone
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    Case,
    CaseAct,
    CaseAnswer,
    CaseEvent,
    CaseKind,
    CaseState,
    Photo,
    Purpose,
    Question,
    QuestionKind,
    Recording,
    Role,
)
from farmerline.words import say

LONGEST = 600
"""Signs of a full answer: as much as is read out by telephone in two minutes."""
_ASKED_HOURS = 24.0 * 7
_HIGHEST = 2**31
_NUMBER = re.compile(r"\d[\d\s-]{5,}\d")


def case_of(session: Session, actor: Actor, number: int) -> Case:
    """A question, or a call that an expert took, in the actor's area; ``Absent`` for anything else."""
    case = session.scalar(select(Case).where(Case.number == number)) if 0 < number < _HIGHEST else None
    if case is None or not (case.kind is CaseKind.QUESTION or case.assigned_to is not None):
        raise Absent
    access.authorise(actor, {Role.EXPERT}, case.area_code)
    return case


def answer(
    session: Session,
    *,
    actor: Actor,
    number: int,
    short: str,
    full: str,
    settings: Settings,
    now: datetime,
    recording: Recording | None = None,
) -> CaseAnswer:
    """Answer a case: it is closed, and whoever asked is told and asked whether it helped.

    Told by the channel they prefer; rung as well at the hour they chose, and where the answer is spoken. Raises ``Invalid``
    for words that are missing, too long or name a brand, ``Conflict`` when somebody was first.
    """
    case = case_of(session, actor, number)
    by = session.get_one(Account, actor.account_id)
    if recording is None:
        short, full = _check(short, full)
    elif not short:
        short = say("zh", "The expert has spoken an answer; the line rings you with it.")
    cases.close_case(session, case, by=by, outcome=short, now=now)
    case.assigned_to = by.id
    row = CaseAnswer(
        case_id=case.id,
        by_id=by.id,
        short=short,
        full=full,
        recording_id=recording.id if recording else None,
        at=now,
    )
    session.add(row)
    session.flush()
    _tell(session, case, row, settings, now)
    return row


def rate(session: Session, question: Question, *, useful: bool, now: datetime) -> Case | None:
    """Keep whether an answer helped; where it did not, the question is asked anew, of the same expert. Returns that case."""
    case = session.get_one(Case, question.data["case"])
    row = answer_of(session, case)
    if row is None or row.useful is not None:
        return None
    row.useful, row.useful_at = useful, now
    if useful:
        return None
    person = session.get(Account, case.account_id) if case.account_id else None
    again = cases.open_case(
        session, kind=CaseKind.QUESTION, area_code=case.area_code, now=now, account=person, phone=case.phone,
        text=say("zh", "(No. {number} did not help) {text}", number=case.number, text=case.text),
    )  # fmt: skip
    again.assigned_to, again.recording_id, again.tell_hour = row.by_id, case.recording_id, case.tell_hour
    return again


def write_down(session: Session, *, actor: Actor, number: int, text: str, now: datetime) -> None:
    """Put what was asked by telephone in words, beside the recording if there is one."""
    case = case_of(session, actor, number)
    words = text.replace("\0", "").strip()
    if not 2 <= len(words) <= 800:
        raise Invalid("empty_words", "Nothing is written yet. Write down what he said.", field="text")
    case.text = words
    _note(session, case, CaseAct.WRITE_DOWN, actor.account_id, None, now)


def hand_over(session: Session, *, actor: Actor, number: int, to_id: str, now: datetime) -> Account:
    """Give an open case to another expert of its place, who is told; returns whom."""
    case = case_of(session, actor, number)
    if case.state is CaseState.CLOSED:
        raise Conflict("case_closed", "This was already done by someone else.")
    other = next((one for one in shifts.experts(session, case.area_code) if one.id == to_id), None)
    if other is None or other.id == case.assigned_to:
        raise Invalid("hand_over_whom", "Choose another expert.", field="to_id")
    _give(session, case, other, CaseAct.HAND_OVER, actor.account_id, now)
    return other


def pass_on_late(session: Session, *, now: datetime, limit: int = 50) -> int:
    """Give questions whose 48 hours are over to somebody by name: another expert, on duty first, else an administrator.

    Once a question; returns how many.
    """
    told = select(CaseEvent.case_id).where(CaseEvent.act == CaseAct.LATE)
    late = select(Case).where(
        Case.kind == CaseKind.QUESTION, Case.state == CaseState.OPEN, Case.due_at <= now, Case.id.not_in(told)
    )
    passed = 0
    for case in session.scalars(late.order_by(Case.due_at).limit(limit).with_for_update(skip_locked=True)):
        here = [*shifts.on_duty(session, case.area_code, now), *shifts.experts(session, case.area_code)]
        here += access.holders(session, Role.ADMIN, case.area_code[:6])
        to = next((one for one in here if one.id != case.assigned_to), None) or next(iter(here), None)
        if to is not None:
            _give(session, case, to, CaseAct.LATE, None, now)
            passed += 1
    return passed


def has_late(session: Session, *, now: datetime) -> bool:
    """Whether ``pass_on_late`` may have something to do."""
    told = select(CaseEvent.case_id).where(CaseEvent.act == CaseAct.LATE)
    late = select(Case.id).where(
        Case.kind == CaseKind.QUESTION, Case.state == CaseState.OPEN, Case.due_at <= now, Case.id.not_in(told)
    )
    return session.scalar(late.limit(1)) is not None


def ask_to_speak(session: Session, *, actor: Actor, number: int, now: datetime) -> None:
    """Ring the expert, who speaks the answer after the tone. Raises ``Conflict`` without a number to ring."""
    case = case_of(session, actor, number)
    by = session.get_one(Account, actor.account_id)
    if case.state is CaseState.CLOSED:
        raise Conflict("case_closed", "This was already done by someone else.")
    if not by.phone or outbox.gateway_of(session, Channel.VOICE) is None:
        raise Conflict("speak_no_phone", "There is no number at which you can be rung.")
    question = questions.ask(
        session, kind=QuestionKind.SPEAK, now=now, hours=1.0, account=by, data={"case": case.id}
    )
    text = say(by.language, "Your answer to number {number}.", number=case.number)
    outbox.queue(
        session, channel=Channel.VOICE, address=by.phone, text=text, purpose=Purpose.SERVICE, now=now, account=by,
        question=question,
    )  # fmt: skip


def add_to(
    session: Session,
    *,
    case_id: str,
    account_id: str,
    now: datetime,
    board: bool = False,
    photo: bytes | None = None,
) -> None:
    """What came beside a question's words, from who asked it: a small JPEG of ``render.pictures``, and with ``board`` the yes
    that everybody may read it, without the name; an expert words it first."""
    case = session.get(Case, case_id)
    if case is None or case.kind is not CaseKind.QUESTION or case.account_id != account_id:
        raise Absent
    case.board_asked = case.board_asked or board
    if photo is not None and case.photo_id is None:
        row = Photo(kind="image/jpeg", body=photo, at=now)
        session.add(row)
        session.flush()
        case.photo_id = row.id
    session.flush()


def photo_of(session: Session, *, actor: Actor, number: int) -> Photo:
    """The picture that came with a case; ``Absent`` where there is none."""
    photo = session.get(Photo, case_of(session, actor, number).photo_id or "")
    if photo is None:
        raise Absent
    return photo


def show_on_board(session: Session, *, actor: Actor, number: int, text: str, now: datetime) -> None:
    """Show a question to everybody in these words, without names; "" takes it away. Only where the asker agreed."""
    case = case_of(session, actor, number)
    words = " ".join(text.replace("\0", "").split())
    if words and not case.board_asked:
        raise Conflict("board_not_asked", "Whoever asked did not agree to that.")
    if words and not 4 <= len(words) <= 200:
        raise Invalid(
            "question_missing", "Write the question in general words, without names.", field="board"
        )
    if _NUMBER.search(words):
        raise Invalid("board_number", "Leave out telephone numbers.", field="board")
    case.board_text = words
    session.flush()
    audit.record(
        session, actor_id=actor.account_id, act="case.board", subject=f"case:{case.id}", for_id=case.account_id or "",
        detail={"shown": bool(words)}, now=now,
    )  # fmt: skip


def show_caller(session: Session, *, actor: Actor, number: int, now: datetime) -> str:
    """The whole number of who asked, for the expert to ring; written down. "" where there is none."""
    case = case_of(session, actor, number)
    audit.record(
        session, actor_id=actor.account_id, for_id=case.account_id or "", act="number.show", subject=f"case:{case.id}",
        now=now,
    )  # fmt: skip
    return show_phone(case.phone) if case.phone else ""


def hear(session: Session, *, actor: Actor, number: int, now: datetime) -> str:
    """The id of the recording that came with a case; that the actor hears it is on record. ``Absent`` where there is none."""
    case = case_of(session, actor, number)
    recording = session.get(Recording, case.recording_id) if case.recording_id else None
    if recording is None:
        raise Absent
    hearing.note(session, actor=actor, recording=recording, for_id=case.account_id or "", now=now)
    return recording.id


def answer_of(session: Session, case: Case) -> CaseAnswer | None:
    """What was answered to a case."""
    return session.scalar(select(CaseAnswer).where(CaseAnswer.case_id == case.id))


def at_hour(hour: int | None, now: datetime, settings: Settings) -> datetime:
    """The next moment of that hour of the day in China; without one the first that is not in the quiet hours."""
    if hour is None:
        return quiet.next_allowed(now, settings)
    at = local(now).replace(hour=hour, minute=0, second=0, microsecond=0)
    return (at if at >= local(now) else at + timedelta(days=1)).astimezone(now.tzinfo)


def _check(short: str, full: str) -> tuple[str, str]:
    short, full = " ".join(short.replace("\0", "").split()), full.replace("\0", "").strip()
    if not short:
        raise Invalid("answer_missing", "Write the answer: first what is to be done.", field="short")
    for name, words, most in (("short", short, SHORT_ROOM), ("full", full, LONGEST)):
        if len(words) > most:
            raise Invalid(
                "too_long", "This has {count} signs; {most} fit.", field=name, count=len(words), most=most
            )
    if refused := plain_words.examine(f"{short}\n{full}").refused:
        raise Invalid(
            "brand_named",
            "Name what is in it, not the brand: {words}.",
            field="short",
            words=refused[0].words,
        )
    return short, full


def _tell(session: Session, case: Case, row: CaseAnswer, settings: Settings, now: datetime) -> None:
    person = session.get(Account, case.account_id) if case.account_id else None
    if person is None and not case.phone:
        return
    question = questions.ask(
        session, kind=QuestionKind.USEFUL, now=now, hours=_ASKED_HOURS, account=person, phone_index=case.phone_index,
        data={"case": case.id},
    )  # fmt: skip
    language = person.language if person is not None else "zh"
    written = f"{row.short}{say(language, ' Helped: reply 1, not: 2.')}[{question.code}]"
    rings = case.tell_hour is not None or row.recording_id is not None
    phone = case.phone or (person.phone if person is not None else None)
    if phone and rings and outbox.gateway_of(session, Channel.VOICE) is not None:
        outbox.queue(
            session, channel=Channel.VOICE, address=phone, text=row.full or row.short, purpose=Purpose.SERVICE, now=now,
            account=person, question=question, due_at=at_hour(case.tell_hour, now, settings),
        )  # fmt: skip
    if person is not None:
        channel, address = outbox.reach(session, person)
    else:
        channel, address = (Channel.SMS if is_mobile(phone or "") else Channel.VOICE), phone or ""
    if channel is Channel.VOICE and rings:
        return
    outbox.queue(
        session, channel=channel, address=address, text=row.full or row.short if channel is Channel.VOICE else written,
        purpose=Purpose.SERVICE, now=now, account=person, question=question,
        due_at=at_hour(None, now, settings) if channel is Channel.VOICE else now,
    )  # fmt: skip


def _give(session: Session, case: Case, to: Account, act: CaseAct, by_id: str | None, now: datetime) -> None:
    case.assigned_to = to.id
    _note(session, case, act, by_id, to.id, now)
    late = act is CaseAct.LATE
    text = (
        say(to.language, "Question {number} has waited over 48 hours: it is yours now.", number=case.number)
        if late
        else say(to.language, "Question {number} was handed to you.", number=case.number)
    )
    outbox.tell(session, account=to, text=text, purpose=Purpose.SERVICE, now=now)


def _note(
    session: Session, case: Case, act: CaseAct, by_id: str | None, to_id: str | None, now: datetime
) -> None:
    session.add(CaseEvent(case_id=case.id, at=now, act=act, by_id=by_id, to_id=to_id))
    session.flush()
    audit.record(
        session, actor_id=by_id or "system", act=f"case.{act}", subject=f"case:{case.id}", for_id=case.account_id or "",
        detail={"to": to_id or ""}, now=now,
    )  # fmt: skip
