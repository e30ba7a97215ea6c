"""Joining: with the ID seen at a contact point, or by text and then verified there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.clock import local
from farmerline.domain import areas, audit, consent
from farmerline.domain.people import by_phone, check_name, describe, refuse_crowd
from farmerline.errors import Conflict, Invalid
from farmerline.identity import check_resident_number, normalise_phone
from farmerline.messages import Channel
from farmerline.models import Account, AccountState


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
            if not _waits_here(other) or by is None:
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
            if not _waits_here(other):
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
    if not _waits_here(account):
        raise Conflict("person_not_pending", "This person is not waiting to be verified.")
    if by.id == account.id:
        raise Conflict("verify_self", "Nobody verifies themselves.")
    _verify(session, account, by, where, now, resident, keep_resident, id_seen_on, tips)


def check_seen_on(day: date | None, now: datetime) -> date:
    """The day on which the ID was seen, today in China where nothing is said; never a day to come."""
    today = local(now).date()
    if day is not None and day > today:
        raise Invalid("seen_later", "The day on which the ID was seen is still to come.", field="id_seen_on")
    return day or today


def _waits_here(account: Account) -> bool:
    """Whether a contact point may verify this person; for an organisation's contact the bureau does, with its licence."""
    return account.state is AccountState.PENDING and account.organisation_id is None


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
        refuse_crowd(by_phone(session, phone) if members is None else members)
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
