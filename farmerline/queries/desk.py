"""What the contact desk shows: today's matters, one case, the people of the villages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import appeals, areas, desk, dictation, guards, rereading
from farmerline.domain import people as people_of
from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.identity import mask_name, mask_phone
from farmerline.models import (
    Account,
    Case,
    CaseKind,
    CaseState,
    Ear,
    Inbound,
    InboundState,
    Match,
    MatchState,
    Post,
    Recording,
    Role,
)
from farmerline.queries import village

_SHOWN = 200
_ORDER = ("voice_post", "register", "review", "unclear", "carry")
_GROUPS = {
    CaseKind.VOICE_POST: "voice_post",
    CaseKind.SIGHTING: "voice_post",
    CaseKind.REGISTER: "register",
    CaseKind.REVIEW: "review",
    CaseKind.UNCLEAR: "unclear",
    CaseKind.CALL_BACK: "unclear",
}
"""Kinds of cases that are listed together; the rest is carried to somebody who knows."""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list. ``who`` is a name or a masked number; ``seconds`` the length of its recording, 0 without."""

    number: int
    kind: str
    direction: str
    who: str
    known: bool
    text: str
    seconds: int
    opened_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class MatchLine:
    """A match whose end nobody has told, seen from a side that lives here."""

    id: str
    account_id: str
    name: str
    offers: bool
    what: str
    other: str
    reason_zh: str
    reason_en: str
    agreed_at: datetime


@dataclass(frozen=True, slots=True)
class Today:
    """Today's list. ``groups``: (name, cases by what is due first), the group with the earliest first."""

    groups: tuple[tuple[str, tuple[CaseLine, ...]], ...]
    matches: tuple[MatchLine, ...]
    open: int
    done: int

    @property
    def first(self) -> CaseLine | None:
        """What is due first."""
        return min((lines[0] for _, lines in self.groups), key=lambda line: line.due_at, default=None)


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with everything that is needed to settle it. ``heard`` is what a recogniser made of what was said; ``asked`` tells
    whether its words were read back to the caller and wait for the answer."""

    line: CaseLine
    full_text: str
    place: str
    area_code: str
    state: str
    outcome: str
    closed_by: str
    closed_at: datetime | None
    recording_id: str
    heard: str
    asked: bool
    person: village.PersonLine | None
    household: tuple[village.PersonLine, ...]
    post: village.PostLine | None
    held_reason: str
    may_appeal: bool
    waiting: int


def today(session: Session, *, actor: Actor, now: datetime) -> Today:
    """What is open in the actor's villages, the most urgent first, and how much was done today."""
    mine = actor.areas(Role.CONTACT)
    here = and_(inside_any(Case.area_code, mine), Case.kind != CaseKind.APPEAL)
    rows = session.scalars(
        select(Case)
        .where(here, Case.state == CaseState.OPEN)
        .order_by(Case.due_at, Case.number)
        .limit(_SHOWN)
    )
    groups: dict[str, list[CaseLine]] = {}
    for line in lines(session, list(rows)):
        groups.setdefault(_GROUPS.get(CaseKind(line.kind), "carry"), []).append(line)
    ordered = sorted(groups.items(), key=lambda group: (group[1][0].due_at, _ORDER.index(group[0])))
    waiting = select(func.count()).select_from(Case).where(here, Case.state == CaseState.OPEN)
    matches = open_matches(session, mine, now)
    morning = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    done = (
        select(func.count())
        .select_from(Case)
        .where(here, Case.state == CaseState.CLOSED, Case.closed_at >= morning)
    )
    return Today(
        groups=tuple((name, tuple(group)) for name, group in ordered),
        matches=matches,
        open=(session.scalar(waiting) or 0) + len(matches),
        done=session.scalar(done) or 0,
    )


def lines(session: Session, cases: Sequence[Case]) -> list[CaseLine]:
    """Cases as they are listed, in the same order."""
    people = _by_id(session, (case.account_id for case in cases))
    sounds = [case.recording_id for case in cases if case.recording_id]
    seconds: dict[str, int] = dict(
        session.execute(select(Recording.id, Recording.seconds).where(Recording.id.in_(sounds)))
        .tuples()
        .all()
    )
    return [
        _line(case, people.get(case.account_id or ""), seconds.get(case.recording_id or "", 0))
        for case in cases
    ]


