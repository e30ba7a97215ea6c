"""The timetable, on one page. Only ``jobs.runner`` turns it into moments.

A job is a function of a ``Context`` that is safe to run twice at once, and says how much it did. To add one: write
the function in a file of ``jobs/``, add its line here, its sentence to the Chinese catalogue, and a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Event

from farmerline.config import Module
from farmerline.words import say
from jobs import (
    advice,
    alerts,
    backup,
    calendar,
    deliver,
    digest,
    disk,
    expire,
    fanout,
    feeds,
    figures,
    followup,
    housekeeping,
    intake,
    liaisons,
    links,
    overdue,
    packs,
    polling,
    pools,
    programmes,
    recognise,
    reconcile,
    reread,
    shares,
    surveys,
    unreported,
    warnings,
    watch,
)
from jobs.context import Context


@dataclass(frozen=True, slots=True)
class Always:
    """Without end: ``loops`` gives what runs in threads of its own until the event is set."""

    loops: Callable[[Context], list[Callable[[Event], None]]]


@dataclass(frozen=True, slots=True)
class Every:
    """Each so many seconds, counted from a fixed midnight, so that every host names the same moments."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day at this time in China, written ``HH:MM``; ``setting`` names the setting that moves it."""

    at: str
    setting: str = ""


def describe(when: Always | Every | Daily, language: str) -> str:
    """When a job runs, in words."""
    if isinstance(when, Always):
        return say(language, "all the time")
    if isinstance(when, Daily):
        return say(language, "daily at {time}", time=when.at)
    minutes = when.seconds // 60
    if minutes < 60 or minutes % 60:
        return say(language, "every {count} min", count=minutes)
    return say(language, "every {count} h", count=minutes // 60)


class Missed(StrEnum):
    """What happens with moments that passed while nothing ran."""

    LATEST = "latest"  # the job runs once for all of them: it works from rows and makes good what was left
    EACH = "each"  # it runs for each of them, oldest first


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the timetable.

    ``after`` names the tables whose new rows it is for: who adds one wakes it.
    ``about`` is a sentence for people. ``module`` names the part of the service it belongs to: off means no job.
    ``has_work`` is a quick look whether there is anything to do; a demo that moves its clock passes over
    firings that have nothing.
    """

    name: str
    when: Always | Every | Daily
    run: Callable[[Context], int | str]
    about: str
    missed: Missed = Missed.LATEST
    module: Module | None = None
    has_work: Callable[[Context], bool] | None = None
    after: frozenset[str] = frozenset()


TIMETABLE = (
    Job("deliver", Always(deliver.loops), deliver.drain, "Hand messages over to the carriers", after=frozenset({"delivery"})),
    Job("hear", Always(intake.loops), intake.handle_new, "Act on texts as they come", after=frozenset({"inbound"})),
    Job(
        "recognise", Always(recognise.loops), recognise.recognise, "Write down what callers say, and read it back",
        module=Module.VOICE, after=frozenset({"recording"}),
    ),
    Job("fan_out", Always(fanout.loops), fanout.fan_out, "Write the messages of broadcasts"),
    Job("shares", Always(shares.loops), shares.move, "Move traffic away from carriers that fail, and back"),
    Job("disk", Always(disk.loops), disk.look, "Say when the disk fills up"),
    Job("ring_overdue", Always(overdue.loops), overdue.ring, "Ring for urgent letters without a receipt", module=Module.MAILBOX),
    Job("alerts", Always(alerts.loops), alerts.step, "Bring alerts to each person by name", module=Module.ALERTS),
    Job("watch", Always(watch.loops), watch.watch, "Tell subscribers of new posts"),
    Job(
        "warnings_web", Every(300), warnings.fetch_new, "Fetch others' warnings", module=Module.ALERTS,
        has_work=warnings.has_addresses,
    ),
    Job("warnings", Every(60), warnings.take_new, "Draft others' warnings", module=Module.ALERTS, has_work=warnings.has_work),
    Job("intake", Every(60), intake.handle_waiting, "Take up words that nobody acted on", has_work=intake.has_waiting),
    Job("reread", Every(60), reread.reread_posts, "Read posts again after the vocabulary was changed", has_work=reread.has_work),
    Job("reconcile", Every(600), reconcile.take_missed, "Take up texts that only the carrier has", has_work=reconcile.has_missed),
    Job("polling", Every(60), polling.ask_carriers, "Ask carriers that do not call us", has_work=polling.has_polls),
    Job("unreported", Every(600), unreported.settle, "Ask the carriers what became of messages", has_work=unreported.has_due),
    Job("unanswered", Every(1800), expire.park_unanswered, "Pass on what nobody answered", has_work=expire.has_unanswered),
    Job("late", Every(600), advice.pass_on_late, "Pass on late questions", module=Module.EXPERTS, has_work=advice.has_late),
    Job("expire", Every(3600), expire.expire_posts, "End posts whose days are over", has_work=expire.has_expired),
    Job("sessions", Every(3600), housekeeping.clean_sessions, "Sign out quiet browsers", has_work=housekeeping.has_sessions),
    Job("renew", Daily("08:30"), expire.ask_renewals, "Ask whether posts that end soon should stay"),
    Job("digest", Daily("08:40", "digest_at"), digest.make_digest, "Tell buyers of the day's seller", has_work=digest.has_work),
    Job("pools", Every(3600), pools.pool_lots, "Bring small lots together for a buyer", has_work=pools.has_work),
    Job("follow_up", Every(60), followup.ask_outcomes, "Ask how matches ended", has_work=followup.has_due),
    Job("surveys", Every(60), surveys.ask, "Ask the people of surveys, end what is over", has_work=surveys.has_work),
    Job("links", Daily("04:30"), links.look, "Look whether the links still lead somewhere", has_work=links.has_work),
    Job("feeds", Every(3600), feeds.read, "Fetch what listed sources publish", has_work=feeds.has_work),
    Job("calendar", Daily("06:30"), calendar.propose, "Draft the farm work of the season"),
    Job("liaisons", Daily("09:10"), liaisons.remind, "Ask liaisons whether they still are"),
    Job("programmes", Every(60), programmes.make, "Make the week on television", module=Module.TV, has_work=programmes.has_work),
    Job("packs", Daily("01:30"), packs.make, "Make each village's page for a day without a line"),
    Job("figures", Daily("02:20"), figures.count_days, "Count the day's figures for everybody"),
    Job("backup", Daily("03:10"), backup.back_up, "Back up the database"),
    Job(
        "recordings", Daily("03:50"), housekeeping.forget_recordings, "Take away old recordings of callers", module=Module.VOICE,
        has_work=housekeeping.has_recordings,
    ),
    Job("tidy", Daily("03:40"), housekeeping.tidy, "Forget old firings, count receipts that found no message"),
)  # fmt: skip


def concerned(tables: frozenset[str]) -> list[str]:
    """The lines that new rows of these tables are for."""
    return [job.name for job in TIMETABLE if job.after & tables]
