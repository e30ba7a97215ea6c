"""Clusters: several households of one village that report one pest on one crop within days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.config import Settings
from farmerline.domain import areas, callouts
from farmerline.models import Account, Area, Callout, CalloutKind, Sighting, Verdict
from farmerline.words import say


def households(session: Session, sightings: Sequence[Sighting]) -> dict[str, str]:
    """Each sighting's id with what tells its household: the phone's index, else the person, else the sighting."""
    ids = sorted({row.account_id for row in sightings if row.account_id})
    phones: dict[str, str | None] = {}
    for start in range(0, len(ids), 500):
        rows = select(Account.id, Account.phone_index).where(Account.id.in_(ids[start : start + 500]))
        phones.update(session.execute(rows).tuples().all())
    found = {}
    for row in sightings:
        own = phones.get(row.account_id) if row.account_id else row.phone and vault.phone_index(row.phone)
        found[row.id] = own or row.account_id or row.id
    return found


def notice(session: Session, sighting: Sighting, *, settings: Settings, now: datetime) -> Callout | None:
    """Call the officer on duty where this sighting makes a cluster that nobody was called for yet.

    Sightings that have a verdict, and second ones of a household, do not count. The same village, crop and pest are
    called out once until a verdict, or until the window has passed. Nothing is called for words that name neither crop
    nor pest.
    """
    if not (sighting.crop or sighting.pest):
        return None
    # one report of a village after the other: of two at once the later sees both
    village = select(Area.code).where(Area.code == sighting.area_code)
    session.execute(village.with_for_update(key_share=True))
    since = now - timedelta(days=settings.cluster_days)
    open_now = list(
        session.scalars(
            _alike(sighting).where(Sighting.verdict == Verdict.OPEN, Sighting.reported_at > since)
        )
    )
    homes = len(set(households(session, open_now).values()))
    if homes < settings.cluster_sightings:
        return None
    last = _last_callout(session, sighting)
    if last is not None and last.opened_at > since and not _is_decided(session, last):
        return None
    return callouts.open(
        session,
        kind=CalloutKind.CLUSTER,
        subject=f"{_subject(sighting)}{sighting.number}",
        area_code=sighting.area_code,
        text=_words(session, open_now, homes, settings.cluster_days),
        now=now,
    )


def settle(session: Session, sighting: Sighting, *, by: Account, now: datetime) -> None:
    """A verdict was given: nobody more is called for the cluster that the sighting belongs to."""
    last = _last_callout(session, sighting)
    if last is not None:
        callouts.end(session, last, now=now, by=by)


def _alike(sighting: Sighting) -> Select[tuple[Sighting]]:
    return select(Sighting).where(
        Sighting.area_code == sighting.area_code,
        Sighting.crop == sighting.crop,
        Sighting.pest == sighting.pest,
    )


def _subject(sighting: Sighting) -> str:
    return f"{sighting.area_code}:{sighting.crop}:{sighting.pest}:"


def _last_callout(session: Session, sighting: Sighting) -> Callout | None:
    mine = select(Callout).where(
        Callout.kind == CalloutKind.CLUSTER, Callout.subject.startswith(_subject(sighting), autoescape=True)
    )
    return session.scalar(mine.order_by(Callout.opened_at.desc(), Callout.id.desc()).limit(1))


def _is_decided(session: Session, callout: Callout) -> bool:
    """Whether the report that the callout was for has its verdict."""
    number = int(callout.subject.rpartition(":")[2])
    verdict = session.scalar(select(Sighting.verdict).where(Sighting.number == number))
    return verdict is not None and verdict is not Verdict.OPEN


def _words(session: Session, found: Sequence[Sighting], homes: int, days: int) -> str:
    """What the officer on duty reads and hears; staff are told in Chinese."""
    one = found[0]
    what = f"{one.crop}{one.pest or say('zh', 'trouble of no known name')}"
    worst = max((row.in_ten for row in found if row.in_ten is not None), default=0)
    return say(
        "zh",
        "{village}: {homes} households report {what} in {days} days, at worst on {worst} of ten plants."
        if worst
        else "{village}: {homes} households report {what} in {days} days.",
        village=areas.path_name(session, one.area_code),
        homes=homes,
        what=what,
        days=days,
        worst=worst,
    )
