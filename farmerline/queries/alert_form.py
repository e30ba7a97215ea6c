"""What an officer chooses from when writing an alert: places, crops that people grow, pests, what farmers saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import areas
from farmerline.domain.access import Actor
from farmerline.domain.alerts import Draft, says
from farmerline.domain.areas import inside_any
from farmerline.domain.audience import VillageCount
from farmerline.models import (
    Account,
    AccountCrop,
    AccountState,
    Alert,
    AlertState,
    Area,
    Organisation,
    Sighting,
    Verdict,
)
from matching.lexicon import Lexicon

SIGHTED_DAYS = 7
"""Sightings of one village, crop and pest within so many days belong together."""
_CHANNELS = ("sms", "voice", "mailbox", "person", "excluded", "total")
_TWICE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Place:
    """A place to choose, with the places in it."""

    code: str
    name: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A group of sightings: how many people reported, the last day, and how many plants of ten on average."""

    village: str
    place: str
    crop: str
    pest: str
    count: int
    last_on: date
    in_ten: float | None


def places(session: Session, codes: Sequence[str]) -> list[Place]:
    """Each of the areas with the places in it, down to villages, in the order of their codes."""
    rows = session.scalars(select(Area).where(inside_any(Area.code, codes)).order_by(Area.code)).all()
    names = areas.names(session, [row.code for row in rows])
    below: dict[str, list[str]] = {}
    for row in rows:
        if row.parent_code:
            below.setdefault(row.parent_code, []).append(row.code)

    def place(code: str) -> Place:
        return Place(code, names[code], tuple(place(each) for each in below.get(code, [])))

    return [place(code) for code in codes if code in names]


def by_town(session: Session, villages: Sequence[VillageCount]) -> list[VillageCount]:
    """The same people counted by town, the most first."""
    towns: dict[str, list[VillageCount]] = {}
    for one in villages:
        towns.setdefault(one.area_code[:9], []).append(one)
    names = areas.names(session, towns)
    counted = [
        VillageCount(
            code, names.get(code, code), *(sum(getattr(one, name) for one in inner) for name in _CHANNELS)
        )
        for code, inner in towns.items()
    ]
    return sorted(counted, key=lambda one: (-one.total, one.area_code))


def crops_grown(session: Session, codes: Sequence[str]) -> list[tuple[str, int]]:
    """What verified people of the areas grow and keep, and how many they are; the most first."""
    people = func.count()
    query = (
        select(AccountCrop.concept, people)
        .join(Account, Account.id == AccountCrop.account_id)
        .where(inside_any(Account.area_code, codes), Account.state == AccountState.VERIFIED)
        .group_by(AccountCrop.concept)
        .order_by(people.desc(), AccountCrop.concept)
    )
    return [(crop, count) for crop, count in session.execute(query)]


def groups(session: Session, codes: Sequence[str]) -> list[tuple[str, str, int]]:
    """Organisations with verified members in the areas: id, name, and how many these are; the most first."""
    people = func.count()
    query = (
        select(Organisation.id, Organisation.name, people)
        .join(Account, Account.organisation_id == Organisation.id)
        .where(inside_any(Account.area_code, codes), Account.state == AccountState.VERIFIED)
        .group_by(Organisation.id, Organisation.name)
        .order_by(people.desc(), Organisation.name)
    )
    return [(group_id, name, count) for group_id, name, count in session.execute(query).tuples()]


def pests(crops: Sequence[str] = ()) -> list[str]:
    """The names of the pests and diseases known on any of the crops; of all without crops."""
    known = Lexicon.default().pests.values()
    return [pest.name for pest in known if not crops or set(crops) & {*pest.crops}]


def crop_of(pest: str) -> str:
    """The one crop a pest is known on; "" where there are several, or none."""
    lexicon = Lexicon.default()
    found = lexicon.pests.get(lexicon.pest_words.get(pest, pest))
    return found.crops[0] if found is not None and len(found.crops) == 1 else ""


def sighted(
    session: Session, codes: Sequence[str], *, village: str, crop: str, pest: str, now: datetime
) -> Seen | None:
    """The sightings of a crop and pest in a village of the areas in the last seven days; None without any."""
    query = select(Sighting).where(
        inside_any(Sighting.area_code, codes),
        Sighting.area_code == village,
        Sighting.crop == crop,
        Sighting.pest == pest,
        Sighting.verdict.in_((Verdict.OPEN, Verdict.CONFIRMED)),
        Sighting.reported_at >= now - timedelta(days=SIGHTED_DAYS),
    )
    rows = session.scalars(query).all()
    if not rows:
        return None
    counted = [row.in_ten for row in rows if row.in_ten is not None]
    return Seen(
        village=village,
        place=areas.path_name(session, village),
        crop=crop,
        pest=pest,
        count=len({row.account_id or row.id for row in rows}),
        last_on=local(max(row.reported_at for row in rows)).date(),
        in_ten=round(sum(counted) / len(counted), 1) if counted else None,
    )


def drafted_before(
    session: Session, *, actor: Actor, fields: Draft, parent: Alert | None, now: datetime
) -> Alert | None:
    """The alert with exactly these fields that the same person wrote a moment ago (a form sent twice), if there is one."""
    query = select(Alert).where(
        Alert.drafted_by == actor.account_id,
        Alert.parent_id == (parent.id if parent else None),
        Alert.short_text == fields.short_text.strip(),
        Alert.state.in_((AlertState.DRAFT, AlertState.SUBMITTED)),
        Alert.drafted_at > now - _TWICE,
    )
    lately = session.scalars(query.order_by(Alert.drafted_at))
    return next((alert for alert in lately if says(alert, fields)), None)
