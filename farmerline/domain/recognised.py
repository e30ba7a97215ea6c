"""What a recogniser made of spoken words: a draft or a question to the caller, never more.

What it cannot read, is not sure of or nobody answers for stays with the contact point, whose case was there before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import cases, dictation, intake, outbox, questions, sightings
from farmerline.domain.talk import Understand
from farmerline.errors import Invalid
from farmerline.messages import Channel, Incoming
from farmerline.models import (
    Account,
    AccountState,
    Call,
    Case,
    CaseKind,
    CaseState,
    Ear,
    Inbound,
    Post,
    PostState,
    Purpose,
    Question,
    QuestionKind,
    Recording,
)
from farmerline.words import say

GATEWAY = "recogniser"
_LISTENED = (CaseKind.VOICE_POST, CaseKind.SIGHTING, CaseKind.QUESTION)
_WAITS = timedelta(minutes=30)
"""How long a recording waits for a recogniser that is away: then the contact point is at it anyway."""
_CALL = timedelta(minutes=15)
"""After so long a call whose end nobody told is over."""


@dataclass(frozen=True, slots=True)
class Given:
    """A recording for a recogniser."""

    case_id: str
    recording_id: str
    sound: bytes
    language: str


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What the caller is asked, and the open question."""

    text: str
    question: Question


def give(session: Session, *, now: datetime) -> Given | None:
    """The oldest recording that no recogniser had, marked as handed over: one that kills its recogniser is not tried again."""
    waiting = select(Case).where(
        Case.ear == Ear.NONE,
        Case.state == CaseState.OPEN,
        Case.kind.in_(_LISTENED),
        Case.recording_id.is_not(None),
        Case.opened_at > now - _WAITS,
    )
    oldest = waiting.order_by(Case.opened_at).limit(1).with_for_update(skip_locked=True)
    case = session.scalars(oldest).first()
    if case is None or case.recording_id is None:
        return None
    case.ear = Ear.GIVEN
    account = session.get(Account, case.account_id) if case.account_id else None
    recording = session.get_one(Recording, case.recording_id)
    return Given(case.id, recording.id, recording.sound, account.language if account else "zh")


def has_work(session: Session, *, now: datetime) -> bool:
    """Whether a recording or recognised words may wait. Reads only."""
    mine = select(Case.id).where(
        (Case.ear == Ear.READY) | ((Case.ear == Ear.NONE) & (Case.opened_at > now - _WAITS)),
        Case.state == CaseState.OPEN, Case.kind.in_(_LISTENED), Case.recording_id.is_not(None),
    )  # fmt: skip
    return session.scalar(mine.limit(1)) is not None


def take(
    session: Session, given: Given, *, text: str, sureness: float | None, understand: Understand, settings: Settings,
    now: datetime,
) -> None:  # fmt: skip
    """Put what was recognised beside its case; without words the case stays as it is. What was said anew meanwhile wins."""
    case = _held(session, given.case_id)
    if case.recording_id == given.recording_id and case.ear is Ear.GIVEN:
        put(session, case, text=text, sureness=sureness, understand=understand, settings=settings, now=now)


def give_back(session: Session, given: Given) -> None:
    """The recogniser was away: another time."""
    case = _held(session, given.case_id)
    if case.ear is Ear.GIVEN:
        case.ear = Ear.NONE


def put(
    session: Session, case: Case, *, text: str, sureness: float | None, understand: Understand, settings: Settings,
    now: datetime,
) -> None:  # fmt: skip
    """Words beside a case: to be read back where they are sure enough and say what they should, else for who listens."""
    case.heard = text or None
    sure = sureness is None or sureness >= settings.recogniser_least
    fits = bool(text) and sure and _fits(session, case, text, understand, now)
    case.ear = Ear.READY if fits else Ear.ASIDE
    session.flush()


def ready(session: Session, *, now: datetime, limit: int = 50) -> list[str]:
    """Cases whose recognised words can be sent to the caller: not while the call may read them back itself. Reads only."""
    waiting = (
        select(Case, Call)
        .join(Recording, Recording.id == Case.recording_id)
        .join(Call, Call.id == Recording.call_id)
    )
    found = session.execute(
        waiting.where(Case.ear == Ear.READY, Case.state == CaseState.OPEN)
        .order_by(Case.opened_at)
        .limit(limit)
    )
    return [case.id for case, call in found if not _in_call(call, case, now)]


