"""The listening tree: each place by real turns, measured; nothing of the look at it is kept."""

from __future__ import annotations

import ast
import wave
from pathlib import Path

import pytest
from sqlalchemy import func, select

from farmerline.domain import keys, spoken_tree, voice_menus
from farmerline.domain.spoken import seconds_of, spoken
from farmerline.domain.spoken_tree import Part, Place
from farmerline.models import Call, Delivery
from farmerline.render.speech import Speech, is_voice_installed
from farmerline.words import say
from tests.domain.talking import Village


def tree(village: Village) -> dict[str, Place]:
    with village.session() as session:
        found = spoken_tree.walk(
            session, understand=village.understand, settings=village.settings, now=village.now
        )
        places = {place.keys: place for place in found}
        session.rollback()
    return places


def test_every_place_is_two_keys_away_and_no_item_and_no_menu_is_too_long(sqlite_village: Village) -> None:
    places = tree(sqlite_village)
    assert set(places) == {"", *keys.MAIN, *(f"5{box}" for box in keys.LISTEN)}
    for place in places.values():
        assert place.heard and place.waits_for, place
        for heard in place.heard:
            assert seconds_of(heard.text) <= heard.longest, heard
        menus = [heard.part for heard in place.heard if heard.part is Part.MENU]
        assert len(menus) <= 1


def test_a_menu_has_five_choices_at_most_beside_the_person(sqlite_village: Village) -> None:
    for place in tree(sqlite_village).values():
        for heard in place.heard:
            if heard.part is Part.MENU:
                assert heard.text.count("按") <= 6, heard.text


def test_what_is_worth_hearing_begins_by_the_third_second(sqlite_village: Village) -> None:
    first = tree(sqlite_village)[""].heard[0]
    assert first.part is Part.ITEM and "立冬" in first.text


def test_looking_at_the_tree_leaves_no_call_behind(sqlite_village: Village) -> None:
    tree(sqlite_village)
    with sqlite_village.session() as session:
        assert session.scalar(select(func.count()).select_from(Call)) == 0
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_the_phrases_are_heard_as_the_line_says_them(sqlite_village: Village) -> None:
    said = "".join(heard.text for place in tree(sqlite_village).values() for heard in place.heard)
    phrases = spoken_tree.phrases("zh")
    for name in ("main-1", "listen-4", "ask-sell", "ask-message", "no-alert", "nothing-waits"):
        assert phrases[name] in said, name


def test_every_fixed_sentence_of_a_call_is_a_phrase_that_can_be_recorded() -> None:
    """Whoever adds a sentence to a call names it among the phrases."""
    fixed = set()
    for path in Path(spoken_tree.__file__).parent.glob("*.py"):
        source = path.read_text("utf-8")
        for node in ast.walk(ast.parse(source)) if "CallTalk" in source else ():
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="say"), args=[ast.Constant(value=str(sentence))], keywords=[]
                ):
                    fixed.add(say("zh", sentence))
    assert len(fixed) > 25
    recorded = set(spoken_tree.phrases("zh").values())
    assert not {sentence for sentence in fixed if spoken(say("zh", sentence)) not in recorded}


@pytest.mark.skipif(not is_voice_installed(), reason="no voice: espeakng-loader is not installed")
def test_the_sound_of_a_menu_is_as_long_as_it_may_be(sqlite_village: Village, tmp_path: Path) -> None:
    menu = tree(sqlite_village)[""].heard[-1]
    sound = Speech(tmp_path / "cache").speak(menu.text)
    assert sound
    (tmp_path / "menu.wav").write_bytes(sound)
    with wave.open(str(tmp_path / "menu.wav")) as opened:
        assert 3 < opened.getnframes() / opened.getframerate() <= voice_menus.LONGEST_MENU


@pytest.mark.long
@pytest.mark.skipif(not is_voice_installed(), reason="no voice: espeakng-loader is not installed")
def test_no_piece_of_the_tree_and_no_phrase_sounds_longer_than_it_may(
    sqlite_village: Village, tmp_path: Path
) -> None:
    speech = Speech(tmp_path / "cache")
    pieces = {heard.text: heard.longest for place in tree(sqlite_village).values() for heard in place.heard}
    pieces |= dict.fromkeys(spoken_tree.phrases("zh").values(), voice_menus.LONGEST_MENU)
    too_long = {
        text: seconds for text, most in pieces.items() if (seconds := speech.seconds(text) or 99) > most
    }
    assert not too_long
