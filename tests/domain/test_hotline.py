"""农业110 on the telephone: the expert on duty, the next one, the box; and the hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from farmerline.clock import local
from farmerline.domain import access, calls, shifts
from farmerline.errors import Absent, Invalid
from farmerline.messages import Ask, HangUp, Record, Transfer, Turn
from farmerline.models import Account, AuditRow, Case, CaseKind, Delivery, ExpertRing, RingEnd, Role, Shift
from tests.domain.talking import Line, Village, read
from tests.factories import COUNTY, OTHER_TOWN, TOWN, YANGGAO, make_staff

ALL_DAY = (0, 24 * 60)


def expert(village: Village, name: str, area_code: str = COUNTY, **values: Any) -> Account:
    with village.session() as session:
        return make_staff(session, Role.EXPERT, area_code, name, **values)


def keep(
    village: Village, account: Account, hours: tuple[int, int] = ALL_DAY, *, area: str = COUNTY, days: int = 7
) -> None:
    """Hours of every day of the week, kept by the expert."""
    with village.session() as session:
        actor = access.actor_of(session, session.get_one(Account, account.id))
        for weekday in range(days):
            shifts.add(
                session, actor=actor, area_code=area, account_id=account.id, weekday=weekday, starts=hours[0],
                ends=hours[1], now=village.now,
            )  # fmt: skip


def dialled(line: Line) -> Transfer:
    (step,) = [step for step in line.script.steps if isinstance(step, Transfer)]
    return step


def pick_up(village: Village, line: Line, key: str) -> Any:
    """The expert who is rung takes the receiver off and presses a key (or none)."""
    step = dialled(line)

    def turn(step_name: str, digits: str = "") -> Any:
        heard = Turn(
            gateway="voice",
            call_ref=f"{line.ref}b",
            caller=step.to,
            to="",
            at=village.now,
            step=step_name,
            digits=digits,
        )
        with village.session() as session:
            return calls.turn(session, heard, understand=read, settings=village.settings, now=village.now)

    (asked,) = turn(step.screen).steps
    return asked, turn(asked.step, key)


def ended(line: Line, how: str, seconds: int = 0) -> str:
    """The carrier goes on after the dialling."""
    line.step = dialled(line).step
    line._turn(dialled=how, dialled_seconds=seconds)
    return line.words


@pytest.mark.parametrize(("key", "kind"), [("0", CaseKind.MESSAGE), ("4", CaseKind.QUESTION)])
def test_a_caller_is_put_through_to_the_expert_on_duty_who_takes_the_call(
    village: Village, key: str, kind: CaseKind
) -> None:
    """M07: who, when, how long waited, who answered, how it ended; a case for the call."""
    adviser, caller = expert(village, "励志明"), village.person("胡秀珍")
    keep(village, adviser)
    line = village.ring(caller)
    said = line.press(key)
    (case,) = village.cases()
    assert (case.kind, case.account_id, str(case.number) in said.replace(" ", "").replace("幺", "1")) == (
        kind,
        caller.id,
        True,
    )
    step = dialled(line)
    assert (step.to, step.seconds, step.shown) == (adviser.phone, 20, "+8657400002169")
    village.wait(seconds=9)
    asked, joined = pick_up(village, line, "1")
    assert "胡秀珍" in asked.prompt[0].text and "杨高村" in asked.prompt[0].text
    assert joined.steps == ()
    village.wait(seconds=80)
    assert "谢谢来电" in ended(line, "answered", 74)
    assert isinstance(line.script.steps[-1], HangUp)
    (ring,) = village.all(ExpertRing)
    assert (ring.account_id, ring.outcome, ring.seconds) == (adviser.id, RingEnd.TALKED, 74)
    assert ring.taken_at - ring.rung_at == timedelta(seconds=9)
    assert village.get(Case, case.id).assigned_to == adviser.id


@pytest.mark.parametrize(
    ("key", "how", "outcome"),
    [("2", "answered", RingEnd.DECLINED), ("", "answered", RingEnd.DECLINED), (None, "busy", RingEnd.BUSY),
     (None, "no_answer", RingEnd.NO_ANSWER), (None, "failed", RingEnd.FAILED), (None, "", RingEnd.NO_ANSWER)],
)  # fmt: skip
def test_the_next_one_is_rung_and_then_the_box_takes_the_question(
    sqlite_village: Village, key: str | None, how: str, outcome: RingEnd
) -> None:
    """M07, M08: else the next; else a question whose number is spoken and texted."""
    first, second = expert(sqlite_village, "励志明"), expert(sqlite_village, "余海燕")
    for adviser in (first, second):
        keep(sqlite_village, adviser)
    caller = sqlite_village.person()
    line = sqlite_village.ring(caller)
    line.press("4")
    assert dialled(line).to == first.phone
    if key is not None:
        assert pick_up(sqlite_village, line, key)[1].steps == (HangUp(),)
    ended(line, how)
    assert dialled(line).to == second.phone
    line.again()
    assert dialled(line).to == second.phone and sqlite_village.count(ExpertRing) == 2
    assert "专家都在忙" in ended(line, "no_answer")
    assert sqlite_village.all(ExpertRing)[0].outcome is outcome
    line.silence()
    assert line.waits_for is Record
    said = line.speak()
    (case,) = sqlite_village.cases()
    assert (
        case.kind is CaseKind.QUESTION
        and case.recording_id
        and str(case.number) in said.replace(" ", "").replace("幺", "1")
    )
    texts = [row.text for row in sqlite_village.all(Delivery, Delivery.channel == "sms")]
    assert texts == [f"记下了,编号{case.number}。48小时内答复您。"]
    assert case.due_at - case.opened_at == timedelta(hours=48)
    assert "几点打给您" in line.press("1")
    line.press("3")
    assert sqlite_village.get(Case, case.id).tell_hour == 18


def test_out_of_hours_the_caller_hears_when_somebody_is_there_and_may_hear_advice(
    sqlite_village: Village,
) -> None:
    """M08: hear an answer or leave a question."""
    adviser = expert(sqlite_village, "励志明")
    minute = local(sqlite_village.now).hour * 60 + local(sqlite_village.now).minute
    keep(sqlite_village, adviser, (6 * 60, minute))
    line = sqlite_village.ring(sqlite_village.person())
    assert "现在没有专家值班,明天六点有人" in line.press("0")
    assert not sqlite_village.cases()
    assert "还没有技术" in line.press("5") and line.waits_for is Ask
    line.press("4")
    line.press("1")
    assert line.waits_for is Record
    line.speak()
    assert [case.kind for case in sqlite_village.cases()] == [CaseKind.QUESTION]


def test_a_caller_who_hangs_up_while_it_rings_is_rung_back(sqlite_village: Village) -> None:
    keep(sqlite_village, expert(sqlite_village, "励志明"))
    line = sqlite_village.ring(sqlite_village.person())
    line.press("0")
    line.press("0")
    assert len(sqlite_village.cases()) == 1
    screen = dialled(line).screen
    line._turn(ended=True)
    (ring,) = sqlite_village.all(ExpertRing)
    assert ring.outcome is RingEnd.LEFT
    heard = Turn(gateway="voice", call_ref="late", caller="", to="", at=sqlite_village.now, step=screen)
    with sqlite_village.session() as session:
        late = calls.turn(
            session, heard, understand=read, settings=sqlite_village.settings, now=sqlite_village.now
        )
    assert late.steps == (HangUp(),)
    assert len(sqlite_village.cases()) == 1


def test_nobody_is_rung_whom_the_roster_does_not_name(sqlite_village: Village) -> None:
    """The dialled number is an expert's own, whatever was said or sent; not the caller's, not of one without the role."""
    left, adviser = expert(sqlite_village, "罗一"), expert(sqlite_village, "励志明", phone="+8613800005555")
    for one in (left, adviser):
        keep(sqlite_village, one)
    with sqlite_village.session() as session:
        (row,) = access.roles_of(session, left.id)
        access.end_role(session, row, by=None, now=sqlite_village.now)
    line = sqlite_village.ring("+8613800005555")
    assert "专家都在忙" in line.press("0")
    line = sqlite_village.ring(sqlite_village.person())
    line._turn(digits="4", said="<Dial>110</Dial>")
    assert dialled(line).to == "+8613800005555"
    line.step = "dialled:nothing"
    line._turn(dialled="answered")
    assert line.waits_for is Record


def test_the_narrowest_roster_holidays_and_substitutes_decide_who_is_on_duty(village: Village) -> None:
    first, second, town = (
        expert(village, "励志明"),
        expert(village, "余海燕"),
        expert(village, "马小青", OTHER_TOWN),
    )
    keep(village, first)
    keep(village, town, area=OTHER_TOWN)
    today = local(village.now).date()

    def names(area: str = YANGGAO, **later: int) -> list[str]:
        with village.database.read() as session:
            return [one.name for one in shifts.on_duty(session, area, village.now + timedelta(**later))]

    def act(verb: Any, **values: Any) -> None:
        with village.session() as session:
            actor = access.actor_of(session, session.get_one(Account, first.id))
            verb(session, actor=actor, now=village.now, **values)

    assert (names(), names(OTHER_TOWN), names(TOWN)) == (["励志明"], ["马小青"], ["励志明"])
    act(shifts.stand_in, area_code=COUNTY, day=today, account_id=first.id, substitute_id=second.id)
    assert (names(), names(days=1)) == (["余海燕"], ["励志明"])
    act(shifts.stand_in, area_code=COUNTY, day=today, account_id=first.id, substitute_id="")
    assert names() == []
    tomorrow = today + timedelta(days=1)
    act(shifts.set_day, area_code=COUNTY, day=tomorrow, weekday=None, name="国庆节")
    assert names(days=1) == []
    act(shifts.set_day, area_code=COUNTY, day=tomorrow, weekday=today.weekday(), name="调休")
    assert names(days=1) == ["励志明"]
    with village.database.read() as session:
        acts = set(session.scalars(select(AuditRow.act).where(AuditRow.act.like("shift.%"))))
    assert acts == {"shift.add", "shift.stand_in", "shift.day"}


@pytest.mark.parametrize(
    ("change", "code"),
    [({"starts": 600, "ends": 540}, "shift_hours"), ({"weekday": 7}, "shift_hours"), ({"starts": -1}, "shift_hours"),
     ({"starts": 30, "ends": 90}, "shift_twice"), ({"account_id": "nobody"}, "expert_unfit")],
)  # fmt: skip
def test_hours_that_are_none_are_refused(sqlite_village: Village, change: dict[str, Any], code: str) -> None:
    adviser = expert(sqlite_village, "励志明")
    keep(sqlite_village, adviser, (0, 60), days=1)
    given = {
        "area_code": COUNTY,
        "account_id": adviser.id,
        "weekday": 0,
        "starts": 480,
        "ends": 1020,
        **change,
    }
    with sqlite_village.session() as session:
        actor = access.actor_of(session, session.get_one(Account, adviser.id))
        with pytest.raises(Invalid) as refused:
            shifts.add(session, actor=actor, now=sqlite_village.now, **given)
        assert refused.value.code == code
        with pytest.raises(Absent):
            shifts.add(session, actor=actor, now=sqlite_village.now, **{**given, "area_code": "310118"})
    assert sqlite_village.count(Shift) == 1
