"""Organisations: firms, markets and co-ops of any county, each with a contact under their real name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.domain import accounts, areas, audit, consent
from farmerline.errors import Conflict, Invalid
from farmerline.identity import check_credit_code, normalise_phone
from farmerline.models import Account, AccountState, Organisation, PersonKind


def join(
    session: Session,
    *,
    credit_code: str,
    name: str,
    kind: str,
    area_code: str,
    contact: str,
    phone: str,
    now: datetime,
    by: Account | None = None,
    language: str = "zh",
) -> tuple[Organisation, Account]:
    """Put down an organisation and its contact's account; both wait for the bureau. Any place of the country will do.

    Raises ``Invalid`` (a slip in the credit code, an unknown place or kind) or ``Conflict`` (it is here already).
    """
    code, number, person = (
        check_credit_code(credit_code),
        normalise_phone(phone),
        accounts.check_name(contact),
    )
    shown = " ".join(name.split())
    if not 2 <= len(shown) <= 120 or not shown.isprintable():
        raise Invalid("organisation_name", "Write the organisation's name as on its licence.", field="name")
    if session.get(PersonKind, kind) is None:
        raise Invalid("kind_unknown", "There is no kind of person called {kind}.", field="kind", kind=kind)
    if areas.get(session, area_code) is None:
        raise Invalid("area_unknown", "Choose the place.", field="area_code")
    if by_credit_code(session, code) is not None:
        raise Conflict("organisation_known", "An organisation with this credit code is already here.")
    if any(other.name == person for other in accounts.by_phone(session, number)):
        raise Conflict("person_known", "{name} is already registered with this phone.", name=person)
    organisation = Organisation(
        credit_code=code, name=shown, kind=kind, area_code=area_code, contact=person, phone=number,
        state=AccountState.PENDING, created_at=now,
    )  # fmt: skip
    account = Account(
        name=person, phone=number, phone_index=vault.phone_index(number), area_code=area_code,
        organisation_id=organisation.id, state=AccountState.PENDING, language=language,
        origin="contact" if by else "web", created_at=now, created_by=by.id if by else None,
    )  # fmt: skip
    session.add(organisation)
    session.flush()
    session.add(account)
    session.flush()
    accounts.describe(session, account, kinds=[kind])
    audit.record(
        session, actor_id=by.id if by else account.id, act="organisation.join", subject=f"organisation:{organisation.id}",
        for_id=account.id if by else "", now=now,
    )  # fmt: skip
    return organisation, account


def verify(session: Session, organisation: Organisation, *, by: Account, now: datetime) -> None:
    """The bureau has seen the licence and spoken with the contact: the organisation and its people may post from now on."""
    if organisation.state is not AccountState.PENDING:
        raise Conflict("organisation_not_pending", "This organisation is not waiting to be verified.")
    people = members(session, organisation)
    if by.id in {person.id for person in people}:
        raise Conflict("verify_self", "Nobody verifies themselves.")
    organisation.state, organisation.verified_by, organisation.verified_at = AccountState.VERIFIED, by.id, now
    for person in people:
        if person.state is AccountState.PENDING:
            person.state = AccountState.VERIFIED
            person.verified_by, person.verified_at, person.verified_where = by.id, now, organisation.area_code
            proof = f"organisation:{consent.TEXT_VERSION}:{by.id}"
            consent.grant(session, person, purposes=consent.ENROLLED, proof=proof, now=now, by_id=by.id)
    session.flush()
    audit.record(
        session, actor_id=by.id, act="organisation.verify", subject=f"organisation:{organisation.id}",
        detail={"people": len(people)}, now=now,
    )  # fmt: skip


def by_credit_code(session: Session, code: str) -> Organisation | None:
    """The organisation with this credit code, or None."""
    return session.scalar(select(Organisation).where(Organisation.credit_code == code))


def members(session: Session, organisation: Organisation) -> list[Account]:
    """Its people, in the order they joined."""
    query = select(Account).where(
        Account.organisation_id == organisation.id, Account.state != AccountState.LEFT
    )
    return list(session.scalars(query.order_by(Account.created_at, Account.id)))
