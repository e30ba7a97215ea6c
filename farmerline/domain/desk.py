"""What a contact point does with its cases: write down spoken posts, see IDs, look at first posts, close.

Each verb finds the case within the actor's own villages first; a case elsewhere is ``Absent`` like one that never was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import access, areas, audit, cases, enrolment, intake, matching_desk, outbox, posts
from farmerline.domain.access import Actor
from farmerline.domain.talk import Understand
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.identity import show_phone
from farmerline.messages import Accepted, Channel, Incoming
from farmerline.models import (
    Account,
    AccountState,
    AreaLevel,
    AuditRow,
    Case,
    CaseKind,
    CaseState,
    Post,
    PostEvent,
    PostState,
    Purpose,
    Recording,
    Role,
)
from farmerline.words import say
from matching import Reading

GATEWAY = "desk"
LONGEST = 800
_HIGHEST = 2**31
_SIDED = re.compile("[卖买收求要需售购供出让]|处理|sell|buy", re.IGNORECASE)
"""Words that tell by themselves who sells and who buys."""
_WRITTEN = (CaseKind.VOICE_POST, CaseKind.UNCLEAR, CaseKind.CALL_BACK, CaseKind.MESSAGE)
"""Kinds of cases from which a post may be written down."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A person whose ID was seen, and what became of the words that had waited for it."""

    account_id: str
    name: str
    taken_up: tuple[Accepted, ...]


def case_of(session: Session, actor: Actor, number: int) -> Case:
    """The case with this number; ``Absent`` outside the actor's villages."""
    case = session.scalar(select(Case).where(Case.number == number)) if 0 < number < _HIGHEST else None
    if case is None:
        raise Absent
    access.authorise(actor, {Role.CONTACT}, case.area_code)
    return case


def person_of(session: Session, actor: Actor, account_id: str) -> Account:
    """A person of the actor's villages; ``Absent`` for anybody else."""
    account = session.get(Account, account_id)
    if account is None:
        raise Absent
    access.authorise(actor, {Role.CONTACT}, account.area_code)
    return account


def check_words(text: str) -> str:
    """What was written down, fit to be taken in; raises ``Invalid`` when it is empty or too long."""
    words = text.replace("\0", "").strip()
    if not words:
        raise Invalid("empty_words", "Nothing is written yet. Write down what he said.", field="text")
    if len(words) > LONGEST:
        raise Invalid(
            "long_words",
            "That is {count} characters; {most} fit.",
            field="text",
            count=len(words),
            most=LONGEST,
        )
    return words


def offer_words(text: str, direction: str, understand: Understand) -> str:
    """A spoken post as it is taken in: with 卖 or 买 in front where the words leave it open and the key pressed tells.

    Pure but for ``understand``. Raises ``Invalid`` when no product can be read from it.
    """
    words = check_words(text)
    side = {"supply": "卖", "demand": "买"}.get(direction, "")
    said = words if _SIDED.search(words) else f"{side}{words}"
    understood = understand(said, frozenset())
    if understood.intent in ("sell", "buy") and understood.reading is not None and understood.reading.items:
        return said
    raise Invalid(
        "no_offer",
        "No product can be read from this. Write it like: 卖 葡萄 2000斤 1.8元/斤 杨高村.",
        field="text",
    )


def write_down(
    session: Session,
    *,
    actor: Actor,
    number: int,
    account_id: str,
    text: str,
    token: str,
    understand: Understand,
    now: datetime,
) -> Incoming:
    """Put a spoken post on record in the farmer's words and close its case, as one step; then ``accept`` what is returned.

    The same form sent twice gives the same message. Raises ``Invalid`` for words or a person that will not do,
    ``Conflict`` when somebody else was first.
    """
    case = case_of(session, actor, number)
    by = session.get_one(Account, actor.account_id)
    person = session.get(Account, account_id) if account_id else None
    if person is None:
        raise Invalid("nobody_chosen", "Choose who is speaking.", field="account_id")
    if person.id != case.account_id:  # whose matter it is may live in another county
        access.authorise(actor, {Role.CONTACT}, person.area_code)
    if person.state is not AccountState.VERIFIED:
        raise Invalid(
            "person_unverified",
            "See this person's ID first; then it can be written down.",
            field="account_id",
        )
    if case.kind not in _WRITTEN:
        raise Conflict("case_kind", "This matter is not a post to write down.")
    incoming = Incoming(
        channel=Channel.VOICE if case.recording_id else Channel.CONTACT,
        gateway=GATEWAY,
        ref=f"case:{case.number}:{token}"[:80],
        sender=person.phone or case.phone or "",
        text=offer_words(text, case.direction, understand),
        received_at=now,
        account_id=person.id,
        operator_id=by.id,
        raw=text,
    )
    inbound_id, repeated = intake.store(session, incoming)
    if repeated:
        return incoming
    cases.close_case(
        session, case, by=by, outcome=say(by.language, "Written down for {name}.", name=person.name), now=now
    )
    _drop_draft(session, case, by, now, note="written_anew")
    audit.record(
        session, actor_id=by.id, for_id=person.id, act="words.write_down", subject=f"inbound:{inbound_id}",
        channel=incoming.channel, detail={"case": case.id}, now=now,
    )  # fmt: skip
    return incoming


