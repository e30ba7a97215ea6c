"""Surveys and polls: a frozen list, asked once each and never at night, answered by text, key and page, changed, counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from channels.simulator import caller
from farmerline.db import Database
from farmerline.domain import access, consent, surveys
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import (
    Account,
    Delivery,
    Purpose,
    Question,
    QuestionKind,
    Role,
    Survey,
    SurveyAnswer,
    SurveyPerson,
    SurveyState,
)
from farmerline.queries import surveys as rows_of
from jobs import surveys as job
from tests import factories
from tests.service import Service
from tests.web.issued import issue

PEST = [("还有虫吗？", ["有", "没有"])]


def actor_for(rows: Session, account: Account) -> access.Actor:
    return access.actor_of(rows, account, second_factor=True)


def plan(service: Service, officer: Account, **said: object) -> str:
    with service.write() as rows:
        row = surveys.plan(
            rows, actor=actor_for(rows, officer), now=service.now,
            **{"asker": "县植保站", "asked": PEST, "days": 3, "area_code": factories.COUNTY, **said},
        )  # fmt: skip
        return row.id


def begin(service: Service, officer: Account, survey_id: str) -> None:
    with service.write() as rows:
        surveys.start(rows, rows.get_one(Survey, survey_id), actor=actor_for(rows, officer), now=service.now)
    job.ask(service.runtime.context)


def code(service: Service, person: Account) -> str:
    with service.rows() as rows:
        asked = select(Question.code).where(
            Question.account_id == person.id, Question.kind == QuestionKind.SURVEY
        )
        return str(rows.scalars(asked.order_by(Question.asked_at.desc(), Question.id.desc())).first())


def answers(service: Service, person: Account) -> dict[int, int]:
    with service.rows() as rows:
        found = select(SurveyAnswer).where(SurveyAnswer.account_id == person.id)
        return {one.place: one.choice for one in rows.scalars(found)}


def test_a_poll_goes_once_to_each_of_the_alerts_list_but_who_stopped(service: Service) -> None:
    officer = service.staff(Role.OFFICER)
    one, other, stopped, stranger = (
        service.person(name) for name in ("杨大山", "杨二山", "杨三山", "杨四山")
    )
    with service.write() as rows:
        consent.stop(rows, accounts=[stopped], purposes=consent.STOPPED, proof="inbound:x", now=service.now)
    alert = issue(service, [one, other, stopped])
    survey = plan(service, officer, alert=alert)
    with service.rows() as rows:
        assert set(rows.scalars(select(SurveyPerson.account_id))) == {one.id, other.id}
        assert rows.get_one(Survey, survey).people == 2
    for _ in range(2):  # pressed twice, run twice
        begin(service, officer, survey)
    with service.rows() as rows:
        sent = rows.scalars(
            select(Delivery).where(Delivery.question_id.is_not(None), Delivery.purpose == Purpose.LETTER)
        )
        texts = {row.account_id: row.text for row in sent}
    assert set(texts) == {one.id, other.id} and stranger.id not in texts
    assert texts[one.id] == f"县植保站问：还有虫吗？回1有 2没有[{code(service, one)}]"
    service.text(one, "1")
    service.text(other, "没有")
    assert (answers(service, one), answers(service, other)) == ({1: 1}, {1: 2})
    told = service.text(one, f"2{code(service, one)}")  # he may change it
    assert answers(service, one) == {1: 2} and "记下了：没有" in told.replies[0]
    with service.rows() as rows:
        found = rows_of.result(rows, rows.get_one(Survey, survey))
        assert rows.scalar(select(func.count()).select_from(SurveyAnswer)) == 2
    assert found.counts == [[0, 2]] and [(one.asked, one.answered) for one in found.villages] == [(2, 2)]


def test_nobody_is_asked_at_night(service: Service) -> None:
    officer, farmer = service.staff(Role.OFFICER), service.person()
    survey = plan(service, officer, alert=issue(service, [farmer]))
    service.clock.advance(timedelta(hours=11))  # nine in the evening
    begin(service, officer, survey)
    assert code(service, farmer) == "None"
    service.clock.advance(timedelta(hours=11, minutes=5))
    job.ask(service.runtime.context)
    assert code(service, farmer) != "None"


def test_four_questions_follow_each_other_and_four_answers_are_keys(service: Service) -> None:
    publisher, farmer = service.staff(Role.PUBLISHER), service.person(tips=True)
    asked = [("种什么？", ["葡萄", "杨梅", "水稻", "别的"]), ("够不够水？", ["够", "不够"])]
    begin(service, publisher, plan(service, publisher, asked=asked))
    following = service.text(farmer, "4")
    assert "够不够水" in following.replies[0]
    assert "记下了" in service.text(farmer, "够").replies[0]
    assert answers(service, farmer) == {1: 4, 2: 1}
    assert (
        "回1葡萄" not in service.text(farmer, "卖葡萄2000斤 2元一斤").replies[0]
    )  # he may say something else


def test_a_survey_of_a_place_goes_to_who_wants_tips_and_one_for_a_phone(service: Service) -> None:
    publisher = service.staff(Role.PUBLISHER)
    service.person("杨大山")
    wants = service.person("杨二山", tips=True)
    service.person("杨小山", tips=True, phone=wants.phone)
    plan(service, publisher)
    with service.rows() as rows:
        assert len(rows.scalars(select(SurveyPerson)).all()) == 1


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"asked": []}, "text1"),
    ({"asked": [("问", ["有"])]}, "choices1"),
    ({"asked": [("问", ["有", "有"])]}, "choices1"),
    ({"asked": [("问" * 25, ["有", "没有"])]}, "text1"),
    ({"asked": PEST * 5}, "text1"),
    ({"days": 0}, "days"),
    ({"asker": "  "}, "asker"),
]


def test_what_cannot_be_asked_is_refused(service: Service) -> None:
    publisher = service.staff(Role.PUBLISHER)
    for said, field in REFUSED:
        with pytest.raises(Invalid) as refused:
            plan(service, publisher, **said)
        assert refused.value.field == field


def test_a_survey_belongs_to_its_area_and_ends(database: Database) -> None:
    with database.write() as rows:
        factories.fill_county(rows)
        publisher = actor_for(rows, factories.make_staff(rows, Role.PUBLISHER, factories.TOWN))
        elsewhere = actor_for(rows, factories.make_staff(rows, Role.PUBLISHER, factories.OTHER_TOWN, "吴编"))
        with pytest.raises(Absent):
            surveys.plan(
                rows,
                actor=publisher,
                asker="站",
                asked=PEST,
                days=3,
                area_code=factories.OTHER_TOWN,
                now=factories.NOW,
            )
        row = surveys.plan(
            rows, actor=publisher, asker="站", asked=PEST, days=3, area_code=factories.TOWN, now=factories.NOW
        )
        with pytest.raises(Absent):
            surveys.own(rows, row.id, elsewhere)
        with pytest.raises(Conflict):  # nobody there wants tips
            surveys.start(rows, row, actor=publisher, now=factories.NOW)
        farmer = factories.make_account(rows, tips=True)
        row = surveys.plan(
            rows, actor=publisher, asker="站", asked=PEST, days=3, area_code=factories.TOWN, now=factories.NOW
        )
        surveys.start(rows, row, actor=publisher, now=factories.NOW)
        surveys.answer(rows, row, farmer, place=1, choice=1, channel="web", now=factories.NOW)
        later = factories.NOW + timedelta(days=3)
        assert surveys.close_over(rows, now=later) == 1 and row.state is SurveyState.CLOSED
        with pytest.raises(Conflict):
            surveys.answer(rows, row, farmer, place=1, choice=2, channel="web", now=later)


def test_who_is_rung_hears_the_question_and_answers_by_key(service: Service) -> None:
    publisher, farmer = service.staff(Role.PUBLISHER), service.person(tips=True)
    asked = [("种什么？", ["葡萄", "杨梅", "水稻", "别的"]), ("够不够水？", ["够", "不够"])]
    begin(service, publisher, plan(service, publisher, asked=asked))
    assert service.app is not None and service.runtime.simulator is not None
    told = caller.play(service.runtime.simulator.exchange, farmer.phone, "642")
    heard = "".join(told.heard)
    for words in ("种什么", "别的请按4", "够不够水", "不够请按2"):
        assert words in heard, words
    assert answers(service, farmer) == {1: 4, 2: 2}


def test_an_officer_asks_after_an_alert_and_sees_the_answers_by_village(service: Service) -> None:
    officer = service.staff(Role.OFFICER)
    farmer, other = service.person("杨大山"), service.person("沈二山", area_code=factories.XINDONG)
    alert = issue(service, [farmer, other])
    browser = service.client(officer)
    form = f"/surveys/new?alert={alert.number}"
    assert f'href="{form}"' in browser.get(f"/alerts/{alert.number}/run").text
    said = {
        "alert": alert.number,
        "asker": "县植保站",
        "text1": "还有虫吗？",
        "choices1": "有，没有",
        "days": "3",
    }
    wrong = service.post(browser, "/surveys", page=form, **{**said, "choices1": "有", "asker": ""})
    assert wrong.status_code == 422 and "还有虫吗" in wrong.text  # what was typed stays
    address = service.post(browser, "/surveys", page=form, **said).location
    assert "要问2人" in browser.get(address).text and "回1有 2没有" in browser.get(address).text
    for _ in range(2):
        assert service.post(browser, address, act="start").status_code == 303
    job.ask(service.runtime.context)
    mine = service.client(farmer)
    home = mine.get("/me").text
    assert "还有虫吗" in home and "县植保站" in home
    service.post(mine, f"/me/answer/{code(service, farmer)}", page="/me", once="a" * 32, reply="2")
    with service.rows() as rows:
        asked = rows.scalars(select(Question).where(Question.account_id == farmer.id)).one()
    for _ in range(2):
        assert service.post(mine, f"/me/surveys/{asked.id}", page="/me").status_code == 303
    service.post(mine, f"/me/answer/{asked.code}", page="/me", once="b" * 32, reply="1")
    service.text(other, "2")
    assert service.post(service.client(other), f"/me/surveys/{asked.id}", page="/me").status_code == 404
    page = browser.get(address).text
    for words in ("2人里2人答了", "杨高村", "新东村", "有 1 · 没有 0", "<svg", "多数答：有"):
        assert words in page, words
    file = browser.get(f"{address}.csv").text
    assert "还有虫吗？ 有" in file and "杨高村,1,1,0" in file
    elsewhere = service.client(service.staff(Role.PUBLISHER, factories.OTHER_TOWN, "吴编"))
    assert {elsewhere.get(address).status_code, elsewhere.get(f"{address}.csv").status_code} == {404}
    service.post(browser, address, act="close")
    assert "结束" in service.text(other, "1" + code(service, other)).replies[0]
    assert "2人里2人答了" in browser.get("/surveys").text
