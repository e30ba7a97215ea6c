"""An urgent letter to named people (duty staff, contact points): in the mailbox, texted whole at once, rung without a receipt.

Who holds a role is told of their duty: that needs no consent to letters (``Purpose.SERVICE``). Everybody else is written
to under the consent they gave for letters; who refused gets the letter in the mailbox alone, and stands on the list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from farmerline import parts
from farmerline.domain import access, areas, audit, consent, costs, mailbox, outbox, second_channel
from farmerline.domain.access import Actor
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.messages import Channel
from farmerline.models import (
    STAFF,
    Account,
    AccountState,
    Campaign,
    CampaignState,
    Letter,
    Priority,
    Purpose,
    Role,
    RoleGrant,
)
from farmerline.names import fits
from farmerline.words import say

SENDERS = (Role.OFFICER, Role.SIGNER, Role.ADMIN)
"""Who may write one."""
LONGEST = 500
SUBJECT = 30
"""Signs of the words, and of their subject, at most."""
MOST = 500
"""People of one letter at most."""
_CODE = "A11"
_SIGNS_A_SECOND = 4
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Group:
    """Everybody who holds a role inside an area."""

    role: Role
    area_code: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Who an urgent letter goes to and what it costs, before it leaves.

    ``sample`` is the text of the first who gets one; ``parts`` are of all texts, ``yuan`` their cost, ``calls_yuan``
    what is added if no receipt comes and every phone is rung. ``without`` are the people who get no text.
    """

    people: tuple[Account, ...]
    without: tuple[Account, ...]
    sample: str
    parts_each: int
    parts: int
    yuan: float
    calls_yuan: float


def gather(
    session: Session, *, actor: Actor, account_ids: Collection[str], groups: Iterable[Group]
) -> list[Account]:
    """The people meant, each once: the chosen ones and the groups', of the actor's areas. Raises ``Absent`` outside."""
    wanted = dict.fromkeys(account_ids)
    for group in groups:
        access.authorise(actor, SENDERS, group.area_code)
        held = select(RoleGrant.account_id).where(
            RoleGrant.role == group.role,
            RoleGrant.ended_at.is_(None),
            areas.inside(RoleGrant.area_code, group.area_code),
        )
        wanted |= dict.fromkeys(session.scalars(held.order_by(RoleGrant.area_code, RoleGrant.id)))
    wanted.pop(actor.account_id, None)
    found = _accounts(session, list(wanted))
    mine = actor.areas(*SENDERS)
    for account in found:
        if not account.area_code.startswith(mine) and not _works_in(session, account, mine):
            raise Absent
    return [account for account in found if account.state is AccountState.VERIFIED]


def find_staff(session: Session, *, actor: Actor, said: str, limit: int = 20) -> list[Account]:
    """Who holds a role in the actor's areas and may be meant by the words: a name, 老杨, pinyin."""
    mine = actor.areas(*SENDERS)
    held = select(RoleGrant.account_id, RoleGrant.area_code).where(
        RoleGrant.role.in_(STAFF), RoleGrant.ended_at.is_(None)
    )
    ids = {account_id for account_id, code in session.execute(held) if code.startswith(mine)}
    people = _accounts(session, sorted(ids - {actor.account_id}))
    meant = [one for one in people if one.state is AccountState.VERIFIED and fits(said, one.name)]
    return sorted(meant, key=lambda one: (one.name != said, one.area_code, one.id))[:limit]


def look(
    session: Session,
    people: list[Account],
    *,
    sender: Account,
    subject: str,
    body: str,
    rates: costs.Rates,
) -> Overview:
    """What sending would mean; nothing is written. Raises ``Invalid`` for words or a list that will not do."""
    subject, body = _checked(subject, body)
    _refuse_crowd(people)
    gateway = outbox.gateway_of(session, Channel.SMS)
    signature = gateway.signature if gateway else ""
    texted = [one for one, purpose in _purposes(session, people) if _may_text(session, one, purpose)]
    told = {one.id for one in texted}
    each = {
        language: _text(language, sender.name, subject, body, _CODE)
        for language in {one.language for one in texted}
    }
    counts = {language: parts.count(text, signature).parts for language, text in each.items()}
    seconds = (len(subject) + len(body)) / _SIGNS_A_SECOND
    total = sum(counts[one.language] for one in texted)
    sample = each[texted[0].language] if texted else ""
    return Overview(
        people=tuple(people), without=tuple(one for one in people if one.id not in told), sample=sample,
        parts_each=max(counts.values(), default=0), parts=total, yuan=costs.texts(total, rates),
        calls_yuan=costs.like_calls(len(texted), seconds, rates),
    )  # fmt: skip


