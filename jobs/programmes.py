"""Making the week's television programme: what holds in words, then the video; one at a time, found again after a kill."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import alert_words, programmes
from farmerline.errors import Misconfigured, Refusal
from farmerline.models import Colour
from farmerline.queries.programmes import Told, Warned, Week, listed, week
from farmerline.render import map as drawn
from farmerline.render import map_shapes, tv
from farmerline.render.map import Town
from farmerline.render.map_frame import Chart
from farmerline.render.map_shapes import Shapes
from farmerline.render.speech.opening import open_speech
from farmerline.render.tv import Part
from farmerline.words import DEFAULT_LANGUAGE, say
from jobs.context import Context

_log = logging.getLogger(__name__)
_NAMED = 6
"""Places of one alert that are said."""
_OFTEN = 2.0
"""Seconds between two notes of how much is done."""


def folder_of(settings: Settings, programme_id: str) -> Path:
    """Where the files of a programme lie."""
    return settings.home / "tv" / programme_id


def make(context: Context) -> int:
    """Make the programmes that were asked for; returns how many were made."""
    made = 0
    while (programme_id := _take(context)) is not None:
        try:
            _make(context, programme_id)
            made += 1
        except Refusal as refusal:
            said = say(DEFAULT_LANGUAGE, refusal.sentence, **refusal.values)
            with context.database.write() as session:
                programmes.fail(session, programme_id, said, now=context.now())
        _clear(context)
    return made


def has_work(context: Context) -> bool:
    """Whether one was asked for. Reads only."""
    with context.database.read() as session:
        return programmes.waiting(session, now=context.now()) is not None


def compose(found: Week, *, settings: Settings, language: str, now: datetime) -> tv.Programme:
    """The programme in words of a language."""

    def tell(sentence: str, /, **values: object) -> str:
        return say(language, sentence, **values)

    today = local(now).date()
    monday = today - timedelta(days=today.weekday())
    title = tell("{service}: the farm week", service=settings.service_name)
    call = tell("Ring or text {number}", number=settings.line_number)
    day = tell(
        "from {first} to {last}",
        first=_day(monday, language),
        last=_day(monday + timedelta(days=6), language),
    )
    opening = tell("The farm week, {days}.", days=day)
    if not (found.alerts or found.articles):
        opening += tell("Nothing new was issued this week.")
    parts = [Part("title", "", title, opening, more=call)]
    parts += [_alert(one, settings, language) for one in found.alerts]
    if found.alerts:
        parts.append(_map(found, settings, language))
    parts += [_article(one, language) for one in found.articles]
    if found.prices:
        parts.append(_prices(found, language))
    last = tell(
        "Ring or text {number}, day and night. Made by {bureau}.",
        number=settings.line_number, bureau=settings.bureau_name or settings.service_name,
    )  # fmt: skip
    parts.append(Part("credits", "", tell("Thank you for watching"), last, more=call))
    return tv.Programme(
        name=programmes.name_of(now), title=title, day=day, service=settings.service_name, line=settings.line_number,
        language=language, parts=parts,
    )  # fmt: skip


def _alert(one: Warned, settings: Settings, language: str) -> Part:
    colour = say(language, alert_words.COLOURS[Colour(one.colour)])
    degree = say(language, alert_words.DEGREES[one.degree])
    return Part(
        kind="alert", label=say(language, "{colour} alert", colour=colour), title=f"{one.crop} · {one.pest} · {degree}",
        spoken=one.spoken, source="、".join(one.places[:3]) or settings.bureau_name,
        until=say(language, "holds until {day}", day=_day(one.until, language)),
        more=say(language, "real or not: text 查 {number}", number=one.number), colour=one.colour, level=one.level,
    )  # fmt: skip


def _map(found: Week, settings: Settings, language: str) -> Part:
    """Where the alerts hold: the county's towns, those covered filled, and in words."""
    legend = []
    for one in found.alerts:
        colour = say(language, alert_words.COLOURS[Colour(one.colour)])
        legend.append((one.colour, one.level, f"{colour} · {one.crop} · {one.pest}"))
    spoken = [say(language, "Where the map is coloured an alert holds.")]
    spoken += [
        say(
            language, "{what}: {places}.", what=f"{one.crop}{one.pest}", places="、".join(one.places[:_NAMED])
        )
        for one in found.alerts
    ]
    shapes = _shapes(settings)
    scheme = "" if shapes else say(language, "A scheme: places are not where they truly lie")
    chart = Chart(
        towns=[Town(town.code, town.name, town.villages) for town in found.towns],
        warned=[(code, one.colour) for one in found.alerts for code in one.codes],
        shapes=shapes, grid=drawn.scheme(settings.county),
    )  # fmt: skip
    return Part(
        kind="map", label=say(language, "Map of alerts"), title=say(language, "Where alerts hold"), spoken="".join(spoken),
        source=settings.bureau_name, more=scheme, chart=chart, legend=legend,
    )  # fmt: skip


