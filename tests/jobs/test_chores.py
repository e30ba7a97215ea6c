"""The small jobs: words left lying, posts and questions whose time is over, sessions, old firings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from farmerline.domain import intake
from farmerline.domain.receipts import report
from farmerline.messages import Channel, Incoming, Receipt, ReceiptState
from farmerline.models import (
    Case,
    Inbound,
    InboundState,
    Question,
    QuestionKind,
    QuestionState,
    ReceiptRow,
    ScheduleRun,
    WebSession,
)
from jobs import expire, followup, housekeeping
from jobs.intake import handle_waiting, has_waiting
from matching import Understood, understand
from tests.factories import NOW, make_account, phone
from tests.jobs.carrier import County


def arrive(county: County, text: str = "帮助") -> str:
    with county.database.write() as session:
        words = Incoming(Channel.SMS, "sms", f"SM{phone()}", phone(), text, county.clock.now())
        return intake.store(session, words)[0]


def inbound(county: County, inbound_id: str) -> Inbound:
    with county.database.read() as session:
        return session.get_one(Inbound, inbound_id)


def test_words_that_nobody_acted_on_are_taken_up_and_answered(county: County) -> None:
    context = replace(county.context, understand=understand)
    left = arrive(county)
    assert handle_waiting(context) == 0  # a moment's grace: its own request is at work on it
    county.wait(seconds=30)
    assert has_waiting(context)
    assert handle_waiting(context) == 1
    assert inbound(county, left).state is InboundState.HANDLED
    assert county.states() == ["queued"]
    assert not has_waiting(context)


def test_words_that_fail_again_and_again_go_to_a_person_and_hold_up_no_others(sqlite_county: County) -> None:
    def misread(text: str, kinds: frozenset[str]) -> Understood:
        if "毒" in text:
            raise ValueError
        return understand(text, kinds)

    context = replace(sqlite_county.context, understand=misread)
    poison, other = arrive(sqlite_county, "毒"), arrive(sqlite_county)
    sqlite_county.wait(seconds=30)
    assert [handle_waiting(context) for _ in range(3)] == [1, 0, 0]
    assert inbound(sqlite_county, other).state is InboundState.HANDLED
    assert inbound(sqlite_county, poison).state is InboundState.FAILED
    with sqlite_county.database.read() as session:
        assert [case.text for case in session.scalars(select(Case))] == ["毒"]


def test_a_question_that_met_silence_is_ended(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        person = make_account(session)
        values: dict[str, Any] = {"kind": QuestionKind.OUTCOME, "account_id": person.id, "asked_at": NOW}
        session.add(Question(code="A11", expires_at=NOW + timedelta(hours=1), **values))
        session.add(Question(code="A12", expires_at=NOW + timedelta(hours=9), **values))
    context = sqlite_county.context
    assert not expire.has_unanswered(context)
    sqlite_county.wait(hours=1)
    assert expire.has_unanswered(context)
    assert expire.park_unanswered(context) == 1
    with sqlite_county.database.read() as session:
        states = session.scalars(select(Question.state).order_by(Question.code)).all()
    assert states == [QuestionState.EXPIRED, QuestionState.OPEN]


def test_on_a_quiet_day_there_is_nothing_to_do(county: County) -> None:
    context = county.context
    assert not any(
        (expire.has_expired(context), followup.has_due(context), housekeeping.has_sessions(context))
    )
    assert (expire.expire_posts(context), expire.ask_renewals(context), followup.ask_outcomes(context)) == (
        0,
        0,
        0,
    )


def test_browsers_that_went_quiet_are_signed_out(sqlite_county: County) -> None:
    with sqlite_county.database.write() as session:
        person = make_account(session)
        for token, hours in (("a", 1), ("b", 9)):
            ends = NOW + timedelta(hours=hours)
            session.add(
                WebSession(
                    token_hash=token,
                    account_id=person.id,
                    opened_at=NOW,
                    seen_at=NOW,
                    idle_seconds=36_000,
                    ends_at=ends,
                )
            )
    assert housekeeping.has_sessions(sqlite_county.context)
    sqlite_county.wait(hours=2)
    assert housekeeping.clean_sessions(sqlite_county.context) == 1


def test_old_firings_are_forgotten_but_each_jobs_last_and_lost_receipts_are_counted(county: County) -> None:
    with county.database.write() as session:
        for name, days in (("a", 50), ("a", 40), ("a", 1), ("b", 60), ("b", 45)):
            at = NOW - timedelta(days=days)
            session.add(ScheduleRun(name=name, fire_at=at, started_at=at, result="", failed=False))
        for ref, hours in (("SM1", 30), ("SM2", 2)):
            report(session, Receipt("sms", ref, ReceiptState.SENT, NOW - timedelta(hours=hours)))
    assert housekeeping.tidy(county.context) == 1
    with county.database.read() as session:
        kept = session.execute(select(ScheduleRun.name, ScheduleRun.fire_at).order_by(ScheduleRun.name)).all()
        assert [(name, (NOW - at).days) for name, at in kept] == [("a", 1), ("b", 45)]
        assert len(session.scalars(select(ReceiptRow)).all()) == 2