def send(
    session: Session,
    people: list[Account],
    *,
    actor: Actor,
    subject: str,
    body: str,
    seen: int,
    once: str,
    now: datetime,
) -> Campaign:
    """Write it to each of them, text it at once and ring after ten minutes without a receipt.

    ``seen`` is how many people the form showed: raises ``Conflict`` where they are no longer so many. ``once`` is
    the form's own mark: the same form twice is one letter.
    """
    known = session.get(Campaign, once)
    if known is not None:
        if known.created_by != actor.account_id or known.purpose is not Purpose.LETTER:
            raise Absent
        return known
    subject, body = _checked(subject, body)
    _refuse_crowd(people)
    if len(people) != seen:
        raise Conflict("list_changed", "The list of people has changed since you saw it. Look at it again.")
    row = Campaign(
        id=once, purpose=Purpose.LETTER, text="", area_code=_area(actor), state=CampaignState.DONE, people=len(people),
        created_by=actor.account_id, created_at=now,
        list_hash=sha256("".join(f"{one.id}\n" for one in people).encode()).hexdigest(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    sender = session.get_one(Account, actor.account_id)
    for one, purpose in _purposes(session, people):
        letter = mailbox.write(
            session, sender=sender, to=one, body=body, subject=subject, channel="web", now=now, urgent=True
        )
        _hand_over(session, row, letter, one, purpose, sender, now)
    audit.record(
        session, actor_id=actor.account_id, act="letter.urgent", subject=f"campaign:{row.id}", channel="web",
        detail={"people": len(people)}, now=now,
    )  # fmt: skip
    return row


def is_urgent() -> ColumnElement[bool]:
    """Whether a broadcast is an urgent letter, and no letter to a group."""
    to_group = exists().where(Letter.campaign_id == Campaign.id)
    return and_(Campaign.purpose == Purpose.LETTER, ~to_group)


def campaign_of(session: Session, *, actor: Actor, campaign_id: str) -> Campaign:
    """An urgent letter's row; ``Absent`` outside the actor's areas, and for other broadcasts."""
    row = session.scalar(select(Campaign).where(Campaign.id == campaign_id, is_urgent()))
    if row is None:
        raise Absent
    access.authorise(actor, SENDERS, row.area_code)
    return row


def _hand_over(
    session: Session,
    row: Campaign,
    letter: Letter,
    to: Account,
    purpose: Purpose,
    sender: Account,
    now: datetime,
) -> None:
    """One message each, by text where that may be, else into the mailbox alone: so that nobody is uncounted."""
    texted = _may_text(session, to, purpose)
    question = mailbox.ask_for_answer(session, letter, to, now=now) if texted else None
    code = question.code if question else _CODE
    delivery = outbox.prepare(
        session,
        channel=Channel.SMS if texted else Channel.MAILBOX,
        address=str(to.phone) if texted else to.id,
        text=_text(to.language, sender.name, letter.subject, letter.body, code) if texted else letter.body,
        purpose=purpose,
        now=now,
        account=to,
        priority=Priority.URGENT,
        question=question,
        letter=letter,
        campaign=row,
    )
    delivery.ring_at = now + second_channel.RING_AFTER if texted else None
    session.add(delivery)
    session.flush()


def _text(language: str, name: str, subject: str, body: str, code: str) -> str:
    return say(
        language,
        "Urgent, from {name}: {subject}. {body} To answer write {code} and your words.",
        name=name,
        subject=subject,
        body=body,
        code=code,
    )


def _checked(subject: str, body: str) -> tuple[str, str]:
    subject, body = " ".join(subject.split()), body.strip()
    for field, words, most in (("subject", subject, SUBJECT), ("body", body, LONGEST)):
        if not words:
            raise Invalid("letter_blank", "Write what it is about, and what is to be done.", field=field)
        if len(words) > most:
            raise Invalid(
                "letter_long", "This has {count} signs; {most} fit.", field=field, count=len(words), most=most
            )
    return subject, body


def _refuse_crowd(people: Collection[Account]) -> None:
    if not people:
        raise Invalid("letter_nobody", "Choose who it goes to.", field="said")
    if len(people) > MOST:
        raise Invalid(
            "letter_crowd",
            "That is {count} people; an urgent letter goes to {most} at most.",
            field="role",
            count=len(people),
            most=MOST,
        )


def _purposes(session: Session, people: Iterable[Account]) -> list[tuple[Account, Purpose]]:
    """Duty for who holds a role; for everybody else a letter, under their consent."""
    people = list(people)
    held: set[str] = set()
    for start in range(0, len(people), _CHUNK):
        ids = [one.id for one in people[start : start + _CHUNK]]
        grants = select(RoleGrant.account_id).where(
            RoleGrant.account_id.in_(ids), RoleGrant.role.in_(STAFF), RoleGrant.ended_at.is_(None)
        )
        held |= set(session.scalars(grants))
    return [(one, Purpose.SERVICE if one.id in held else Purpose.LETTER) for one in people]


def _may_text(session: Session, to: Account, purpose: Purpose) -> bool:
    return to.phone_index is not None and consent.allows(
        session, account=to, purpose=purpose, channel=Channel.SMS
    )


def _accounts(session: Session, ids: list[str]) -> list[Account]:
    found: dict[str, Account] = {}
    for start in range(0, len(ids), _CHUNK):
        part = select(Account).where(Account.id.in_(ids[start : start + _CHUNK]))
        found |= {account.id: account for account in session.scalars(part)}
    return [found[one] for one in ids if one in found]


def _works_in(session: Session, account: Account, mine: tuple[str, ...]) -> bool:
    return any(grant.area_code.startswith(mine) for grant in access.roles_of(session, account.id))


def _area(actor: Actor) -> str:
    return actor.areas(*SENDERS)[0]
