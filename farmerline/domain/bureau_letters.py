"""Letters to the bureau 来信: a number at once, a unit, a due time by kind, an answer, an end; shown to others after a review."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import access, audit, cases, outbox, units
from farmerline.domain.access import Actor
from farmerline.domain.numbers import next_number
from farmerline.domain.talk import Talk
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import (
    STAFF,
    Account,
    AccountState,
    BureauLetter,
    BureauLetterAct,
    BureauLetterEvent,
    BureauLetterKind,
    BureauLetterState,
    Case,
    CaseKind,
    CaseState,
    Purpose,
    Role,
    RoleGrant,
    Unit,
)
from farmerline.words import say

OFFICE = frozenset({Role.PUBLISHER, Role.ADMIN})
"""Who opens the bureau's letters and passes them on. Whoever is to answer one sees that one."""
USUAL = "consult"
"""The kind of a letter that does not say what it is."""
_DAY = 10  # working hours
_TWICE = timedelta(minutes=10)
_LONGEST = {"body": 1000, "answer": 600, "board_text": 300, "board_answer": 400}
_WISH = re.compile(
    r"^\s*(来信|给局里|给农业局|写给局里|投诉|建议|反映|letter to the bureau)[\s:：,，]*", re.IGNORECASE
)
_KIND_OF = {"投诉": "complaint", "建议": "suggestion"}
_SPOKEN = frozenset({CaseKind.MESSAGE, CaseKind.CALL_BACK, CaseKind.UNCLEAR})
_HIGHEST = 2**31
_PHONE = re.compile(r"\d[\d\s-]{5,}\d")


def write(
    session: Session,
    *,
    account: Account,
    body: str,
    kind: str,
    channel: str,
    now: datetime,
    operator: Account | None = None,
    board: bool = False,
    case: Case | None = None,
) -> BureauLetter:
    """Take a letter in: it has a number and a due time from now on, and its writer is told both. The same words by the same
    person within ten minutes are the same letter.

    Raises ``Invalid`` for words that are missing or too long, or a kind that is none.
    """
    words = body.replace("\0", "").strip()
    if len(words) < 4:
        raise Invalid("letter_empty", "Write what it is about.", field="body")
    _demand_length("body", words)
    row = session.get(BureauLetterKind, kind)
    if row is None:
        raise Invalid("letter_kind", "Choose what kind of letter this is.", field="kind")
    same = select(BureauLetter).where(
        BureauLetter.from_id == account.id, BureauLetter.received_at > now - _TWICE
    )
    if case is None and (sent := next((one for one in session.scalars(same) if one.body == words), None)):
        return sent
    letter = BureauLetter(
        number=next_number(session, "bureau_letter"), kind=row.code, area_code=account.area_code, from_id=account.id,
        operator_id=operator.id if operator else None, body=words, channel=channel, case_id=case.id if case else None,
        state=BureauLetterState.RECEIVED, received_at=now, due_at=cases.add_working_hours(now, row.days * _DAY),
        board_asked=board,
    )  # fmt: skip
    session.add(letter)
    session.flush()
    _note(session, letter, BureauLetterAct.WRITE, operator or account, now)
    return letter


def take_text(talk: Talk) -> bool:
    """Take a text that begins like a letter to the bureau (来信, 投诉, 建议, 反映); whether it did."""
    began = _WISH.match(talk.inbound.body)
    if began is None or talk.account is None or len(talk.inbound.body) - began.end() < 4:
        return False
    letter = write(
        talk.session, account=talk.person, body=talk.inbound.body[began.end() :], kind=_KIND_OF.get(began[1], USUAL),
        channel=talk.inbound.channel.value, operator=talk.operator, now=talk.now,
    )  # fmt: skip
    days = talk.session.get_one(BureauLetterKind, letter.kind).days
    talk.tell(
        "Letter to the bureau No. {number} taken in. Answer within {days} working days.",
        number=letter.number, days=days,
    )  # fmt: skip
    return True


