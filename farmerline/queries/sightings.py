"""Sightings as the desks show them: grouped by village, crop and pest, listed, one by one. Never outside the areas asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from farmerline.domain import areas as places
from farmerline.domain import clusters
from farmerline.domain.areas import inside_any
from farmerline.identity import mask_phone
from farmerline.messages import Channel
from farmerline.models import Account, Case, Recording, Sighting, Verdict


@dataclass(frozen=True, slots=True)
class Group:
    """What was reported of one crop and pest in one village. ``crop`` and ``pest`` are "" where nobody named them.

    ``households`` counts the members of one phone once; ``most`` is the highest number of plants in ten; ``open`` how
    many wait for a verdict; ``verdicts`` the others by verdict, the most frequent first; ``photos`` are ids of
    pictures, ``ids`` of the sightings, each the newest first.
    """

    area_code: str
    place: str
    crop: str
    pest: str
    reports: int
    households: int
    most: int | None
    newest_at: datetime
    open: int
    verdicts: tuple[tuple[Verdict, int], ...]
    photos: tuple[str, ...]
    ids: tuple[str, ...]
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SightingLine:
    """One report. ``name`` is the reporter's full name ("" without an account), ``phone`` is masked, ``operator`` who
    wrote it down for them."""

    id: str
    number: int
    area_code: str
    place: str
    crop: str
    pest: str
    part: str
    in_ten: int | None
    since: date | None
    text: str
    channel: Channel
    reported_at: datetime
    account_id: str
    name: str
    phone: str
    operator: str
    photo_id: str
    spoken: bool
    verdict: Verdict
    verdict_pest: str
    verdict_text: str
    verdict_by: str
    verdict_at: datetime | None


def groups(session: Session, *, areas: Sequence[str], now: datetime, days: int = 7) -> list[Group]:
    """What was reported in these areas in the last ``days`` days: what waits for a verdict first, then the most households."""
    since = now - timedelta(days=days)
    rows = list(session.scalars(_within(areas).where(Sighting.reported_at > since)))
    homes = clusters.households(session, rows)
    names = {code: places.path_name(session, code) for code in {row.area_code for row in rows}}
    gathered: dict[tuple[str, str, str], list[Sighting]] = {}
    for row in rows:
        gathered.setdefault((row.area_code, row.crop, row.pest), []).append(row)
    made = [_group(names[key[0]], found, homes) for key, found in gathered.items()]
    return sorted(
        made,
        key=lambda group: (
            group.open == 0,
            -group.households,
            -(group.most or 0),
            -group.newest_at.timestamp(),
        ),
    )


def listing(
    session: Session,
    *,
    areas: Sequence[str],
    village_code: str = "",
    crop: str | None = None,
    pest: str | None = None,
    verdict: Verdict | None = None,
    since: datetime | None = None,
    ids: Sequence[str] | None = None,
    limit: int = 100,
    start: int = 0,
) -> list[SightingLine]:
    """Reports in these areas, the newest first. ``crop`` and ``pest`` None mean any, "" those that were not named;
    ``verdict`` None means any; ``village_code`` any area's code inside."""
    query = _within(areas)
    if village_code:
        query = query.where(places.inside(Sighting.area_code, village_code))
    if crop is not None:
        query = query.where(Sighting.crop == crop)
    if pest is not None:
        query = query.where(Sighting.pest == pest)
    if verdict is not None:
        query = query.where(Sighting.verdict == verdict)
    if since is not None:
        query = query.where(Sighting.reported_at > since)
    if ids is not None:
        query = query.where(Sighting.id.in_(ids))
    return lines(session, list(session.scalars(query.offset(start).limit(limit))))


def find(session: Session, number: int, *, areas: Sequence[str]) -> SightingLine | None:
    """The report with this number, if it was made in these areas."""
    found = list(session.scalars(_within(areas).where(Sighting.number == number)))
    return lines(session, found)[0] if found else None


def rows(session: Session, ids: Sequence[str], *, areas: Sequence[str]) -> list[Sighting]:
    """These reports' rows, for a verdict; those outside the areas are left out."""
    return list(session.scalars(_within(areas).where(Sighting.id.in_(ids))))


def of_person(session: Session, account_id: str, *, limit: int = 20) -> list[SightingLine]:
    """What one person reported, the newest first; for themselves and for their contact point."""
    mine = _newest_first().where(Sighting.account_id == account_id).limit(limit)
    return lines(session, list(session.scalars(mine)))


def lines(session: Session, found: Sequence[Sighting]) -> list[SightingLine]:
    """Reports as they are listed, in the same order."""
    ids = {one for row in found for one in (row.account_id, row.operator_id, row.verdict_by) if one}
    people = (
        {one.id: one for one in session.scalars(select(Account).where(Account.id.in_(ids)))} if ids else {}
    )
    names = {code: places.path_name(session, code) for code in {row.area_code for row in found}}
    cases = [row.case_id for row in found if row.case_id]
    sounds = select(Case.id).join(Recording, Recording.id == Case.recording_id)
    spoken = set(session.scalars(sounds.where(Case.id.in_(cases), Recording.seconds > 0))) if cases else set()
    return [_line(row, names[row.area_code], people, row.case_id in spoken) for row in found]


def _newest_first() -> Select[tuple[Sighting]]:
    return select(Sighting).order_by(Sighting.reported_at.desc(), Sighting.id.desc())


def _within(areas: Sequence[str]) -> Select[tuple[Sighting]]:
    return _newest_first().where(inside_any(Sighting.area_code, areas))


def _group(place: str, found: Sequence[Sighting], homes: dict[str, str]) -> Group:
    newest = found[0]
    decided = Counter(row.verdict for row in found if row.verdict is not Verdict.OPEN)
    return Group(
        area_code=newest.area_code,
        place=place,
        crop=newest.crop,
        pest=newest.pest,
        reports=len(found),
        households=len({homes[row.id] for row in found}),
        most=max((row.in_ten for row in found if row.in_ten is not None), default=None),
        newest_at=newest.reported_at,
        open=sum(row.verdict is Verdict.OPEN for row in found),
        verdicts=tuple(decided.most_common()),
        photos=tuple(row.photo_id for row in found if row.photo_id),
        ids=tuple(row.id for row in found),
        numbers=tuple(row.number for row in found),
    )


def _line(row: Sighting, place: str, people: dict[str, Account], spoken: bool) -> SightingLine:
    account = people.get(row.account_id or "")
    phone = account.phone if account else row.phone
    operator, officer = people.get(row.operator_id or ""), people.get(row.verdict_by or "")
    return SightingLine(
        id=row.id, number=row.number, area_code=row.area_code, place=place, crop=row.crop, pest=row.pest, part=row.part,
        in_ten=row.in_ten, since=row.since, text=row.text, channel=row.channel, reported_at=row.reported_at,
        account_id=row.account_id or "", name=account.name if account else "", phone=mask_phone(phone) if phone else "",
        operator=operator.name if operator else "", photo_id=row.photo_id or "", spoken=spoken, verdict=row.verdict,
        verdict_pest=row.verdict_pest, verdict_text=row.verdict_text or "",
        verdict_by=officer.name if officer else "", verdict_at=row.verdict_at,
    )  # fmt: skip