def preview(session: Session, *, person: Account, text: str, direction: str, understand: Understand) -> str:
    """What a farmer will be asked about these words, in his own language; raises ``Invalid`` as ``write_down``."""
    reading: Reading | None = understand(offer_words(text, direction, understand), frozenset()).reading
    if reading is None:
        raise Absent
    code = reading.place.code if reading.place is not None else ""
    if not code or areas.get(session, code) is None:
        code = person.area_code
    things = [
        " ".join(part for part in (item.name, item.qty_said, item.price_said) if part)
        for item in reading.items[:3]
    ]
    verb = say(person.language, "sell" if reading.direction == "supply" else "buy")
    what = (
        f"{verb} {'、'.join(things)} {areas.path_name(session, code, start=AreaLevel.VILLAGE)}({person.name})"
    )
    return say(
        person.language,
        "Noted: {what}. Reply 1 to publish and show your number to who fits, 3 to list without the number, 2 to change",
        what=what,
    )


def verify(
    session: Session,
    *,
    actor: Actor,
    number: int,
    id_seen: bool,
    resident: str,
    tips: bool,
    understand: Understand,
    settings: Settings,
    now: datetime,
) -> Verified:
    """The ID of a person who registered was seen: verified from now on, and what they said before goes on."""
    case = case_of(session, actor, number)
    by = session.get_one(Account, actor.account_id)
    account = session.get(Account, case.account_id or "")
    if account is None or case.kind is not CaseKind.REGISTER:
        raise Conflict("case_kind", "Nobody waits to be verified here.")
    access.authorise(actor, {Role.CONTACT}, account.area_code)
    if case.state is CaseState.CLOSED and account.state is AccountState.VERIFIED:
        return Verified(account.id, account.name, ())
    if not id_seen:
        raise Invalid("id_unseen", "Look at the original ID and tick the box.", field="id_seen")
    if account.state is AccountState.PENDING:
        enrolment.verify_person(
            session, account, by=by, where=account.area_code, now=now, resident=resident,
            keep_resident=settings.keep_resident_number, tips=tips,
        )  # fmt: skip
    return Verified(
        account.id,
        account.name,
        tuple(welcome(session, account, by=by, understand=understand, settings=settings, now=now)),
    )


def welcome(
    session: Session,
    account: Account,
    *,
    by: Account,
    understand: Understand,
    settings: Settings,
    now: datetime,
) -> list[Accepted]:
    """What follows once a person is verified: their registration is closed, their words that waited are taken up."""
    waiting = select(Case).where(
        Case.account_id == account.id, Case.kind == CaseKind.REGISTER, Case.state == CaseState.OPEN
    )
    for case in session.scalars(waiting).all():
        cases.close_case(session, case, by=by, outcome=say(by.language, "ID seen, verified."), now=now)
    outbox.tell(
        session, account=account, purpose=Purpose.SERVICE, now=now,
        text=say(
            account.language,
            "{name}, you are registered. To sell, buy, report pests or ask: text this number or ring {line}. To stop tips: TD",
            name=account.name, line=settings.line_number,
        ),
    )  # fmt: skip
    return intake.release_parked(session, account=account, understand=understand, settings=settings, now=now)


def review(
    session: Session,
    *,
    actor: Actor,
    number: int,
    publish: bool,
    reason: str,
    settings: Settings,
    now: datetime,
) -> None:
    """Settle a first or held post: let it stand (or out), or take it down and say why. The owner is told what changed.

    Raises ``Invalid`` when it is taken down without a reason, ``Conflict`` when it was settled before.
    """
    case = case_of(session, actor, number)
    by, post = session.get_one(Account, actor.account_id), session.get(Post, case.post_id or "")
    if post is None or case.kind is not CaseKind.REVIEW:
        raise Conflict("case_kind", "There is no post to look at here.")
    if case.state is CaseState.CLOSED:
        raise Conflict("case_closed", "This was already done by someone else.")
    owner, why = session.get_one(Account, post.account_id), " ".join(reason.replace("\0", "").split())[:60]
    if owner.id == by.id:
        raise Conflict("review_self", "Nobody looks at their own post: ask the county office.")
    if not publish and not why:
        raise Invalid("reason_missing", "Write why, in a few words: he is told.", field="reason")
    if publish:
        _let_out(session, post, owner, by, settings, now)
    elif post.state in (PostState.HELD, PostState.OPEN, PostState.MATCHED, PostState.PENDING):
        posts.end(session, post, PostState.WITHDRAWN, by=by, channel=Channel.CONTACT, now=now, note=why)
        text = say(
            owner.language,
            "No. {number} was taken down by your contact point: {reason}",
            number=post.number,
            reason=why,
        )
        outbox.tell(session, account=owner, text=text, purpose=Purpose.SERVICE, now=now)
    outcome = (
        say(by.language, "The post stands.")
        if publish
        else say(by.language, "Taken down: {reason}", reason=why)
    )
    cases.close_case(session, case, by=by, outcome=outcome, now=now)
    audit.record(
        session, actor_id=by.id, for_id=owner.id, act="post.review", subject=f"post:{post.id}", channel=Channel.CONTACT,
        detail={"publish": publish}, now=now,
    )  # fmt: skip