def case_view(session: Session, *, actor: Actor, number: int, now: datetime) -> CaseView:
    """One case; ``Absent`` outside the actor's villages."""
    case = desk.case_of(session, actor, number)
    account = session.get(Account, case.account_id) if case.account_id else None
    written = session.scalar(
        select(Inbound)
        .where(Inbound.gateway == dictation.GATEWAY, Inbound.ref.startswith(f"case:{case.number}:"))
        .limit(1)
    )
    post_id = (written.post_id if written else None) or case.post_id
    post = session.get(Post, post_id) if post_id else None
    if account is None and written is not None and written.account_id:
        account = session.get(Account, written.account_id)
    closer = session.get(Account, case.closed_by) if case.closed_by else None
    phone = case.phone or (account.phone if account else None)
    mine = actor.areas(Role.CONTACT)
    household = (
        [other for other in people_of.by_phone(session, phone) if other.area_code.startswith(mine)]
        if phone
        else []
    )
    parked = 0
    if case.phone_index and case.kind is CaseKind.REGISTER:
        words = select(func.count()).select_from(Inbound).where(Inbound.sender_index == case.phone_index)
        parked = session.scalar(words.where(Inbound.state == InboundState.PARKED)) or 0
    line = lines(session, [case])[0]
    return CaseView(
        line=line,
        full_text=case.text,
        place=areas.path_name(session, case.area_code),
        area_code=case.area_code,
        state=case.state.value,
        outcome=case.outcome or "",
        closed_by=closer.name if closer else "",
        closed_at=case.closed_at,
        recording_id=case.recording_id or "" if line.seconds else "",
        heard=case.heard or "",
        asked=case.ear is Ear.TOLD,
        person=village.people_lines(session, [account])[0]
        if account and (account.id == case.account_id or account.area_code.startswith(mine))
        else None,
        household=tuple(village.people_lines(session, household)),
        post=village.post_line(session, post) if post else None,
        held_reason=_reason(case, post) if post else "",
        may_appeal=case.kind is CaseKind.REVIEW and post is not None and appeals.may_appeal(post, now),
        waiting=parked,
    )


def _reason(case: Case, post: Post) -> str:
    """Why the post is looked at: why it is held, "reread" where an edit of the vocabulary changed what it says,
    "said_again" where its words came again under another name."""
    notes = {event.note for event in post.history if event.at == case.opened_at}
    again = "reread" if rereading.NOTE in notes else "said_again" if guards.LOOKED_AGAIN in notes else ""
    return post.held_reason or again


def open_matches(session: Session, mine: Sequence[str], now: datetime) -> tuple[MatchLine, ...]:
    """Matches that were agreed a day ago or longer and whose end nobody told, of people who live here."""
    local_post = (
        select(Post.id)
        .join(Account, Account.id == Post.account_id)
        .where(inside_any(Account.area_code, mine))
    )
    query = select(Match).where(
        Match.state == MatchState.AGREED,
        Match.agreed_at <= now - timedelta(days=1),
        Match.supply_post_id.in_(local_post) | Match.demand_post_id.in_(local_post),
    )
    found = []
    for match in session.scalars(query.order_by(Match.agreed_at).limit(50)):
        supplier = session.get_one(Account, match.supply_post.account_id)
        buyer = session.get_one(Account, match.demand_post.account_id)
        offers = supplier.area_code.startswith(tuple(mine))
        here, there = (supplier, buyer) if offers else (buyer, supplier)
        item = match.supply_item if offers else match.demand_item
        found.append(
            MatchLine(
                id=match.id, account_id=here.id, name=here.name, offers=offers, what=item.name, other=mask_name(there.name),
                reason_zh=match.reason_zh, reason_en=match.reason_en, agreed_at=match.agreed_at or now,
            )
        )  # fmt: skip
    return tuple(found)


def _line(case: Case, account: Account | None, seconds: int) -> CaseLine:
    who = account.name if account else mask_phone(case.phone) if case.phone else ""
    return CaseLine(
        number=case.number, kind=case.kind.value, direction=case.direction, who=who, known=account is not None,
        text=" ".join(case.text.split())[:80], seconds=seconds, opened_at=case.opened_at, due_at=case.due_at,
    )  # fmt: skip


def _by_id(session: Session, ids: Iterable[str | None]) -> dict[str, Account]:
    wanted = {one for one in ids if one}
    return {account.id: account for account in session.scalars(select(Account).where(Account.id.in_(wanted)))}