def take_spoken(
    session: Session, *, actor: Actor, case: Case, body: str, kind: str, now: datetime
) -> BureauLetter:
    """Make a letter of what somebody said on the telephone, in the words that the contact point wrote down; the case ends.

    ``case`` is one of the actor's own. Raises ``Conflict`` where nobody is known to write it.
    """
    by = session.get_one(Account, actor.account_id)
    account = session.get(Account, case.account_id or "")
    if case.kind not in _SPOKEN or account is None or account.state is not AccountState.VERIFIED:
        raise Conflict("letter_nobody", "Only a registered person writes to the bureau: enrol him first.")
    session.refresh(case, with_for_update=True)
    if case.state is CaseState.CLOSED:
        raise Conflict("case_closed", "This was already done by someone else.")
    letter = write(
        session, account=account, body=body, kind=kind, channel="voice", operator=by, case=case, now=now
    )
    cases.close_case(
        session, case, by=by, outcome=say(by.language, "Letter to the bureau No. {number}.", number=letter.number), now=now
    )  # fmt: skip
    tell_number(session, letter, now)
    return letter


def tell_number(session: Session, letter: BureauLetter, now: datetime) -> None:
    """Tell the writer the number and by when there is an answer."""
    account = session.get_one(Account, letter.from_id)
    days = session.get_one(BureauLetterKind, letter.kind).days
    text = say(
        account.language, "Letter to the bureau No. {number} taken in. Answer within {days} working days.",
        number=letter.number, days=days,
    )  # fmt: skip
    outbox.tell(session, account=account, text=text, purpose=Purpose.SERVICE, now=now)


def find(session: Session, actor: Actor, number: int) -> BureauLetter:
    """The letter of a number, for the office of its place and for whom it was given to; ``Absent`` for others."""
    letter = (
        session.scalar(select(BureauLetter).where(BureauLetter.number == number))
        if 0 < number < _HIGHEST
        else None
    )
    if letter is None:
        raise Absent
    access.authorise(actor, OFFICE, letter.area_code, owner_id=letter.handler_id)
    return letter


def pass_on(
    session: Session, *, actor: Actor, number: int, unit: str, handler_id: str, kind: str, now: datetime
) -> None:
    """Give a letter to a unit, and to a person there who is told: who is named, else the unit's liaison if they are staff.

    ``unit`` is a name; one that no unit of the county bears is kept as words, so that no letter waits for the list of units.
    The due time stays counted from when it came in.
    """
    letter = _open(session, actor, number)
    access.authorise(actor, OFFICE, letter.area_code)
    unit = " ".join(unit.split())[:60]
    if not unit:
        raise Invalid("unit_missing", "Name the unit that looks after it.", field="unit")
    row = session.get(BureauLetterKind, kind)
    if row is None:
        raise Invalid("letter_kind", "Choose what kind of letter this is.", field="kind")
    handler = next((one for one in handlers(session, letter.area_code) if one.id == handler_id), None)
    if handler_id and handler is None:
        raise Invalid("handler_unknown", "Choose a person of the staff.", field="handler_id")
    row_of_unit = units.named(session, unit, letter.area_code[:6])
    handler = handler or _liaison(session, row_of_unit, letter.area_code, now)
    letter.unit, letter.unit_id = unit, row_of_unit.id if row_of_unit else None
    letter.handler_id, letter.state = handler.id if handler else None, BureauLetterState.PASSED
    if letter.kind != row.code:
        letter.kind, letter.due_at = row.code, cases.add_working_hours(letter.received_at, row.days * _DAY)
    _note(session, letter, BureauLetterAct.PASS_ON, session.get_one(Account, actor.account_id), now, unit)
    if handler is not None:
        text = say(
            handler.language, "Letter to the bureau No. {number} is yours to answer.", number=letter.number
        )
        outbox.tell(session, account=handler, text=text, purpose=Purpose.SERVICE, now=now)


def answer(session: Session, *, actor: Actor, number: int, words: str, now: datetime) -> None:
    """Answer a letter: its writer is told, as they prefer."""
    letter = _open(session, actor, number)
    said = words.replace("\0", "").strip()
    if len(said) < 2:
        raise Invalid("answer_empty", "Write the answer.", field="answer")
    _demand_length("answer", said)
    letter.answer, letter.answered_at, letter.answered_by = said, now, actor.account_id
    letter.state = BureauLetterState.ANSWERED
    _note(session, letter, BureauLetterAct.ANSWER, session.get_one(Account, actor.account_id), now)
    account = session.get_one(Account, letter.from_id)
    text = say(account.language, "On your letter No. {number}: {answer}", number=letter.number, answer=said)
    outbox.tell(session, account=account, text=text, purpose=Purpose.SERVICE, now=now)


