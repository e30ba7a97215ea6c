"""What is not sure is asked back with numbered choices; what is chosen is read back, and nothing is public before its yes."""

from __future__ import annotations

import pytest

from farmerline.domain import answers
from farmerline.models import CaseKind, Post, PostState, Question, QuestionKind, QuestionState
from tests.domain.talking import Village, sms_parts

DOUBTFUL = "葡萄苗500株"
ASKED = "您是要1卖葡萄苗 2买葡萄苗 3都不是?[A11]"
GUESSED = "卖弥后套五百斤"


def open_kinds(village: Village) -> list[QuestionKind]:
    return [row.kind for row in village.all(Question, Question.state == QuestionState.OPEN)]


def test_a_thing_without_a_verb_is_asked_in_one_short_line(village: Village) -> None:
    told = village.told(village.person(), DOUBTFUL)
    assert told == ASKED
    assert sms_parts(told) == 1
    assert len(told) <= 58


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("1", "supply"), ("2", "demand"), ("1A11", "supply"), ("A11 2", "demand"), ("２", "demand"), ("选二", "demand"), ("卖", "supply"),
        ("我要卖", "supply"), ("买的", "demand"), ("收葡萄苗", "demand"), ("卖葡萄苗", "supply"), ("2。", "demand"), ("要葡萄苗500株", "demand"),
    ],
)  # fmt: skip
def test_the_choice_is_read_back_and_waits_for_its_yes(
    sqlite_village: Village, answer: str, kind: str
) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, DOUBTFUL)
    verb = "卖" if kind == "supply" else "买"
    assert sqlite_village.told(person, answer).startswith(f"已记下:{verb} 葡萄苗 500株")
    (post,) = sqlite_village.all(Post)
    assert (post.kind, post.items[0].direction, post.state) == (kind, kind, PostState.PENDING)
    assert post.items[0].key.endswith(kind)
    assert sqlite_village.published() == 0
    assert open_kinds(sqlite_village) == [QuestionKind.PUBLISH]
    assert sqlite_village.told(person, "1").startswith("已发布")


@pytest.mark.parametrize("answer", ["3", "3A11", "都不是", "不是", "不对", "N", "三"])
def test_none_of_the_choices_goes_to_a_person(village: Village, answer: str) -> None:
    person = village.person()
    village.contact()
    village.say(person, DOUBTFUL)
    told = village.told(person, answer)
    (case,) = village.cases(CaseKind.UNCLEAR)
    assert told == f"好的,沈秋月打电话给您记下来,编号{case.number}。"
    assert village.published() == 0
    assert open_kinds(village) == []


@pytest.mark.parametrize("answer", ["好的", "嗯", "是"])
def test_a_yes_to_two_choices_is_asked_once_more(sqlite_village: Village, answer: str) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, DOUBTFUL)
    assert sqlite_village.told(person, answer) == ASKED
    assert open_kinds(sqlite_village) == [QuestionKind.CHOICE]


def test_a_correction_changes_the_draft_that_was_doubtful(sqlite_village: Village) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, DOUBTFUL)
    assert "草莓苗 500株" in sqlite_village.told(person, "不是葡萄苗是草莓苗")
    assert sqlite_village.count(Post) == 1


@pytest.mark.parametrize(
    "other", ["查 草莓苗", "帮助", "问 葡萄怎么施肥", "TD", "卖草莓苗500株1元一株杨高村"]
)
def test_another_matter_does_not_choose(sqlite_village: Village, other: str) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, DOUBTFUL)
    sqlite_village.say(person, other)
    assert QuestionKind.CHOICE in open_kinds(sqlite_village)
    assert sqlite_village.published() == 0


def test_a_product_guessed_from_its_sound_is_named_before_it_is_read_back(village: Village) -> None:
    person = village.person()
    assert village.told(person, GUESSED) == "您是要1卖猕猴桃 2不是?[A11]"
    assert village.told(person, "是").startswith("已记下:卖 猕猴桃 500斤")
    assert village.published() == 0


