"""M05, the television programme: what the bureau issued becomes the week's dated programme, by one press of a button."""

from __future__ import annotations

import re
import subprocess
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from farmerline.models import Programme, ProgrammeState, Role
from farmerline.render import ffmpeg, speech
from jobs import programmes
from tests.mission.issuing import issue
from tests.service import Service

_TIMES = re.compile(r"(\d\d):(\d\d):(\d\d),(\d{3}) --> (\d\d):(\d\d):(\d\d),(\d{3})\n(.+)\n")


@pytest.mark.skipif(
    ffmpeg.find() is None or not speech.is_voice_installed(),
    reason="no ffmpeg or no voice: pip install -r requirements-dev.txt",
)
def test_a_week_becomes_a_programme_that_plays(service: Service, tmp_path: Path) -> None:
    """M05."""
    publisher, officer = service.staff(Role.PUBLISHER), service.staff(Role.OFFICER, name="施植保")
    number = issue(service, publisher, officer)
    issue(
        service,
        publisher,
        officer,
        kind="pest",
        title="稻飞虱发生情况",
        voice_text="稻飞虱偏重。先看稻丛基部。",
    )
    browser = service.client(publisher)
    assert service.post(browser, "/publish/tv").status_code == 303
    assert programmes.make(service.runtime.context) == 1
    with service.rows() as rows:
        made = rows.scalars(select(Programme)).one()
        assert (made.name, made.state, made.parts, made.problem) == (
            "tv-2026-W47",
            ProgrammeState.DONE,
            4,
            "",
        )
    page = browser.get("/publish/tv").text
    fetched = {kind: browser.get(f"/publish/tv/{made.id}.{kind}") for kind in ("mp4", "srt", "html")}
    assert [f"/publish/tv/{made.id}.{kind}" in page for kind in fetched] == [True] * 3
    video = tmp_path / "week.mp4"
    video.write_bytes(fetched["mp4"].data)
    script, subtitles = fetched["html"].text, fetched["srt"].text
    for answer in fetched.values():
        answer.close()

    told = subprocess.run([ffmpeg.demand(), "-i", video], capture_output=True, text=True, check=False).stderr
    assert re.search(r"h264.*1280x720.*25 fps", told), told
    assert re.search(r"aac.*48000 Hz, stereo", told), told
    assert abs(ffmpeg.loudness(video) + 23) <= 0.5
    assert abs(made.loudness + 23) <= 0.5

    lines = _read(subtitles)
    assert {"晚稻正在长米浆。", "田里留一寸水，不要断水。", "稻飞虱偏重。", "先看稻丛基部。"} < {
        words for _, _, words in lines
    }
    assert all(start < end for start, end, _ in lines)
    assert all(before[1] <= after[0] for before, after in pairwise(lines))
    assert lines[-1][1] <= made.seconds
    for words in ("11月16日", "县农技站", "有效到11月30日", f"查{number}", "田里留一寸水"):
        assert words in script, words

    front, told_at = _frame(video, 1.0), next(start for start, _, words in lines if "米浆" in words)
    assert front.size == (1280, 720)
    assert _is_near(front.getpixel((640, 4)), (0x17, 0x60, 0x3A))
    card = _frame(video, told_at + 0.5)
    assert _dark(card.crop((72, 250, 1208, 400))) > 0.03  # the words stand on it
    assert _dark(card.crop((72, 480, 1208, 580))) < 0.001


def _read(subtitles: str) -> list[tuple[float, float, str]]:
    return [(_seconds(found[:4]), _seconds(found[4:8]), found[8]) for found in _TIMES.findall(subtitles)]


def _seconds(parts: tuple[str, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(part) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _frame(video: Path, at: float) -> Image.Image:
    command = [
        ffmpeg.demand(),
        "-v",
        "error",
        "-ss",
        str(at),
        "-i",
        video,
        "-frames:v",
        "1",
        "-c:v",
        "png",
        "-f",
        "image2pipe",
        "-",
    ]
    return Image.open(BytesIO(subprocess.run(command, capture_output=True, check=True).stdout)).convert("RGB")


def _is_near(found: object, wanted: tuple[int, int, int]) -> bool:
    return isinstance(found, tuple) and all(
        abs(one - other) < 12 for one, other in zip(found, wanted, strict=True)
    )


def _dark(picture: Image.Image) -> float:
    """The share of dark dots."""
    grey = picture.convert("L").histogram()
    return sum(grey[:100]) / (picture.width * picture.height)
