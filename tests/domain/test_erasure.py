"""An erased person is nobody at once, stays nobody after a restore, and loses the numbers in old messages in time."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from farmerline.domain import (
    access,
    accounts,
    audit,
    cases,
    consent,
    credentials,
    erased_list,
    erased_records,
    erasure,
    outbox,
    signin,
)
from farmerline.errors import Conflict, Invalid
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountState,
    Alert,
    AlertState,
    Call,
    Case,
    CaseKind,
    CaseState,
    Colour,
    Credential,
    Delivery,
    DeliveryState,
    Duty,
    Inbound,
    Post,
    PostState,
    Purpose,
    Question,
    QuestionState,
    Reach,
    ReachStep,
    Recording,
    Role,
    Settled,
    Task,
    WebSession,
)
from tests.domain.talking import SEEDLINGS, Village
from tests.factories import YANGGAO


def erase(village: Village, account: Account, **values: Any) -> None:
    wanted = {"by": None, "reason": "本人要求", "home": village.settings.home, "now": village.now, **values}
    with village.session() as session:
        erasure.erase(session, session.get_one(Account, account.id), **wanted)


def rows_of(village: Village, kind: Any, person: Account) -> int:
    with village.session() as session:
        return len(session.scalars(select(kind).where(kind.account_id == person.id)).all())


def listed(village: Village) -> list[str]:
    return erased_list.read(erased_list.erased_file(village.settings.home))


def test_who_they_are_is_gone_and_everything_that_waits_for_them_ends(village: Village) -> None:
    person = village.person("杨大山")
    phone = person.phone
    village.publish(person, SEEDLINGS, "3")
    village.say(person, "求购葡萄苗")  # a draft that waits for its yes
    village.wait(days=1)
    with village.session() as session:
        row = session.get_one(Account, person.id)
        row.resident, row.resident_index = "330282195001010019", "x" * 64
        access.grant_role(session, row, role=Role.CONTACT, area_code=YANGGAO, by=None, now=village.now)
        session.add(Duty(task=Task.SIGN, area_code=YANGGAO, account_id=row.id, place=1))
        signin.set_password(session, row, "nine-brown-hens", by_id="test", now=village.now)
        signin.open_session(session, row, settings=village.settings, now=village.now)
        cases.open_case(
            session, kind=CaseKind.QUESTION, area_code=YANGGAO, text="叶子黄了", account=row, now=village.now
        )
        waiting = outbox.tell(session, account=row, text="您好", purpose=Purpose.MATCH, now=village.now)
        assert waiting is not None
    erase(village, person)
    gone = village.get(Account, person.id)
    assert (gone.name, gone.phone, gone.phone_index, gone.resident, gone.resident_index, gone.state) == (
        "已注销", None, None, None, None, AccountState.LEFT
    )  # fmt: skip
    assert village.get(Delivery, waiting.id).state is DeliveryState.CANCELLED
    assert {row.state for row in village.all(Question, Question.account_id == person.id)} <= {
        QuestionState.REPLACED, QuestionState.ANSWERED
    }  # fmt: skip
    for kind in (Credential, WebSession, Duty):
        assert rows_of(village, kind, person) == 0
    (asked,) = village.all(Case, Case.kind == CaseKind.QUESTION)
    assert (asked.state, asked.text, asked.phone, asked.phone_index) == (
        CaseState.OPEN,
        "叶子黄了",
        None,
        None,
    )
    with village.session() as session:
        assert access.roles_of(session, person.id) == []
        assert accounts.by_phone(session, phone or "") == []
        assert not consent.allows(session, account=gone, purpose=Purpose.ALERT)
        assert (
            credentials.find_by_password(
                session, phone=phone or "", password="nine-brown-hens", now=village.now
            )
            is None
        )
        assert audit.verify(session) is None
    assert listed(village) == [person.id]
    assert {post.state for post in village.all(Post)} == {PostState.WITHDRAWN}


def test_the_messages_keep_the_number_for_the_months_the_law_asks_then_lose_it(village: Village) -> None:
    person = village.person("杨大山")
    village.say(person, "供应葡萄苗2000株")
    village.ring(person).press("1")
    with village.session() as session:
        call = session.scalars(select(Call)).first()
        assert call is not None
        session.add(
            Recording(
                call_id=call.id, account_id=person.id, use="sell", seconds=3, sound=b"voice", at=village.now
            )
        )
    erase(village, person)

    def strip() -> int:
        with village.session() as session:
            return erased_records.strip(session, months=6, now=village.now)

    village.wait(days=100)
    assert strip() == 0
    assert {row.address for row in village.all(Delivery)} == {person.phone}
    village.wait(days=100)
    assert strip() > 0
    assert strip() == 0
    assert {(row.address, row.address_index) for row in village.all(Delivery)} == {("", None)}
    assert {(row.sender, row.raw, row.sender_index) for row in village.all(Inbound)} == {("", "", None)}
    assert {row.body for row in village.all(Inbound)} == {"供应葡萄苗2000株"}
    assert [(row.caller, row.said) for row in village.all(Call)] == [("", [])]
    assert [row.sound for row in village.all(Recording)] == [b""]


def test_the_rest_of_a_household_keeps_its_messages_and_its_alert(village: Village) -> None:
    mother = village.person("岑小梅")
    son = village.person("杨小山", phone=mother.phone)
    village.say(mother, "帮助")
    with village.session() as session:
        alert = make_alert(session, mother, village)
        for one, lead in ((mother, True), (son, False)):  # she leads the phone
            session.add(
                Reach(
                    alert_id=alert.id, account_id=one.id, area_code=YANGGAO, phone_index=mother.phone_index, lead_id=mother.id,
                    channel="sms", step=ReachStep.RING if lead else ReachStep.WAIT, rings=2 if lead else 0,
                    next_at=village.now,
                )
            )  # fmt: skip
    erase(village, mother)
    hers, his = (village.get(Reach, (alert.id, one.id)) for one in (mother, son))
    assert (hers.excluded, hers.step, hers.next_at, hers.phone_index) == (
        "left", ReachStep.DONE, None, None
    )  # fmt: skip
    assert (his.lead, his.step, his.rings, his.settled) == (True, ReachStep.RING, 2, Settled.OPEN)
    village.wait(days=400)
    with village.session() as session:
        erased_records.strip(session, months=6, now=village.now)
        assert [one.name for one in accounts.by_phone(session, son.phone or "")] == ["杨小山"]
        answered = session.scalars(select(Inbound)).one()
        assert answered.account_id is not None or answered.sender == son.phone


def make_alert(session: Any, drafter: Account, village: Village) -> Alert:
    alert = Alert(
        year=2026, serial=1, colour=Colour.ORANGE, crop="水稻", pest="稻飞虱", degree=4, state=AlertState.RUNNING,
        valid_until=village.now + timedelta(days=3), short_text="x", voice_text="x", full_text="x",
        drafted_by=drafter.id, drafted_at=village.now, edited_by=drafter.id, edited_at=village.now,
        evidence_on=date(2026, 11, 20),
    )  # fmt: skip
    session.add(alert)
    session.flush()
    return alert


def test_who_comes_back_with_an_old_backup_is_erased_again_once(village: Village) -> None:
    person, other = village.person("杨大山"), village.person("岑小梅")
    erased_list.put_down(erased_list.erased_file(village.settings.home), person.id, village.now)
    erased_list.put_down(
        erased_list.erased_file(village.settings.home), "0" * 32, village.now
    )  # of later days
    with village.session() as session:
        assert erasure.erase_again(session, home=village.settings.home, now=village.now) == 1
        assert erasure.erase_again(session, home=village.settings.home, now=village.now) == 0
    assert village.get(Account, person.id).name == "已注销"
    assert village.get(Account, other.id).name == "岑小梅"


def test_the_list_is_completed_from_the_record_of_what_was_done(sqlite_village: Village) -> None:
    person = sqlite_village.person()
    erase(sqlite_village, person)
    home = sqlite_village.settings.home
    erased_list.erased_file(home).unlink()
    with sqlite_village.session() as session:
        assert erasure.complete_list(session, home=home) == 1
        assert erasure.complete_list(session, home=home) == 0
    assert listed(sqlite_village) == [person.id]


@pytest.mark.parametrize("wrong", ["twice", "self", "reason"])
def test_an_erasure_that_cannot_be_is_refused_and_not_listed(sqlite_village: Village, wrong: str) -> None:
    person, chief = sqlite_village.person(), sqlite_village.person("陈志远")
    if wrong == "twice":
        erase(sqlite_village, person)
    values = {"twice": {}, "self": {"by": person}, "reason": {"by": chief, "reason": " "}}[wrong]
    before = listed(sqlite_village)
    with pytest.raises((Conflict, Invalid)):
        erase(sqlite_village, person, **values)
    assert listed(sqlite_village) == before


def test_a_line_cut_by_a_power_failure_spoils_neither_its_neighbours_nor_the_next(
    tmp_path: Path, sqlite_village: Village
) -> None:
    file = tmp_path / "erased.tsv"
    erased_list.put_down(file, "a" * 32, sqlite_village.now)
    with file.open("a") as half:
        half.write("b" * 20)
    erased_list.put_down(file, "c" * 32, sqlite_village.now)
    erased_list.put_down(file, "c" * 32, sqlite_village.now)
    assert erased_list.read(file) == ["a" * 32, "c" * 32]
    assert file.stat().st_mode & 0o077 == 0
    assert "2026" in file.read_text()


def test_words_by_text_are_not_understood_as_an_erased_persons(village: Village) -> None:
    person = village.person("杨大山")
    phone = person.phone or ""
    erase(village, person)
    village.say(phone, "帮助")
    stranger = village.all(Inbound)[-1]
    assert stranger.account_id is None and stranger.channel is Channel.SMS
