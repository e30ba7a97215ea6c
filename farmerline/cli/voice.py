"""``farmerline voice``: the tree of the line as it is heard, its sound, and which phrases lack a recording."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from farmerline.cli.language import tell
from farmerline.cli.opening import open_runtime
from farmerline.cli.tables import print_table
from farmerline.clock import SHANGHAI
from farmerline.config import Module
from farmerline.domain import areas, spoken_tree
from farmerline.domain import loudspeaker as announcements
from farmerline.domain.spoken import seconds_of
from farmerline.domain.spoken_tree import Heard, Place
from farmerline.errors import Invalid, Misconfigured
from farmerline.render.loudspeaker import announce, to_mp3
from farmerline.render.speech import Speech, is_voice_installed
from farmerline.render.speech import seconds_of as measured
from farmerline.runtime import Runtime

_MARKS = {"there": "+", "missing": "-", "outdated": "~", "unplayable": "!"}


class _TakenBack(Exception):
    """Ends the look at the tree: nothing of it is kept."""


@click.group()
def voice() -> None:
    """The telephone line as it is heard now."""


@voice.command()
@click.option("--area", "area_code", default="", help="As this place hears it (a code); else the county.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="As it is heard on this day; else today.")
def menu(area_code: str, day: datetime | None) -> None:
    """Print the tree: which keys lead where, what is heard there, and about how many seconds it takes."""
    opened = _open()
    with opened.database.read() as session:
        if area_code and areas.get(session, area_code) is None:
            raise Invalid("area_unknown", "No place has the code {place}.", place=area_code)
    at = day.replace(hour=12, tzinfo=SHANGHAI) if day else None
    for place in _tree(opened, area_code, at):
        click.echo(f"{_name(place)} → {place.waits_for or '–'}")
        for heard in place.heard:
            mark = " !" if seconds_of(heard.text) > heard.longest else ""
            click.echo(f"    {seconds_of(heard.text):5.1f} s{mark}  {heard.text}")


@voice.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def render(folder: Path) -> None:
    """Make the sound of the whole tree, a WAV file for each piece, and print how long each is.

    Ends with 1 where an item takes over 45 seconds or a menu over 20.
    """
    opened = _open()
    if not (is_voice_installed() or opened.settings.speech_command or opened.settings.speech_url):
        raise Misconfigured(
            "No voice is installed: pip install espeakng-loader, or name one in FARMERLINE_SPEECH_COMMAND or _URL."
        )
    places = _tree(opened)
    folder.mkdir(parents=True, exist_ok=True)
    table = Table(box=None, pad_edge=False)
    for head in ("file", tell("seconds"), tell("at most"), tell("what is heard")):
        table.add_column(head, overflow="fold")
    too_long = 0
    pieces = [(place, number, heard) for place in places for number, heard in enumerate(place.heard, 1)]
    screen = Console(stderr=True)
    for place, number, heard in track(
        pieces, tell("Speaking"), console=screen, transient=True, disable=not screen.is_terminal
    ):
        path = folder / f"{_name(place)}-{number}-{heard.part}.wav"
        seconds = _speak(opened.speech, heard, path)
        too_long += seconds > heard.longest
        mark = "!" if seconds > heard.longest else ""
        table.add_row(path.name, f"{seconds:.1f}{mark}", str(heard.longest), heard.text)
    print_table(table)
    click.echo(tell("{count} pieces, {wrong} too long.", count=len(pieces), wrong=too_long))
    sys.exit(1 if too_long else 0)


@voice.command()
@click.option("--missing", "only_missing", is_flag=True, help="Those alone that have no recording.")
def phrases(only_missing: bool) -> None:
    """List the fixed phrases that a recording can replace, and which have none yet.

    \b
    +  there is a recording, and callers hear it
    -  there is none: the voice says it
    ~  the recording says other words than the phrase does now: not heard
    !  the file is no WAV file of 8000 Hz, mono, 16 bit: not heard
    """
    recordings = _open().speech.recordings
    for dialect in recordings.dialects:
        click.echo(f"{dialect.code} {dialect.name} {dialect.area_code}".rstrip())
        missing = 0
        for name, words in recordings.phrases.items():
            mark = _MARKS[recordings.state(dialect.code, name)]
            missing += mark != "+"
            if mark != "+" or not only_missing:
                click.echo(f"{mark} {name:<16} {words}")
        click.echo(tell("{count} without a recording.", count=missing))


@voice.command()
@click.argument("number")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .wav or .mp3 file."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def loudspeaker(number: str, out: Path, as_json: bool) -> None:
    """Make the sound of alert NUMBER (2026-12) for the village loudspeaker: a chime, the words, and all of it once more.

    \b
    file      what was written (.mp3 needs the program ffmpeg)
    seconds   how long it is
    loudness  how loud, in LUFS (ITU-R BS.1770), of the sound before MP3
    peak      its highest sample, in dB of full scale
    """
    kind = out.suffix.lower().lstrip(".")
    if kind not in ("wav", "mp3"):
        raise Invalid("file_kind", "Name a file that ends in .wav or .mp3.")
    opened = _open()
    with opened.database.write() as session:
        words = announcements.take(
            session, number, actor=None, kind=kind, settings=opened.settings, now=opened.now()
        )
    made = announce(words, opened.speech)
    out.write_bytes(to_mp3(made.wav) if kind == "mp3" else made.wav)
    told = {"file": str(out), "seconds": made.seconds, "loudness": made.loudness, "peak": made.peak}
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(tell("{file}: {seconds} s, {loudness} LUFS, highest sample {peak} dB", **told))


def _open() -> Runtime:
    opened = open_runtime()
    if not opened.settings.has(Module.VOICE):
        raise Misconfigured("This county has no voice line: add voice to FARMERLINE_MODULES.")
    return opened


def _tree(opened: Runtime, area_code: str = "", at: datetime | None = None) -> list[Place]:
    """The tree by real turns, of which nothing stays."""
    found: list[Place] = []
    with suppress(_TakenBack), opened.database.write() as session:
        found += spoken_tree.walk(
            session,
            understand=opened.understand,
            settings=opened.settings,
            now=at or opened.now(),
            area_code=area_code,
        )
        raise _TakenBack
    return found


def _speak(speech: Speech, heard: Heard, path: Path) -> float:
    """Write the sound and return its seconds."""
    sound = speech.speak(heard.text)
    if not sound:
        raise Misconfigured("The voice made no sound; see docs/voice.md.")
    path.write_bytes(sound)
    return measured(sound)


def _name(place: Place) -> str:
    return "-".join(place.keys) or "answer"
