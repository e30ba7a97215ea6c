"""Sightings 虫情上报: what farmers saw, put on record with a number and read back in a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

import matching
from farmerline import parts
from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import areas, audit, clusters, outbox, people, photos
from farmerline.domain.numbers import next_number
from farmerline.errors import Invalid
from farmerline.messages import Channel
from farmerline.models import Account, AreaLevel, Case, Inbound, Sighting
from farmerline.words import say
from matching import Understood

LONGEST = 800
"""Characters of a sighting's words."""
PARTS = {
    "整株": "whole plant", "叶": "leaves", "果": "fruit", "茎": "stem", "根": "roots", "花": "flowers", "穗": "ears",
    "枝": "twigs", "芽": "buds",
}  # fmt: skip
"""Each part of a plant with the sentence that names it to people."""
ONE_TEXT, TWO_TEXTS = 70, 134
"""Characters of which one is Chinese that fit one text message, and two."""
_GUESSED = 0.6  # below it the product was guessed from its sound
_DAYS_BACK = 365


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody saw; "" and None where the words do not say. ``area_code`` is a village named in them."""

    crop: str = ""
    pest: str = ""
    part: str = ""
    in_ten: int | None = None
    since: date | None = None
    area_code: str = ""


def read(understood: Understood, text: str, *, on: date) -> Seen:
    """What the words say; ``on`` is the day in China on which they were said. Pure."""
    reading, symptoms = understood.reading, matching.read_symptoms(text, on)
    crop = reading.crop if reading else ""
    guessed = reading is not None and any(
        item.concept == crop and item.confidence < _GUESSED for item in reading.items
    )
    place = reading.place.code if reading is not None and reading.place is not None else ""
    return Seen(
        crop="" if guessed else crop[:40],
        pest=(reading.pest if reading else "")[:40],
        part=symptoms.part,
        in_ten=symptoms.in_ten,
        since=symptoms.since,
        area_code=place if len(place) == 12 else "",
    )


def report(
    session: Session,
    *,
    account: Account | None,
    area_code: str,
    crop: str,
    pest: str,
    part: str,
    in_ten: int | None,
    since: date | None,
    text: str,
    channel: Channel,
    settings: Settings,
    now: datetime,
    operator: Account | None = None,
    inbound: Inbound | None = None,
    case: Case | None = None,
    photo: bytes | None = None,
    phone: str | None = None,
) -> Sighting:
    """Put one report on record; where it makes a cluster the officer on duty is called.

    Its number is the case's where there is one, else the next of the cases' series. ``photo`` is a JPEG made small by
    ``render.pictures``; ``phone`` is for who has no account. Raises ``Invalid`` for values that make no sense.
    """
    if part and part not in PARTS:
        raise Invalid("part_unknown", "Choose a part of the plant.", field="part")
    if in_ten is not None and not 0 <= in_ten <= 10:
        raise Invalid("in_ten_range", "Of ten plants: choose 0 to 10.", field="in_ten")
    today = local(now).date()
    if since is not None and not today - timedelta(days=_DAYS_BACK + 1) <= since <= today:
        raise Invalid("since_wrong", "Since when: a day of the last twelve months.", field="since")
    sighting = Sighting(
        number=case.number if case else next_number(session, "case"),
        account_id=account.id if account else None,
        operator_id=operator.id if operator else None,
        phone=None if account else phone,
        area_code=people.served_area(session, area_code),
        crop=crop[:40],
        pest=pest[:40],
        part=part,
        in_ten=in_ten,
        since=since,
        text=text[:LONGEST],
        channel=channel,
        inbound_id=inbound.id if inbound else None,
        case_id=case.id if case else None,
        photo_id=photos.keep(session, photo, now) if photo else None,
        reported_at=now,
    )
    session.add(sighting)
    session.flush()
    if operator is not None:
        audit.record(
            session, actor_id=operator.id, for_id=account.id if account else "", act="sighting.report",
            subject=f"sighting:{sighting.id}", channel=channel, now=now,
        )  # fmt: skip
    clusters.notice(session, sighting, settings=settings, now=now)
    return sighting


def fill_in(
    session: Session, sighting: Sighting, seen: Seen, text: str, *, settings: Settings, now: datetime
) -> None:
    """Add what was said afterwards: only what was missing is taken, and the words are kept with the others."""
    sighting.crop = sighting.crop or seen.crop
    sighting.pest = sighting.pest or seen.pest
    sighting.part = sighting.part or seen.part
    sighting.in_ten = seen.in_ten if sighting.in_ten is None else sighting.in_ten
    sighting.since = sighting.since or seen.since
    sighting.text = f"{sighting.text}\n{text}"[: 2 * LONGEST]
    session.flush()
    clusters.notice(session, sighting, settings=settings, now=now)


def add_photo(session: Session, sighting: Sighting, photo: bytes, *, now: datetime) -> None:
    """Put a picture beside a sighting (a JPEG made small by ``render.pictures``); it takes the place of another."""
    sighting.photo_id = photos.keep(session, photo, now)
    session.flush()


def answer(
    session: Session,
    sighting: Sighting,
    language: str,
    *,
    room: int = ONE_TEXT,
    name: str = "",
    asking: bool = True,
) -> str:
    """What the reporter is told in ``room`` characters: what was understood, the number, and (``asking``) what is missing.

    ``name`` tells the members of one phone apart.
    """
    sentence = "Noted: {what}. A plant-protection officer will look and tell you. Number {number}."
    if asking:
        sentence = _MISSING.get((bool(sighting.crop), bool(sighting.pest)), sentence)
    said = ""
    for what in _ways(session, sighting, language):
        told = f"{what}({name})" if name else what
        said = say(language, sentence, what=told, number=sighting.number)
        if len(said) <= room:
            break
    return said


def room_of(session: Session, language: str) -> int:
    """Characters that fit one text message after the signature; two for English, which is longer."""
    gateway = outbox.gateway_of(session, Channel.SMS)
    return (ONE_TEXT if language == "zh" else TWO_TEXTS) - len(
        parts.with_signature("", gateway.signature if gateway else "")
    )


def describe(sighting: Sighting, language: str) -> str:
    """What was seen, in a few words, without the place: 葡萄 霜霉病 叶子 十株里3株."""
    return _joined(language, *_named(sighting), *_extent(sighting, language))


def name_trouble(sighting: Sighting, language: str) -> str:
    """Crop and pest as one word: 葡萄霜霉病; a trouble without a name is said to be one."""
    glue = "" if language == "zh" else " "
    return glue.join(_named(sighting)) or say(language, "trouble of no known name")


def own(session: Session, account: Account, *, limit: int = 20) -> list[Sighting]:
    """A person's reports, the newest first."""
    mine = select(Sighting).where(Sighting.account_id == account.id)
    return list(session.scalars(mine.order_by(Sighting.reported_at.desc(), Sighting.id.desc()).limit(limit)))


