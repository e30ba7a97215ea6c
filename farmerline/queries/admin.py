"""What the administrator's pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from farmerline.clock import SHANGHAI
from farmerline.domain import access, administration, areas, credentials
from farmerline.domain.access import Actor
from farmerline.identity import mask_phone
from farmerline.models import (
    Account,
    AccountState,
    Area,
    AreaLevel,
    AuditRow,
    Case,
    CaseState,
    Inbound,
    InboundState,
    Organisation,
    PersonKind,
    Post,
    PostState,
    Role,
    RoleGrant,
)
from farmerline.queries import village
from farmerline.queries.jobs import LastRun
from farmerline.queries.village import PersonLine

AUDIT_PAGE = 100
EXPORT_MOST = 50_000


@dataclass(frozen=True, slots=True)
class Numbers:
    """The county at a glance."""

    people: int
    pending: int
    posts: int
    cases: int
    late: int
    failed: int
    organisations: int


@dataclass(frozen=True, slots=True)
class GrantLine:
    """A role that a person holds."""

    id: str
    role: Role
    place: str
    since: datetime


@dataclass(frozen=True, slots=True)
class AccountView:
    """A person as the administrator sees them."""

    line: PersonLine
    grants: tuple[GrantLine, ...]
    second_factor: bool
    origin: str
    verified_at: datetime | None
    organisation: str
    is_self: bool


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """An organisation in the list."""

    id: str
    name: str
    credit_code: str
    kind_zh: str
    kind_en: str
    place: str
    contact: str
    phone: str
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AuditLine:
    """An audit row with the names that its ids stand for."""

    number: int
    at: datetime
    actor: str
    actor_id: str
    for_name: str
    for_id: str
    act: str
    subject: str
    channel: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class InboundLine:
    """A message that could not be acted on."""

    id: str
    channel: str
    sender: str
    state: str
    attempts: int
    received_at: datetime
    case_number: int | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows: of these people (as who acted or was acted for; None for everybody), of one act, of these days in China."""

    person_ids: tuple[str, ...] | None = None
    act: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class JobLine:
    """A line of the timetable in the reader's words: when it runs, what it does, its last run, its next moment."""

    name: str
    when: str
    about: str
    last: LastRun | None
    next_at: datetime | None


def numbers(session: Session, *, county: str, now: datetime) -> Numbers:
    """Counts for the start page."""

    def count(kind: type[Any], *where: Any) -> int:
        return session.scalar(select(func.count()).select_from(kind).where(*where)) or 0

    waiting = Case.state == CaseState.OPEN
    return Numbers(
        people=count(Account, Account.state == AccountState.VERIFIED),
        pending=count(
            Account, Account.state == AccountState.PENDING, areas.inside(Account.area_code, county)
        ),
        posts=count(Post, Post.state.in_((PostState.OPEN, PostState.MATCHED))),
        cases=count(Case, waiting),
        late=count(Case, waiting, Case.due_at < now),
        failed=count(Inbound, Inbound.state == InboundState.FAILED),
        organisations=count(Organisation, Organisation.state == AccountState.PENDING),
    )


def account(session: Session, *, actor: Actor, account_id: str, county: str) -> AccountView:
    """One person; ``Absent`` outside the administrator's area."""
    found = administration.account_of(session, actor, account_id, county=county)
    held = access.roles_of(session, found.id)
    firm = session.get(Organisation, found.organisation_id) if found.organisation_id else None
    return AccountView(
        line=village.people_lines(session, [found])[0],
        grants=tuple(
            GrantLine(row.id, row.role, areas.path_name(session, row.area_code), row.granted_at)
            for row in held
        ),
        second_factor=credentials.has_totp(credentials.credential_of(session, found.id)),
        origin=found.origin,
        verified_at=found.verified_at,
        organisation=firm.name if firm else "",
        is_self=found.id == actor.account_id,
    )


def staff(session: Session, *, actor: Actor) -> list[tuple[PersonLine, tuple[GrantLine, ...]]]:
    """Who holds a role in the administrator's area, by area."""
    mine = actor.areas(Role.ADMIN)
    grants = [
        row
        for holder in session.scalars(select(Account).where(Account.id.in_(_holders())))
        for row in access.roles_of(session, holder.id)
        if row.area_code.startswith(mine)
    ]
    by_person: dict[str, list[GrantLine]] = {}
    for row in sorted(grants, key=lambda row: (row.area_code, row.role)):
        line = GrantLine(row.id, row.role, areas.path_name(session, row.area_code), row.granted_at)
        by_person.setdefault(row.account_id, []).append(line)
    people = {one.id: one for one in session.scalars(select(Account).where(Account.id.in_(by_person)))}
    shown = village.people_lines(session, [people[person_id] for person_id in by_person])
    return [(line, tuple(by_person[line.id])) for line in shown]


