"""ffmpeg, a program beside ours: puts pictures and sound together, and measures how loud it is.

It is GPL software: it runs as a process of its own and is never loaded. The machine's own is taken where there is one, else
that of the optional package ``imageio-ffmpeg`` (requirements-tv.txt).
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from farmerline.errors import Conflict

_LOUDNESS = re.compile(r"Integrated loudness:\s+I:\s+(-?[\d.]+|-inf) LUFS")
_DONE = re.compile(r"out_time_us=(\d+)")
_SECONDS_ALLOWED = 1800


@cache
def find() -> str | None:
    """Where it is; None where there is none."""
    if own := shutil.which("ffmpeg"):
        return own
    if importlib.util.find_spec("imageio_ffmpeg") is None:
        return None
    folder = Path(str(importlib.util.find_spec("imageio_ffmpeg").origin)).parent / "binaries"  # type: ignore[union-attr]
    return next((str(one) for one in sorted(folder.glob("ffmpeg-*"))), None)


def demand() -> str:
    """Where it is; raises ``Conflict`` that says how to get it."""
    found = find()
    if found is None:
        raise Conflict(
            "ffmpeg_missing",
            "A video needs the program ffmpeg: install it (apt-get install ffmpeg), or pip install -r requirements-tv.txt.",
        )
    return found


def loudness(sound: Path) -> float:
    """The integrated loudness of a file's sound as two channels, in LUFS (EBU R128); -70 for silence."""
    heard = run(
        ["-i", str(sound), "-vn", "-sn", "-ac", "2", "-ar", "48000", "-af", "ebur128", "-f", "null", "-"]
    )
    found = _LOUDNESS.search(heard[heard.rfind("Summary:") :])
    return max(float(found[1]), -70.0) if found else -70.0


def run(arguments: Sequence[str], tell: Callable[[float], None] | None = None) -> str:
    """Run it, and give what it said; ``tell`` hears how many seconds of the result are made. Raises ``Conflict``."""
    command = [
        demand(),
        "-hide_banner",
        "-nostdin",
        "-y",
        *(["-progress", "pipe:1"] if tell else []),
        *arguments,
    ]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as program:
        said = []
        assert program.stdout is not None  # noqa: S101 - a pipe was asked for
        for line in program.stdout:
            if tell and (found := _DONE.match(line)):
                tell(int(found[1]) / 1_000_000)
            said.append(line)
        code = program.wait(_SECONDS_ALLOWED)
    if code:
        last = "".join(said[-3:]).strip()
        raise Conflict("ffmpeg_failed", "ffmpeg could not make the video: {said}", said=last[-300:])
    return "".join(said)