def close(session: Session, *, actor: Actor, number: int, outcome: str, tell: bool, now: datetime) -> None:
    """End a case with what was done; with ``tell`` the person gets these words. Raises ``Invalid`` when nothing is said."""
    case = case_of(session, actor, number)
    by = session.get_one(Account, actor.account_id)
    said = outcome.replace("\0", "").strip()[:LONGEST]
    if not said:
        raise Invalid("outcome_missing", "Write in a few words what was done.", field="outcome")
    if case.kind is CaseKind.REVIEW:
        raise Conflict("case_review", "Decide about the post: publish it or take it down.")
    cases.close_case(session, case, by=by, outcome=said, now=now)
    _drop_draft(session, case, by, now, note="settled")
    if not tell:
        return
    account = session.get(Account, case.account_id or "")
    if account is not None:
        outbox.tell(session, account=account, text=said, purpose=Purpose.SERVICE, now=now)
    elif case.phone:
        outbox.queue(
            session, channel=Channel.SMS, address=case.phone, text=said, purpose=Purpose.SERVICE, now=now
        )


def hear(session: Session, *, actor: Actor, recording_id: str, now: datetime) -> None:
    """Let the actor hear a recording of a case in their villages, and put that on record (once in ten minutes)."""
    case = session.scalar(select(Case).where(Case.recording_id == recording_id).limit(1))
    recording = session.get(Recording, recording_id)
    if case is None or recording is None:
        raise Absent
    access.authorise(actor, {Role.CONTACT}, case.area_code)
    subject = f"recording:{recording.id}"
    last = session.scalar(
        select(AuditRow.at)
        .where(
            AuditRow.subject == subject,
            AuditRow.actor_id == actor.account_id,
            AuditRow.act == "recording.hear",
        )
        .order_by(AuditRow.number.desc())
        .limit(1)
    )
    if last is None or (now - last).total_seconds() > 600:
        audit.record(
            session,
            actor_id=actor.account_id,
            for_id=case.account_id or "",
            act="recording.hear",
            subject=subject,
            now=now,
        )


def show_caller(session: Session, *, actor: Actor, number: int, now: datetime) -> str:
    """The whole number that a case came from, for the contact point to ring; written down. "" where there is none."""
    case = case_of(session, actor, number)
    audit.record(
        session,
        actor_id=actor.account_id,
        for_id=case.account_id or "",
        act="number.show",
        subject=f"case:{case.id}",
        now=now,
    )
    return show_phone(case.phone) if case.phone else ""


def _drop_draft(session: Session, case: Case, by: Account, now: datetime, *, note: str) -> None:
    """A draft that was never confirmed ends with the case that it came to: nothing waits without a person."""
    draft = session.get(Post, case.post_id) if case.post_id else None
    if draft is not None and draft.state is PostState.PENDING:
        posts.end(session, draft, PostState.WITHDRAWN, by=by, channel=Channel.CONTACT, now=now, note=note)


def _let_out(
    session: Session, post: Post, owner: Account, by: Account, settings: Settings, now: datetime
) -> None:
    owner.reviewed = True
    if post.state is not PostState.HELD:
        return
    if owner.state is not AccountState.VERIFIED:
        raise Conflict("person_unverified", "See this person's ID first; then the post can go out.")
    posts.release(session, post, by=by, channel=Channel.CONTACT, now=now)
    post.history.append(
        PostEvent(at=now, state=post.state, actor_id=by.id, channel=Channel.CONTACT, note="reviewed")
    )
    days = (post.expires_at - now).days if post.expires_at else 0
    sentence = "Published, No. {number}, for {days} days. When it is over reply DONE {number}."
    text = say(owner.language, sentence, number=post.number, days=days)
    outbox.tell(session, account=owner, text=text, purpose=Purpose.SERVICE, now=now)
    matching_desk.meet(session, post, settings=settings, now=now)
