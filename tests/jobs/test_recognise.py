"""What callers say is written down by a recogniser and read back to them; nothing is published that they did not hear."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import pytest

from channels.contract import Heard, NotHeard
from farmerline.clock import Clock
from farmerline.domain.answers import park_unanswered
from farmerline.messages import Ask, Channel, Record, Say
from farmerline.models import (
    Account,
    Case,
    CaseKind,
    CaseState,
    Delivery,
    Ear,
    Inbound,
    Post,
    PostState,
    Recording,
    Sighting,
)
from jobs.context import Context
from jobs.recognise import recognise
from tests.domain.talking import SEEDLINGS, WAV, Line, Village, read

HEARD = "葡萄苗两千株三块一株杨高村"
SEEN = "葡萄叶子有霜霉病十株里三株"
_sounds = itertools.count()


@dataclass
class Ears:
    """A recogniser that says what it is told to, or fails so."""

    says: Heard | NotHeard = field(default_factory=lambda: Heard(HEARD, 0.9))
    given: list[tuple[bytes, str]] = field(default_factory=list)

    def hear(self, wav: bytes, language: str) -> Heard:
        self.given.append((wav, language))
        if isinstance(self.says, NotHeard):
            raise self.says
        return self.says


class Now(Clock):
    def __init__(self, village: Village) -> None:
        self.village = village

    def now(self) -> Any:
        return self.village.now


def listening(village: Village, ears: Ears) -> Context:
    return Context(
        database=village.database, clock=Now(village), gateways=(), settings=village.settings, understand=read,
        recogniser=ears,
    )  # fmt: skip


def by_carrier(village: Village, **values: Any) -> Village:
    village.settings = village.settings.model_copy(update={"recogniser": "carrier", **values})
    return village


def left(village: Village, caller: Any, key: str, *, hangs_up: bool = True) -> Line:
    """Press a key and speak; then hang up, or stay and listen."""
    line = village.ring(caller)
    line.press(key)
    line.speak(WAV + bytes([next(_sounds)]))
    if hangs_up:
        line._turn(ended=True)
    return line


def texts(village: Village, who: Account) -> list[str]:
    """What was texted to a person, oldest first."""
    mine = village.all(Delivery, Delivery.account_id == who.id, Delivery.channel == Channel.SMS)
    return [row.text for row in mine]


def test_a_spoken_post_is_read_back_by_text_and_published_by_a_yes(village: Village) -> None:
    """M03: spoken once, heard back, out with 1; the sound stays with the post."""
    farmer, ears = village.person(), Ears()
    left(village, farmer, "1")
    assert recognise(listening(village, ears)) == 1
    assert recognise(listening(village, ears)) == 0
    (read_back,) = texts(village, farmer)
    assert read_back.startswith("已记下:卖 葡萄苗 2000株") and village.published() == 0
    assert village.cases() == [] and ears.given[0][1] == "zh"
    assert "已发布" in village.told(farmer, "1")
    (post,) = village.all(Post)
    (recording,) = village.all(Recording)
    assert post.state is PostState.OPEN and recording.sound == ears.given[0][0]
    assert village.get(Inbound, post.inbound_id).recording_id == recording.id


def test_who_stays_on_the_line_hears_the_words_in_the_same_call(village: Village) -> None:
    farmer = village.person()
    line = left(village, farmer, "1", hangs_up=False)
    assert recognise(listening(village, Ears())) == 0, "the call itself reads it back"
    words = line.press("1")
    assert "葡萄苗" in words and "请按1" in words and village.published() == 0
    assert line.again().split("\n")[-1] == words.split("\n")[-1], "the same turn twice asks the same"
    line.press("3")
    assert "已发布" in line.words
    (post,) = village.all(Post)
    assert (post.state, post.share_phone) == (PostState.OPEN, False)
    assert texts(village, farmer) == [] and village.cases() == []


def test_nobody_answers_the_read_back_and_a_person_has_the_draft_and_the_sound(village: Village) -> None:
    farmer = village.person()
    left(village, farmer, "1")
    recognise(listening(village, Ears()))
    village.wait(days=3)
    assert village.do(park_unanswered) == 1
    (case,) = village.cases()
    (post,), (recording,) = village.all(Post), village.all(Recording)
    assert (case.kind, case.post_id, case.recording_id) == (CaseKind.CALL_BACK, post.id, recording.id)
    assert village.published() == 0


DOUBTFUL = [
    # what the recogniser answers, what is kept of it
    (Heard(HEARD, 0.2), HEARD),
    (Heard("今天天气很好"), "今天天气很好"),
    (NotHeard("exit 1"), None),
]


@pytest.mark.parametrize(("says", "kept"), DOUBTFUL)
def test_what_is_not_sure_stays_with_the_listening_desk(
    sqlite_village: Village, says: Heard | NotHeard, kept: str | None
) -> None:
    village, ears = sqlite_village, Ears(says)
    farmer = village.person()
    left(village, farmer, "1")
    assert recognise(listening(village, ears)) == 0
    (case,) = village.cases()
    assert (case.kind, case.ear, case.heard) == (CaseKind.VOICE_POST, Ear.ASIDE, kept)
    recognise(listening(village, ears))
    assert len(ears.given) == 1, "nobody is asked twice"
    assert texts(village, farmer) == [] and village.count(Post) == 0


def test_a_recogniser_that_is_away_is_asked_again_and_not_for_ever(sqlite_village: Village) -> None:
    village, ears = sqlite_village, Ears(NotHeard("no answer", later=True))
    left(village, village.person(), "1")
    recognise(listening(village, ears))
    ears.says = Heard(HEARD)
    village.wait(minutes=40)
    assert recognise(listening(village, ears)) == 0 and len(ears.given) == 1
    (case,) = village.cases()
    assert case.ear is Ear.NONE
    left(village, village.person("陈小梅", phone="+8613800000077"), "1")
    assert recognise(listening(village, ears)) == 1


def test_words_of_somebody_unknown_and_words_said_anew_are_not_read_back(sqlite_village: Village) -> None:
    village, ears = sqlite_village, Ears()
    left(village, "+8613800000099", "1")
    line = left(village, village.person(), "2", hangs_up=False)
    context = listening(village, ears)
    usual = ears.hear

    def say_again_meanwhile(wav: bytes, language: str) -> Heard:
        ears.hear = usual  # type: ignore[method-assign]
        line.press("2")
        line.speak(WAV + b"anew")
        return usual(wav, language)

    recognise(context)
    assert [case.ear for case in village.cases()] == [Ear.ASIDE, Ear.READY]
    line.press("2")
    line.speak(WAV + b"once more")
    ears.hear = say_again_meanwhile  # type: ignore[method-assign]
    recognise(context)
    assert village.count(Post) == 0 and village.cases()[1].ear in (Ear.NONE, Ear.READY)


def test_a_spoken_sighting_counts_once_its_words_are_confirmed(village: Village) -> None:
    """M04: the officer sees what the farmer said yes to."""
    farmer = village.person()
    left(village, farmer, "3")
    recognise(listening(village, Ears(Heard(SEEN))))
    (asked,) = texts(village, farmer)
    assert SEEN in asked and village.count(Sighting) == 0
    (case,) = village.cases()
    told = village.told(farmer, "1")
    (sighting,) = village.all(Sighting)
    assert (sighting.number, sighting.pest, sighting.in_ten, sighting.case_id) == (
        case.number,
        "霜霉病",
        3,
        case.id,
    )
    assert str(case.number) in told and village.cases() == []


@pytest.mark.parametrize("settled_before", [False, True])
def test_a_no_to_what_was_heard_leaves_the_sighting_to_a_person(
    sqlite_village: Village, settled_before: bool
) -> None:
    village = sqlite_village
    farmer = village.person()
    left(village, farmer, "3")
    recognise(listening(village, Ears(Heard(SEEN))))
    (case,) = village.cases()
    if settled_before:
        with village.session() as session:
            session.get_one(Case, case.id).state = CaseState.CLOSED
    told = village.told(farmer, "1" if settled_before else "2")
    assert str(case.number) in told and village.count(Sighting) == 0
    assert len(village.cases()) == (0 if settled_before else 1)


def test_a_change_by_voice_changes_the_draft_and_reads_it_back(sqlite_village: Village) -> None:
    village = sqlite_village
    farmer = village.person()
    village.say(farmer, SEEDLINGS)
    line = village.ring(farmer)
    line.press("6", "2")
    line.speak(WAV + b"change")
    recognise(listening(village, Ears(Heard("三千株"))))
    assert "3000株" in line.press("1").replace("三千", "3000")
    line.press("1")
    (post,) = village.all(Post)
    assert post.state is PostState.OPEN and post.items[0].qty == 3000


def test_the_carrier_listens_in_the_call_and_the_draft_is_heard_back(village: Village) -> None:
    """M03: three keys and a sentence, and nothing is published unheard."""
    by_carrier(village)
    line = village.ring(village.person())
    line.press("1")
    (ask,) = [step for step in line.script.steps if isinstance(step, Ask)]
    assert ask.speech and "井号" not in line.words
    words = line.speak(None, 0, said=HEARD, sureness=0.8)
    assert "两千株" in words and "请按1" in words and village.published() == 0
    assert line.again() and village.count(Post) == 1
    line.press("1")
    assert village.published() == 1 and village.cases() == []


UNSURE = [
    ("1", {"said": HEARD, "sureness": 0.3}),
    ("1", {"said": "你好"}),
    ("3", {"said": "你好"}),
    ("1", {}),
]


@pytest.mark.parametrize(("key", "heard"), UNSURE)
def test_what_the_carrier_does_not_understand_is_said_once_more_as_sound(
    sqlite_village: Village, key: str, heard: dict[str, Any]
) -> None:
    village = by_carrier(sqlite_village)
    line = village.ring(village.person())
    line.press(key)
    line.speak(None, 0, **heard)
    assert line.waits_for is Record and len(village.cases()) == (1 if heard else 0)
    line.speak(WAV)
    (case,) = village.cases()
    assert case.recording_id and village.count(Post) == 0
    line.press("1")
    assert village.cases()[0].id == case.id


def test_a_sighting_and_a_question_are_repeated_before_they_count(sqlite_village: Village) -> None:
    village = by_carrier(sqlite_village)
    line = village.ring(village.person())
    line.press("3")
    line.speak(None, 0, said=SEEN)
    assert village.count(Sighting) == 0
    line.press("1")
    assert village.count(Sighting) == 1
    line.press("*", "4")
    assert "葡萄怎么施肥" in line.speak(None, 0, said="葡萄怎么施肥")
    line.press("2")
    line.speak(None, 0, said="葡萄怎么修剪")
    line.press("1")
    (case,) = village.cases()
    assert (case.kind, case.text) == (CaseKind.QUESTION, "葡萄怎么修剪")


def test_of_a_household_it_is_asked_first_who_spoke(sqlite_village: Village) -> None:
    village = by_carrier(sqlite_village)
    first = village.person()
    second = village.person("杨小妹", phone=first.phone)
    line = village.ring(first)
    line.press("1")
    assert "杨小妹" in line.speak(None, 0, said=HEARD)
    key = next(step for step in line.script.steps if isinstance(step, Ask)).prompt
    at = next(place for place, say in enumerate(key, 1) if isinstance(say, Say) and "杨小妹" in say.text)
    assert "葡萄苗" in line.press(str(at))
    line.press("1")
    (post,) = village.all(Post)
    assert (post.account_id, post.state) == (second.id, PostState.OPEN)