def _shapes(settings: Settings) -> Shapes | None:
    """The bureau's own outlines; without them, or where they cannot be read, the scheme is drawn."""
    if settings.map_folder is None:
        return None
    try:
        return map_shapes.read(settings.map_folder, county=settings.county)
    except Misconfigured as error:
        _log.warning("programme.no_shapes error=%s", error)
        return None


def _article(one: Told, language: str) -> Part:
    return Part(
        kind="article", label=one.kind, title=one.title, spoken=one.spoken, source=one.source,
        until=say(language, "holds until {day}", day=_day(one.until, language)),
        more=say(language, "more: text 查 {number}", number=one.number), picture=one.picture,
    )  # fmt: skip


def _prices(found: Week, language: str) -> Part:
    heads = ("Goods", "Market", "Price, yuan", "Since a week ago")
    rows = [
        (one.name, one.market, f"{one.yuan:g}/{one.unit}", "" if one.change is None else f"{one.change:+g}")
        for one in found.prices
    ]
    return Part(
        kind="prices", label=say(language, "Prices"), title=say(language, "What goods fetch"), spoken=found.price_words,
        table=[[say(language, head) for head in heads], *rows],
    )  # fmt: skip


def _day(day: date, language: str) -> str:
    return f"{day.month}月{day.day}日" if language == "zh" else f"{day:%Y-%m-%d}"


def _take(context: Context) -> str | None:
    with context.database.write() as session:
        waiting = programmes.waiting(session, now=context.now())
        taken = programmes.take(session, waiting, now=context.now()) if waiting else None
        return taken.id if taken else None


def _make(context: Context, programme_id: str) -> None:
    settings = context.settings
    with context.database.read() as session:
        found = week(session, county=settings.county, language=DEFAULT_LANGUAGE, now=context.now())
    words = compose(found, settings=settings, language=DEFAULT_LANGUAGE, now=context.now())
    made = tv.make(
        words,
        folder_of(settings, programme_id),
        speech=open_speech(settings),
        tell=_note(context, programme_id),
    )
    with context.database.write() as session:
        programmes.finish(
            session, programme_id, parts=len(words.parts), seconds=made.seconds, loudness=made.loudness, now=context.now()
        )  # fmt: skip


def _note(context: Context, programme_id: str) -> Callable[[float], None]:
    """Puts down how much is done, at most every two seconds."""
    last = [0.0]

    def tell(share: float) -> None:
        if time.monotonic() - last[0] >= _OFTEN:
            last[0] = time.monotonic()
            with context.database.write() as session:
                programmes.move(session, programme_id, share, now=context.now())

    return tell


def _clear(context: Context) -> None:
    """Files of programmes that the list no longer shows are taken away."""
    with context.database.read() as session:
        kept = {line.id for line in listed(session)}
    for folder in (context.settings.home / "tv").glob("*"):
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


__all__ = ["compose", "folder_of", "has_work", "make"]
