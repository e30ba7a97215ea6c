"""The farm calendar: what is due in each solar term, by crop; a job drafts it for a publisher, nothing is issued by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import access, articles, audit, seasons
from farmerline.domain.articles import Wording
from farmerline.errors import Absent
from farmerline.models import AccountCrop, Article, Role

SHIPPED = Path(__file__).parent.parent / "data" / "calendar.tsv"
KIND = "work"
SOURCE = "农事历"
AT_MOST = 3
"""Drafts of one term."""
_TERM = timedelta(days=17)
_LATELY = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Work:
    """What is due: ``crops`` by blanks, ``short`` for a message, ``text`` to read and to hear; ``key`` names the line."""

    key: str
    term: str
    crops: str
    title: str
    short: str
    text: str


def works(settings: Settings) -> tuple[Work, ...]:
    """The county's own calendar, else the shipped one."""
    return _read(settings.calendar or SHIPPED)


def of_term(settings: Settings, term: str) -> list[Work]:
    """What is due in a term, by its Chinese name."""
    return [work for work in works(settings) if work.term == term]


def now_and_next(today: date) -> tuple[str, str]:
    """The Chinese names of the term that runs, and of the next one."""
    names = list(seasons.TERMS)
    place = names.index(term_of(today))
    return names[place], names[(place + 1) % len(names)]


def term_of(today: date) -> str:
    """The Chinese name of a day's term."""
    return next(zh for zh, en in seasons.TERMS.items() if en == seasons.farm_year(today).term)


def draft(session: Session, work: Work, *, area_code: str, actor: access.Actor, now: datetime) -> Article:
    """A draft of one line of the calendar, for whoever goes on with it."""
    today = local(now).date()
    wording = Wording(
        kind=KIND, area_code=area_code, title=work.title, full_text=work.text, short_text=work.short, voice_text=work.text,
        source=SOURCE, valid_from=today, valid_until=today + _TERM, crops=work.crops, term=work.term,
    )  # fmt: skip
    return articles.write(session, wording, actor=actor, now=now)


def find(settings: Settings, key: str) -> Work:
    """The line of the calendar with that key; ``Absent`` where there is none."""
    found = next((work for work in works(settings) if work.key == key), None)
    if found is None:
        raise Absent
    return found


def propose(session: Session, *, settings: Settings, now: datetime) -> int:
    """Draft what is due in the running term and not drafted yet, most grown crops first, under the name of the county's
    longest-serving publisher; returns how many. Without a publisher nothing."""
    publisher = next(iter(access.holders(session, Role.PUBLISHER, settings.county)), None)
    if publisher is None:
        return 0
    term = term_of(local(now).date())
    lately = select(Article.title).where(
        Article.kind == KIND, Article.term == term, Article.written_at > now - _LATELY
    )
    here = set(session.scalars(lately))
    grown = set(session.scalars(select(AccountCrop.concept).distinct()))
    fitting = [work for work in of_term(settings, term) if not work.crops or grown & set(work.crops.split())]
    actor = access.actor_of(session, publisher, second_factor=True)
    made = 0
    for work in fitting[:AT_MOST]:
        if work.title not in here:
            article = draft(session, work, area_code=settings.county, actor=actor, now=now)
            audit.record(
                session,
                actor_id="system",
                act="article.from_calendar",
                subject=f"article:{article.id}",
                now=now,
            )
            made += 1
    return made


@lru_cache(maxsize=4)
def _read(path: Path) -> tuple[Work, ...]:
    lines = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line[:1] not in ("", "#")]
    return tuple(
        Work(f"{place}", term, crops, title, short, text)
        for place, (term, crops, title, short, text) in enumerate(lines)
    )