def close(session: Session, *, actor: Actor, number: int, why: str, now: datetime) -> None:
    """End a letter: after its answer, or with a reason where there is none to give."""
    letter = _hold(session, actor, number)
    reason = " ".join(why.split())[:200]
    if letter.state is BureauLetterState.CLOSED:
        raise Conflict("letter_closed", "This letter is closed.")
    if letter.state is not BureauLetterState.ANSWERED and len(reason) < 2:
        raise Invalid("reason_missing", "Write the reason in a few words.", field="why")
    letter.state, letter.closed_at = BureauLetterState.CLOSED, now
    _note(session, letter, BureauLetterAct.CLOSE, session.get_one(Account, actor.account_id), now, reason)


def show(session: Session, *, actor: Actor, number: int, text: str, reply: str, now: datetime) -> None:
    """Let everybody read a letter and its answer in the guestbook, in words without names. Only after the answer, where the
    writer agreed, and by another person than the one who answered."""
    letter = _hold(session, actor, number)
    access.authorise(actor, OFFICE, letter.area_code)
    if not letter.board_asked:
        raise Conflict("board_not_asked", "Whoever asked did not agree to that.")
    if letter.answered_at is None:
        raise Conflict("answer_first", "Answer it in writing first.")
    if letter.answered_by == actor.account_id:
        raise Conflict("article_own", "Somebody else must read what you wrote.")
    words, said = (" ".join(one.replace("\0", "").split()) for one in (text, reply))
    for name, one in (("board_text", words), ("board_answer", said)):
        if len(one) < 4:
            raise Invalid(
                "question_missing", "Write the question in general words, without names.", field=name
            )
        _demand_length(name, one)
        if _PHONE.search(one):
            raise Invalid("board_number", "Leave out telephone numbers.", field=name)
    letter.board_text, letter.board_answer = words, said
    _note(session, letter, BureauLetterAct.SHOW, session.get_one(Account, actor.account_id), now)


def hide(session: Session, *, actor: Actor, number: int, now: datetime) -> None:
    """Take a letter out of the guestbook."""
    letter = _hold(session, actor, number)
    access.authorise(actor, OFFICE, letter.area_code)
    letter.board_text = letter.board_answer = ""
    _note(session, letter, BureauLetterAct.HIDE, session.get_one(Account, actor.account_id), now)


def kinds(session: Session) -> list[BureauLetterKind]:
    """The kinds of letters with their promise, in their order."""
    return list(session.scalars(select(BureauLetterKind).order_by(BureauLetterKind.position)))


def handlers(session: Session, area_code: str) -> list[Account]:
    """The county's staff, who can be given a letter."""
    query = (
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(RoleGrant.role.in_(STAFF), RoleGrant.ended_at.is_(None), RoleGrant.area_code == area_code[:6])
        .where(Account.state == AccountState.VERIFIED)
        .order_by(RoleGrant.granted_at, RoleGrant.id)
    )
    return list(dict.fromkeys(session.scalars(query)))


def _liaison(session: Session, unit: Unit | None, area_code: str, now: datetime) -> Account | None:
    """Who speaks for a unit now, where they may be given a letter."""
    holds = units.current(unit, local(now).date()) if unit else None
    return next((one for one in handlers(session, area_code) if holds and one.id == holds.account_id), None)


def _hold(session: Session, actor: Actor, number: int) -> BureauLetter:
    """A letter that is the actor's to act on, and nobody else's meanwhile."""
    letter = find(session, actor, number)
    session.refresh(letter, with_for_update=True)
    return letter


def _open(session: Session, actor: Actor, number: int) -> BureauLetter:
    letter = _hold(session, actor, number)
    if letter.state in (BureauLetterState.ANSWERED, BureauLetterState.CLOSED):
        raise Conflict("letter_answered", "This letter has its answer.")
    return letter


def _demand_length(field: str, words: str) -> None:
    if len(words) > _LONGEST[field]:
        raise Invalid(
            "too_long",
            "This has {count} signs; {most} fit.",
            field=field,
            count=len(words),
            most=_LONGEST[field],
        )


def _note(
    session: Session, letter: BureauLetter, act: BureauLetterAct, by: Account, now: datetime, note: str = ""
) -> None:
    session.add(BureauLetterEvent(letter_id=letter.id, at=now, act=act, by_id=by.id, note=note))
    session.flush()
    audit.record(
        session, actor_id=by.id, for_id=letter.from_id, act=f"bureau_letter.{act}", subject=f"bureau_letter:{letter.id}",
        detail={"number": letter.number}, now=now,
    )  # fmt: skip
