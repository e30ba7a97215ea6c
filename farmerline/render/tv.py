"""The week's television programme: what is said and shown, made into a video with its subtitles and a script to print.

Everything is in words of one language already. Each part is spoken sentence by sentence; what a card shows is what is said
while it stands. Sound is brought to -23 LUFS (EBU R128), the picture is 1280 by 720, 25 a second, H.264 and AAC in MP4.
"""

from __future__ import annotations

import io
import re
import tempfile
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from farmerline.errors import Conflict
from farmerline.render import ffmpeg, tv_cards, tv_script
from farmerline.render.map_frame import Chart
from farmerline.render.speech import Speech
from farmerline.render.speech.wav import WIDE

LOUDNESS = -23.0
"""LUFS, as EBU R128 asks for."""
_PEAK = 0.84  # of full scale: -1.5 dB, so that AAC stays under -1 dBTP
_GAP, _PAUSE = 0.35, 0.9
"""Seconds of silence between sentences, and between cards."""
_LEAST = 2.5
"""Seconds that a card stands at least."""
_SENTENCE = re.compile(r"[^。!?！？;；]+[。!?！？;；]?[”」』）)]*")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of the programme. ``kind`` is title, alert, map, article, prices or credits; ``label`` says it in words.

    ``colour`` and ``level`` (1 to 4) are an alert's; ``source``, ``until`` and ``more`` (how to learn more) stand at the foot.
    ``picture`` is a JPEG or PNG; ``table`` has its heads in its first row. ``chart`` is drawn with its ``legend``: colour,
    level and words of each alert.
    """

    kind: str
    label: str
    title: str
    spoken: str
    source: str = ""
    until: str = ""
    more: str = ""
    colour: str = ""
    level: int = 0
    picture: bytes | None = None
    table: Sequence[Sequence[str]] = ()
    chart: Chart | None = None
    legend: Sequence[tuple[str, int, str]] = ()


@dataclass(frozen=True, slots=True)
class Programme:
    """``name`` is what its files are called (tv-2026-W47)."""

    name: str
    title: str
    day: str
    service: str
    line: str
    language: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Shown:
    """A card: the sentences said while it stands; filled with times (seconds) once they are spoken."""

    part: Part
    number: int
    sentences: Sequence[str]
    rows: Sequence[Sequence[str]] = ()
    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Made:
    """The files, how long the video is, and how loud (LUFS, measured on it)."""

    video: Path
    subtitles: Path
    script: Path
    seconds: float
    loudness: float


def make(
    programme: Programme, folder: Path, *, speech: Speech, tell: Callable[[float], None] = lambda share: None
) -> Made:
    """Make the files in ``folder``; ``tell`` hears the share that is done, 0 to 1. Each file appears once it is whole.

    Raises ``Conflict`` where ffmpeg or the voice is missing.
    """
    ffmpeg.demand()
    folder.mkdir(parents=True, exist_ok=True)
    cards = list(lay_out(programme))
    with tempfile.TemporaryDirectory(dir=folder) as rough:
        place = Path(rough)
        sound = place / "sound.wav"
        seconds = _speak(cards, programme.language, speech, sound, lambda share: tell(share * 0.3))
        listing = _draw(programme, cards, seconds, place)
        subtitles = folder / f"{programme.name}.srt"
        subtitles.write_text(tv_script.subtitles(cards), encoding="utf-8")
        script = folder / f"{programme.name}.html"
        script.write_text(tv_script.script(programme, cards, seconds), encoding="utf-8")
        tell(0.4)
        video = place / "video.mp4"
        _join(
            listing,
            sound,
            subtitles,
            video,
            programme,
            lambda done: tell(0.4 + 0.55 * min(done / seconds, 1)),
        )
        loud = ffmpeg.loudness(video)
        kept = video.replace(folder / f"{programme.name}.mp4")
    tell(1.0)
    return Made(kept, subtitles, script, round(seconds, 1), round(loud, 1))


def lay_out(programme: Programme) -> Iterator[Shown]:
    """The cards in their order: a part's sentences as far as they fit one card together."""
    for number, part in enumerate(programme.parts):
        if part.table:
            head, *rows = part.table
            pages = [rows[at : at + tv_cards.ROWS] for at in range(0, len(rows), tv_cards.ROWS)]
            said = _sentences(part.spoken)
            for place, page in enumerate(pages):
                yield Shown(part, number, said if place == 0 else [], [head, *page])
            continue
        if part.chart is not None:
            yield Shown(part, number, _sentences(part.spoken))
            continue
        held: list[str] = []
        for sentence in _sentences(part.spoken):
            if held and not tv_cards.fits("".join([*held, sentence]), picture=part.picture is not None):
                yield Shown(part, number, held)
                held = []
            held.append(sentence)
        yield Shown(part, number, held)


