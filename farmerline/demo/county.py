"""The demo county: settings with made-up keys, a database with its places, and its 600 made-up people."""

from __future__ import annotations

import secrets
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.clock import local
from farmerline.config import DEMO_SETTINGS, PREFIX, Settings
from farmerline.db import Database
from farmerline.demo.people import COUNTY, ORGANISATIONS, Person, people
from farmerline.domain import areas, credentials, init_county, pins
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountCrop,
    AccountKind,
    AccountState,
    Consent,
    Credential,
    Organisation,
    Purpose,
    Role,
    RoleGrant,
)
from farmerline.places import Level, read_vendored

PASSWORD = "nongxin-demo"
PIN = "246813"
LINE = "0574-00002169"
_ASKED = (Purpose.MATCH, Purpose.LETTER, Purpose.ALERT)


def write_settings(folder: Path = DEMO_SETTINGS.parent) -> Path:
    """Start the demo county's folder anew: everything in it goes, its settings with fresh keys come."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    values = {
        "MODE": "demo",
        "GATEWAY": "simulator",
        "DATABASE_URL": f"sqlite:///{folder / 'farmerline.db'}",
        "HOME": str(folder),
        "COUNTY": COUNTY,
        "SERVICE_NAME": "农信通达·慈溪",
        "BUREAU_NAME": "慈溪市农业农村局(演示)",
        "LINE_NUMBER": LINE,
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_NUMBER": "+8657400002169",
        "MISSED_CALL_NUMBER": "+8657400002170",
        "SMS_SIGNATURE": "慈溪农业",
        "VAULT_KEYS": f"k1:{vault.make_key()}",
        "INDEX_KEY": vault.make_key(),
        "WEB_KEY": secrets.token_hex(32),
        "SMS_RATE": "50",
        "CALL_RATE": "5",
        "SIMULATOR_PATH": str(folder / "carrier.db"),
    }
    path = folder / DEMO_SETTINGS.name
    path.write_text("".join(f"{PREFIX}{name}={value}\n" for name, value in values.items()), encoding="utf-8")
    path.chmod(0o600)
    return path


def build(database: Database, settings: Settings, *, now: datetime) -> None:
    """Fill an empty, migrated database with the county's places, kinds and people as of ``now``."""
    with database.write() as session:
        areas.load(session, read_vendored(settings.county))
        areas.load(session, read_vendored(through=Level.COUNTY))
        init_county.ensure_reference_data(session)
        known = _add_people(session, now)
        _add_organisations(session, known, now)
        _give_keys(session, known, now)


def _add_people(session: Session, now: datetime) -> dict[str, Account]:
    """Accounts whose ID was seen by their contact point, each with the consents they gave then."""
    found: dict[str, Account] = {}
    contacts = {person.scope: person.key for person in people() if person.role == Role.CONTACT}
    for person in sorted(people(), key=lambda person: person.role != Role.CONTACT):
        helper = found.get(contacts.get(person.place, ""))
        found[person.key] = _add_person(session, person, helper, now - timedelta(days=max(person.days, 31)))
    session.flush()
    session.add(RoleGrant(account_id=found["admin"].id, role=Role.CONTACT, area_code=COUNTY, granted_at=now))
    for person in people():
        if person.role != Role.FARMER:
            session.add(
                RoleGrant(
                    account_id=found[person.key].id,
                    role=Role(person.role),
                    area_code=person.scope,
                    granted_at=now,
                )
            )
    return found


def _add_person(session: Session, person: Person, helper: Account | None, since: datetime) -> Account:
    verified = person.state != AccountState.PENDING
    account = Account(
        name=person.name,
        phone=person.phone,
        phone_index=vault.phone_index(person.phone),
        area_code=person.place,
        state=AccountState(person.state),
        preferred=Channel(person.channel),
        origin="contact" if helper else "init",
        reviewed=True,
        created_at=since,
        created_by=helper.id if helper else None,
        verified_at=since if verified else None,
        verified_by=helper.id if helper and verified else None,
        verified_where=person.place if verified else None,
        id_seen_by=helper.id if helper and verified else None,
        id_seen_on=local(since).date() if verified else None,
        kinds=[AccountKind(kind=kind) for kind in dict.fromkeys(person.kinds)],
        crops=[AccountCrop(concept=crop) for crop in dict.fromkeys(person.crops)],
    )
    session.add(account)
    session.flush()
    agreed = (*_ASKED, Purpose.TIPS, Purpose.DIGEST) if person.tips else _ASKED
    session.add_all(
        Consent(
            account_id=account.id,
            purpose=purpose,
            granted=True,
            at=since,
            proof="enrol:demo",
            by_id=helper.id if helper else None,
        )
        for purpose in agreed
    )
    return account


def _add_organisations(session: Session, known: dict[str, Account], now: datetime) -> None:
    admin = known["admin"]
    by_key: dict[str, Organisation] = {}
    for each in ORGANISATIONS:
        contact = known[each.contact]
        by_key[each.key] = Organisation(
            credit_code=each.credit_code,
            name=each.name,
            kind=each.kind,
            area_code=each.place,
            contact=contact.name,
            phone=contact.phone,
            state=AccountState.VERIFIED,
            created_at=now,
            verified_by=admin.id,
            verified_at=now,
        )
        session.add(by_key[each.key])
    session.flush()
    for person in people():
        if person.organisation:
            known[person.key].organisation_id = by_key[person.organisation].id


def _give_keys(session: Session, known: dict[str, Account], now: datetime) -> None:
    """The cast can sign in with one password and one PIN; who must have a second factor has one."""
    made: Credential | None = None
    for person in people():
        if person.key.startswith(("p0", "p1", "p2", "p3", "p4", "p5", "org-")):
            continue
        account = known[person.key]
        own = credentials.ensure_credential(session, account)
        if made is None:
            credentials.set_password(session, account, PASSWORD, by_id=account.id, now=now)
            pins.set_pin(session, account, PIN, by_id=account.id, now=now)
            made = own
        own.password_hash, own.pin_hash = made.password_hash, made.pin_hash  # one secret for all: hashed once
        if person.role in (Role.OFFICER, Role.SIGNER, Role.ADMIN):
            secret = credentials.make_totp_secret()
            credentials.enrol_totp(session, account, secret=secret, code=pyotp.TOTP(secret).at(now), now=now)


def second_factor_code(session: Session, phone: str, now: datetime) -> str:
    """The second factor's code of this moment for the demo account of a phone; "" where it has none."""
    found = session.scalars(
        select(Credential)
        .join(Account, Account.id == Credential.account_id)
        .where(Account.phone_index == vault.phone_index(phone), Credential.totp_sealed.is_not(None))
    ).first()
    return pyotp.TOTP(found.totp).at(now) if found else ""