@pytest.mark.parametrize(
    ("text", "asked", "answer", "noted", "key"),
    [
        ("要红枣树苗下的枣 三百斤", "1买枣 2买枣苗", "1", "买 枣 300斤", "枣·fresh·demand"),
        ("要红枣树苗下的枣 三百斤", "1买枣 2买枣苗", "2", "买 枣苗 300斤", "枣·seedling·demand"),
        ("拖拉机前轮胎要两条 650-16的", "1买前轮胎 2买拖拉机", "1", "买 前轮胎 2条", "农用轮胎·part·demand"),
        ("卖羊 大羊小羊一共43只", "1卖羊 2卖小羊", "1", "卖 羊 43只", "羊·live·supply"),
    ],
)  # fmt: skip
def test_of_two_things_that_may_be_meant_the_chosen_one_is_read_back(
    sqlite_village: Village, text: str, asked: str, answer: str, noted: str, key: str
) -> None:
    person = sqlite_village.person()
    told = sqlite_village.told(person, text)
    assert told == f"您是要{asked} 3都不是?[A11]"
    assert sms_parts(told) == 1
    assert sqlite_village.told(person, answer).startswith(f"已记下:{noted}")
    (post,) = sqlite_village.all(Post)
    assert [item.key for item in post.items] == [key]
    assert sqlite_village.published() == 0
    assert sqlite_village.told(person, "1").startswith("已发布")


@pytest.mark.parametrize("answer", ["2", "不是"])
def test_a_wrong_guess_goes_to_a_person(sqlite_village: Village, answer: str) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, GUESSED)
    sqlite_village.say(person, answer)
    assert len(sqlite_village.cases(CaseKind.UNCLEAR)) == 1
    assert sqlite_village.published() == 0


def test_silence_hands_a_doubt_to_the_contact_point(sqlite_village: Village) -> None:
    sqlite_village.say(sqlite_village.person(), DOUBTFUL)
    sqlite_village.wait(hours=25)
    assert sqlite_village.do(answers.park_unanswered) == 1
    assert len(sqlite_village.cases(CaseKind.CALL_BACK)) == 1
    assert sqlite_village.published() == 0


def test_a_doubt_beside_another_matter_needs_its_code(sqlite_village: Village) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, DOUBTFUL)
    sqlite_village.say(person, "卖草莓苗500株1元一株杨高村")
    told = sqlite_village.told(person, "1")
    assert "A11 1卖葡萄苗 2买葡萄苗 3都不是" in told
    assert sqlite_village.told(person, "2A11").startswith("已记下:买 葡萄苗")


def test_a_late_choice_for_a_settled_draft_changes_nothing(sqlite_village: Village) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, DOUBTFUL)
    sqlite_village.say(person, "1")
    sqlite_village.say(person, "1")
    sqlite_village.say(person, "2A11")
    (post,) = sqlite_village.all(Post)
    assert (post.kind, post.state) == ("supply", PostState.OPEN)


def test_whoever_reads_english_chooses_in_english(village: Village) -> None:
    told = village.told(village.person(language="en"), "葡萄苗 500株")
    assert told == "Do you want: 1 sell 葡萄苗 2 buy 葡萄苗 3 neither?[A11]"
    assert sms_parts(told) == 1


def test_a_choice_is_made_by_key_on_the_phone(sqlite_village: Village) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, DOUBTFUL)
    line = sqlite_village.ring(person)
    assert "1卖葡萄苗,2买葡萄苗,3都不是" in line.press("6")
    assert "请按您要的号码" in line.words
    assert line.press("2").startswith("已记下:买,葡萄苗,五百株,杨高村。\n发布")
    assert open_kinds(sqlite_village) == [QuestionKind.PUBLISH]
    assert sqlite_village.published() == 0
    assert "已发布" in line.press("1")


def test_thanks_and_greetings_call_nobody(sqlite_village: Village) -> None:
    person = sqlite_village.person()
    for words in ("谢谢", "你好", "好的谢谢老板", "您的快递已到驿站"):
        assert sqlite_village.told(person, words).startswith(("您好", "现在没有"))
    assert sqlite_village.cases() == []
