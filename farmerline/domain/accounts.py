"""Accounts: one person, one real name; who belongs to a phone, and how a person joins, is verified, and goes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.clock import local
from farmerline.domain import access, areas, audit, consent, signin
from farmerline.errors import Conflict, Invalid
from farmerline.identity import check_resident_number, normalise_phone
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountCrop,
    AccountKind,
    AccountState,
    PersonKind,
    Purpose,
    Role,
    RoleGrant,
)
from farmerline.names import fits

MOST_MEMBERS = 8
_HAN = r"[\u3400-\u9fff\U00020000-\U000323af]"
_NAME = re.compile(rf"{_HAN}{{1,12}}(?:·{_HAN}{{1,12}})*|[A-Za-z][A-Za-z .'-]{{1,39}}")


def by_phone(session: Session, phone: str) -> list[Account]:
    """The people of a phone (E.164), in the order they joined: pending, verified and suspended ones, not those who left."""
    query = select(Account).where(
        Account.phone_index == vault.phone_index(phone), Account.state != AccountState.LEFT
    )
    return list(session.scalars(query.order_by(Account.created_at, Account.id)))


def find_in_area(session: Session, area_code: str, said: str) -> list[Account]:
    """The people of one village or town whom the words may mean (a name, 老杨, pinyin, or the phone).

    Names are sealed, so each is opened in memory; raises ``Invalid`` for an area wider than a town.
    """
    if len(area_code) < 9:
        raise Invalid("area_wide", "Choose a village or a town to look for a person.", field="area")
    query = select(Account).where(
        areas.inside(Account.area_code, area_code), Account.state != AccountState.LEFT
    )
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", said))
    found = [
        account
        for account in session.scalars(query)
        if fits(said, account.name) or (len(digits) >= 4 and (account.phone or "").endswith(digits[-11:]))
    ]
    return sorted(found, key=lambda account: (account.name != said, account.area_code, account.id))


def contact_of(session: Session, area_code: str) -> Account | None:
    """The contact point of a village, else of its town, else of its county; None where nobody is."""
    for code in areas.prefixes(area_code):
        if len(code) >= 6 and (found := access.holders(session, Role.CONTACT, code)):
            return found[0]
    return None


def enrol(
    session: Session,
    *,
    name: str,
    phone: str | None,
    area_code: str,
    by: Account | None,
    now: datetime,
    kinds: Iterable[str] = ("farmer",),
    crops: Iterable[str] = (),
    id_seen_on: date | None = None,
    resident: str | None = None,
    keep_resident: bool = False,
    tips: bool = False,
    preferred: Channel = Channel.SMS,
    language: str = "zh",
    origin: str = "contact",
) -> Account:
    """Join a person whose ID was seen and who was read the words of consent; they are verified from now on.

    ``by`` is who saw the ID (None on the command line), ``id_seen_on`` the day (today in China where nothing is
    said). The resident number is checked where it is given, and kept only with ``keep_resident``. A person who
    registered by SMS under this phone and name becomes verified. Raises ``Invalid``, or ``Conflict`` when
    the person is here already.
    """
    name, phone = check_name(name), normalise_phone(phone) if phone else None
    for other in by_phone(session, phone) if phone else []:
        if other.name == name:
            if other.state is not AccountState.PENDING or by is None:
                raise Conflict("person_known", "{name} is already registered with this phone.", name=name)
            other.area_code = _village(session, area_code)
            describe(session, other, kinds=kinds, crops=crops, preferred=preferred, language=language)
            verify_person(
                session, other, by=by, where=other.area_code, now=now, resident=resident, keep_resident=keep_resident,
                id_seen_on=id_seen_on, tips=tips,
            )  # fmt: skip
            return other
    account = _add(session, name, phone, _village(session, area_code), origin, now, by.id if by else None)
    describe(session, account, kinds=kinds, crops=crops, preferred=preferred, language=language)
    audit.record(
        session, actor_id=by.id if by else "cli", act="person.enrol", subject=f"account:{account.id}",
        for_id=account.id, channel="contact" if by else "", now=now,
    )  # fmt: skip
    _verify(session, account, by, account.area_code, now, resident, keep_resident, id_seen_on, tips)
    return account


def register(
    session: Session,
    *,
    phone: str,
    name: str,
    village_text: str,
    county: str,
    now: datetime,
    inbound_id: str = "",
    origin: str = "sms",
) -> Account:
    """Put down a person who registers from their own phone; pending until the contact point has seen the ID.

    The village is looked for in the county, by characters or pinyin. Saying it again changes the village of the
    pending person. The door opens a ``REGISTER`` case for the village. Raises ``Invalid`` with what is
    missing or which villages are meant, ``Conflict`` when the person is verified already.
    """
    if not name.strip():
        raise Invalid("register_shape", "To register reply: 注册 your-name your-village.", field="name")
    name, phone = check_name(name), normalise_phone(phone)
    village = areas.resolve_village(session, village_text, county=county)
    members = by_phone(session, phone)
    for other in members:
        if other.name == name:
            if other.state is not AccountState.PENDING:
                raise Conflict("person_known", "{name} is already registered with this phone.", name=name)
            other.area_code = village.code
            session.flush()
            return other
    account = _add(session, name, phone, village.code, origin, now, None, members=members)
    describe(session, account, kinds=("farmer",))
    audit.record(
        session, actor_id=account.id, act="person.register", subject=f"account:{account.id}", channel=origin,
        detail={"inbound": inbound_id} if inbound_id else None, now=now,
    )  # fmt: skip
    return account


def verify_person(
    session: Session,
    account: Account,
    *,
    by: Account,
    where: str,
    now: datetime,
    resident: str | None = None,
    keep_resident: bool = False,
    id_seen_on: date | None = None,
    tips: bool = False,
) -> None:
    """Take a pending person as who they say they are: ``by`` has seen the ID at ``where`` (an area code).

    Writes the consents that go with it. Raises ``Conflict`` when there is nothing to verify.
    """
    if account.state is not AccountState.PENDING:
        raise Conflict("person_not_pending", "This person is not waiting to be verified.")
    if by.id == account.id:
        raise Conflict("verify_self", "Nobody verifies themselves.")
    _verify(session, account, by, where, now, resident, keep_resident, id_seen_on, tips)


def describe(
    session: Session,
    account: Account,
    *,
    kinds: Iterable[str] | None = None,
    crops: Iterable[str] | None = None,
    preferred: Channel | None = None,
    language: str | None = None,
) -> None:
    """Change what is known of a person; what is None stays. Raises ``Invalid`` for an unknown kind."""
    if kinds is not None:
        wanted = list(dict.fromkeys(kinds)) or ["farmer"]
        known = set(session.scalars(select(PersonKind.code).where(PersonKind.code.in_(wanted))))
        for kind in wanted:
            if kind not in known:
                raise Invalid(
                    "kind_unknown", "There is no kind of person called {kind}.", field="kinds", kind=kind
                )
        held = {row.kind: row for row in account.kinds}
        account.kinds = [held.get(kind) or AccountKind(account_id=account.id, kind=kind) for kind in wanted]
    if crops is not None:
        grown = list(dict.fromkeys(crop.strip()[:40] for crop in crops if crop.strip()))
        rows = {row.concept: row for row in account.crops}
        account.crops = [rows.get(crop) or AccountCrop(account_id=account.id, concept=crop) for crop in grown]
    account.preferred = preferred or account.preferred or Channel.SMS
    account.language = language or account.language or "zh"
    session.flush()


def change_phone(session: Session, account: Account, *, phone: str, by: Account, now: datetime) -> str | None:
    """Give a person, who is there in person, another number; returns the old one. Their sessions end."""
    fresh, old = normalise_phone(phone), account.phone
    if fresh == old:
        raise Conflict("phone_same", "This is the number we have.")
    _refuse_crowd(members := by_phone(session, fresh))
    if any(other.name == account.name for other in members):
        raise Conflict("person_known", "{name} is already registered with this phone.", name=account.name)
    account.phone, account.phone_index = fresh, vault.phone_index(fresh)
    session.flush()
    audit.record(
        session,
        actor_id=by.id,
        for_id=account.id,
        act="person.phone",
        subject=f"account:{account.id}",
        now=now,
    )
    signin.end_all(session, account.id, by_id=by.id, now=now)
    return str(old) if old else None


def suspend(session: Session, account: Account, *, by: Account, reason: str, now: datetime) -> None:
    """Stop a person from posting and signing in until reinstated; sessions end at once. ``reason`` is a code, not a story."""
    if account.state not in (AccountState.VERIFIED, AccountState.PENDING):
        raise Conflict("person_state", "This cannot be done in this person's state.")
    if by.id == account.id:
        raise Conflict("suspend_self", "Nobody suspends themselves.")
    _move(session, account, AccountState.SUSPENDED, "person.suspend", by, now, reason[:40])
    signin.end_all(session, account.id, by_id=by.id, now=now)


def reinstate(session: Session, account: Account, *, by: Account, now: datetime) -> None:
    """Let a suspended person in again: verified where the ID was seen, else pending."""
    if account.state is not AccountState.SUSPENDED:
        raise Conflict("person_state", "This cannot be done in this person's state.")
    state = AccountState.VERIFIED if account.verified_at else AccountState.PENDING
    _move(session, account, state, "person.reinstate", by, now)


def leave(session: Session, account: Account, *, by: Account, now: datetime) -> None:
    """A person goes, by their own wish: nothing is sent to them any more, roles and sessions end; the record stays."""
    if account.state is AccountState.LEFT:
        raise Conflict("person_state", "This cannot be done in this person's state.")
    _move(session, account, AccountState.LEFT, "person.leave", by, now)
    consent.stop(
        session, accounts=[account], purposes=[purpose for purpose in Purpose if purpose is not Purpose.SERVICE],
        proof=f"leave:{by.id}", now=now, by_id=by.id,
    )  # fmt: skip
    for row in session.scalars(
        select(RoleGrant).where(RoleGrant.account_id == account.id, RoleGrant.ended_at.is_(None))
    ):
        access.end_role(session, row, by=by, now=now)
    signin.end_all(session, account.id, by_id=by.id, now=now)


def check_name(text: str) -> str:
    """A person's real name as in the ID: 2 to 12 characters, a dot between the parts of a long one; or Latin letters."""
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    name = re.sub(r"[・•‧∙⋅.](?=[\u3400-\u9fff])", "·", name)
    if re.search(r"[\u3400-\u9fff]", name):
        name = name.replace(" ", "")
    if len(name) < 2 or len(name) > 40 or not _NAME.fullmatch(name):
        raise Invalid("name_shape", "Write the real name as in the ID, 2 characters or more.", field="name")
    return name


