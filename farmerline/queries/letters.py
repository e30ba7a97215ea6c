"""Letters as their reader sees them: with whom, what about, what is unread; and who may be written to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import accounts, areas, mailbox
from farmerline.errors import Absent
from farmerline.identity import mask_name
from farmerline.models import LIVE, Account, AccountState, Delivery, Letter, LetterGroup, Post
from farmerline.queries import board, urgent_letters

START = 60
"""Signs of a letter that a list shows."""


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A correspondence in a list."""

    id: str
    who: str
    place: str
    subject: str
    start: str
    at: datetime
    unread: int
    mine: bool


@dataclass(frozen=True, slots=True)
class LetterView:
    """One letter. ``by`` names the contact point that wrote it for the sender, if one did; ``spoken``: it can be listened to.

    Of one's own, ``read_via`` is the channel by which it was read, and ``told`` how far the notice of it came ("" for none,
    waiting, sent, arrived, failed).
    """

    id: str
    mine: bool
    who: str
    by: str
    body: str
    channel: str
    sent_at: datetime
    read_at: datetime | None
    spoken: bool = False
    read_via: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A correspondence to read. ``post``: number and title of the post it began with, or None; ``group``: the group's name
    that its first letter went to, or ""."""

    id: str
    subject: str
    who: str
    place: str
    other_id: str
    post: tuple[int, str] | None
    letters: tuple[LetterView, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may be written to."""

    id: str
    name: str
    place: str


def threads(session: Session, account: Account, *, limit: int = 50) -> list[ThreadLine]:
    """This person's correspondences, the newest first."""
    made = []
    for thread in mailbox.threads(session, account, limit=limit):
        other = session.get_one(Account, thread.other_id)
        made.append(
            ThreadLine(
                id=thread.id, who=name_for(session, account, other, thread.id), place=areas.path_name(session, other.area_code),
                subject=thread.last.subject, start=_short(thread.last.body), at=thread.last.sent_at, unread=thread.unread,
                mine=thread.last.from_id == account.id,
            )
        )  # fmt: skip
    return made


def thread(session: Session, account: Account, thread_id: str, *, now: datetime | None) -> ThreadView:
    """One correspondence; with ``now`` its letters count as read from now on. Raises ``Absent``."""
    letters = mailbox.read_thread(session, account, thread_id, channel="web", now=now)
    first = letters[0]
    other = session.get_one(Account, first.to_id if first.from_id == account.id else first.from_id)
    who = name_for(session, account, other, thread_id)
    post = session.get(Post, first.post_id) if first.post_id else None
    return ThreadView(
        id=thread_id, subject=first.subject, who=who, place=areas.path_name(session, other.area_code), other_id=other.id,
        post=(post.number, board.title(post)) if post is not None and post.number else None,
        letters=tuple(
            LetterView(
                id=letter.id, mine=letter.from_id == account.id, who=account.name if letter.from_id == account.id else who,
                by=_operator(session, letter), body=letter.body, channel=letter.channel,
                sent_at=letter.sent_at, read_at=letter.read_at, spoken=letter.recording_id is not None,
                read_via=letter.read_via, told=_told(session, account, letter),
            )
            for letter in letters
        ),
        group=session.get_one(LetterGroup, first.group_id).name if first.group_id else "",
    )  # fmt: skip


def recording(session: Session, account: Account, letter_id: str) -> str:
    """The id of what was spoken in a letter of this person's, sent or received. Raises ``Absent``."""
    letter = session.get(Letter, letter_id)
    if letter is None or account.id not in (letter.from_id, letter.to_id) or letter.recording_id is None:
        raise Absent
    return letter.recording_id


def last_letter(session: Session, account: Account, thread_id: str) -> Letter:
    """The letter that a reply answers: the newest of the correspondence. Raises ``Absent``."""
    return mailbox.read_thread(session, account, thread_id, channel="", now=None)[-1]


def is_repeat(session: Session, account: Account, body: str, *, to: Account, now: datetime) -> bool:
    """Whether the same words went to the same person a moment ago: a form sent twice."""
    since = now - timedelta(minutes=2)
    recent = select(Letter).where(Letter.from_id == account.id, Letter.to_id == to.id, Letter.sent_at > since)
    return any(letter.body == body for letter in session.scalars(recent))


def find(session: Session, account: Account, said: str) -> list[Reader]:
    """The people of one's own town whom the words may mean, one's own village first; nobody for who is of no town."""
    if not said.strip() or len(account.area_code) < 9:
        return []
    found = [
        other
        for other in accounts.find_in_area(session, account.area_code[:9], said.strip())
        if other.id != account.id and other.state is AccountState.VERIFIED
    ]
    found.sort(key=lambda other: (other.area_code != account.area_code, other.area_code, other.id))
    return [Reader(other.id, other.name, areas.path_name(session, other.area_code)) for other in found[:20]]


def reader(
    session: Session, account: Account, *, to_id: str = "", number: int = 0
) -> tuple[Account, Reader, Post | None]:
    """Who is written to: somebody of one's own town, or whose open post it is. Raises ``Absent``.

    The name of a post's owner is masked, unless they are of the same town.
    """
    post = board.find_post(session, number) if number else None
    if number and (post is None or post.state not in LIVE):
        raise Absent
    other = session.get(Account, post.account_id if post else to_id)
    if other is None or other.id == account.id or other.state is not AccountState.VERIFIED:
        raise Absent
    near = other.area_code[:9] == account.area_code[:9]
    if not near and post is None:
        raise Absent
    name = other.name if near else mask_name(other.name)
    return other, Reader(other.id, name, areas.path_name(session, other.area_code)), post


def name_for(session: Session, account: Account, other: Account, thread_id: str) -> str:
    """The other side's name: whole once they have written themselves, or live in the same town; else masked."""
    if other.area_code[:9] == account.area_code[:9]:
        return str(other.name)
    wrote = session.scalar(
        select(Letter.id).where(Letter.thread_id == thread_id, Letter.from_id == other.id).limit(1)
    )
    return str(other.name) if wrote else mask_name(other.name)


def _told(session: Session, account: Account, letter: Letter) -> str:
    """How far the notice of one's own unread letter came."""
    if letter.from_id != account.id or letter.read_at is not None:
        return ""
    notices = select(Delivery).where(
        Delivery.account_id == letter.to_id,
        Delivery.created_at >= letter.sent_at,
        Delivery.letter_id == letter.id,
    )
    return urgent_letters.state_of(session.scalar(notices.order_by(Delivery.created_at.desc()).limit(1)))


def _operator(session: Session, letter: Letter) -> str:
    operator = session.get(Account, letter.operator_id) if letter.operator_id else None
    return operator.name if operator else ""


def _short(body: str) -> str:
    line = " ".join(body.split())
    return line[:START] + ("…" if len(line) > START else "")
