"""Alerts by call: what each key does, how much counts as heard, who rings back hears it before any menu."""

from __future__ import annotations

from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from sqlalchemy import event

from channels.voice.twiml import Links, render
from farmerline.domain import alert_control, drills, reach
from farmerline.messages import Ask, HangUp, ReceiptState, Record
from farmerline.models import Account, Alert, Colour, DeliveryState, ReachStep, Settled
from tests.domain.alerting import FIELDS, Bureau
from tests.domain.ringing import Switchboard, hang_up

WORDS = FIELDS.voice_text.rstrip("。")
CHOICES = "看懂请按1"


def rung(bureau: Bureau, **values: object) -> tuple[Switchboard, Alert, Account]:
    """A red alert whose first call has been placed."""
    farmer = bureau.person()
    alert = bureau.issue(**{"colour": Colour.RED, **values})
    bureau.step()
    bureau.hand_over()
    return Switchboard(bureau), alert, farmer


@pytest.mark.parametrize(
    ("keys", "settled", "words", "ends_with"),
    [
        (("1",), Settled.KEY, "谢谢", HangUp),
        (("2",), Settled.NOT_MINE, "跟您没关系", HangUp),
        (("",), Settled.HEARD, "再见", HangUp),
        (("9",), Settled.OPEN, WORDS, Ask),
        (("9", "1"), Settled.KEY, "谢谢", HangUp),
        (("7",), Settled.OPEN, WORDS, Ask),
        (("7", "2"), Settled.NOT_MINE, "跟您没关系", HangUp),
        (("7", "7", "7"), Settled.OPEN, "请说您的姓名", Record),
        (("0",), Settled.OPEN, "请说您的姓名", Record),
        (("#",), Settled.OPEN, "再见", HangUp),
        (("*",), Settled.OPEN, "要卖东西请按1", Ask),
    ],
)
def test_each_key_of_a_ring_call_does_what_the_one_table_says(
    sqlite_bureau: Bureau, keys: tuple[str, ...], settled: Settled, words: str, ends_with: type
) -> None:
    board, alert, farmer = rung(sqlite_bureau)
    line = board.answer(alert, farmer)
    assert line.words.startswith(WORDS[:10])
    assert CHOICES in line.words
    assert words in line.press(*keys)
    assert isinstance(line.script.steps[-1], ends_with)
    assert sqlite_bureau.reach(alert, farmer).settled is settled


@pytest.mark.parametrize(
    ("share", "settled"),
    [
        (0.0, Settled.OPEN),
        (0.5, Settled.OPEN),
        (0.85, Settled.OPEN),
        (0.95, Settled.HEARD),
        (3, Settled.HEARD),
    ],
)
def test_nine_tenths_of_the_words_count_as_heard(bureau: Bureau, share: float, settled: Settled) -> None:
    """M04: rang, answered, heard to the end."""
    long = FIELDS.voice_text * 2
    board, alert, farmer = rung(bureau, voice_text=long)
    line = board.answer(alert, farmer)
    seconds = round(alert.voice_seconds * share)
    hang_up(line, seconds)
    row = bureau.reach(alert, farmer)
    assert row.settled is settled
    assert row.heard_seconds == pytest.approx(min(seconds, alert.voice_seconds), abs=0.2)
    assert (row.heard_at is not None) == (settled is Settled.HEARD)


@pytest.mark.parametrize("order", ["rt", "tr", "ttrr", "rtt", "t"])
def test_a_hang_up_counts_once_in_whatever_order_its_reports_come(bureau: Bureau, order: str) -> None:
    board, alert, farmer = rung(bureau)
    call = board.ring_of(alert, farmer)
    line = board.answer(alert, farmer)
    bureau.wait(seconds=200)  # late: the report of the end comes minutes after it
    for each in order:
        if each == "t":
            hang_up(line, 60)
        else:
            bureau.report(call, ReceiptState.DELIVERED, seconds=60)
    row = bureau.reach(alert, farmer)
    assert (row.settled, row.settled_at) == (Settled.HEARD, bureau.now)
    assert row.heard_seconds == alert.voice_seconds


def test_a_call_cut_short_leaves_the_line_open_and_the_most_that_was_heard_is_kept(bureau: Bureau) -> None:
    board, alert, farmer = rung(bureau)
    for seconds in (3, 1):
        call = board.ring_of(alert, farmer)
        hang_up(board.answer(alert, farmer), seconds)
        bureau.report(call, ReceiptState.DELIVERED, seconds=seconds)
        bureau.later(minutes=5)
        bureau.hand_over()
    row = bureau.reach(alert, farmer)
    assert (row.settled, row.heard_seconds) == (Settled.OPEN, 3)
    assert row.rings > 2


