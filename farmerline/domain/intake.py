"""The one intake: every channel's words land here, are stored as they came, then acted on and answered from rows.

A door calls ``store`` in one transaction (then the words are safe). Whoever acts on them, the door itself or for a carrier's
texts a job a moment later, reads them with the matcher outside any write transaction and calls ``handle`` in a second one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, or_, select
from sqlalchemy.orm import Session

from farmerline import names, vault
from farmerline.config import Settings
from farmerline.domain import (
    accounts,
    cases,
    conversation,
    mailbox,
    outbox,
    outcome_talk,
    questions,
    survey_talk,
    unknown_words,
)
from farmerline.domain.once import insert_each_once
from farmerline.domain.talk import Talk, Understand
from farmerline.ids import new_id
from farmerline.messages import Accepted, Channel, Incoming
from farmerline.models import (
    Account,
    AccountState,
    CaseKind,
    Delivery,
    Inbound,
    InboundState,
    Question,
    QuestionKind,
)
from farmerline.models.base import seal_values
from farmerline.words import say

ATTEMPTS = 3
_PART = 500
_WITHOUT_PERSON = frozenset({"stop", "unsubscribe", "resume", "help", "register", "alert_check"})
_FOR_THE_PHONE = frozenset({"price_query", "lookup"})


def prepare(incoming: Incoming) -> dict[str, Any]:
    """The row of a message, sealed: made before a transaction is opened, so that others wait the less."""
    row_id = new_id()
    sealed = seal_values(Inbound, row_id, sender=incoming.sender, body=incoming.text, raw=incoming.raw)
    return {
        "id": row_id,
        "channel": incoming.channel,
        "gateway": incoming.gateway,
        "ref": incoming.ref,
        "sender_index": vault.phone_index(incoming.sender) if incoming.sender else None,
        "sent_to": incoming.to[:32],
        "received_at": incoming.received_at,
        "state": InboundState.RECEIVED,
        "account_id": incoming.account_id,
        "operator_id": incoming.operator_id,
        **sealed,
    }


def put(rows: Connection, messages: Sequence[dict[str, Any]]) -> list[tuple[str, bool]]:
    """Put prepared messages on record, each once. Returns their ids, and whether each was there before."""
    if insert_each_once(rows, Inbound, messages) == len(messages):
        return [(message["id"], False) for message in messages]
    ids = [_id_of(rows, message) for message in messages]
    return [(found, found != message["id"]) for found, message in zip(ids, messages, strict=True)]


def _id_of(rows: Connection, message: dict[str, Any]) -> str:
    same = select(Inbound.id).where(Inbound.gateway == message["gateway"], Inbound.ref == message["ref"])
    return rows.execute(same).scalar_one()


def store(session: Session, incoming: Incoming) -> tuple[str, bool]:
    """Put a message on record. Returns its id, and whether it was there before."""
    session.flush()
    return put(session.connection(), [prepare(incoming)])[0]


def known(session: Session, texts: Sequence[Incoming]) -> set[tuple[str, str]]:
    """Which of these are on record already, as gateway and the provider's id."""
    refs = [text.ref for text in texts]
    found: set[tuple[str, str]] = set()
    for start in range(0, len(refs), _PART):
        rows = select(Inbound.gateway, Inbound.ref).where(Inbound.ref.in_(refs[start : start + _PART]))
        found.update(session.execute(rows).tuples())
    return found


def recall(session: Session, inbound_id: str) -> Accepted:
    """What became of a message that is on record."""
    row = session.get_one(Inbound, inbound_id)
    sent = select(Delivery).where(Delivery.inbound_id == row.id).order_by(Delivery.created_at, Delivery.id)
    question = session.get(Question, row.question_id) if row.question_id else None
    return Accepted(
        inbound_id=row.id,
        replies=tuple(delivery.text for delivery in session.scalars(sent)),
        question_code=question.code if question else None,
        post_id=row.post_id,
        case_id=row.case_id,
        repeated=True,
    )


