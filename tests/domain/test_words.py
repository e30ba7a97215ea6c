"""Sentences are said in the reader's language, from catalogues that stay whole."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from farmerline.words import CATALOGUES, read_catalogues, say, sentences


def catalogue(folder: Path, name: str, *pairs: tuple[str, str]) -> None:
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    body = "".join(f'msgid "{english}"\nmsgstr "{chinese}"\n\n' for english, chinese in pairs)
    (folder / name).write_text(head + body, encoding="utf-8")


@pytest.mark.parametrize(
    ("language", "sentence", "values", "said"),
    [
        ("zh", "Skip to content", {}, "直接看内容"),
        ("en", "Skip to content", {}, "Skip to content"),
        (
            "zh",
            "A sentence nobody has put into Chinese, {n}",
            {"n": 3},
            "A sentence nobody has put into Chinese, 3",
        ),
        ("en", "Braces {stay} as they are", {}, "Braces {stay} as they are"),
        ("en", "{sentence} in {language}", {"sentence": "Said", "language": "English"}, "Said in English"),
    ],
)
def test_a_sentence_is_said_in_the_language_asked_for(
    language: str, sentence: str, values: dict[str, object], said: str
) -> None:
    assert say(language, sentence, **values) == said


def test_a_value_that_the_sentence_names_must_be_given() -> None:
    with pytest.raises(KeyError):
        say("en", "Call {number}", name="Old Yang")


def test_catalogues_are_read_as_one(tmp_path: Path) -> None:
    catalogue(tmp_path, "a.po", ("Yes", "要"), ("Not yet in Chinese", ""))
    catalogue(tmp_path, "b.po", ("No", "不要"))
    assert read_catalogues(tmp_path) == {"Yes": "要", "No": "不要"}


def test_a_sentence_in_two_catalogues_is_refused(tmp_path: Path) -> None:
    catalogue(tmp_path, "a.po", ("Yes", "要"))
    catalogue(tmp_path, "b.po", ("Yes", "是"))
    with pytest.raises(ValueError, match=r"b\.po: already in a\.po: 'Yes'"):
        read_catalogues(tmp_path)


def test_no_sentence_stands_twice_in_one_catalogue() -> None:
    for path in sorted(CATALOGUES.glob("*.po")):
        keys = re.findall(r'^msgid ((?:".*"\n)+)', path.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(keys) == len(set(keys)), f"{path.name}: {[key for key in keys if keys.count(key) > 1]}"


def test_every_translation_fills_in_the_same_values_as_its_sentence() -> None:
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    wrong = [english for english, chinese in sentences().items() if names(english) != names(chinese)]
    assert not wrong