def by_inbound(session: Session, inbound_id: str) -> Sighting | None:
    """The report that a message made."""
    return session.scalar(select(Sighting).where(Sighting.inbound_id == inbound_id).limit(1))


_MISSING = {
    (
        False,
        False,
    ): "Noted: {what}, number {number}. On which crop, and what do you see? Write it back in a few words",
    (False, True): "Noted: {what}, number {number}. On which crop? Write back its name",
    (
        True,
        False,
    ): "Noted: {what}, number {number}. An officer will look. If you know the pest or disease, write back its name",
}
"""What is asked back once, by whether crop and pest are known."""


def _ways(session: Session, sighting: Sighting, language: str) -> Sequence[str]:
    """Ways to say what was understood, the longest first."""
    place = areas.path_name(session, sighting.area_code, start=AreaLevel.VILLAGE)
    named, extent = _named(sighting), _extent(sighting, language)
    glue = "," if language == "zh" else ", "
    first = _joined(language, *named, *extent)
    fallback = "" if first else " ".join(sighting.text.split())[:12]
    ways = (first or fallback, _joined(language, *named, *extent[-1:]), _joined(language, *named) or fallback)
    return (*(glue.join(part for part in (way, place) if part) for way in ways), ways[-1], place)


def _named(sighting: Sighting) -> list[str]:
    """Crop and pest; a pest whose name begins with the crop's (小麦赤霉病) says both."""
    crop = "" if sighting.pest.startswith(sighting.crop) else sighting.crop
    return [word for word in (crop, sighting.pest) if word]


def _extent(sighting: Sighting, language: str) -> list[str]:
    found = [say(language, PARTS[sighting.part])] if sighting.part in PARTS else []
    if sighting.in_ten is not None:
        found.append(say(language, "{count} of ten plants", count=sighting.in_ten))
    return found


def _joined(language: str, *words: str) -> str:
    return (" " if language == "zh" else ", ").join(words)
