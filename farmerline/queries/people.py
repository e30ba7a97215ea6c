"""People and organisations as the administration shows them: numbers masked, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.domain import access, areas, consent, credentials
from farmerline.domain.people import names_of
from farmerline.identity import mask_phone
from farmerline.models import (
    Account,
    AccountState,
    AreaLevel,
    Consent,
    Credential,
    Organisation,
    PersonKind,
    Role,
    RoleGrant,
    WebSession,
)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in a list. ``place`` is 龙山镇杨高村; ``roles`` without being a farmer."""

    id: str
    name: str
    phone: str
    place: str
    state: AccountState
    origin: str
    roles: tuple[Role, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some people, and the id after which the next ones come ("" at the end)."""

    people: tuple[PersonRow, ...]
    after: str


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role held now: by whom, where, since when."""

    id: str
    role: Role
    person_id: str
    name: str
    area_code: str
    place: str
    since: datetime
    second_factor: bool


@dataclass(frozen=True, slots=True)
class PersonSheet:
    """Everything that an administrator sees of a person."""

    row: PersonRow
    area_code: str
    language: str
    preferred: str
    kinds: tuple[tuple[str, str], ...]
    crops: tuple[str, ...]
    organisation: str
    id_seen_by: str
    id_seen_on: date | None
    verified_at: datetime | None
    verified_place: str
    roles: tuple[RoleLine, ...]
    consents: tuple[Consent, ...]
    sessions: int
    has_password: bool
    has_second_factor: bool
    has_pin: bool


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation in a list, its contact under their real name."""

    id: str
    name: str
    kind: tuple[str, str]
    credit_code: str
    place: str
    contact: str
    phone: str
    state: AccountState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class VillageCount:
    """How many people a village (or a wider place) has, by state."""

    code: str
    name: str
    verified: int
    pending: int
    other: int


def people(
    session: Session,
    *,
    within: str,
    state: AccountState | None = None,
    role: Role | None = None,
    after: str = "",
    limit: int = 50,
) -> Page:
    """The people within an area, the newest first; ``after`` is the last page's ``after``."""
    query = select(Account).where(areas.inside(Account.area_code, within))
    if state is not None:
        query = query.where(Account.state == state)
    if role is not None:
        held = select(RoleGrant.account_id).where(RoleGrant.role == role, RoleGrant.ended_at.is_(None))
        query = query.where(Account.id.in_(held))
    if after:
        query = query.where(Account.id < after)
    found = list(session.scalars(query.order_by(Account.id.desc()).limit(limit + 1)))
    rows = _rows(session, found[:limit])
    return Page(tuple(rows), found[limit - 1].id if len(found) > limit else "")


def found(session: Session, accounts: Sequence[Account]) -> list[PersonRow]:
    """The rows of people that ``domain.people`` found, in that order."""
    return _rows(session, accounts)


def person(session: Session, account_id: str) -> PersonSheet | None:
    """One person, or None."""
    account = session.get(Account, account_id)
    if account is None:
        return None
    names = {row.code: (row.name_zh, row.name_en) for row in session.scalars(select(PersonKind))}
    organisation = session.get(Organisation, account.organisation_id) if account.organisation_id else None
    seen_by = session.get(Account, account.id_seen_by) if account.id_seen_by else None
    credential = credentials.credential_of(session, account.id)
    open_sessions = select(func.count()).select_from(WebSession).where(WebSession.account_id == account.id)
    return PersonSheet(
        row=_rows(session, [account])[0],
        area_code=account.area_code,
        language=account.language,
        preferred=account.preferred.value,
        kinds=tuple(names[row.kind] for row in account.kinds),
        crops=tuple(row.concept for row in account.crops),
        organisation=organisation.name if organisation else "",
        id_seen_by=seen_by.name if seen_by else "",
        id_seen_on=account.id_seen_on,
        verified_at=account.verified_at,
        verified_place=areas.path_name(session, account.verified_where) if account.verified_where else "",
        roles=tuple(_role_lines(session, access.roles_of(session, account.id))),
        consents=tuple(consent.history(session, account)),
        sessions=session.scalar(open_sessions) or 0,
        has_password=bool(credential and credential.password_hash),
        has_second_factor=credentials.has_totp(credential),
        has_pin=bool(credential and credential.pin_hash),
    )


def role_holders(session: Session, *, within: str, role: Role | None = None) -> list[RoleLine]:
    """Who holds which role within an area now, by place, then role."""
    query = select(RoleGrant).where(areas.inside(RoleGrant.area_code, within), RoleGrant.ended_at.is_(None))
    if role is not None:
        query = query.where(RoleGrant.role == role)
    return _role_lines(
        session, session.scalars(query.order_by(RoleGrant.area_code, RoleGrant.role, RoleGrant.id)).all()
    )


def organisations(
    session: Session, *, state: AccountState | None = None, limit: int = 100
) -> list[OrganisationRow]:
    """Organisations of the whole country, those that wait first, then the newest."""
    query = select(Organisation, PersonKind).join(PersonKind, PersonKind.code == Organisation.kind)
    if state is not None:
        query = query.where(Organisation.state == state)
    waiting = Organisation.state != AccountState.PENDING
    found = session.execute(query.order_by(waiting, Organisation.id.desc()).limit(limit)).all()
    return [
        OrganisationRow(
            id=row.id,
            name=row.name,
            kind=(kind.name_zh, kind.name_en),
            credit_code=row.credit_code,
            place=areas.path_name(session, row.area_code, AreaLevel.PROVINCE),
            contact=row.contact,
            phone=mask_phone(row.phone),
            state=row.state,
            created_at=row.created_at,
        )
        for row, kind in found
    ]


def count_by_place(session: Session, *, within: str) -> list[VillageCount]:
    """How many people each place one level below ``within`` has; a town gives its villages."""
    places = areas.children(session, within)
    length = len(places[0].code) if places else 0
    part = func.substr(Account.area_code, 1, length)
    query = (
        select(part, Account.state, func.count())
        .where(areas.inside(Account.area_code, within))
        .group_by(part, Account.state)
    )
    counted: dict[str, dict[AccountState, int]] = {}
    for code, state, count in session.execute(query):
        counted.setdefault(code, {})[state] = count
    lines: list[VillageCount] = []
    for place in places:
        states = counted.get(place.code, {})
        verified, pending = states.get(AccountState.VERIFIED, 0), states.get(AccountState.PENDING, 0)
        lines.append(
            VillageCount(place.code, place.name, verified, pending, sum(states.values()) - verified - pending)
        )
    return lines


def _rows(session: Session, accounts: Sequence[Account]) -> list[PersonRow]:
    held: dict[str, list[Role]] = {}
    ids = [account.id for account in accounts]
    for start in range(0, len(ids), 500):
        query = select(RoleGrant).where(
            RoleGrant.account_id.in_(ids[start : start + 500]), RoleGrant.ended_at.is_(None)
        )
        for grant in session.scalars(query.order_by(RoleGrant.role)):
            held.setdefault(grant.account_id, []).append(grant.role)
    places = _places(session, {account.area_code for account in accounts})
    return [
        PersonRow(
            id=account.id,
            name=account.name,
            phone=mask_phone(account.phone) if account.phone else "",
            place=places[account.area_code],
            state=account.state,
            origin=account.origin,
            roles=tuple(dict.fromkeys(held.get(account.id, []))),
            created_at=account.created_at,
        )
        for account in accounts
    ]


def _role_lines(session: Session, grants: Sequence[RoleGrant]) -> list[RoleLine]:
    places = _places(session, {grant.area_code for grant in grants})
    people_ids = {grant.account_id for grant in grants}
    names = names_of(session, people_ids)
    with_factor = set(
        session.scalars(
            select(Credential.account_id).where(
                Credential.account_id.in_(people_ids), Credential.totp_sealed.is_not(None)
            )
        )
    )
    return [
        RoleLine(
            id=grant.id,
            role=grant.role,
            person_id=grant.account_id,
            name=names[grant.account_id],
            area_code=grant.area_code,
            place=places[grant.area_code],
            since=grant.granted_at,
            second_factor=grant.account_id in with_factor,
        )
        for grant in grants
    ]


def _places(session: Session, codes: set[str]) -> dict[str, str]:
    return {code: areas.path_name(session, code) for code in codes}
