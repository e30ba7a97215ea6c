"""What is somebody's own by telephone: who of a household speaks, letters under a PIN, a call that broke off, short numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from farmerline.domain import mailbox, pins
from farmerline.messages import Ask, PlayRecording, Record
from farmerline.models import Account, Case, CaseKind, Letter, Match, MatchState
from tests.domain.talking import SEEDLINGS, WANTED, WAV, Village

PIN, WRONG = "738264#", "111222#"
OFFER = "继续刚才的事请按1"


def household(village: Village) -> tuple[Account, Account]:
    yang = village.person("杨大山")
    village.wait(seconds=1)
    return yang, village.person("李小梅", phone=yang.phone, now=village.now)


@pytest.mark.parametrize(("key", "speaks"), [("1", "杨大山"), ("2", "李小梅"), ("", None), ("7", None)])
def test_a_household_is_asked_who_speaks_only_once_something_is_to_be_published(
    sqlite_village: Village, key: str, speaks: str | None
) -> None:
    people = household(sqlite_village)
    line = sqlite_village.ring(people[0])
    assert "您是" not in line.words + line.press("1")
    assert "您是" not in line.speak()
    assert "您是杨大山请按1。\n您是李小梅请按2。" in line.press("1")
    assert "好。" in line.press(key)
    (case,) = sqlite_village.cases()
    assert case.account_id == next((one.id for one in people if one.name == speaks), None)
    if speaks:  # once said, it holds for the whole call
        line.press("2")
        line.speak(WAV + b"ab")
        assert "您是" not in line.press("1")


def test_each_of_a_household_is_told_their_own_matters(village: Village) -> None:
    seller = village.person("陈大海")
    yang, li = household(village)
    village.publish(seller, SEEDLINGS)
    village.publish(li, f"李小梅 {WANTED}", account_id=li.id, channel="web", gateway="web")
    line = village.ring(yang)
    assert "您是李小梅请按2" in line.press("6")
    assert "现在没有等您的事" in line.press("1")
    line = village.ring(yang)
    assert "都是葡萄苗" in line.press("6", "2")
    assert " ".join(seller.phone[3:]).replace("1", "幺") in line.press("1")
    assert village.all(Match)[0].state is MatchState.AGREED


def with_letter(village: Village, body: str = "苗到了，来拿") -> tuple[Account, Account]:
    reader, writer = village.person(), village.person("陈小梅")
    with village.session() as session:
        mine = session.merge(reader)
        pins.set_pin(session, mine, PIN[:6], by_id=reader.id, now=village.now)
        mailbox.send(
            session, sender=session.merge(writer), to=mine, body=body, channel="web", now=village.now
        )
    return reader, writer


def test_a_letter_is_answered_by_speaking_and_the_answer_is_heard(village: Village) -> None:
    """M12: both letters are on record, under real names; no number is read out."""
    reader, writer = with_letter(village)
    line = village.ring(reader)
    words = line.press("6", PIN)
    assert "陈小梅" in words
    assert writer.phone[3:] not in words.replace(" ", "")
    assert "请说您的回信" in line.press("2")
    assert line.waits_for is Record
    line.speak()
    assert any(isinstance(step, PlayRecording) for step in line.script.steps[-1].prompt)  # type: ignore[union-attr]
    assert "已经发出" in line.press("1")
    line.again()
    first, answer = sorted(village.all(Letter), key=lambda letter: letter.sent_at != letter.read_at)
    assert (answer.from_id, answer.to_id, answer.channel) == (reader.id, writer.id, "voice")
    assert answer.thread_id == first.thread_id
    with village.session() as session:
        pins.set_pin(session, session.merge(writer), "904718", by_id=writer.id, now=village.now)
    line = village.ring(writer)
    line.press("6", "904718#")
    assert PlayRecording(answer.recording_id) in line.script.steps[-1].prompt  # type: ignore[union-attr]


@pytest.mark.parametrize("keys", [("2", "1"), ("",), ("7",)])
def test_an_answer_that_nobody_said_yes_to_is_not_sent(
    sqlite_village: Village, keys: tuple[str, ...]
) -> None:
    reader, _ = with_letter(sqlite_village)
    line = sqlite_village.ring(reader)
    line.press("6", PIN, "2")
    line.speak()
    line.press(keys[0])
    assert sqlite_village.count(Letter) == 1


def test_a_letter_that_was_kept_waits_under_6(sqlite_village: Village) -> None:
    reader, _ = with_letter(sqlite_village)
    line = sqlite_village.ring(reader)
    assert "存好了" in line.press("6", PIN, "1")
    line = sqlite_village.ring(reader)
    assert "请按6" not in line.words
    assert "您存了一封信" in line.press("6")
    assert "苗到了" in line.press(PIN)
    assert "要卖东西" in line.press("#")


def test_letters_cannot_be_reached_around_the_pin(sqlite_village: Village) -> None:
    """Z-05: a step that was never asked for opens nothing."""
    reader, _ = with_letter(sqlite_village)
    (letter,) = sqlite_village.all(Letter)
    line = sqlite_village.ring(reader)
    for step in (f"letter:{letter.id}", f"answer:{letter.id}", f"send:{letter.id}:x"):
        line.step = step
        assert "要卖东西" in line.press("1")
    assert sqlite_village.count(Letter) == 1
    assert sqlite_village.all(Letter)[0].read_at is None


def test_wrong_pins_close_the_call_the_person_and_the_phone_for_the_day(village: Village) -> None:
    """Z-05: three a call, five a day for one person, ten a day from one phone; strangers are never asked for one."""
    reader, writer = with_letter(village)
    line = village.ring(reader)
    assert "可以给您换一个" in line.press("6", WRONG, WRONG, WRONG)
    assert "苗到了" not in village.ring(reader).press("6", WRONG, WRONG, PIN)
    assert "苗到了" not in village.ring(reader).press("6", PIN)
    village.wait(days=1)
    assert "苗到了" in village.ring(reader).press("6", PIN)
    assert "密码" not in village.ring("+8613800001111").press("6")
    tens = [village.ring(writer) for _ in range(4)]
    for line in tens:
        line.step = "pin"
        line.press(*[WRONG] * 3)
    line.step = "pin"
    assert "可以给您换一个" in line.press(PIN)


@pytest.mark.parametrize(
    ("keys", "again"),
    [
        (("5",), "听病虫情报请按1"),
        (("5", "2"), "想再听哪一条"),
        (("1",), "请说卖什么"),
        (("6",), "一封信"),
        (("6", PIN), "一封信"),
    ],
)
def test_a_call_that_broke_off_goes_on_where_it_was(
    sqlite_village: Village, keys: tuple[str, ...], again: str
) -> None:
    reader, _ = with_letter(sqlite_village)
    sqlite_village.ring(reader).press(*keys)
    sqlite_village.wait(minutes=9)
    line = sqlite_village.ring(reader)
    first, *rest = line.words.split("\n")
    assert "立冬" in first
    assert OFFER in "".join(rest)
    assert again in line.press("1")


@pytest.mark.parametrize(
    ("key", "heard"), [("2", "要卖东西"), ("", "要卖东西"), ("5", "听病虫情报"), ("0", "请说您的姓名")]
)
def test_who_does_not_go_on_has_the_menu(sqlite_village: Village, key: str, heard: str) -> None:
    caller = sqlite_village.person()
    sqlite_village.ring(caller).press("1")
    line = sqlite_village.ring(caller)
    assert heard in line.press(key)
    assert OFFER not in line.press("*")


def test_what_was_left_is_heard_again_for_its_yes(village: Village) -> None:
    caller = village.person()
    line = village.ring(caller)
    line.press("1")
    line.speak()
    line = village.ring(caller)
    line.press("1")
    assert any(isinstance(step, PlayRecording) for step in line.script.steps)
    assert "好。" in line.press("1")
    assert [case.kind for case in village.all(Case)] == [CaseKind.VOICE_POST]


@pytest.mark.parametrize("how", ["late", "at the menu", "another phone"])
def test_nothing_is_offered_where_nothing_broke_off(sqlite_village: Village, how: str) -> None:
    caller = sqlite_village.person()
    line = sqlite_village.ring(caller)
    line.press("5", "*" if how == "at the menu" else "2")
    sqlite_village.wait(seconds=timedelta(minutes=11).total_seconds() if how == "late" else 5)
    assert OFFER not in sqlite_village.ring("+8613800001111" if how == "another phone" else caller).words


def test_a_number_keyed_in_after_a_box_is_heard(sqlite_village: Village) -> None:
    post = sqlite_village.publish(sqlite_village.person(), SEEDLINGS)
    line = sqlite_village.ring("+8613800001111")
    line.press("5", "5")
    assert "葡萄苗" in line.press(f"{post.number}#")
    assert line.waits_for is Ask
    assert "没有编号" in line.press("9999#")
    assert "请说卖什么" in line.press("1")