def test_an_alert_that_is_begun_again_is_counted_from_there(sqlite_bureau: Bureau) -> None:
    board, alert, farmer = rung(sqlite_bureau, voice_text=FIELDS.voice_text * 2)
    half = alert.voice_seconds / 2
    line = board.answer(alert, farmer)
    sqlite_bureau.wait(seconds=half)
    line.press("9")
    hang_up(line, round(half * 2))
    row = sqlite_bureau.reach(alert, farmer)
    assert row.settled is Settled.OPEN
    assert row.heard_seconds == pytest.approx(half, abs=1)


def test_a_hang_up_without_a_length_settles_nothing_and_its_length_may_follow(sqlite_bureau: Bureau) -> None:
    board, alert, farmer = rung(sqlite_bureau)
    line = board.answer(alert, farmer)
    hang_up(line, None)
    assert sqlite_bureau.reach(alert, farmer).settled is Settled.OPEN
    hang_up(line, 90)
    assert sqlite_bureau.reach(alert, farmer).settled is Settled.HEARD


def test_talking_to_the_message_box_does_not_count_as_hearing(sqlite_bureau: Bureau) -> None:
    board, alert, farmer = rung(sqlite_bureau)
    line = board.answer(alert, farmer)
    line.press("0")
    hang_up(line, 120)
    assert sqlite_bureau.reach(alert, farmer).settled is Settled.OPEN


def test_who_rings_back_hears_the_alert_before_any_menu_and_that_ends_the_redials(bureau: Bureau) -> None:
    board, alert, farmer = rung(bureau)
    call = board.ring_of(alert, farmer)
    bureau.report(call, ReceiptState.FAILED, "no_answer")
    line = board.dial(farmer)
    assert line.words.startswith(WORDS[:10])
    assert "要卖东西请按1" not in line.words
    assert bureau.settings.service_name not in line.words
    words = line.press("1")
    assert words.startswith("谢谢")
    assert "要卖东西请按1" in words
    row = bureau.reach(alert, farmer)
    assert (row.settled, row.step, row.next_at) == (Settled.KEY, ReachStep.DONE, None)
    bureau.later(minutes=70)
    assert len(bureau.messages(alert, farmer, "voice")) == 1
    assert "要卖东西请按1" in board.dial(farmer).words


@pytest.mark.parametrize(("key", "words"), [("3", ""), ("5", "请按1"), ("*", "要卖东西请按1")])
def test_a_key_of_the_menu_cuts_the_alert_short_and_it_waits_on(
    sqlite_bureau: Bureau, key: str, words: str
) -> None:
    board, alert, farmer = rung(sqlite_bureau)
    line = board.dial(farmer)
    said = line.press(key)
    assert WORDS[:10] not in said
    assert words in said
    assert (key == "3") is isinstance(line.script.steps[-1], Record)
    assert sqlite_bureau.reach(alert, farmer).settled is Settled.OPEN
    assert board.dial(farmer).words.startswith(WORDS[:10])


def test_the_most_urgent_of_several_comes_first_and_each_is_told_once(bureau: Bureau) -> None:
    farmer = bureau.person()
    yellow = bureau.issue(colour=Colour.YELLOW, voice_text="黄色的事,看看田。")
    red = bureau.issue(colour=Colour.RED, voice_text="红色的事,快打药。")
    board = Switchboard(bureau)
    line = board.dial(farmer)
    assert "红色的事" in line.words
    words = line.press("2")
    assert "跟您没关系" in words
    assert "黄色的事" in words
    line.again()
    assert "黄色的事" in line.words
    words = line.silence()
    assert "要卖东西请按1" in words
    assert [bureau.reach(each, farmer).settled for each in (red, yellow)] == [
        Settled.NOT_MINE,
        Settled.HEARD,
    ]


def test_one_answer_settles_everybody_of_a_household_phone(bureau: Bureau) -> None:
    farmer = bureau.person()
    wife = bureau.person("李小梅", phone=farmer.phone)
    alert = bureau.issue(colour=Colour.RED)
    board = Switchboard(bureau)
    hang_up(board.dial(farmer), 60)
    assert {bureau.reach(alert, each).settled for each in (farmer, wife)} == {Settled.HEARD}