def places(session: Session, text: str, *, county: str) -> list[tuple[str, str, str]]:
    """Places found by name or pinyin, the county's own first: code, path, level."""
    found = areas.search(session, text, within=county, limit=30) or areas.search(session, text, limit=30)
    return [(area.code, areas.path_name(session, area.code) or area.name, area.level.value) for area in found]


def place_counts(session: Session, *, county: str) -> list[tuple[str, int, int]]:
    """How many places of each level are loaded: level, in the country, in the county."""
    total = dict(session.execute(select(Area.level, func.count()).group_by(Area.level)).tuples().all())
    here = select(Area.level, func.count()).where(areas.inside(Area.code, county)).group_by(Area.level)
    local = dict(session.execute(here).tuples().all())
    return [(level.value, total[level], local.get(level, 0)) for level in AreaLevel if level in total]


def organisation_lines(session: Session) -> list[OrganisationLine]:
    """Organisations, those that wait first, then the newest; at most 200."""
    rows = session.scalars(
        select(Organisation)
        .order_by(Organisation.state != AccountState.PENDING, Organisation.created_at.desc())
        .limit(200)
    )
    kinds = {kind.code: kind for kind in session.scalars(select(PersonKind))}
    return [
        OrganisationLine(
            id=row.id,
            name=row.name,
            credit_code=row.credit_code,
            kind_zh=kinds[row.kind].name_zh,
            kind_en=kinds[row.kind].name_en,
            place=areas.path_name(session, row.area_code),
            contact=row.contact,
            phone=mask_phone(row.phone),
            state=row.state.value,
            created_at=row.created_at,
        )
        for row in rows
    ]  # fmt: skip


def audit_rows(
    session: Session, wanted: AuditFilter, *, before: int | None = None, limit: int = AUDIT_PAGE
) -> list[AuditLine]:
    """Rows of the audit, the newest first; ``before`` is the number below which a page starts."""
    query = _audit(wanted)
    if before is not None:
        query = query.where(AuditRow.number < before)
    rows = list(session.scalars(query.order_by(AuditRow.number.desc()).limit(limit)))
    names = _names(session, [one for row in rows for one in (row.actor_id, row.for_id)])
    return [
        AuditLine(
            number=row.number, at=row.at, actor=names.get(row.actor_id, row.actor_id), actor_id=row.actor_id,
            for_name=names.get(row.for_id, row.for_id), for_id=row.for_id, act=row.act, subject=row.subject, channel=row.channel,
            detail=dict(row.detail),
        )
        for row in rows
    ]  # fmt: skip


def audit_acts(session: Session) -> list[str]:
    """The acts that occur, by name."""
    return list(session.scalars(select(AuditRow.act).distinct().order_by(AuditRow.act)))


def inbox(session: Session, *, now: datetime, limit: int = 100) -> list[InboundLine]:
    """Messages that were given up, and those that wait longer than a minute; the newest first."""
    stuck = (Inbound.state == InboundState.RECEIVED) & (Inbound.received_at < now - timedelta(minutes=1))
    query = select(Inbound).where((Inbound.state == InboundState.FAILED) | stuck)
    rows = list(session.scalars(query.order_by(Inbound.received_at.desc()).limit(limit)))
    ids = [row.case_id for row in rows if row.case_id]
    known = dict(session.execute(select(Case.id, Case.number).where(Case.id.in_(ids))).tuples().all())
    return [
        InboundLine(
            id=row.id, channel=row.channel.value, sender=mask_phone(row.sender) if row.sender else "", state=row.state.value,
            attempts=row.attempts, received_at=row.received_at, case_number=known.get(row.case_id or ""),
        )
        for row in rows
    ]  # fmt: skip


def _audit(wanted: AuditFilter) -> Select[tuple[AuditRow]]:
    query = select(AuditRow)
    if wanted.person_ids is not None:
        query = query.where(AuditRow.actor_id.in_(wanted.person_ids) | AuditRow.for_id.in_(wanted.person_ids))
    if wanted.act:
        query = query.where(AuditRow.act == wanted.act)
    if wanted.first:
        query = query.where(AuditRow.at >= _midnight(wanted.first))
    if wanted.last:
        query = query.where(AuditRow.at < _midnight(wanted.last) + timedelta(days=1))
    return query


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    wanted = {one for one in ids if len(one) == 32}
    return {one.id: one.name for one in session.scalars(select(Account).where(Account.id.in_(wanted)))}


def _holders() -> Select[tuple[str]]:
    return select(RoleGrant.account_id).where(RoleGrant.ended_at.is_(None))
