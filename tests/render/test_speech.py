"""Words become sound: audible, of a sane length, made once; by the built-in voice or by an engine of the county's own."""

from __future__ import annotations

import json
import math
import sys
import wave
from array import array
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from channels.voice.sound import hum
from farmerline.errors import Misconfigured
from farmerline.render.speech import Speech, is_voice_installed, seconds_of
from farmerline.render.speech.engines import Command, EngineError, Http
from farmerline.render.speech.loudness import loudness
from farmerline.render.speech.opening import engine_of
from farmerline.render.speech.pieces import cut
from farmerline.render.speech.wav import TELEPHONE, WIDE, BadSound, converted, make_wav, read_wav
from tests.factories import make_test_settings

voiced = pytest.mark.skipif(not is_voice_installed(), reason="the optional speech library is not installed")
SENTENCE = "您好，卖请按一，买请按二，报虫请按三。"


def sine(rate: int, width: int = 2, channels: int = 1, seconds: float = 0.5) -> bytes:
    """A tone of 440 Hz in any shape of WAV file."""
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        top = 2 ** (8 * width - 2)
        for at in range(int(rate * seconds)):
            value = int(top * math.sin(2 * math.pi * 440 * at / rate)) + (128 if width == 1 else 0)
            sound.writeframesraw(value.to_bytes(width, "little", signed=width > 1) * channels)
    return file.getvalue()


