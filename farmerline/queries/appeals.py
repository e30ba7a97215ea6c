"""What the administrator sees of appeals: what waits, and one of them with all that was said and done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import appeals, areas, posts
from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.models import Account, Case, CaseKind, CaseState, Post, Role
from farmerline.queries import farmer, village

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class AppealLine:
    """An appeal in a list. ``held`` is why the post was held, "" where it was out already."""

    number: int
    name: str
    place: str
    what: str
    held: str
    opened_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class AppealView:
    """An appeal with its post. ``said``: the post in a line, and behind a stroke what its owner says to it; ``outcome``
    is "" while it is open; ``involved``: the reader wrote or decided it before."""

    line: AppealLine
    person: village.PersonLine
    post: village.PostLine
    said: str
    steps: tuple[farmer.Step, ...]
    outcome: str
    closed_at: datetime | None
    involved: bool


def waiting(session: Session, *, actor: Actor) -> list[AppealLine]:
    """The open appeals of the administrator's area, what is due first first."""
    rows = session.scalars(
        select(Case)
        .where(
            inside_any(Case.area_code, actor.areas(Role.ADMIN)),
            Case.kind == CaseKind.APPEAL,
            Case.state == CaseState.OPEN,
        )
        .order_by(Case.due_at, Case.number)
        .limit(_SHOWN)
    )
    return [_line(session, case) for case in rows]


def view(session: Session, *, actor: Actor, number: int) -> AppealView:
    """One appeal; ``Absent`` outside the administrator's area."""
    case = appeals.case_of(session, actor, number)
    post = session.get_one(Post, case.post_id or "")
    owner = session.get_one(Account, post.account_id)
    return AppealView(
        line=_line(session, case),
        person=village.people_lines(session, [owner])[0],
        post=village.post_line(session, post),
        said=case.text,
        steps=tuple(farmer.history(session, post)),
        outcome=(case.outcome or "") if case.state is CaseState.CLOSED else "",
        closed_at=case.closed_at,
        involved=appeals.was_involved(session, post, actor.account_id),
    )


def _line(session: Session, case: Case) -> AppealLine:
    post = session.get_one(Post, case.post_id or "")
    owner = session.get_one(Account, post.account_id)
    return AppealLine(
        number=case.number,
        name=owner.name,
        place=areas.path_name(session, owner.area_code),
        what=posts.describe(session, post),
        held=post.held_reason,
        opened_at=case.opened_at,
        due_at=case.due_at,
    )
