"""Making each village's pack at night, and letting go of the words of entries that were settled long ago."""

from __future__ import annotations

from datetime import datetime

from farmerline.clock import local
from farmerline.config import Settings
from farmerline.domain import (
    pack_forgetting,
    reach_words,
    services_log,
    sighting_forms,
    sightings,
    village_packs,
)
from farmerline.queries import village_pack
from farmerline.queries.village_pack import Found, Somebody
from farmerline.render.village_pack import Page, Person, Warned, to_html
from farmerline.words import DEFAULT_LANGUAGE, say
from jobs.context import Context


def make(context: Context) -> int:
    """Make the packs that are not of today yet; returns how many."""
    now = context.now()
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    with context.database.read() as session:
        wanted = village_pack.villages(session)
        fresh = {code for code, at in village_pack.packs(session, wanted).items() if at >= midnight}
    made = 0
    for village in wanted:
        if village in fresh:
            continue
        with context.database.read() as session:
            found = village_pack.find(session, village, now=now)
        page = to_html(compose(found, settings=context.settings, language=DEFAULT_LANGUAGE, now=now))
        with context.database.write() as session:
            village_packs.store(session, village, page, now=now)
        made += 1
    with context.database.write() as session:
        pack_forgetting.keep_pages(session, wanted)
        pack_forgetting.forget(session, now=now)
    return made


def compose(found: Found, *, settings: Settings, language: str, now: datetime) -> Page:
    """A village's day in words of a language."""

    def tell(sentence: str, /, **values: object) -> str:
        return say(language, sentence, **values)

    def shown(one: Somebody) -> str:
        return f"{one.name} {one.phone}".strip()

    today = local(now)
    call = tell("Ring or text {number}", number=settings.line_number)
    return Page(
        language=language, village=found.village, title=tell("{place}: for a day without a line", place=found.name),
        made=f"{today:%Y-%m-%d %H:%M} · {settings.service_name} · {call}", made_at=today.isoformat(timespec="minutes"),
        address=f"{settings.public_url}/desk/pack", words=_words(language),
        alerts=[
            Warned(
                one.id, tell("alert {number}", number=one.number), one.spoken, one.full_text,
                [Person(who.id, shown(who), reach_words.why(language, who)) for who in one.people],
            )
            for one in found.alerts
        ],
        news=found.news,
        posts=[tell("No. {number}: {what}.", number=number, what=line) for number, line in found.posts],
        people=[Person(one.id, shown(one)) for one in found.people],
        parts=[("", tell("not said")), *((part, tell(name)) for part, name in sightings.PARTS.items())],
        counts=[("", tell("not counted")), *((str(n), tell("{count} of ten plants", count=n)) for n in range(1, 11))],
        days=[("", tell("not known")), *((str(n), tell("{n} days ago", n=n)) for n in sighting_forms.DAYS)],
        services=[(kind.value, tell(name)) for kind, name in services_log.KINDS.items()],
    )  # fmt: skip


def _words(language: str) -> dict[str, str]:
    def tell(sentence: str, /) -> str:
        return say(language, sentence)

    return {
        "intro": tell("Read it without a line. What you note here waits until you bring it to the desk, all at once."),
        "alerts": tell("Alerts in force"),
        "no_alerts": tell("No alert is in force here."),
        "say": tell("Say this:"),
        "to_tell": tell("To be told in person"),
        "all_told": tell("Everybody here is told"),
        "told": tell("Told in person"),
        "news": tell("Farm work and news"),
        "posts": tell("For sale and wanted in the village"),
        "none": tell("None yet."),
        "write": tell("Note down"),
        "who": tell("Who"),
        "who_hint": tell("Type the name and choose from the list"),
        "what_post": tell("What he sells or wants"),
        "post": tell("A post"),
        "post_hint": tell("Thing, how much, price: sell grape seedlings 2000, 3 yuan each"),
        "sighting": tell("A pest report"),
        "crop": tell("Crop"),
        "pest": tell("What it is, if he knows"),
        "part": tell("Where on the plant"),
        "in_ten": tell("How many in ten"),
        "days": tell("Since when"),
        "seen": tell("What he sees"),
        "service": tell("What you did, one tap each"),
        "keep": tell("Note it"),
        "kept": tell("Kept here, to bring up:"),
        "take_out": tell("Remove it"),
        "store": tell("Store all as one file"),
        "clear": tell("Brought up: clear the list"),
        "store_hint": tell("If no file comes, copy the words below and paste them on the desk's page."),
        "bring": tell("With a line again, bring the file here:"),
        "no_script": tell("This browser cannot keep notes. Print the empty lines below and fill them in by hand."),
        "blank": tell("Empty lines to fill in by hand"),
        "blank_post": tell("Posts|Name|Phone|Sells or wants|What and how much|Price"),
        "blank_sighting": tell("Pest reports|Name|Crop and place|What he sees|How many in ten|Since when"),
        "blank_visit": tell("Told in person|Name|Which alert|When|What else you did"),
        "missing": tell("Write what it is about first."),
    }  # fmt: skip
