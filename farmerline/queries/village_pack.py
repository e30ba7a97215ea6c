"""What a contact point takes along for a day without a line: what holds in the village, whom to tell, who lives there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from farmerline.domain import alert_words, areas, pack_entries, pack_file, posts
from farmerline.domain.access import Actor
from farmerline.domain.areas import inside_any
from farmerline.identity import mask_phone
from farmerline.models import (
    LIVE,
    Account,
    AccountState,
    Alert,
    Area,
    AreaLevel,
    PackEntry,
    PackState,
    Post,
    Reach,
    Role,
    RoleGrant,
    Settled,
    VillagePack,
)
from farmerline.queries import articles, village

_ALERTS, _ARTICLES, _POSTS, _PEOPLE = 4, 6, 40, 600


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the village; the number masked. ``why`` is why an alert did not reach them."""

    id: str
    name: str
    phone: str
    why: str = ""
    rings: int = 0
    heard_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """An alert in force, and the village's people whom it has not reached. ``number`` as it is checked by."""

    id: str
    number: str
    spoken: str
    full_text: str
    people: tuple[Somebody, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A village's day. ``news`` are title and text, ``posts`` (number, line)."""

    village: str
    name: str
    alerts: tuple[Warned, ...]
    news: tuple[tuple[str, str], ...]
    posts: tuple[tuple[int, str], ...]
    people: tuple[Somebody, ...]


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry that came up with a pack. ``kind`` is "" where it cannot be read; ``sentence`` with ``values``: its fate."""

    id: str
    kind: str
    state: str
    place: str
    person: str
    name: str
    said: Mapping[str, str]
    text: str
    sentence: str
    values: Mapping[str, str]
    at: datetime


def villages(session: Session) -> list[str]:
    """The villages that somebody's contact point serves and in which somebody lives, or that have one of their own."""
    held = (
        select(RoleGrant.area_code)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.role == Role.CONTACT,
            RoleGrant.ended_at.is_(None),
            Account.state == AccountState.VERIFIED,
        )
        .distinct()
    )
    served = sorted(session.scalars(held))
    lives = exists().where(Account.area_code == Area.code, Account.state == AccountState.VERIFIED)
    query = select(Area.code).where(Area.level == AreaLevel.VILLAGE, inside_any(Area.code, served))
    return list(session.scalars(query.where(lives | Area.code.in_(served)).order_by(Area.code)))


def find(session: Session, village: str, *, now: datetime) -> Found:
    """The day of a village."""
    holding = alert_words.in_force_at(session, village, now=now)[:_ALERTS]
    own = select(Post).where(Post.area_code == village, Post.state.in_(LIVE), Post.expires_at > now)
    lives = select(Account).where(Account.area_code == village, Account.state == AccountState.VERIFIED)
    return Found(
        village=village,
        name=areas.path_name(session, village),
        alerts=tuple(_warned(session, alert, village) for alert in holding),
        news=tuple(
            (one.title, one.full_text) for one in articles.in_force(session, place=village, now=now, most=_ARTICLES)
        ),
        posts=tuple(
            (post.number or 0, posts.describe(session, post))
            for post in session.scalars(own.order_by(Post.published_at.desc()).limit(_POSTS))
        ),
        people=_by_name(_somebody(one) for one in session.scalars(lives.order_by(Account.id).limit(_PEOPLE))),
    )  # fmt: skip


def packs(session: Session, villages: Sequence[str]) -> dict[str, datetime]:
    """When the pack of each of these villages was made, where there is one."""
    query = select(VillagePack.area_code, VillagePack.made_at).where(VillagePack.area_code.in_(villages))
    return dict(session.execute(query).tuples().all())


def entries(session: Session, actor: Actor, *, most: int = 60) -> list[EntryLine]:
    """What came up from the actor's villages: what is to be mended first, then the newest."""
    here = inside_any(PackEntry.area_code, actor.areas(Role.CONTACT))
    query = select(PackEntry).where(here, PackEntry.state != PackState.DROPPED)
    order = (PackEntry.state != PackState.MEND, PackEntry.uploaded_at.desc(), PackEntry.id)
    rows = session.scalars(query.order_by(*order).limit(most)).all()
    places = areas.names(session, {row.area_code for row in rows})
    return [_entry(session, row, actor, places.get(row.area_code, "")) for row in rows]


def to_mend(session: Session, actor: Actor) -> int:
    """How many entries of the actor's villages wait to be mended."""
    here = inside_any(PackEntry.area_code, actor.areas(Role.CONTACT))
    query = select(func.count()).select_from(PackEntry)
    return session.scalar(query.where(here, PackEntry.state == PackState.MEND)) or 0


def _entry(session: Session, row: PackEntry, actor: Actor, place: str) -> EntryLine:
    said = pack_file.fields(row.body)
    sentence, values = pack_entries.told_of(row)
    person = said.get("person", "")
    found = village.chosen(session, actor=actor, account_id=person) if person else []
    return EntryLine(
        id=row.id, kind=row.kind, state=row.state.value, place=place, person=person, said=said,
        name=found[0].name if found else said.get("name", ""), text=said.get("text", "") if row.kind else row.body[:400],
        sentence=sentence, values=values, at=row.uploaded_at,
    )  # fmt: skip


def _warned(session: Session, alert: Alert, village: str) -> Warned:
    rows = session.execute(
        select(Reach, Account)
        .join(Account, Account.id == Reach.account_id)
        .where(Reach.alert_id == alert.id, Reach.area_code == village, Reach.listed_at.is_not(None))
        .where(Reach.excluded == "", Reach.settled == Settled.OPEN)
        .order_by(Account.id)
        .limit(_PEOPLE)
    ).tuples()
    return Warned(
        alert.id, alert.number, alert_words.as_spoken(alert), alert.full_text,
        _by_name(_somebody(account, row) for row, account in rows),
    )  # fmt: skip


def _by_name(people: Iterable[Somebody]) -> tuple[Somebody, ...]:
    return tuple(sorted(people, key=lambda one: (one.name, one.id)))


def _somebody(account: Account, row: Reach | None = None) -> Somebody:
    phone = mask_phone(account.phone) if account.phone else ""
    if row is None:
        return Somebody(account.id, account.name, phone)
    return Somebody(account.id, account.name, phone, row.failed_why, row.rings, row.heard_seconds)
