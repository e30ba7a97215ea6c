"""Words that nobody knows: counted once a message, kept without numbers and names, put before an editor at the third."""

from __future__ import annotations

import pytest

from farmerline.domain import unknown_words
from farmerline.errors import Absent, Conflict
from farmerline.models import AccountState, Role, UnknownWord, UnknownWordUse, WordState
from farmerline.queries import vocabulary as shown
from tests.domain.talking import Village
from tests.domain.wording import Editor
from tests.factories import COUNTY, TOWN


def words(village: Village) -> dict[str, int]:
    return {row.word: row.times for row in village.all(UnknownWord)}


def proposals(village: Village) -> list[str]:
    with village.database.read() as session:
        return [row.word for row in shown.proposals(session)]


def test_the_third_time_a_word_is_put_before_the_editor_with_its_sentences(village: Village) -> None:
    for number, name in enumerate(("杨大山", "岑利民", "沈桂香"), start=1):
        village.say(village.person(name), f"卖鸟饭果{number}00斤3元一斤")
        assert proposals(village) == ([] if number < 3 else ["鸟饭果"])
    with village.database.read() as session:
        (found,) = shown.proposals(session)
    assert found.times == 3
    assert set(found.sentences) == {f"卖鸟饭果{number}00斤3元一斤" for number in (1, 2, 3)}


def test_one_message_counts_once_though_it_comes_twice(village: Village) -> None:
    seller = village.person()
    for _ in range(3):
        village.say(seller, "卖鸟饭果300斤", ref="same")
    assert words(village) == {"鸟饭果": 1}
    assert village.count(UnknownWordUse) == 1


def test_a_sentence_is_kept_without_numbers_and_names(village: Village) -> None:
    seller = village.person("杨大山")
    village.say(
        seller, "卖鸟饭果300斤，我是杨大山，大山家的，身份证330282197501011234，电话13900001234，杨师傅"
    )
    (use,) = village.all(UnknownWordUse)
    assert use.sentence.startswith("卖鸟饭果300斤")
    for hidden in ("大山", "3302", "1390", "1234", "杨师傅"):
        assert hidden not in use.sentence


def test_the_last_five_sentences_stay(village: Village) -> None:
    seller = village.person()
    for number in range(1, 8):
        village.say(seller, f"卖鸟饭果{number}00斤")
    assert words(village) == {"鸟饭果": 7}
    kept = {row.sentence for row in village.all(UnknownWordUse)}
    assert kept == {f"卖鸟饭果{number}00斤" for number in range(3, 8)}


@pytest.mark.parametrize("text", ["卖桃子500斤", "你好", "葡萄怎么打药", "1", "价 葡萄"])
def test_what_was_understood_or_names_no_goods_is_not_noted(sqlite_village: Village, text: str) -> None:
    sqlite_village.say(sqlite_village.person(), text)
    assert words(sqlite_village) == {}


def test_strangers_fill_no_list(sqlite_village: Village) -> None:
    sqlite_village.say("+8613911112222", "卖鸟饭果300斤")
    sqlite_village.say(sqlite_village.person(state=AccountState.PENDING), "卖鸟饭果300斤")
    assert words(sqlite_village) == {}


def test_a_word_that_an_editor_settled_is_not_proposed(village: Village) -> None:
    editor, seller = Editor(village), village.person()
    for number in range(1, 4):
        village.say(seller, f"卖鸟饭果{number}00斤")
    edit = editor.add("鸟饭果", "蓝莓")
    (row,) = village.all(UnknownWord)
    assert (row.state, row.edit_id) == (WordState.TAKEN, edit.id) and proposals(village) == []
    village.say(seller, "卖鸟饭果900斤")  # a process that has the old words still
    assert words(village) == {"鸟饭果": 3}
    editor.undo(edit)
    assert proposals(village) == ["鸟饭果"]
    editor.forbid("鸟饭果")
    assert proposals(village) == []


def test_not_now_brings_a_word_back_when_it_was_heard_as_often_again(village: Village) -> None:
    editor, seller = Editor(village), village.person()
    for number in range(1, 4):
        village.say(seller, f"卖鸟饭果{number}00斤")
    (row,) = village.all(UnknownWord)
    village.do(unknown_words.dismiss, word_id=row.id, actor=editor.actor, county=COUNTY)
    assert proposals(village) == []
    for number in range(4, 7):
        assert proposals(village) == []
        village.say(seller, f"卖鸟饭果{number}00斤")
    assert proposals(village) == ["鸟饭果"]
    editor.forbid("鸟饭果")
    with pytest.raises(Conflict):
        village.do(unknown_words.dismiss, word_id=row.id, actor=editor.actor, county=COUNTY)


def test_only_an_editor_of_the_county_puts_a_word_off(sqlite_village: Village) -> None:
    sqlite_village.say(sqlite_village.person(), "卖鸟饭果300斤")
    (row,) = sqlite_village.all(UnknownWord)
    other = Editor(sqlite_village, Role.PUBLISHER, TOWN)
    with pytest.raises(Absent):
        sqlite_village.do(unknown_words.dismiss, word_id=row.id, actor=other.actor, county=COUNTY)
    with pytest.raises(Absent):
        sqlite_village.do(
            unknown_words.dismiss, word_id="0" * 32, actor=Editor(sqlite_village).actor, county=COUNTY
        )
