"""Answers of experts: texted, rung, spoken, rated; handed over, and passed on when they are late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from farmerline.clock import local
from farmerline.domain import access, advice, cases
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.messages import Channel, HangUp, PlayRecording, Record
from farmerline.models import (
    Account,
    Case,
    CaseAnswer,
    CaseEvent,
    CaseKind,
    CaseState,
    Delivery,
    DeliveryState,
    Question,
    Role,
)
from tests.domain.talking import WAV, Line, Village
from tests.factories import COUNTY, OTHER_TOWN, make_staff

SHORT = "像是缺镁,不用打药。叶面喷硫酸镁,隔10天再喷一次。"


def expert(village: Village, name: str = "励志明", area_code: str = COUNTY, **values: Any) -> Account:
    with village.session() as session:
        return make_staff(session, Role.EXPERT, area_code, name, **values)


def ask(village: Village, who: Account | str, text: str = "问 葡萄叶子发黄怎么办") -> Case:
    village.say(who, text)
    return village.cases(CaseKind.QUESTION)[-1]


def act(village: Village, by: Account, verb: Any, **values: Any) -> Any:
    with village.session() as session:
        return verb(
            session,
            actor=access.actor_of(session, session.get_one(Account, by.id)),
            now=village.now,
            **values,
        )


def answer(
    village: Village, by: Account, case: Case, short: str = SHORT, full: str = "", **values: Any
) -> CaseAnswer:
    return act(
        village,
        by,
        advice.answer,
        number=case.number,
        short=short,
        full=full,
        settings=village.settings,
        **values,
    )


def told(village: Village, who: Account, channel: Channel = Channel.SMS) -> list[Delivery]:
    """What waits to be sent to a person, not as the answer to a text."""
    mine = (Delivery.account_id == who.id, Delivery.channel == channel, Delivery.inbound_id.is_(None))
    return village.all(Delivery, *mine, Delivery.state == DeliveryState.QUEUED)


@pytest.mark.parametrize(
    ("reply", "useful", "says"), [("1", True, "谢谢您告诉我们"), ("2", False, "专家会再看一次")]
)
def test_a_question_is_answered_by_text_and_its_use_is_asked_for(
    village: Village, reply: str, useful: bool, says: str
) -> None:
    farmer, adviser = village.person("胡秀珍"), expert(village)
    case = ask(village, farmer)
    assert case.due_at - case.opened_at == timedelta(hours=48)
    answer(village, adviser, case)
    (sent,) = told(village, farmer)
    assert sent.text.startswith(f"{SHORT}有用回1,没用回2[")
    assert says in village.told(farmer, reply)
    (row,) = village.all(CaseAnswer)
    assert (row.useful, row.by_id, village.get(Case, case.id).state) == (useful, adviser.id, CaseState.CLOSED)
    again = village.cases(CaseKind.QUESTION)
    assert [(one.assigned_to, "没帮上" in one.text) for one in again] == (
        [] if useful else [(adviser.id, True)]
    )
    with pytest.raises(Conflict):
        answer(village, adviser, case)


def test_who_chose_an_hour_is_rung_at_it_with_the_whole_answer_and_answers_by_key(
    sqlite_village: Village,
) -> None:
    farmer, adviser = sqlite_village.person("胡秀珍"), expert(sqlite_village)
    line = sqlite_village.ring(farmer)
    line.press("4")
    line.speak()
    line.press("1", "3")
    (case,) = sqlite_village.cases(CaseKind.QUESTION)
    answer(sqlite_village, adviser, case, full="从下部老叶先黄、叶脉还绿,是缺镁的样子。")
    assert len(told(sqlite_village, farmer)) == 2  # its number, its answer
    (ring,) = told(sqlite_village, farmer, Channel.VOICE)
    assert (local(ring.due_at).hour, local(ring.due_at).minute, ring.due_at > sqlite_village.now) == (
        18,
        0,
        True,
    )
    call = Line(sqlite_village, str(farmer.phone), ring.id)
    assert "叶脉还绿" in call.words and "有用请按1" in call.words
    assert "谢谢您告诉我们" in call.press("1")
    assert sqlite_village.all(CaseAnswer)[0].useful is True


def test_an_expert_who_is_rung_speaks_the_answer_and_the_farmer_hears_that_voice(
    sqlite_village: Village,
) -> None:
    farmer, adviser = sqlite_village.person("胡秀珍"), expert(sqlite_village)
    case = ask(sqlite_village, farmer)
    act(sqlite_village, adviser, advice.ask_to_speak, number=case.number)
    (ring,) = told(sqlite_village, adviser, Channel.VOICE)
    line = Line(sqlite_village, str(adviser.phone), ring.id)
    assert line.waits_for is Record
    assert "您说的是" in line.speak()
    assert line.press("2") and line.waits_for is Record
    line.speak(WAV + b"ab")
    assert not sqlite_village.all(CaseAnswer)
    assert "放给他听" in line.press("1")
    assert line.script.steps[-1] == HangUp()
    (row,) = sqlite_village.all(CaseAnswer)
    assert sqlite_village.get(Case, case.id).state is CaseState.CLOSED
    heard = Line(sqlite_village, str(farmer.phone), told(sqlite_village, farmer, Channel.VOICE)[0].id)
    assert PlayRecording(row.recording_id) in heard.script.steps[0].prompt  # type: ignore[union-attr]
    assert "专家已经录好回答" in told(sqlite_village, farmer)[0].text
    assert "谢谢" in heard.press("1")
    stranger = sqlite_village.ring("+8613800001111")
    stranger.step = f"advise:{sqlite_village.all(Question)[0].id}"
    assert "再见" in stranger.speak()


@pytest.mark.parametrize(
    ("short", "full", "code"),
    [("", "", "answer_missing"), ("好" * 59, "", "too_long"), ("喷药", "好" * 601, "too_long"),
     ("喷丰收牌吡虫啉", "", "brand_named")],
)  # fmt: skip
def test_an_answer_that_will_not_do_is_refused(
    sqlite_village: Village, short: str, full: str, code: str
) -> None:
    case, adviser = ask(sqlite_village, sqlite_village.person()), expert(sqlite_village)
    with pytest.raises(Invalid) as refused:
        answer(sqlite_village, adviser, case, short, full)
    assert refused.value.code == code
    assert not sqlite_village.count(CaseAnswer)


def test_cases_of_elsewhere_and_of_other_kinds_are_not_there(sqlite_village: Village) -> None:
    near, far = expert(sqlite_village), expert(sqlite_village, "马小青", OTHER_TOWN)
    farmer = sqlite_village.person()
    case = ask(sqlite_village, farmer)
    other = sqlite_village.do(cases.open_case, kind=CaseKind.UNCLEAR, area_code=farmer.area_code, text="?")
    for by, number in (
        (far, case.number),
        (farmer, case.number),
        (near, other.number),
        (near, 0),
        (near, 2**40),
    ):
        for verb, values in (
            (advice.show_caller, {}), (advice.ask_to_speak, {}), (advice.write_down, {"text": "葡萄"}),
            (advice.hand_over, {"to_id": near.id}),
        ):  # fmt: skip
            with pytest.raises(Absent):
                act(sqlite_village, by, verb, number=number, **values)


def test_a_case_is_handed_over_and_a_late_one_goes_to_somebody_by_name_once(village: Village) -> None:
    """M18: unanswered over 48 hours goes to a person."""
    first, second = expert(village), expert(village, "余海燕")
    case = ask(village, village.person("胡秀珍"))
    act(village, first, advice.hand_over, number=case.number, to_id=second.id)
    assert village.get(Case, case.id).assigned_to == second.id
    assert f"{case.number}号问题转给您了" in told(village, second)[-1].text
    with pytest.raises(Invalid):
        act(village, first, advice.hand_over, number=case.number, to_id=second.id)
    assert village.do(advice.pass_on_late) == 0
    village.wait(hours=48)
    assert village.do(advice.pass_on_late) == 1
    assert village.do(advice.pass_on_late) == 0
    assert village.get(Case, case.id).assigned_to == first.id
    assert "超过48小时" in told(village, first)[-1].text
    assert [one.act for one in village.all(CaseEvent)] == ["hand_over", "late"]
