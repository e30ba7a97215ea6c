"""A county for the reach benchmark: villages of the packed list, people with phones, a contact point in each village."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pyotp
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.reach_settings import NO_PHONE, SHARES_PHONE, Behaviour
from farmerline import vault
from farmerline.config import Settings
from farmerline.db import Database
from farmerline.domain import access, alert_signing, alerts, areas, consent, credentials
from farmerline.domain.alerts import Draft
from farmerline.domain.init_county import ensure_reference_data
from farmerline.ids import new_id
from farmerline.models import Account, AccountState, Colour, Consent, Role
from farmerline.places import Level, read_vendored

COUNTY = "330282"
_CHUNK = 2000
WORDS = "早稻有稻飞虱,偏重。十三到十五号打药,先看稻丛基部。"


@dataclass
class Phone:
    """A phone, whether it is on, and how often it was rung."""

    number: str
    on: bool
    rung: int = 0


@dataclass
class County:
    """Who lives where. ``homes`` is the phone of each person ("" without one)."""

    villages: list[str]
    phones: dict[str, Phone] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)
    towns: dict[str, str] = field(default_factory=dict)

    def is_on(self, account_id: str) -> bool:
        number = self.homes[account_id]
        return bool(number) and self.phones[number].on


def found(
    database: Database, people: int, villages: int, behaviour: Behaviour, chance: random.Random, now: datetime
) -> County:
    """Write the county down."""
    places = list(read_vendored(COUNTY))
    all_villages = [row.code for row in places if row.level is Level.VILLAGE]
    county = County(sorted(chance.sample(all_villages, min(villages, len(all_villages)))))
    with database.write() as session:
        areas.load(session, places)
        ensure_reference_data(session)
        for town in sorted({code[:9] for code in county.villages}):
            county.towns[town] = _staff(session, county, Role.CONTACT, town, county.villages[0], now)
        for village in county.villages:
            county.contacts[village] = _staff(session, county, Role.CONTACT, village, village, now)
    left = people - len(county.homes)
    for start in range(0, left, _CHUNK):
        with database.write() as session:
            _settle(session, county, min(_CHUNK, left - start), behaviour, chance, now)
    return county


def issue(database: Database, county: County, settings: Settings, now: datetime) -> str:
    """A red alert to the whole county, written by one person and signed by another; its id."""
    with database.write() as session:
        home, secret = county.villages[0], credentials.make_totp_secret()
        people = [
            session.get_one(Account, _staff(session, county, role, COUNTY, home, now))
            for role in (Role.OFFICER, Role.SIGNER)
        ]
        signer = people[1]
        code = pyotp.TOTP(secret).at(now - timedelta(minutes=1))
        credentials.enrol_totp(session, signer, secret=secret, code=code, now=now - timedelta(minutes=1))
        actors = [access.actor_of(session, one, second_factor=True) for one in people]
        fields = Draft(
            colour=Colour.RED, crop="水稻", pest="稻飞虱", degree=4, areas=(COUNTY,),
            valid_until=(now + timedelta(days=10)).date(), short_text="早稻稻飞虱偏重,13至15日打药,先看稻丛基部",
            voice_text=WORDS, full_text=WORDS,
        )  # fmt: skip
        alert = alerts.draft(session, actor=actors[0], fields=fields, settings=settings, now=now)
        alerts.submit(session, alert, actor=actors[0], seen=1, settings=settings, now=now)
        alert_signing.sign(
            session, alert, actor=actors[1], seen=1, people=alert.people, code=pyotp.TOTP(secret).at(now),
            settings=settings, now=now,
        )  # fmt: skip
        return alert.id


def _staff(session: Session, county: County, role: Role, area: str, home: str, now: datetime) -> str:
    """Somebody of the bureau or a contact point; their phone is on. Returns the account id."""
    number, since = f"+86178{len(county.homes):08d}", now - timedelta(days=400)
    row = Account(
        name="某人", phone=number, phone_index=vault.phone_index(number), area_code=home, origin="bench",
        state=AccountState.VERIFIED, created_at=since, verified_at=since,
    )  # fmt: skip
    session.add(row)
    session.flush()
    consent.grant(session, row, purposes=consent.ENROLLED, proof="bench", now=row.created_at)
    access.grant_role(session, row, role=role, area_code=area, by=None, now=row.created_at)
    county.phones[number], county.homes[row.id] = Phone(number, True), number
    return row.id


def _settle(
    session: Session, county: County, count: int, behaviour: Behaviour, chance: random.Random, now: datetime
) -> None:
    """People, written as rows: each with a phone, another's of the village, or none."""
    rows, yes = [], []
    lately: dict[str, str] = defaultdict(str)
    since = now - timedelta(days=300)
    for _ in range(count):
        village, number = county.villages[len(county.homes) % len(county.villages)], ""
        luck = chance.random()
        if luck >= NO_PHONE:
            shares = luck < NO_PHONE + SHARES_PHONE and lately[village]
            number = lately.pop(village) if shares else f"+86139{len(county.phones):08d}"
            if number not in county.phones:
                county.phones[number] = Phone(number, chance.random() >= behaviour.off)
                lately[village] = number
        row = Account(id=new_id(), name="某人", phone=number or None)
        county.homes[row.id] = number
        rows.append(
            {
                "id": row.id, "name_sealed": row.name_sealed, "phone_sealed": row.phone_sealed, "area_code": village,
                "phone_index": vault.phone_index(number) if number else None, "origin": "bench", "language": "zh",
                "state": AccountState.VERIFIED, "created_at": since, "verified_at": since, "id_seen_on": date(2026, 1, 5),
            }
        )  # fmt: skip
        yes += _consents(row.id, since)
    session.execute(insert(Account), rows)
    session.execute(insert(Consent), yes)


def _consents(account_id: str, at: datetime) -> Sequence[dict[str, object]]:
    return [
        {"id": new_id(), "account_id": account_id, "purpose": purpose, "channel": "", "granted": True, "at": at, "proof": "bench"}
        for purpose in consent.ENROLLED
    ]  # fmt: skip
