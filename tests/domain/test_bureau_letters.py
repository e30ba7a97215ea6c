"""Letters to the bureau: taken in by text, web and voice, passed on, answered, ended, shown after a second look."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from farmerline.domain import access, bureau_letters, cases, erasure, units
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import (
    Account,
    BureauLetter,
    BureauLetterEvent,
    BureauLetterState,
    Case,
    CaseKind,
    CaseState,
    Delivery,
    Role,
    Unit,
)
from farmerline.queries import bureau_letters as listed
from tests.domain.talking import Village
from tests.factories import COUNTY, OTHER_TOWN, make_staff


def staff(village: Village, role: Role, name: str, area_code: str = COUNTY) -> Account:
    with village.session() as session:
        return make_staff(session, role, area_code, name)


def act(village: Village, by: Account, verb: Any, **values: Any) -> Any:
    with village.session() as session:
        actor = access.actor_of(session, session.get_one(Account, by.id), second_factor=True)
        return verb(session, actor=actor, now=village.now, **values)


@pytest.mark.parametrize(
    ("text", "kind", "days"),
    [("来信 村口的路坏了半年了", "consult", 5), ("投诉：买到假种子，没人管", "complaint", 15), ("建议 多办几次技术课", "suggestion", 15)],
)  # fmt: skip
def test_a_letter_by_text_has_a_number_and_a_due_time_at_once(
    village: Village, text: str, kind: str, days: int
) -> None:
    """M11: every letter has a due time."""
    farmer = village.person("胡秀珍")
    assert village.told(farmer, text) == f"来信1号收到,{days}个工作日内答复。"
    (letter,) = village.all(BureauLetter)
    assert (letter.number, letter.kind, letter.from_id, letter.channel) == (1, kind, farmer.id, "sms")
    assert letter.due_at == cases.add_working_hours(letter.received_at, days * 10)
    assert not village.cases()


def test_short_words_and_other_matters_are_no_letters(sqlite_village: Village) -> None:
    farmer = sqlite_village.person()
    for text in ("来信", "来信 好", "卖葡萄苗2000株3元一株杨高村", "建议"):
        sqlite_village.say(farmer, text)
    assert not sqlite_village.all(BureauLetter)


def test_a_letter_is_passed_on_answered_and_ended_each_with_a_name(village: Village) -> None:
    """M11: every letter has an end; what is late is listed by unit."""
    farmer = village.person("胡秀珍")
    office, officer = staff(village, Role.PUBLISHER, "许编辑"), staff(village, Role.OFFICER, "施植保")
    village.say(farmer, "来信 村口的路坏了半年了")
    act(
        village,
        office,
        bureau_letters.pass_on,
        number=1,
        unit="农村能源站",
        handler_id=officer.id,
        kind="complaint",
    )
    (letter,) = village.all(BureauLetter)
    assert letter.due_at == cases.add_working_hours(letter.received_at, 150)
    village.wait(days=30)

    def late() -> list[tuple[str, int]]:
        with village.database.read() as session:
            actor = access.actor_of(session, session.get_one(Account, office.id), second_factor=True)
            return listed.overdue_by_unit(listed.waiting(session, actor=actor, language="zh"), village.now)

    assert late() == [("农村能源站", 1)]
    act(village, officer, bureau_letters.answer, number=1, words="路政站下月来修。")
    assert late() == []
    texts = [row.text for row in village.all(Delivery, Delivery.account_id == farmer.id)]
    assert "您的来信1号:路政站下月来修。" in texts
    with pytest.raises(Conflict):
        act(village, officer, bureau_letters.answer, number=1, words="再答一次")
    act(village, office, bureau_letters.close, number=1, why="")
    (letter,) = village.all(BureauLetter)
    assert (letter.state, letter.answered_by) == (BureauLetterState.CLOSED, officer.id)
    steps = [(one.act, one.by_id) for one in village.all(BureauLetterEvent)]
    assert steps == [
        ("write", farmer.id), ("pass_on", office.id), ("answer", officer.id), ("close", office.id),
    ]  # fmt: skip
    with village.database.read() as session:
        promise = next(one for one in listed.promises(session, language="zh", now=village.now) if one.letters)
    assert (promise.answered, promise.in_time) == (1, 0)


def test_the_guestbook_holds_what_its_writer_agreed_to_and_a_second_person_let_out(
    sqlite_village: Village,
) -> None:
    """M18: a guestbook is the same letter made public after review."""
    farmer = sqlite_village.person("胡秀珍")
    office, second = (
        staff(sqlite_village, Role.PUBLISHER, "许编辑"),
        staff(sqlite_village, Role.ADMIN, "高管理"),
    )
    for board, body in ((True, "村口的路坏了半年了"), (False, "村口的灯也坏了")):
        sqlite_village.do(
            bureau_letters.write,
            account=farmer,
            body=body,
            kind="help",
            channel="web",
            board=board,
        )
    shown = {"number": 1, "text": "某村村口的路坏了半年", "reply": "下月修好"}
    with pytest.raises(Conflict):
        act(sqlite_village, second, bureau_letters.show, **shown)
    for number in (1, 2):
        act(sqlite_village, office, bureau_letters.answer, number=number, words="路政站下月来修。")
    with pytest.raises(Conflict):
        act(sqlite_village, office, bureau_letters.show, **shown)
    with pytest.raises(Conflict):
        act(sqlite_village, second, bureau_letters.show, **{**shown, "number": 2})
    with pytest.raises(Invalid):
        act(sqlite_village, second, bureau_letters.show, **{**shown, "text": "打13900000001问路"})
    act(sqlite_village, second, bureau_letters.show, **shown)
    with sqlite_village.database.read() as session:
        (one,) = listed.guestbook(session, language="zh")
    assert (one.text, one.answer, one.kind) == ("某村村口的路坏了半年", "下月修好", "求助")
    act(sqlite_village, second, bureau_letters.hide, number=1)
    with sqlite_village.database.read() as session:
        assert not listed.guestbook(session, language="zh")


def test_an_erased_person_s_letter_and_question_leave_the_public_pages(sqlite_village: Village) -> None:
    farmer, office = sqlite_village.person("胡秀珍"), staff(sqlite_village, Role.ADMIN, "高管理")
    sqlite_village.do(
        bureau_letters.write, account=farmer, body="村口的路坏了", kind="help", channel="web", board=True
    )
    with sqlite_village.session() as session:
        letter = session.get_one(BureauLetter, sqlite_village.all(BureauLetter)[0].id)
        letter.board_text = letter.board_answer = "村口的路坏了"
        case = cases.open_case(
            session, kind=CaseKind.QUESTION, area_code=farmer.area_code, text="葡萄", now=sqlite_village.now,
            account=session.get_one(Account, farmer.id),
        )  # fmt: skip
        case.board_text = "葡萄叶子发黄"
    with sqlite_village.session() as session:
        erasure.erase(
            session, session.get_one(Account, farmer.id), by=session.get_one(Account, office.id), reason="asked", home=sqlite_village.settings.home,
            now=sqlite_village.now,
        )  # fmt: skip
    assert not any(one.board_text for one in [*sqlite_village.all(BureauLetter), *sqlite_village.all(Case)])


def test_what_was_said_on_the_telephone_becomes_a_letter_of_that_person(sqlite_village: Village) -> None:
    helper, farmer = sqlite_village.contact(name="岑美芳"), sqlite_village.person("胡秀珍")
    for caller in (farmer, "+8613800001111"):
        line = sqlite_village.ring(caller)
        line.press("0")
        line.speak()
    known, stranger = sqlite_village.all(Case, Case.kind == CaseKind.MESSAGE)

    def take(case: Case) -> Any:
        with sqlite_village.session() as session:
            actor = access.actor_of(session, session.get_one(Account, helper.id))
            return bureau_letters.take_spoken(
                session, actor=actor, case=session.get_one(Case, case.id), body="村口的路坏了", kind="help", now=sqlite_village.now
            )  # fmt: skip

    take(known)
    (letter,) = sqlite_village.all(BureauLetter)
    assert (letter.from_id, letter.operator_id, letter.channel) == (farmer.id, helper.id, "voice")
    assert sqlite_village.get(Case, known.id).state is CaseState.CLOSED
    for case in (known, stranger):
        with pytest.raises(Conflict):
            take(case)


def test_a_letter_goes_to_a_unit_of_the_list_and_to_its_liaison_and_other_names_stay_as_written(
    village: Village,
) -> None:
    village.say(village.person("胡秀珍"), "来信 村口的路坏了半年了")
    office, expert = staff(village, Role.ADMIN, "高管理"), staff(village, Role.EXPERT, "励志明")
    with village.session() as session:
        actor = access.actor_of(session, session.get_one(Account, office.id), second_factor=True)
        unit = units.add(
            session, name="农村公路站", kind="office", area_code=COUNTY, actor=actor, now=village.now
        )
        successor = session.get_one(Account, expert.id)
        units.change(
            session, unit, successor=successor, since=village.now.date(), actor=actor, now=village.now
        )

    def passed(name: str) -> tuple[str | None, str | None]:
        act(village, office, bureau_letters.pass_on, number=1, unit=name, handler_id="", kind="help")
        (letter,) = village.all(BureauLetter)
        return letter.unit_id, letter.handler_id

    def shown() -> listed.Line:
        with village.database.read() as session:
            me = access.actor_of(session, session.get_one(Account, office.id), second_factor=True)
            return listed.waiting(session, actor=me, language="zh")[0]

    assert passed("县里的路政") == (None, None)
    assert (shown().unit, shown().listed) == ("县里的路政", False)
    assert passed(" 农村公路站 ") == (unit.id, expert.id)
    with village.session() as session:
        session.get_one(Unit, unit.id).name = "公路养护站"
    assert (shown().unit, shown().listed) == ("公路养护站", True)


def test_letters_are_opened_by_the_office_of_the_place_and_whom_they_were_given_to(
    sqlite_village: Village,
) -> None:
    sqlite_village.say(sqlite_village.person("胡秀珍"), "来信 村口的路坏了半年了")
    far, expert = (
        staff(sqlite_village, Role.PUBLISHER, "马小青", OTHER_TOWN),
        staff(sqlite_village, Role.EXPERT, "励志明"),
    )
    for by in (far, expert):
        for verb, values in (
            (bureau_letters.answer, {"words": "好的"}), (bureau_letters.close, {"why": "不归我们管"}),
            (bureau_letters.pass_on, {"unit": "站", "handler_id": "", "kind": "help"}),
        ):  # fmt: skip
            with pytest.raises(Absent):
                act(sqlite_village, by, verb, number=1, **values)
    office = staff(sqlite_village, Role.ADMIN, "高管理")
    act(
        sqlite_village, office, bureau_letters.pass_on, number=1, unit="站", handler_id=expert.id, kind="help"
    )
    with pytest.raises(Absent):
        act(sqlite_village, expert, bureau_letters.pass_on, number=1, unit="站", handler_id="", kind="help")
    for values, code in (
        ({"unit": ""}, "unit_missing"),
        ({"kind": "x"}, "letter_kind"),
        ({"handler_id": "x"}, "handler_unknown"),
    ):
        given = {"unit": "站", "handler_id": "", "kind": "help", **values}
        with pytest.raises(Invalid) as refused:
            act(sqlite_village, office, bureau_letters.pass_on, number=1, **given)
        assert refused.value.code == code
    with pytest.raises(Invalid):
        act(sqlite_village, office, bureau_letters.close, number=1, why="")
    act(sqlite_village, expert, bureau_letters.answer, number=1, words="下月修")


def test_of_two_who_answer_at_once_one_is_told_that_it_was_done(village: Village) -> None:
    farmer = village.person("胡秀珍")
    both = [staff(village, Role.PUBLISHER, "甲办事"), staff(village, Role.ADMIN, "乙办事")]
    village.say(farmer, "来信 村口的路坏了半年了")
    gate = Barrier(2)

    def answer(by: Account) -> bool:
        gate.wait()
        try:
            act(village, by, bureau_letters.answer, number=1, words=f"{by.name}：明天来修。")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(answer, both)) == [False, True]


def test_the_same_words_sent_twice_are_one_letter(sqlite_village: Village) -> None:
    farmer = sqlite_village.person("胡秀珍")
    for minutes, letters in ((0, 1), (5, 1), (20, 2)):
        sqlite_village.wait(minutes=minutes)
        sqlite_village.say(farmer, "来信 村口的路坏了半年了")
        assert sqlite_village.count(BureauLetter) == letters
