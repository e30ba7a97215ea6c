"""Letters between real-name people: sent, told of by SMS or call, read, hidden; never deleted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, bindparam, func, select
from sqlalchemy.orm import Session

from farmerline.domain import accounts, audit, letter_copies, outbox, questions
from farmerline.domain.talk import Talk
from farmerline.errors import Absent, Invalid
from farmerline.models import (
    Account,
    AccountState,
    Campaign,
    Letter,
    LetterGroup,
    Post,
    Purpose,
    Question,
    QuestionKind,
    Recording,
)
from farmerline.words import say

LONGEST = 1600
_BY_TEXT = re.compile(
    r"^\s*(?:写?信|letter)\s*(?:给|to)?[\s:：]*(?P<name>[^\s:：,，]{2,20})[\s:：,，]+(?P<body>.+)$",
    re.S | re.I,
)
_CODED = re.compile(
    r"\s*(?P<code>[A-Za-zＡ-Ｚａ-ｚ][0-9０-９]{2})(?![0-9０-９A-Za-z])[\s:：,，.。、]*(?P<body>.*)$", re.S
)
_START = 24
"""Signs of a letter that its notice shows."""
_ANSWER_HOURS = 24 * 30


@dataclass(frozen=True, slots=True)
class Thread:
    """A correspondence as one party sees it: its last letter, with whom, and how many letters wait unread."""

    id: str
    last: Letter
    other_id: str
    unread: int


def send(
    session: Session,
    *,
    sender: Account,
    to: Account,
    body: str,
    channel: str,
    now: datetime,
    subject: str = "",
    reply_to: Letter | None = None,
    operator: Account | None = None,
    post: Post | None = None,
    recording: Recording | None = None,
) -> Letter:
    """Send a letter; the reader is told by their preferred channel. Raises as ``write``."""
    letter = write(
        session, sender=sender, to=to, body=body, channel=channel, now=now, subject=subject, reply_to=reply_to,
        operator=operator, post=post, recording=recording,
    )  # fmt: skip
    tell(session, letter, sender, to, now)
    return letter


def write(
    session: Session,
    *,
    sender: Account,
    to: Account,
    body: str,
    channel: str,
    now: datetime,
    subject: str = "",
    reply_to: Letter | None = None,
    operator: Account | None = None,
    post: Post | None = None,
    urgent: bool = False,
    recording: Recording | None = None,
    group: LetterGroup | None = None,
    campaign: Campaign | None = None,
) -> Letter:
    """Put a letter into the reader's mailbox, and promise its copy by e-mail where wished; nobody is told of it otherwise.

    One to a ``group`` stands with the group, not among the sender's own letters, until its reader answers.
    Raises ``Invalid`` for an empty or overlong letter, or one to oneself; ``Absent`` where either may not write.
    """
    words = body.replace("\0", "").strip()
    if not words:
        raise Invalid("empty_letter", "The letter is empty. Please write something.", field="body")
    if len(words) > LONGEST:
        raise Invalid(
            "long_letter",
            "The letter has {count} characters; {most} fit.",
            field="body",
            count=len(words),
            most=LONGEST,
        )
    if sender.id == to.id:
        raise Invalid("own_letter", "This is your own name. Please choose somebody else.", field="to")
    if sender.state is not AccountState.VERIFIED or to.state is not AccountState.VERIFIED:
        raise Absent()
    letter = Letter(
        from_id=sender.id,
        to_id=to.id,
        operator_id=operator.id if operator else None,
        subject=(subject.replace("\0", "").strip() or (reply_to.subject if reply_to else words[:20]))[:60],
        body=words,
        channel=channel,
        post_id=post.id if post else None,
        sent_at=now,
        thread_id="",
        urgent=urgent,
        recording_id=recording.id if recording else None,
        group_id=group.id if group else None,
        campaign_id=campaign.id if campaign else None,
        hidden_by_sender=group is not None,
    )
    letter.thread_id = reply_to.thread_id if reply_to else letter.id
    session.add(letter)
    session.flush()
    audit.record(
        session,
        actor_id=(operator or sender).id,
        for_id=sender.id,
        act="letter.send",
        subject=f"letter:{letter.id}",
        channel=channel,
        now=now,
    )
    letter_copies.copy(session, letter, sender, to, now=now)
    return letter


def threads(session: Session, account: Account, *, limit: int = 50) -> list[Thread]:
    """The person's correspondences that are not hidden, newest first."""
    mine = (
        select(Letter)
        .where(seen_by(account))
        .order_by(Letter.sent_at.desc(), Letter.id.desc())
        .limit(limit * 4)
    )
    found: dict[str, Thread] = {}
    for letter in session.scalars(mine):
        unread = int(letter.to_id == account.id and letter.read_at is None)
        known = found.get(letter.thread_id)
        if known is None:
            other = letter.from_id if letter.to_id == account.id else letter.to_id
            found[letter.thread_id] = Thread(letter.thread_id, letter, other, unread)
        elif unread:
            found[letter.thread_id] = Thread(known.id, known.last, known.other_id, known.unread + 1)
    return list(found.values())[:limit]


def read_thread(
    session: Session, account: Account, thread_id: str, *, channel: str, now: datetime | None
) -> list[Letter]:
    """The letters of one correspondence, oldest first; with ``now`` they count as read. Raises ``Absent``."""
    mine = select(Letter).where(
        Letter.thread_id == thread_id, (Letter.to_id == account.id) | (Letter.from_id == account.id)
    )
    letters = list(session.scalars(mine.order_by(Letter.sent_at, Letter.id)))
    if not letters:
        raise Absent()
    if now is not None:
        mark_read(letters, account, channel=channel, now=now)
    return letters