def to_read(session: Session, inbound_id: str) -> tuple[str, frozenset[str]] | None:
    """The words to be read and the kinds of questions open for their sender; None when already handled."""
    row = session.get_one(Inbound, inbound_id)
    if row.state is not InboundState.RECEIVED:
        return None
    return row.body, _kinds(_open_for(session, row, _members(session, row)))


def handle(
    session: Session,
    *,
    inbound_id: str,
    understand: Understand,
    settings: Settings,
    now: datetime,
    account_id: str | None = None,
) -> Accepted:
    """Act on a stored message, once; ``account_id`` names the speaker where a question settled it."""
    row = session.scalars(select(Inbound).where(Inbound.id == inbound_id).with_for_update()).one()
    if row.state in (InboundState.HANDLED, InboundState.FAILED):
        return recall(session, inbound_id)
    row.attempts += 1
    members = _members(session, row)
    _take_turns(session, members)
    open_now = _open_for(session, row, members)

    def again(earlier: str, speaker: str) -> Accepted:
        return handle(
            session, inbound_id=earlier, understand=understand, settings=settings, now=now, account_id=speaker
        )

    talk = Talk(
        session=session,
        settings=settings,
        understand=understand,
        again=again,
        inbound=row,
        said=understand(row.body, _kinds(open_now)),
        now=now,
        members=members,
        questions=open_now,
        operator=session.get(Account, row.operator_id) if row.operator_id else None,
    )
    talk.account = session.get_one(Account, account_id) if account_id else _speaker(talk)
    row.state = InboundState.HANDLED
    row.intent = talk.said.intent
    _converse(talk, account_id)
    _hear_words(talk)
    row.handled_at = now
    row.account_id = talk.account.id if talk.account else row.account_id
    row.question_id = talk.question.id if talk.question else None
    row.post_id = talk.post.id if talk.post else None
    row.case_id = talk.case.id if talk.case else None
    session.flush()
    return Accepted(
        inbound_id=row.id,
        replies=tuple(talk.replies),
        question_code=talk.question.code if talk.question else None,
        post_id=row.post_id,
        case_id=row.case_id,
    )


def fresh(session: Session, *, limit: int = 100) -> list[str]:
    """Ids of texts that nobody looked at yet, in the order in which they came. Reads only."""
    found = select(Inbound.id).where(
        Inbound.state == InboundState.RECEIVED, Inbound.attempts == 0, Inbound.channel == Channel.SMS
    )
    return list(session.scalars(found.order_by(Inbound.received_at, Inbound.id).limit(limit)))


def waiting(session: Session, *, now: datetime, limit: int = 100) -> list[str]:
    """Ids of messages stored a while ago that nobody acted on (a crash between the two steps)."""
    late = now - timedelta(seconds=20)
    found = select(Inbound.id).where(Inbound.state == InboundState.RECEIVED, Inbound.received_at <= late)
    return list(session.scalars(found.order_by(Inbound.received_at).limit(limit)))


def give_up(session: Session, *, inbound_id: str, now: datetime, county: str) -> None:
    """Count a failed attempt; after the last one the message goes to a person."""
    row = session.get_one(Inbound, inbound_id)
    row.attempts += 1
    if row.attempts < ATTEMPTS or row.state is not InboundState.RECEIVED:
        return
    row.state = InboundState.FAILED
    members = _members(session, row)
    account = members[0] if members else None
    case = cases.open_case(
        session,
        kind=CaseKind.UNCLEAR,
        area_code=account.area_code if account else county,
        text=row.body,
        now=now,
        account=account,
        phone=row.sender or None,
        inbound=row,
    )
    row.case_id = case.id
    if row.channel is Channel.SMS:
        helper = accounts.contact_of(session, account.area_code if account else county)
        text = say(
            account.language if account else "zh",
            "We could not settle this by machine. {helper} looks and rings you. Number {number}.",
            helper=helper.name if helper else "",
            number=case.number,
        )
        outbox.answer(session, inbound=row, text=text, now=now, account=account)