@voiced
@pytest.mark.parametrize(
    ("language", "text", "rate"),
    [("zh", SENTENCE, TELEPHONE), ("cmn-CN", SENTENCE, WIDE), ("en", "To sell, press one. To buy, two.", TELEPHONE)],
)  # fmt: skip
def test_words_are_audible_and_of_a_sane_length(tmp_path: Path, language: str, text: str, rate: int) -> None:
    sound = Speech(tmp_path).speak(text, language, rate=rate)
    assert sound
    with wave.open(BytesIO(sound)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (rate, 1, 2)
    assert -30 < loudness(*read_wav(sound)) < -12
    assert 1.5 < seconds_of(sound) < 9


@voiced
def test_names_and_numbers_are_spoken_more_slowly(tmp_path: Path) -> None:
    speech = Speech(tmp_path)
    slow, normal = speech.seconds(SENTENCE, slow=True), speech.seconds(SENTENCE)
    assert slow and normal and slow > normal * 1.2


@voiced
def test_a_sentence_is_made_once_at_each_rate(tmp_path: Path) -> None:
    first = Speech(tmp_path).speak(SENTENCE)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(hum(1))
    assert Speech(tmp_path).speak(SENTENCE) == hum(1) != first
    Speech(tmp_path).speak(SENTENCE, rate=WIDE)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("text", ["", "  \n", "\0"])
def test_nothing_to_say_makes_no_sound(tmp_path: Path, text: str) -> None:
    assert Speech(tmp_path).speak(text) is None


def test_a_long_text_is_said_whole_in_pieces_that_end_with_their_sentences(tmp_path: Path) -> None:
    said: list[str] = []

    class Listening:
        name = "listening"

        def make(self, text: str, language: str, *, slow: bool, rate: int) -> bytes:
            said.append(text)
            return hum(1)

    text = "".join(f"第{number}句话说完了，接着再说下一句。" for number in range(100))
    sound = Speech(tmp_path, Listening()).speak(text)
    assert "".join(said) == text and all(one.endswith("。") and len(one) <= 400 for one in said)
    assert sound and seconds_of(sound) == pytest.approx(len(said))
    assert cut("甲" * 900, 450) == ["甲" * 450] * 2


PROGRAM = """
import sys
words = sys.stdin.buffer.read().decode()
if "慢" in words:
    import time; time.sleep(9)
if "坏" in words:
    sys.exit(3)
sys.stdout.buffer.write(b"nothing" if "空" in words else open(sys.argv[1], "rb").read())
"""


def test_a_program_of_the_countys_own_speaks_in_any_shape_of_wav(tmp_path: Path) -> None:
    (tmp_path / "voice.py").write_text(PROGRAM, "utf-8")
    (tmp_path / "said.wav").write_bytes(sine(24000, channels=2))
    engine = Command(f"{sys.executable} -I {tmp_path / 'voice.py'} {tmp_path / 'said.wav'} {{language}}", 1.0)
    sound = Speech(tmp_path / "cache", engine).speak("好")
    assert sound and seconds_of(sound) == pytest.approx(0.5, abs=0.01)
    assert read_wav(sound)[1] == TELEPHONE
    for words in ("坏", "空", "慢"):
        with pytest.raises(EngineError):
            engine.make(words, "zh", slow=False, rate=TELEPHONE)


@voiced
def test_where_that_program_fails_the_built_in_voice_speaks_and_nobody_waits_for_it_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    speech = Speech(tmp_path / "cache", Command("/nowhere/at-all", 1.0))
    built_in = Speech(tmp_path / "other")
    assert speech.speak("老杨卖葡萄苗") == built_in.speak("老杨卖葡萄苗") is not None
    assert speech.speak("三毛一斤") == built_in.speak("三毛一斤")
    assert caplog.text.count("speech.failed") == 1 and "葡萄" not in caplog.text


@pytest.fixture
def service() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A speech service on the loopback: its address, and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            asked[-1]["token"] = self.headers.get("Authorization", "")
            self.send_response(302 if "别处" in asked[-1]["text"] else 200)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(sine(16000))

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/say", asked
    server.shutdown()
    server.server_close()


def test_a_service_of_the_countys_own_speaks_and_is_followed_nowhere_else(
    tmp_path: Path, service: tuple[str, list[dict[str, Any]]]
) -> None:
    url, asked = service
    engine = Http(url, 2.0, "secret")
    sound = Speech(tmp_path, engine).speak("粳稻三元一斤", slow=True)
    assert sound and seconds_of(sound) == pytest.approx(0.5, abs=0.01)
    assert asked == [{"text": "粳稻三元一斤", "language": "zh", "speed": 0.7, "token": "Bearer secret"}]
    with pytest.raises(EngineError):
        engine.make("去别处", "zh", slow=False, rate=TELEPHONE)
    assert "secret" not in repr(engine) and "secret" not in engine.name


@pytest.mark.parametrize("url", ["http://voice.example/say", "https://voice.example/say"])
def test_a_demo_tells_its_words_to_nobody_beyond_the_machine(tmp_path: Path, url: str) -> None:
    with pytest.raises(Misconfigured):
        engine_of(make_test_settings(tmp_path, speech_url=url))
    here = "http://127.0.0.1:1/say"
    assert engine_of(make_test_settings(tmp_path, speech_url=here)) == Http(here, 4.0)


@pytest.mark.parametrize(
    ("rate", "width", "channels"), [(8000, 1, 1), (48000, 3, 2), (44100, 2, 1), (22050, 4, 1)]
)
def test_any_wav_of_pcm_becomes_one_of_ours(rate: int, width: int, channels: int) -> None:
    samples, new = read_wav(converted(sine(rate, width, channels), TELEPHONE))
    assert new == TELEPHONE and len(samples) == pytest.approx(4000, abs=2)
    assert max(samples) == pytest.approx(16384, rel=0.05)
    crossings = sum(before < 0 <= after for before, after in pairwise(samples))
    assert crossings == pytest.approx(220, abs=2)


@pytest.mark.parametrize("sound", [b"", b"RIFF", b"ID3" + bytes(200), sine(8000)[:30]])
def test_other_bytes_are_refused(sound: bytes) -> None:
    with pytest.raises(BadSound):
        converted(sound, TELEPHONE)


def test_loudness_is_that_of_the_recommendation() -> None:
    """EBU Tech 3341: a sine of 1 kHz at -23 dBFS in one channel measures -26 LUFS."""
    tone = array(
        "h",
        (
            round(32767 * 10 ** (-23 / 20) * math.sin(2 * math.pi * 1000 * at / WIDE))
            for at in range(WIDE * 3)
        ),
    )
    assert loudness(tone, WIDE) == pytest.approx(-26.0, abs=0.1)
    assert loudness(array("h", bytes(WIDE * 2)), WIDE) == -70
    assert make_wav(tone, WIDE)[:4] == b"RIFF"