def mark_read(letters: Sequence[Letter], account: Account, *, channel: str, now: datetime) -> None:
    """Note when and how the reader first saw these letters."""
    for letter in letters:
        if letter.to_id == account.id and letter.read_at is None:
            letter.read_at, letter.read_via = now, channel


def hide_thread(session: Session, account: Account, thread_id: str, *, now: datetime) -> None:
    """Take a correspondence off one's own list; the record stays. Raises ``Absent``."""
    for letter in read_thread(session, account, thread_id, channel="", now=None):
        if letter.to_id == account.id:
            letter.hidden_by_reader = True
        else:
            letter.hidden_by_sender = True
    audit.record(session, actor_id=account.id, act="letter.hide", subject=f"thread:{thread_id}", now=now)


def find_spoken(session: Session, recording: Recording) -> Letter | None:
    """The letter that this recording was sent as."""
    return session.scalar(select(Letter).where(Letter.recording_id == recording.id))


_UNREAD = (
    select(Letter)
    .where(
        Letter.to_id.in_(bindparam("people", expanding=True)),
        Letter.read_at.is_(None),
        ~Letter.hidden_by_reader,
    )
    .order_by(Letter.sent_at)
    .limit(bindparam("limit", type_=Integer))
)


def unread(session: Session, accounts_: Sequence[Account], *, limit: int = 5) -> list[Letter]:
    """Letters these people have not read, oldest first."""
    return list(session.scalars(_UNREAD, {"people": [account.id for account in accounts_], "limit": limit}))


def count_unread(session: Session, account: Account) -> int:
    """How many letters wait unread."""
    waiting = select(func.count()).select_from(Letter)
    return (
        session.scalar(
            waiting.where(Letter.to_id == account.id, Letter.read_at.is_(None), ~Letter.hidden_by_reader)
        )
        or 0
    )


def send_by_text(talk: Talk) -> bool:
    """``信 name words`` to somebody of one's own town; False where the words have no such shape."""
    shape = _BY_TEXT.match(talk.inbound.body)
    if shape is None:
        return False
    found = [
        one
        for one in accounts.find_in_area(talk.session, talk.person.area_code[:9], shape["name"])
        if one.id != talk.person.id
    ]
    if len(found) != 1:
        sentence = (
            "Nobody called {name} is registered in your town. Ring {line} and press 0."
            if not found
            else "Several people are called {name} in your town. Please write on the web "
            "or at your contact point, or ring {line}."
        )
        talk.tell(sentence, name=shape["name"], line=talk.settings.line_number)
        return True
    _send_text(talk, found[0], shape["body"], None)
    return True


def letter_meant(talk: Talk) -> tuple[Question, str] | None:
    """The letter that words with its code in front answer, and the words; a bare number is no letter."""
    found = _CODED.match(talk.inbound.body)
    if found is None or unicodedata.normalize("NFKC", found["body"]).strip() in ("", "1", "2", "3"):
        return None
    code = unicodedata.normalize("NFKC", found["code"]).upper()
    asked = (one for one in talk.questions if one.kind is QuestionKind.LETTER and one.code == code)
    question = next(asked, None)
    return (question, found["body"]) if question is not None else None


def reply_by_text(talk: Talk, question: Question, body: str) -> None:
    """``A12 words``: an answer to a letter. Its code stays good, for a letter may be answered more than once."""
    if talk.account is None and question.account_id:
        talk.account = talk.session.get_one(Account, question.account_id)
    letter = talk.session.get_one(Letter, question.letter_id)
    if letter.urgent or len(letter.body) <= _START:  # its text said all of it
        mark_read([letter], talk.person, channel=talk.inbound.channel, now=talk.now)
    question.answer, question.answered_at = "letter", talk.now
    _send_text(talk, talk.session.get_one(Account, letter.from_id), body, letter)


def _send_text(talk: Talk, to: Account, body: str, reply_to: Letter | None) -> None:
    try:
        send(
            talk.session,
            sender=talk.person,
            to=to,
            body=body,
            channel=talk.inbound.channel,
            now=talk.now,
            reply_to=reply_to,
            operator=talk.operator,
        )
    except (Invalid, Absent) as refusal:
        talk.refuse(refusal)
    else:
        talk.tell("Your letter to {name} is sent.", name=to.name)


def tell(
    session: Session,
    letter: Letter,
    sender: Account,
    to: Account,
    now: datetime,
    *,
    campaign: Campaign | None = None,
    due_at: datetime | None = None,
) -> None:
    """Tell the reader that a letter is there, by the channel they prefer; it is answered under a code of its own."""
    question = ask_for_answer(session, letter, to, now=now)
    start = " ".join(letter.body[:_START].split()) + ("…" if len(letter.body) > _START else "")
    text = say(
        to.language,
        "A letter from {name}: {start} To answer write {code} and your words; to hear it ring and press 6.",
        name=sender.name,
        start=start,
        code=question.code,
    )
    outbox.tell(
        session, account=to, text=text, purpose=Purpose.LETTER, now=now, question=question, letter=letter,
        campaign=campaign, due_at=due_at,
    )  # fmt: skip


def ask_for_answer(session: Session, letter: Letter, to: Account, *, now: datetime) -> Question:
    """The question under whose code the reader answers a letter by text."""
    return questions.ask(
        session, kind=QuestionKind.LETTER, now=now, hours=_ANSWER_HOURS, account=to, letter_id=letter.id
    )


def seen_by(account: Account) -> ColumnElement[bool]:
    """The letters that a person wrote or got and has not hidden."""
    return ((Letter.to_id == account.id) & ~Letter.hidden_by_reader) | (
        (Letter.from_id == account.id) & ~Letter.hidden_by_sender
    )