def _sentences(text: str) -> list[str]:
    return [found.strip() for found in _SENTENCE.findall(text) if found.strip()]


def _speak(
    cards: Sequence[Shown], language: str, speech: Speech, file: Path, tell: Callable[[float], None]
) -> float:
    """Write all that is said into one file, and put the times down on the cards; gives the seconds."""
    at = 0.0
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(WIDE)
        for done, card in enumerate(cards):
            begun = at
            for sentence in card.sentences:
                spoken = speech.speak(sentence, language, rate=WIDE)
                if spoken is None:
                    raise Conflict("voice_missing", "No voice is installed: pip install espeakng-loader.")
                at += _add(out, spoken, card, at)
            at += _silence(out, max(_PAUSE, _LEAST - (at - begun)))
            tell((done + 1) / len(cards))
    return at


def _add(out: wave.Wave_write, spoken: bytes, card: Shown, at: float) -> float:
    with wave.open(io.BytesIO(spoken)) as sound:
        out.writeframes(sound.readframes(sound.getnframes()))
        seconds = float(sound.getnframes() / sound.getframerate())
    card.starts.append(at)
    card.ends.append(at + seconds)
    return seconds + _silence(out, _GAP)


def _silence(out: wave.Wave_write, seconds: float) -> float:
    count = round(seconds * WIDE)
    out.writeframes(bytes(2 * count))
    return count / WIDE


def _draw(programme: Programme, cards: Sequence[Shown], seconds: float, place: Path) -> Path:
    """Draw the cards, and list them with how long each stands."""
    begun = [card.starts[0] if card.starts else None for card in cards]
    edges: list[float] = []
    for number, start in enumerate(begun):
        edges.append(0.0 if number == 0 else start if start is not None else edges[-1] + _LEAST)
    lines = ["ffconcat version 1.0"]
    for number, (card, start, end) in enumerate(zip(cards, edges, [*edges[1:], seconds], strict=True)):
        file = place / f"card-{number:03d}.png"
        tv_cards.draw(programme, card).save(file, compress_level=1)
        lines += [f"file {file.name}", f"duration {max(end - start, 0.04):.3f}"]
    lines.append(f"file {file.name}")
    listing = place / "cards.ffconcat"
    listing.write_text("\n".join(lines), encoding="utf-8")
    return listing


def _join(
    listing: Path,
    sound: Path,
    subtitles: Path,
    video: Path,
    programme: Programme,
    tell: Callable[[float], None],
) -> None:
    gain = LOUDNESS - ffmpeg.loudness(sound)
    levels = f"aformat=sample_rates=48000:channel_layouts=stereo,volume={gain:.2f}dB,alimiter=limit={_PEAK}:level=0"
    ffmpeg.run(
        ["-f", "concat", "-i", str(listing), "-i", str(sound), "-i", str(subtitles), "-map", "0:v", "-map", "1:a", "-map", "2:s",
         "-vf", "format=yuv420p,fps=25", "-c:v", "libx264", "-preset", "veryfast", "-tune", "stillimage", "-crf", "22",
         "-g", "125", "-af", levels,
         "-c:a", "aac", "-b:a", "128k", "-c:s", "mov_text", "-metadata", f"title={programme.title}", "-shortest",
         "-movflags", "+faststart", str(video)],
        tell,
    )  # fmt: skip
