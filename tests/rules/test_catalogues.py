"""Both languages are complete: what the code says in English, the catalogues say in Chinese, and nothing more."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from farmerline.words import CATALOGUES, read_catalogues, sentences
from tests.rules import sentences as rules
from tests.rules.source import Module

CHINESE = sentences()


def test_every_sentence_the_code_says_has_its_chinese() -> None:
    missing = {
        sentence: places[0] for sentence, places in rules.said().sentences.items() if sentence not in CHINESE
    }
    assert not missing, "\n" + "\n".join(f"{place}: {sentence!r}" for sentence, place in missing.items())


def test_every_sentence_can_be_read_where_it_is_written() -> None:
    assert not rules.said().unreadable


def test_no_catalogue_holds_a_sentence_that_nobody_says() -> None:
    assert not [sentence for sentence in read_catalogues(CATALOGUES) if sentence not in rules.literals()]


def test_a_sentence_and_its_chinese_take_in_the_same_values() -> None:
    wrong = [
        english
        for english, chinese in CHINESE.items()
        if rules.values_in(english) != rules.values_in(chinese)
    ]
    assert not wrong


def test_keys_are_english() -> None:
    assert not [
        sentence for sentence in {*CHINESE, *rules.said().sentences} if not rules.is_english(sentence)
    ]


def test_catalogues_are_named_and_none_is_empty() -> None:
    assert sorted(path.suffix for path in CATALOGUES.iterdir()) == [".po"] * len(
        list(CATALOGUES.glob("*.po"))
    )
    assert CHINESE


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("_('Sell')", {"Sell"}),
        ("say(account.language, 'Sell {what}', what=1)", {"Sell {what}"}),
        ("say(lang, 'Sell' if selling else 'Buy')", {"Sell", "Buy"}),
        ("DAYS = {0: 'today', 1: 'yesterday'}\nsay(lang, DAYS[ago])", {"today", "yesterday"}),
        ("DAYS = {0: 'today'}\nsay(lang, DAYS.get(ago, 'once'))", {"today", "once"}),
        ("WORDS = ('a', 'b')\ndef f():\n    for word in WORDS:\n        _(word)", {"a", "b"}),
        ("K = {'a': (('1', 'Yes', 'go'),)}\ndef f():\n    return [_(K[k][n][1]) for n in range(3)]", {"Yes"}),
        (
            "K = (('1', 'Yes'), ('2', 'No'))\ndef f():\n    for key, words in K:\n        _(words)",
            {"Yes", "No"},
        ),
        ("K = {'a': 'Yes'}\ndef f():\n    return [_(words) for key, words in K.items()]", {"Yes"}),
        ("def f():\n    for n, words in enumerate(('Yes', 'No')):\n        _(words)", {"Yes", "No"}),
        ("raise Invalid('code', 'This is wrong: {said}.', said=1)", {"This is wrong: {said}."}),
        ("talk.tell('Noted.')", {"Noted."}),
        ("talk.tell(sentence='Noted.')", {"Noted."}),
        ("Job('tidy', None, None, 'Tidy up')\nsay(language, job.about)", {"Tidy up"}),
        ("from x import outbox\noutbox.tell(session, text='1')", set()),
        ("def tell(self, sentence):\n    say(self.language, sentence)", set()),
    ],
)
def test_what_is_said_is_found(code: str, said: set[str], tmp_path: Path) -> None:
    found = read(code, tmp_path)
    assert set(found.sentences) == said
    assert not found.unreadable


@pytest.mark.parametrize(
    "code", ["_(f'Sell {what}')", "_(made_up)", "say(lang, 'Sell ' + what)", "talk.tell(made_up)"]
)
def test_a_sentence_that_cannot_be_read_is_refused(code: str, tmp_path: Path) -> None:
    assert read(code, tmp_path).unreadable


def read(code: str, folder: Path) -> rules.Said:
    found = rules.Said()
    path = folder / "sample.py"
    path.write_text(code, encoding="utf-8")
    assert ast.parse(code)
    rules.read_code(Module("sample", path, is_package=False), {**rules.sayers(), "tell": 0}, found)
    return found


@pytest.mark.parametrize(
    ("sentence", "english"),
    [
        ("Sell", True),
        ("{n} of {m}", True),
        ("To register reply: 注册 your-name your-village.", True),
        ("卖 {what}", False),
    ],
)
def test_english_is_told_from_chinese(sentence: str, english: bool) -> None:
    assert rules.is_english(sentence) is english
