"""Words become sound: audible, of a sane length, made once."""

from __future__ import annotations

import math
import wave
from array import array
from io import BytesIO
from pathlib import Path

import pytest

from channels.voice.sound import hum
from farmerline.errors import Misconfigured
from farmerline.render.speech import Speech, is_voice_installed, read_phrases, seconds_of

voiced = pytest.mark.skipif(not is_voice_installed(), reason="the optional speech library is not installed")
SENTENCE = "您好，卖请按一，买请按二，报虫请按三。"


@voiced
@pytest.mark.parametrize(
    ("language", "text"), [("zh", SENTENCE), ("cmn-CN", SENTENCE), ("en", "To sell, press one. To buy, two.")]
)
def test_words_are_audible_and_of_a_sane_length(tmp_path: Path, language: str, text: str) -> None:
    sound = Speech(tmp_path).speak(text, language)
    assert sound
    with wave.open(BytesIO(sound)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        samples = array("h", file.readframes(file.getnframes()))
    loudness = math.sqrt(sum(sample * sample for sample in samples) / len(samples))
    assert loudness > 500
    assert 1.5 < seconds_of(sound) < 9


@voiced
def test_names_and_numbers_are_spoken_more_slowly(tmp_path: Path) -> None:
    speech = Speech(tmp_path)
    slow, normal = speech.seconds(SENTENCE, slow=True), speech.seconds(SENTENCE)
    assert slow
    assert normal
    assert slow > normal * 1.2


@voiced
def test_a_sentence_is_made_once(tmp_path: Path) -> None:
    first = Speech(tmp_path).speak(SENTENCE)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(hum(1))
    assert Speech(tmp_path).speak(SENTENCE) == hum(1) != first


@pytest.mark.parametrize("text", ["", "  \n", "\0"])
def test_nothing_to_say_makes_no_sound(tmp_path: Path, text: str) -> None:
    assert Speech(tmp_path).speak(text) is None


def test_a_recording_of_a_person_replaces_a_fixed_phrase(tmp_path: Path) -> None:
    (tmp_path / "sell.wav").write_bytes(hum(2))
    (tmp_path / "phrases.tsv").write_text(f"# 方言\nsell.wav\t{SENTENCE}\n", "utf-8")
    speech = Speech(tmp_path / "cache", tmp_path)
    assert speech.speak(SENTENCE) == hum(2)
    assert read_phrases(None) == read_phrases(tmp_path / "absent") == {}


@pytest.mark.parametrize("line", ["absent.wav\t卖请按1", "phrases.tsv\t卖请按1", "sell.wav"])
def test_a_wrong_line_among_the_phrases_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "sell.wav").write_bytes(hum(1))
    (tmp_path / "phrases.tsv").write_text(f"sell.wav\t买请按2\n{line}\n", "utf-8")
    with pytest.raises(Misconfigured, match="line 2"):
        read_phrases(tmp_path)