def test_an_exercise_says_so_first(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    farmer = bureau.person()
    bureau.do(drills.register, actor=bureau.actor(bureau.officer), account_id=farmer.id)
    bureau.issue(colour=Colour.RED, exercise=True)
    assert "演练" in Switchboard(bureau).dial(farmer).words[:6]


def test_a_call_that_is_taken_after_its_alert_was_cancelled_says_that_it_is_void(
    sqlite_bureau: Bureau,
) -> None:
    bureau = sqlite_bureau
    board, alert, farmer = rung(bureau)
    bureau.arrive(alert)
    bureau.do(alert_control.cancel, alert, actor=bureau.actor(bureau.officer), settings=bureau.settings)
    words = board.answer(alert, farmer).words
    assert WORDS not in words
    assert "作废" in words or "发错" in words
    assert board.ring_of(alert, farmer).state in (DeliveryState.SENT, DeliveryState.CANCELLED)


@pytest.mark.parametrize("words", ["<Dial>13800000000</Dial>", "]]><Hangup/>", "&amp; \" ' \x00\x0b{number}"])
def test_no_word_of_an_alert_is_anything_but_a_word(sqlite_bureau: Bureau, words: str) -> None:
    """The call's document is built from values: nothing in them becomes a verb, and braces are not looked at."""
    board, alert, farmer = rung(sqlite_bureau, voice_text=f"水稻{words}看田")
    script = board.answer(alert, farmer).script
    root = fromstring(render(script, Links(lambda step: step, lambda kept: kept)))
    assert {each.tag for each in root.iter()} <= {"Response", "Gather", "Say", "Hangup"}
    assert root.find("Hangup") is None
    (gather,) = root
    assert gather.get("numDigits") == "1"
    assert all(each.tag == "Say" and not len(each) for each in gather)


def test_what_an_answering_machine_recorded_was_heard_by_nobody(bureau: Bureau) -> None:
    """M04: a machine is no hearing: the call is placed again."""
    board, alert, farmer = rung(bureau)
    call = board.ring_of(alert, farmer)
    line = board.answer(alert, farmer)
    line.machine()
    line.silence()
    assert [type(step) for step in line.script.steps] == [HangUp]
    hang_up(line, 60)
    bureau.report(call, ReceiptState.DELIVERED, seconds=60)
    row = bureau.reach(alert, farmer)
    assert (row.settled, row.heard_seconds, row.failed_why) == (Settled.OPEN, None, "machine")
    bureau.later(minutes=3)
    assert board.ring_of(alert, farmer).id != call.id


def test_who_presses_a_key_is_no_machine(sqlite_bureau: Bureau) -> None:
    board, alert, farmer = rung(sqlite_bureau)
    line = board.answer(alert, farmer)
    line.machine()
    line.press("1")
    assert sqlite_bureau.reach(alert, farmer).settled is Settled.KEY


def test_a_machine_that_is_told_of_late_takes_the_hearing_back(bureau: Bureau) -> None:
    board, alert, farmer = rung(bureau)
    call = board.ring_of(alert, farmer)
    line = board.answer(alert, farmer)
    hang_up(line, 60)
    bureau.report(call, ReceiptState.DELIVERED, seconds=60)
    assert bureau.reach(alert, farmer).settled is Settled.HEARD
    line.machine()
    row = bureau.reach(alert, farmer)
    assert (row.settled, row.heard_at, row.failed_why) == (Settled.OPEN, None, "machine")
    bureau.later(minutes=3)
    assert board.ring_of(alert, farmer).id != call.id


def test_a_phone_is_settled_without_a_look_at_the_rest_of_the_list(sqlite_bureau: Bureau) -> None:
    """A call's turn costs the same whether a hundred people are on the alert's list or a million."""
    _, alert, farmer = rung(sqlite_bureau)
    plans: list[str] = []

    def explain(_connection: object, cursor: Any, statement: str, given: Any, *_: object) -> None:
        if "FROM reach" in statement:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            plans.extend(step[3].partition("(")[2] for step in cursor.fetchall() if " reach " in step[3])

    event.listen(sqlite_bureau.county.database.writer, "before_cursor_execute", explain)
    with sqlite_bureau.county.database.write() as session:
        assert reach.lines(session, alert, account_ids=[farmer.id], phones=[str(farmer.phone_index)])
    assert plans == ["alert_id=? AND account_id=?)", "phone_index=? AND alert_id=?)"]
