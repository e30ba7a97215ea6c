"""The voice line: keys, silence, spoken posts, letters by PIN, and calls that the service places."""

from __future__ import annotations

import pytest

from farmerline.domain import access, dictation, intake, mailbox, pins
from farmerline.domain.answers import park_unanswered
from farmerline.messages import Ask, Channel, HangUp, PlayRecording, Record
from farmerline.models import (
    Account,
    Call,
    Case,
    CaseKind,
    Delivery,
    Letter,
    Match,
    MatchState,
    Post,
    PostState,
    Question,
    QuestionState,
    Recording,
    Reveal,
)
from tests.domain.talking import SEEDLINGS, SILENCE, WANTED, WAV, Village, read

MENU = ("要卖东西请按1", "要买东西请按2", "报虫害请按3", "要问问题请按4", "听消息请按5", "找人请按0")


@pytest.mark.parametrize(
    ("key", "words", "waits_for"),
    [
        ("1", "请说卖什么", Record), ("2", "请说要买什么", Record), ("3", "请说什么作物", Record), ("4", "请说您的问题", Record),
        ("5", "听病虫情报请按1", Ask), ("6", "现在没有等您的事", Ask), ("0", "请说您的姓名", Record), ("*", "要卖东西请按1", Ask),
        ("9", "要卖东西请按1", Ask), ("#", "要卖东西请按1", Ask), ("", "要卖东西请按1", Ask), ("7", "这个键没有用", Ask),
    ],
)  # fmt: skip
def test_each_key_of_the_menu_leads_where_the_one_table_says(
    sqlite_village: Village, key: str, words: str, waits_for: type
) -> None:
    """M03: every box within two keys."""
    line = sqlite_village.ring(sqlite_village.person())
    assert all(each in line.words for each in MENU)
    assert "请按6" not in line.words
    assert words in line.press(key)
    assert line.waits_for is waits_for


def test_silence_never_hangs_up_and_three_wrong_keys_lead_to_the_message_box(sqlite_village: Village) -> None:
    line = sqlite_village.ring(sqlite_village.person())
    for _ in range(5):
        assert "要卖东西请按1" in line.silence()
    assert "这个键没有用" in line.press("7", "8")
    assert "请说您的姓名" in line.press("7")
    assert line.waits_for is Record


def test_a_module_that_is_off_has_no_key(tmp_path: object, sqlite_url: str) -> None:
    from pathlib import Path

    from tests.domain.talking import open_village

    with open_village(sqlite_url, Path(str(tmp_path)), modules="voice") as small:
        line = small.ring(small.person())
        assert "请按3" not in line.words
        assert "这个键没有用" in line.press("3")


@pytest.mark.parametrize(
    ("key", "kind", "direction"),
    [
        ("1", CaseKind.VOICE_POST, "supply"), ("2", CaseKind.VOICE_POST, "demand"), ("3", CaseKind.SIGHTING, ""),
        ("4", CaseKind.QUESTION, ""), ("0", CaseKind.MESSAGE, ""),
    ],
)  # fmt: skip
def test_what_is_spoken_is_a_case_at_once_and_is_heard_back(
    village: Village, key: str, kind: CaseKind, direction: str
) -> None:
    """M07, M08: every call ends with an item or a case, whose number is spoken."""
    caller = village.person()
    line = village.ring(caller)
    line.press(key)
    words = line.speak()
    (case,) = village.cases()
    assert (case.kind, case.direction, case.account_id, case.area_code) == (
        kind,
        direction,
        caller.id,
        caller.area_code,
    )
    assert str(case.number).replace("1", "幺") in words.replace(" ", "")
    (recording,) = village.all(Recording)
    assert recording.sound == WAV
    assert any(step == PlayRecording(recording.id) for step in line.script.steps)
    line.press("9")
    assert PlayRecording(recording.id) in line.script.steps[-1].prompt  # type: ignore[union-attr]
    assert "好。" in line.press("1")
    assert len(village.cases()) == 1
    assert village.published() == 0


