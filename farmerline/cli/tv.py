"""``farmerline tv week``: the week's television programme as files."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from farmerline.cli.language import language, tell
from farmerline.cli.opening import open_runtime
from farmerline.cli.progress import show_progress
from farmerline.queries.programmes import week as find_week
from farmerline.render import tv as video
from jobs.programmes import compose


@click.group()
def tv() -> None:
    """The television programme of what the bureau issued."""


@tv.command()
@click.option(
    "--out", "folder", metavar="DIR", required=True, type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the video (MP4), its subtitles (SRT) and the script to print (HTML).",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def week(folder: Path, as_json: bool) -> None:
    """Make this week's programme: what holds in the county now, narrated, with its rundown. Needs the program ffmpeg."""
    began = time.monotonic()
    opened = open_runtime()
    with opened.database.read() as session:
        found = find_week(session, county=opened.settings.county, language=language(), now=opened.now())
    words = compose(found, settings=opened.settings, language=language(), now=opened.now())
    with show_progress(tell("Making the programme"), 100) as tick:
        done = [0]

        def note(share: float) -> None:
            tick(round(share * 100) - done[0])
            done[0] = round(share * 100)

        made = video.make(words, folder, speech=opened.speech, tell=note)
    opened.database.close()
    told = {
        "seconds": made.seconds, "items": len(words.parts), "file": str(made.video), "loudness_lufs": made.loudness,
        "made_in_s": round(time.monotonic() - began, 1),
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(tell("Written: {file}", file=made.video))
