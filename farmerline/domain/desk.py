"""What a contact point does with its cases: see IDs, look at first posts, close.

Each verb finds the case within the actor's own villages first; a case elsewhere is ``Absent`` like one that never was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import access, appeals, audit, cases, enrolment, intake, matching_desk, outbox, posts
from farmerline.domain.access import Actor
from farmerline.domain.talk import Understand
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.identity import show_phone
from farmerline.messages import Accepted, Channel
from farmerline.models import (
    Account,
    AccountState,
    Case,
    CaseKind,
    CaseState,
    Post,
    PostEvent,
    PostState,
    Purpose,
    Role,
)
from farmerline.words import say

LONGEST = 800
"""Characters of what a contact point writes."""
_HIGHEST = 2**31


@dataclass(frozen=True, slots=True)
class Verified:
    """A person whose ID was seen, and what became of the words that had waited for it."""

    account_id: str
    name: str
    taken_up: tuple[Accepted, ...]


def case_of(session: Session, actor: Actor, number: int) -> Case:
    """The case with this number; ``Absent`` outside the actor's villages, and for an appeal."""
    case = session.scalar(select(Case).where(Case.number == number)) if 0 < number < _HIGHEST else None
    if case is None or case.kind is CaseKind.APPEAL:  # somebody else decides about those
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


def appeal(session: Session, *, actor: Actor, number: int, words: str, now: datetime) -> None:
    """Hand a held or refused post to the administrator for its owner, who does not agree; the owner is told.

    Raises ``Conflict`` where there is no post to appeal for, or it was done before.
    """
    case = case_of(session, actor, number)
    by, post = session.get_one(Account, actor.account_id), session.get(Post, case.post_id or "")
    if post is None or case.kind is not CaseKind.REVIEW:
        raise Conflict("case_kind", "There is no post to look at here.")
    appeals.ask(session, post, by=by, channel=Channel.CONTACT, words=words, now=now)
    owner = session.get_one(Account, post.account_id)
    text = say(owner.language, appeals.ASKED, number=post.number)
    outbox.tell(session, account=owner, text=text, purpose=Purpose.SERVICE, now=now)


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
    drop_draft(session, case, by, now, note="settled")
    if not tell:
        return
    account = session.get(Account, case.account_id or "")
    if account is not None:
        outbox.tell(session, account=account, text=said, purpose=Purpose.SERVICE, now=now)
    elif case.phone:
        outbox.queue(
            session, channel=Channel.SMS, address=case.phone, text=said, purpose=Purpose.SERVICE, now=now
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


def drop_draft(session: Session, case: Case, by: Account, now: datetime, *, note: str) -> None:
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