def test_saying_it_again_replaces_and_a_second_post_does_not(sqlite_village: Village) -> None:
    line = sqlite_village.ring(sqlite_village.person())
    line.press("1")
    line.speak(said="卖包菜")
    line.press("2")
    line.speak(WAV + b"ab", said="卖萝卜")
    (case,) = sqlite_village.cases()
    assert (case.text, sqlite_village.get(Recording, case.recording_id).sound) == ("卖萝卜", WAV + b"ab")
    line.press("1", "1")
    line.speak(WAV + b"cd", said="卖梨")
    assert sorted(case.text for case in sqlite_village.cases()) == ["卖梨", "卖萝卜"]


def test_the_same_turn_sent_twice_does_nothing_twice(village: Village) -> None:
    """Z-09: a replayed webhook changes nothing."""
    seller, buyer = village.person(), village.person("陈小梅")
    line = village.ring(seller)
    line.press("1")
    line.speak()
    line.again()
    assert (village.count(Case), village.count(Recording)) == (1, 1)
    village.publish(seller, SEEDLINGS)
    village.publish(buyer, WANTED)
    line = village.ring(buyer)
    first = line.press("6")
    assert line.again() == first
    line.press("1")
    line.again()
    assert village.count(Reveal) == 1


@pytest.mark.parametrize(("sound", "seconds"), [(b"", 0), (SILENCE, 0), (SILENCE, 4), (WAV, 0)])
def test_an_empty_recording_is_asked_for_again_and_then_a_person_rings(
    sqlite_village: Village, sound: bytes, seconds: int
) -> None:
    line = sqlite_village.ring(sqlite_village.person())
    line.press("1")
    assert "没听到声音" in line.speak(sound, seconds)
    assert line.waits_for is Record
    assert "请说您的姓名" in line.speak(sound, seconds)
    assert "会有人打给您" in line.speak(sound, seconds)
    assert [case.kind for case in sqlite_village.cases()] == [CaseKind.CALL_BACK]
    assert line.waits_for is Ask


def test_a_sound_that_the_carrier_lost_is_rung_back(sqlite_village: Village) -> None:
    line = sqlite_village.ring(sqlite_village.person())
    line.press("1")
    assert "会有人打给您" in line.speak(None, 9)
    assert "9秒" in sqlite_village.cases(CaseKind.CALL_BACK)[0].text


def test_who_hangs_up_while_speaking_has_left_what_was_said(sqlite_village: Village) -> None:
    line = sqlite_village.ring(sqlite_village.person())
    line.press("1")
    line.speak(ended=True)
    assert [case.kind for case in sqlite_village.cases()] == [CaseKind.VOICE_POST]
    line = sqlite_village.ring(sqlite_village.person("陈小梅"))
    line._turn(ended=True)
    assert len(sqlite_village.cases()) == 1
    assert sqlite_village.all(Call)[-1].ended_at == sqlite_village.now


def test_an_unknown_caller_is_heard_and_looked_after_by_the_county(village: Village) -> None:
    line = village.ring("+8613800001111")
    line.press("1")
    assert "您的编号" in line.speak()
    (case,) = village.cases()
    assert (case.account_id, case.phone, case.area_code) == (None, "+8613800001111", "330282")
    assert village.published() == 0


def test_a_household_is_heard_without_a_question_of_name(sqlite_village: Village) -> None:
    yang = sqlite_village.person()
    sqlite_village.person("李小梅", phone=yang.phone)
    line = sqlite_village.ring(yang)
    line.press("1")
    line.speak()
    (case,) = sqlite_village.cases()
    assert (case.account_id, case.phone, case.area_code) == (None, yang.phone, yang.area_code)


def test_five_posts_at_most_are_read(sqlite_village: Village) -> None:
    """M16."""
    seller = sqlite_village.person()
    for amount in range(100, 107):
        sqlite_village.publish(seller, f"卖草莓苗{amount}株1元一株")
    words = sqlite_village.ring("+8613800001111").press("5", "5")
    assert words.count("号:") == 5
    assert "按它的编号" in words


