"""The demo county's articles: written and issued as a county's publisher does, some read by its officer first."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.demo.people import COUNTY, OFFICER, PUBLISHER, Person
from farmerline.demo.stage import find_account
from farmerline.domain import access, articles
from farmerline.domain.articles import Wording
from farmerline.models import ArticleKind
from farmerline.runtime import Runtime

_FILE = Path(__file__).with_suffix(".tsv")


def wordings(today: date) -> list[Wording]:
    """The articles as of a day."""
    lines = [line for line in _FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    found: list[Wording] = []
    for kind, days, crops, title, short, voice, full, source in (line.split("\t") for line in lines):
        until = today + timedelta(days=int(days))
        found.append(Wording(kind, COUNTY, title, full, short, voice, source, today, until, crops))
    return found


def issue_all(runtime: Runtime) -> None:
    """Write, check where the kind asks for it, and issue."""
    for wording in wordings(local(runtime.now()).date()):
        with runtime.database.write() as session:
            writer, reader = (actor_of(session, person) for person in (PUBLISHER, OFFICER))
            article = articles.write(session, wording, actor=writer, now=runtime.now())
            if session.get_one(ArticleKind, article.kind).checked:
                articles.check(session, article, actor=reader, now=runtime.now())
            articles.issue(session, article, actor=writer, now=runtime.now())


def actor_of(session: Session, person: Person) -> access.Actor:
    """What a person of the cast may do, with their second factor."""
    account = find_account(session, person)
    if account is None:
        raise LookupError(person.key)
    return access.actor_of(session, account, second_factor=True)