def release_parked(
    session: Session, *, account: Account, understand: Understand, settings: Settings, now: datetime
) -> list[Accepted]:
    """Take up what a person said before they were verified."""
    parked = select(Inbound).where(
        Inbound.sender_index == account.phone_index,
        Inbound.state == InboundState.PARKED,
        or_(Inbound.account_id.is_(None), Inbound.account_id == account.id),
    )
    asked = select(Question.data).where(
        Question.phone_index == account.phone_index, Question.kind == QuestionKind.WHO
    )
    unnamed = {
        data.get("inbound") for data in session.scalars(asked)
    }  # nobody knows yet whose words these are
    done = []
    for row in session.scalars(parked.order_by(Inbound.received_at, Inbound.id)).all():
        if row.id in unnamed:
            continue
        row.state = InboundState.RECEIVED
        done.append(
            handle(
                session,
                inbound_id=row.id,
                understand=understand,
                settings=settings,
                now=now,
                account_id=account.id,
            )
        )
    return done


def _converse(talk: Talk, named: str | None) -> None:
    """``named`` is who spoke, where a question settled it."""
    intent = talk.said.intent
    if named is None and len(talk.members) > 1 and conversation.who_spoke(talk):
        return
    if talk.account is None and intent not in _WITHOUT_PERSON:
        if not talk.members:
            conversation.greet_stranger(talk)
        elif intent in _FOR_THE_PHONE:
            talk.account = talk.members[0]
            conversation.respond(talk)
        else:
            conversation.ask_who(talk)
    elif (
        talk.account is not None
        and talk.account.state is not AccountState.VERIFIED
        and intent not in _WITHOUT_PERSON
    ):
        if talk.account.state is AccountState.PENDING:
            conversation.greet_pending(talk)
        else:
            conversation.greet_suspended(talk)
    else:
        conversation.respond(talk)


def _hear_words(talk: Talk) -> None:
    """Note the word that nobody knows, for the editors: of people who are known, once their words were acted on."""
    row, speaker = talk.inbound, talk.account
    known = speaker is not None and speaker.state is AccountState.VERIFIED
    if known and row.state is InboundState.HANDLED:
        unknown_words.hear(talk.session, row, talk.said, people=talk.members, now=talk.now)


def _members(session: Session, row: Inbound) -> list[Account]:
    if row.account_id:
        return [session.get_one(Account, row.account_id)]
    return accounts.by_phone(session, row.sender) if row.sender else []


def _take_turns(session: Session, members: list[Account]) -> None:
    """One message of a phone after the other: two answers to one question, sent at once, act once."""
    ids = sorted(member.id for member in members)
    mine = select(Account.id).where(Account.id.in_(ids)).order_by(Account.id)
    session.execute(mine.with_for_update(key_share=True))


def _open_for(session: Session, row: Inbound, members: list[Account]) -> list[Question]:
    return questions.open_questions(
        session, members, row.sender_index if row.channel is not Channel.WEB else None
    )


def _kinds(found: list[Question]) -> frozenset[str]:
    return frozenset(question.kind.value for question in found)


def _speaker(talk: Talk) -> Account | None:
    """The one who speaks: proved by the channel, alone on the phone, asked before, or named in the words."""
    if len(talk.members) <= 1:
        return talk.members[0] if talk.members else None
    if talk.said.reply or talk.said.code:
        asked = conversation.question_meant(talk)
        if asked is not None and asked.kind is not QuestionKind.WHO and asked.account_id:
            return talk.session.get_one(Account, asked.account_id)
        return None
    told = outcome_talk.meant(talk) or survey_talk.meant(talk)
    if told is not None and told.account_id:
        return talk.session.get_one(Account, told.account_id)
    letter = mailbox.letter_meant(talk)
    if letter is not None and letter[0].account_id:
        return talk.session.get_one(Account, letter[0].account_id)
    changing = [
        question
        for question in talk.questions
        if question.kind is QuestionKind.CHANGE and question.account_id
    ]
    if len(changing) == 1:
        return talk.session.get_one(Account, changing[0].account_id)
    named = names.signed_as(talk.inbound.body, [member.name for member in talk.members])
    return talk.members[named[0]] if len(named) == 1 else None