def send_back(
    session: Session, case_id: str, *, understand: Understand, settings: Settings, now: datetime
) -> bool:
    """Text or ring the caller what was recognised, and ask whether it is right; whether that was done."""
    case = _held(session, case_id)
    account = session.get(Account, case.account_id) if case.account_id else None
    read = read_back(session, case, understand=understand, settings=settings, now=now)
    if read is None or account is None:
        return False
    outbox.tell(
        session, account=account, text=f"{read.text}[{read.question.code}]", purpose=Purpose.SERVICE, now=now,
        question=read.question,
    )  # fmt: skip
    return True


def read_back(
    session: Session, case: Case, *, understand: Understand, settings: Settings, now: datetime
) -> ReadBack | None:
    """Ask the caller whether the recognised words are right: a post as its draft, a sighting in the words themselves.

    None, and the words are left to the contact point, where it is not known who spoke, or they make no draft.
    """
    if case.ear is not Ear.READY or case.heard is None or case.state is not CaseState.OPEN:
        return None
    account = session.get(Account, case.account_id) if case.account_id else None
    asked = None
    if account is not None and account.state is AccountState.VERIFIED:
        asked = _ask(session, case, account, settings, now) if case.kind is CaseKind.SIGHTING else _draft(
            session, case, account, understand, settings, now
        )  # fmt: skip
    case.ear = Ear.TOLD if asked else Ear.ASIDE
    session.flush()
    return asked


def _ask(session: Session, case: Case, account: Account, settings: Settings, now: datetime) -> ReadBack:
    question = questions.ask(
        session,
        kind=QuestionKind.HEARD,
        now=now,
        hours=settings.read_back_hours,
        account=account,
        data={"case": case.id},
    )
    text = say(account.language, "We heard: {words}. Reply 1 if that is right, 2 if not", words=case.heard)
    return ReadBack(text, question)


def _draft(
    session: Session, case: Case, account: Account, understand: Understand, settings: Settings, now: datetime
) -> ReadBack | None:
    """The draft by the one intake; the case ends where it asks for a yes, and with a draft without answer comes another."""
    draft = _waiting_draft(session, case)
    if draft is not None:
        questions.close_all(session, now=now, post_id=draft.id, answer="spoken")
        questions.ask(
            session,
            kind=QuestionKind.CHANGE,
            now=now,
            hours=settings.read_back_hours,
            account=account,
            post_id=draft.id,
        )
    words = case.heard or ""
    incoming = Incoming(
        channel=Channel.VOICE, gateway=GATEWAY, ref=f"case:{case.number}:{case.recording_id or len(words)}"[:80],
        sender=account.phone or "", text=words if draft else dictation.offer_words(words, case.direction, understand),
        received_at=now, account_id=account.id, raw=words,
    )  # fmt: skip
    inbound_id, repeated = intake.store(session, incoming)
    if repeated:
        return None
    session.get_one(Inbound, inbound_id).recording_id = case.recording_id
    accepted = intake.handle(
        session, inbound_id=inbound_id, understand=understand, settings=settings, now=now
    )
    row = session.get_one(Inbound, inbound_id)
    question = session.get(Question, row.question_id) if row.question_id else None
    if question is None or question.post_id is None or not accepted.replies:
        return None
    cases.close_case(
        session, case, by=None, outcome=say("zh", "Recognised by machine and read back."), now=now
    )
    return ReadBack(accepted.replies[-1], question)


def _fits(session: Session, case: Case, text: str, understand: Understand, now: datetime) -> bool:
    """Whether the words say what is asked for: an offer with a product, a sighting with a crop or a pest. Words about a draft may
    be few; questions are for a person in any case."""
    if case.kind is CaseKind.SIGHTING:
        seen = sightings.read(understand(text, frozenset()), text, on=local(now).date())
        return bool(seen.crop or seen.pest)
    if case.kind is not CaseKind.VOICE_POST:
        return False
    if _waiting_draft(session, case) is not None:
        return True
    try:
        dictation.offer_words(text, case.direction, understand)
    except Invalid:
        return False
    return True


def _waiting_draft(session: Session, case: Case) -> Post | None:
    post = session.get(Post, case.post_id) if case.post_id else None
    return post if post is not None and post.state is PostState.PENDING else None


def _in_call(call: Call, case: Case, now: datetime) -> bool:
    """Whether the caller is still at this very matter: then the call reads it back, or it is said anew."""
    if call.ended_at is not None or call.started_at < now - _CALL:
        return False
    return call.outbound or case.id in str(call.data.get("place", ""))


def _held(session: Session, case_id: str) -> Case:
    held = select(Case).where(Case.id == case_id).with_for_update()
    return session.scalars(held.execution_options(populate_existing=True)).one()