def test_matches_wait_under_6_and_the_menu_follows(village: Village) -> None:
    seller, buyer = village.person(), village.person("陈小梅")
    village.publish(seller, SEEDLINGS)
    village.publish(buyer, WANTED)
    line = village.ring(buyer)
    assert "请按6" in line.words
    assert "都是葡萄苗" in line.press("6")
    words = line.press("1")
    assert " ".join(seller.phone[3:]).replace("1", "幺") in words
    assert "要卖东西请按1" in words
    assert village.all(Match)[0].state is MatchState.AGREED
    assert any(
        " ".join(seller.phone[3:]) in row.text for row in village.all(Delivery, Delivery.call_id.is_not(None))
    )


def _with_letter(village: Village) -> tuple[Account, Account]:
    reader, writer = village.person(), village.person("陈小梅")
    with village.session() as session:
        pins.set_pin(session, session.merge(reader), "738264", by_id=reader.id, now=village.now)
        mailbox.send(
            session, sender=session.merge(writer), to=session.merge(reader), body="苗到了，来拿", channel="web", now=village.now
        )  # fmt: skip
    return reader, writer


def test_letters_are_read_only_after_the_pin(village: Village) -> None:
    """M12, Z-01."""
    reader, _ = _with_letter(village)
    line = village.ring(reader)
    assert "一封信" in line.press("6")
    assert "苗到了" not in line.press("111222#")
    assert "苗到了" in line.press("738264#")
    assert "苗到了" in line.press("9")
    (letter,) = village.all(Letter)
    assert (letter.read_at, letter.read_via) == (village.now, "voice")
    assert "要卖东西请按1" in line.press("1")


def test_three_wrong_pins_lead_back_to_the_menu(sqlite_village: Village) -> None:
    reader, _ = _with_letter(sqlite_village)
    line = sqlite_village.ring(reader)
    line.press("6", "111222", "", "333444")
    assert "联络点可以给您换一个" in line.words
    assert "要卖东西请按1" in line.words
    assert sqlite_village.all(Letter)[0].read_at is None


def test_one_members_pin_does_not_wear_out_anothers(sqlite_village: Village) -> None:
    reader, _ = _with_letter(sqlite_village)
    with sqlite_village.session() as session:
        other = session.merge(sqlite_village.person("阿一一", phone=reader.phone))
        pins.set_pin(session, other, "904718", by_id=other.id, now=sqlite_village.now)
        members = [other, session.merge(reader)]
        for _ in range(8):
            assert pins.find_holder(session, members, "738264", now=sqlite_village.now) is members[1]
        assert pins.find_holder(session, members, "904718", now=sqlite_village.now) is other
        assert pins.find_holder(session, members, "000000", now=sqlite_village.now) is None


def _read_back_by_call(village: Village) -> tuple[Account, str]:
    farmer, helper = village.person(preferred=Channel.VOICE), village.contact()
    village.say(
        farmer, SEEDLINGS, channel=Channel.CONTACT, gateway="web", account_id=farmer.id, operator_id=helper.id
    )
    (row,) = village.all(Delivery)
    assert row.channel is Channel.VOICE
    return farmer, row.id


@pytest.mark.parametrize(
    ("keys", "state", "shares", "words"),
    [
        (("1",), PostState.OPEN, True, "已发布"),
        (("3",), PostState.OPEN, False, "已发布"),
        (("2",), PostState.PENDING, False, "请说该怎么写"),
        (("9", "1"), PostState.OPEN, True, "已发布"),
        (("0",), PostState.PENDING, False, "请说您的姓名"),
        (("", "1"), PostState.OPEN, True, "已发布"),
        (("7", "1"), PostState.OPEN, True, "已发布"),
        (("", "", ""), PostState.PENDING, False, "再见"),
    ],
)
def test_a_read_back_by_call_is_answered_by_key(
    sqlite_village: Village, keys: tuple[str, ...], state: PostState, shares: bool, words: str
) -> None:
    """M04: read back, answered by key."""
    farmer, delivery_id = _read_back_by_call(sqlite_village)
    line = sqlite_village.ring(farmer, delivery_id=delivery_id)
    assert "葡萄苗" in line.words
    assert "请按1" in line.words
    assert "A11" not in line.words
    assert words in line.press(*keys)
    (post,) = sqlite_village.all(Post)
    assert (post.state, post.share_phone) == (state, shares)
    if words == "再见":
        assert isinstance(line.script.steps[-1], HangUp)
        assert sqlite_village.count(Question, Question.state == QuestionState.OPEN) == 1


