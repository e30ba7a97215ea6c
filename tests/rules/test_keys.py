"""The one table of keys: voice menus, pages, texts and docs/voice.md agree with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from farmerline.config import Module
from farmerline.domain import calls, keys, spoken_boxes
from farmerline.models import NoReason
from farmerline.web.farmer.shown import key_entries
from farmerline.words import sentences
from matching import understand
from tests import factories

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "voice.md").read_text("utf-8")
MACRO = (ROOT / "farmerline/web/templates/parts/keys.html").read_text("utf-8")
# What a page's key shows (icon and word) for what the key leads to.
SHOWN = {"sell": ("sell", "Sell"), "buy": ("buy", "Buy"), "pest": ("bug", "Pest"), "ask": ("ask", "Ask")}
# Words beside a key in sentences that send people to the telephone.
SENT_TO = {
    "person": r"for a person|A person: ring|Questions: ring|If in doubt|Forgot it",
    "buy": r"say what you need",
    "waiting": r"to hear it",
    "pest": r"rather say it",
}
_LINE = re.compile(r"(?:\b[Cc]all\b|\b[Rr]ing\b).*?\bpress (\d)", re.S)


@pytest.mark.parametrize(
    ("table", "heard"),
    [(keys.MAIN, keys.MAIN_HEARD), (keys.LISTEN, keys.LISTEN_HEARD)],
    ids=["main", "listen"],
)
def test_each_key_is_spoken_as_it_is_pressed(table: dict[str, object], heard: dict[str, str]) -> None:
    assert list(table) == list(heard)
    for key, sentence in heard.items():
        assert re.findall(r"press (.)\.", sentence) == [key]
        assert re.findall(r"按(.)。", sentences()[sentence]) == [key]


def test_an_alerts_keys_are_spoken_as_they_are_pressed() -> None:
    for said in (keys.RING_HEARD, sentences()[keys.RING_HEARD]):
        assert re.findall(r"(?:press |按)(\d)", said) == list(keys.RING)


def test_the_keys_after_a_letter_are_spoken_as_they_are_pressed() -> None:
    said = keys.LETTER_HEARD, sentences()[keys.LETTER_HEARD]
    for words, pattern in zip(said, (r"press (\d|hash)", r"按(\d|井号)"), strict=True):
        assert [key if key.isdigit() else keys.END for key in re.findall(pattern, words)] == list(keys.LETTER)


def test_the_reasons_for_no_deal_are_spoken_as_they_are_pressed_and_kept_as_they_are_called() -> None:
    for said in (keys.WHY_HEARD, sentences()[keys.WHY_HEARD]):
        assert re.findall(r"(?:press |按)(\d)", said) == list(keys.WHY)
    assert {NoReason(reason) for reason in keys.WHY.values()} < set(NoReason)


def test_every_key_leads_somewhere() -> None:
    assert {leads for leads, _ in keys.MAIN.values()} == set(calls._CHOICES)
    assert {leads for leads, _ in keys.LISTEN.values()} == set(spoken_boxes._BOXES)
    everywhere = {keys.AGAIN, keys.UP, keys.END, keys.PERSON}
    assert not everywhere & set(keys.LISTEN)
    assert everywhere & set(keys.MAIN) == {keys.PERSON}
    assert keys.MAIN[keys.PERSON][0] == keys.RING[keys.PERSON] == "person"
    assert keys.RING[keys.AGAIN] == "again"


def test_the_pages_keys_are_the_telephones(tmp_path: Path) -> None:
    shown = re.findall(r'"(.)": \("(\w+)", _\("(\w+)"\)', MACRO)
    assert {key: (icon, word) for key, icon, word in shown} == {
        key: SHOWN[leads] for key, (leads, _) in keys.MAIN.items() if leads in SHOWN
    }
    settings = factories.make_test_settings(tmp_path)
    entries = key_entries(settings)
    assert [key for key, _ in entries] == [
        key for key, (leads, part) in keys.MAIN.items() if leads in SHOWN and (not part or settings.has(part))
    ]
    assert all(f"use={keys.MAIN[key][0]}" in href or "sightings" in href for key, href in entries)


def test_a_page_leaves_out_the_key_of_a_part_that_is_off(tmp_path: Path) -> None:
    small = factories.make_test_settings(tmp_path, modules="voice")
    assert not small.has(Module.ALERTS)
    assert [key for key, _ in key_entries(small)] == ["1", "2"]


def test_no_sentence_sends_people_to_a_key_that_is_not_there() -> None:
    sent = {sentence: found for sentence in sentences() if (found := _LINE.findall(sentence))}
    assert len(sent) > 5
    for sentence, pressed in sent.items():
        assert set(pressed) <= set(keys.MAIN), sentence
        for leads, words in SENT_TO.items():
            if re.search(words, sentence):
                assert [keys.MAIN[key][0] for key in pressed] == [leads], sentence


def test_both_languages_name_the_same_keys() -> None:
    for english, chinese in sentences().items():
        named, said = set(re.findall(r"\bpress (\d)", english)), set(re.findall(r"按(\d)", chinese))
        assert named <= said, english


def test_texts_take_the_tables_answers() -> None:
    yes, no = keys.TEXT
    assert (keys.TEXT[yes], keys.TEXT[no]) == ("yes", "no")
    for words in (yes, "Y", "y", "是"):
        assert understand(words).reply == yes
    for words in (no, "N", "n", "不"):
        assert understand(words).reply == no
    for english, chinese in sentences().items():
        for key in re.findall(r"\bReply (\d)", english):
            assert key == yes, english
            assert f"回{yes}" in chinese or "回复" in chinese, chinese


@pytest.mark.parametrize(
    ("heading", "table"),
    [
        ("Main menu:", {key: leads for key, (leads, _) in keys.MAIN.items()}),
        ("Under 5:", {key: leads for key, (leads, _) in keys.LISTEN.items()}),
        ("While an alert is told:", keys.RING),
        ("After a letter:", keys.LETTER),
        ("Why a match came to no deal:", keys.WHY),
        ("Answers by text:", keys.TEXT),
    ],
)
def test_the_page_on_the_line_shows_the_table(heading: str, table: dict[str, str]) -> None:
    rows = PAGE.partition(heading)[2].split("\n\n")[1].splitlines()[2:]
    assert dict(re.findall(r"\| (.+?) \| (.+?) \|", row)[0] for row in rows) == table


def test_the_page_on_the_line_names_the_keys_that_are_good_everywhere() -> None:
    said = f"`{keys.AGAIN}` again, `{keys.UP}` up, `{keys.END}` end of input, `{keys.PERSON}` a person"
    assert said in PAGE
