"""What this week's television programme tells, and the programmes made so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import alert_words, areas, price_words
from farmerline.models import Account, Alert, Article, Programme
from farmerline.queries import articles, prices, sightings_map
from farmerline.queries.prices import Now
from farmerline.queries.sightings_map import TownPlace

ALERTS, ARTICLES, PRICES = 4, 12, 12
"""How many of each one programme tells at most."""
_LIST = 10
_ASKED = select(Programme, Account).join(Account, Account.id == Programme.asked_by)


@dataclass(frozen=True, slots=True)
class Warned:
    """An alert in force; ``colour`` is its value, ``degree`` 1 to 5."""

    number: str
    colour: str
    level: int
    crop: str
    pest: str
    degree: int
    spoken: str
    places: tuple[str, ...]
    codes: tuple[str, ...]
    until: date


@dataclass(frozen=True, slots=True)
class Told:
    """An article that holds; ``picture`` is a JPEG."""

    number: int
    kind: str
    title: str
    spoken: str
    source: str
    until: date
    picture: bytes | None


@dataclass(frozen=True, slots=True)
class Week:
    """Alerts, the most urgent first; articles in the order of their kinds, the newest first; what goods fetch, and the words
    in which that is said. ``towns`` are the county's, for the map of alerts: none where there is no alert."""

    alerts: tuple[Warned, ...]
    articles: tuple[Told, ...]
    prices: tuple[Now, ...]
    price_words: str
    towns: tuple[TownPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A programme in the list; ``state`` is its state's value, ``share`` whole percents."""

    id: str
    name: str
    state: str
    by: str
    asked_at: datetime
    share: int
    parts: int
    seconds: float
    loudness: float
    problem: str


def week(session: Session, *, county: str, language: str, now: datetime) -> Week:
    """What holds in the county now."""
    names = articles.kind_names(session, language)
    order = list(names)
    found = articles.in_force(session, place=county, now=now, most=ARTICLES)
    alerts = tuple(_warned(session, alert) for alert in _alerts(session, now))
    return Week(
        alerts=alerts,
        articles=tuple(
            _told(session, one, names[one.kind])
            for one in sorted(found, key=lambda one: order.index(one.kind))
        ),
        prices=tuple(prices.newest(session, now=now, place=county)[:PRICES]),
        price_words=price_words.spoken(session, place=county, crops=(), language=language, now=now),
        towns=tuple(sightings_map.towns(session, county)) if alerts else (),
    )


def listed(session: Session) -> list[Line]:
    """The newest programmes."""
    newest = _ASKED.order_by(Programme.asked_at.desc(), Programme.id.desc()).limit(_LIST)
    return [_line(row, person) for row, person in session.execute(newest).tuples()]


def one(session: Session, programme_id: str) -> Line | None:
    """One of them."""
    found = session.execute(_ASKED.where(Programme.id == programme_id)).tuples().one_or_none()
    return _line(*found) if found else None


def _line(row: Programme, person: Account) -> Line:
    return Line(
        id=row.id, name=row.name, state=row.state.value, by=person.name, asked_at=row.asked_at, share=round(row.share * 100),
        parts=row.parts, seconds=row.seconds, loudness=row.loudness, problem=row.problem,
    )  # fmt: skip


def _told(session: Session, article: Article, kind: str) -> Told:
    photo = articles.photo_of(session, article)
    return Told(
        number=article.number or 0, kind=kind, title=article.title, spoken=article.voice_text, source=article.source,
        until=article.valid_until, picture=photo.body if photo else None,
    )  # fmt: skip


def _alerts(session: Session, now: datetime) -> Sequence[Alert]:
    found = session.scalars(
        select(Alert).where(
            Alert.holds(now), Alert.kind.in_(alert_words.SAY_SOMETHING), Alert.exercise.is_(False), Alert.issued_at.is_not(None)
        )
    )  # fmt: skip
    return sorted(found, key=lambda alert: (-alert.colour.urgency, -alert.serial))[:ALERTS]


def _warned(session: Session, alert: Alert) -> Warned:
    return Warned(
        number=alert.number, colour=alert.colour.value, level=alert.colour.urgency + 1, crop=alert.crop, pest=alert.pest,
        degree=alert.degree, spoken=alert.voice_text,
        places=tuple(areas.path_name(session, area.area_code) for area in alert.areas),
        codes=tuple(area.area_code for area in alert.areas), until=local(alert.last_day).date(),
    )  # fmt: skip