def test_a_change_spoken_to_a_read_back_stays_one_matter(village: Village) -> None:
    """M04: the draft waits with the contact point alone, and ends when it is written down anew."""
    farmer, delivery_id = _read_back_by_call(village)
    line = village.ring(farmer, delivery_id=delivery_id)
    line.press("2")
    line.speak(said="三千株")
    line.press("2")
    line.speak(WAV + b"ab")
    (case,) = village.cases()
    (draft,) = village.all(Post)
    assert (case.kind, case.post_id) == (CaseKind.VOICE_POST, draft.id)
    assert village.count(Question, Question.state == QuestionState.OPEN) == 0
    village.wait(days=3)
    assert village.do(park_unanswered) == 0
    assert len(village.cases()) == 1
    helper = village.contact(name="沈冬梅")
    with village.session() as session:
        incoming = dictation.write_down(
            session, actor=access.actor_of(session, helper), number=case.number, account_id=farmer.id, text="卖葡萄苗3000株",
            token="t", understand=read, now=village.now,
        )  # fmt: skip
        intake.handle(
            session, inbound_id=intake.store(session, incoming)[0], understand=read, settings=village.settings,
            now=village.now,
        )  # fmt: skip
    assert [post.state for post in village.all(Post)] == [PostState.WITHDRAWN, PostState.PENDING]
    assert village.cases() == []


def test_nothing_said_to_a_read_back_goes_to_a_person_with_its_draft(sqlite_village: Village) -> None:
    farmer, delivery_id = _read_back_by_call(sqlite_village)
    line = sqlite_village.ring(farmer, delivery_id=delivery_id)
    line.press("2")
    for _ in range(3):
        line.speak(SILENCE, 0)
    (case,) = sqlite_village.cases()
    assert (case.kind, case.post_id) == (CaseKind.CALL_BACK, sqlite_village.all(Post)[0].id)
    assert sqlite_village.count(Question, Question.state == QuestionState.OPEN) == 0


def test_a_key_pressed_twice_in_a_call_publishes_once(village: Village) -> None:
    farmer, delivery_id = _read_back_by_call(village)
    line = village.ring(farmer, delivery_id=delivery_id)
    line.press("1")
    line.again()
    (post,) = village.all(Post)
    assert [event.state for event in post.history].count(PostState.OPEN) == 1


def test_every_word_spoken_is_on_record(village: Village) -> None:
    """M12."""
    caller = village.person()
    line = village.ring(caller)
    line.press("1")
    line.speak()
    rows = village.all(Delivery, Delivery.channel == Channel.VOICE)
    assert len(rows) == 3
    assert {(row.account_id, row.address, row.state) for row in rows} == {
        (caller.id, caller.phone, "delivered")
    }
    assert len({row.call_id for row in rows}) == 1


def test_whoever_reads_english_hears_english(sqlite_village: Village) -> None:
    caller = sqlite_village.person(language="en")
    line = sqlite_village.ring(caller)
    heard = [line.words, *(line.press(key) for key in "7515253545#6*0")]
    heard.append(line.speak())
    heard.append(line.press("1"))
    text = "".join(heard).replace(sqlite_village.settings.service_name, "")
    assert not [sign for sign in text if "\u4e00" <= sign <= "\u9fff"], text
    assert line.script.language == "en"