def check_seen_on(day: date | None, now: datetime) -> date:
    """The day on which the ID was seen, today in China where nothing is said; never a day to come."""
    today = local(now).date()
    if day is not None and day > today:
        raise Invalid("seen_later", "The day on which the ID was seen is still to come.", field="id_seen_on")
    return day or today


def _add(
    session: Session,
    name: str,
    phone: str | None,
    area_code: str,
    origin: str,
    now: datetime,
    created_by: str | None,
    members: Sequence[Account] | None = None,
) -> Account:
    if phone:
        _refuse_crowd(by_phone(session, phone) if members is None else members)
    account = Account(
        name=name,
        phone=phone,
        phone_index=vault.phone_index(phone) if phone else None,
        area_code=area_code,
        state=AccountState.PENDING,
        origin=origin,
        created_at=now,
        created_by=created_by,
    )
    session.add(account)
    session.flush()
    return account


def _verify(
    session: Session,
    account: Account,
    by: Account | None,
    where: str,
    now: datetime,
    resident: str | None,
    keep_resident: bool,
    id_seen_on: date | None,
    tips: bool,
) -> None:
    by_id = by.id if by else None
    if resident and resident.strip():
        number = check_resident_number(resident, today=local(now).date())
        if keep_resident:
            _keep_resident(session, account, number)
    account.id_seen_on, account.id_seen_by = check_seen_on(id_seen_on, now), by_id
    account.state = AccountState.VERIFIED
    account.verified_by, account.verified_at, account.verified_where = by_id, now, where
    session.flush()
    purposes = consent.ENROLLED + (consent.UNASKED if tips else ())
    consent.grant(
        session,
        account,
        purposes=purposes,
        proof=consent.enrolment_proof(by_id or "cli"),
        now=now,
        by_id=by_id,
    )
    audit.record(
        session, actor_id=by_id or "cli", for_id=account.id, act="person.verify", subject=f"account:{account.id}",
        detail={"where": where, "seen": account.id_seen_on.isoformat()}, now=now,
    )  # fmt: skip


def _keep_resident(session: Session, account: Account, number: str) -> None:
    index = vault.current().index("resident", number)
    other = session.scalar(
        select(Account.id).where(Account.resident_index == index, Account.id != account.id)
    )
    if other is not None:
        raise Conflict("resident_known", "This ID is already registered. Ask the county office.")
    account.resident, account.resident_index = number, index


def _village(session: Session, area_code: str) -> str:
    if areas.get(session, area_code) is None:
        raise Invalid("area_unknown", "Choose the village.", field="area_code")
    return area_code


def _refuse_crowd(members: Sequence[Account]) -> None:
    if len(members) >= MOST_MEMBERS:
        raise Invalid(
            "phone_full",
            "Too many people are registered with this phone. Go to your contact point.",
            field="phone",
        )


def _move(
    session: Session,
    account: Account,
    state: AccountState,
    act: str,
    by: Account,
    now: datetime,
    reason: str = "",
) -> None:
    account.state = state
    session.flush()
    audit.record(
        session, actor_id=by.id, for_id=account.id, act=act, subject=f"account:{account.id}",
        detail={"reason": reason} if reason else None, now=now,
    )  # fmt: skip
