"""What a year costs: by the county's own rates, from its own record or from stated assumptions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from farmerline import vault
from farmerline.config import read_settings
from farmerline.db import Database
from farmerline.demo import county
from farmerline.domain.cost_assumptions import MEANING, NAMES, PURPOSE, Assumptions
from farmerline.messages import Channel
from farmerline.models import Call, Delivery, DeliveryState, Purpose
from farmerline.queries import usage
from tests import factories
from tests.cli.test_people_commands import run
from tests.factories import NOW, make_database, upgrade

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A demo county without people: the environment that points at it."""
    folder = tmp_path_factory.mktemp("county")
    file = county.write_settings(folder / "demo")
    database = Database(f"sqlite:///{folder / 'demo' / 'farmerline.db'}")
    upgrade(database)
    database.close()
    return {"FARMERLINE_SETTINGS": str(file)}


def estimate(place: dict[str, Any], *arguments: str, **more: Any) -> Any:
    ended = run("cost", "estimate", *arguments, "--json", **place, **more)
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.stdout)


def test_a_new_county_is_told_a_year_from_stated_assumptions(place: dict[str, Any]) -> None:
    made = estimate(place, "--people", "20,000")
    assert made["people"] == 20_000
    assert made["rates"] == {"sms_part_yuan": 0.045, "call_minute_yuan": 0.12}
    assert made["own_use"] is None
    assert set(made["assumptions"]) == set(NAMES)
    assert all(line["assumed"] for line in made["purposes"])
    for key in ("parts", "calls", "minutes", "yuan"):
        assert round(sum(line[key] for line in made["purposes"]), 3) == made[key]
    assert made["yuan"] == pytest.approx(made["parts"] * 0.045 + made["minutes"] * 0.12, abs=0.01)
    assert made["yuan_a_person"] == pytest.approx(made["yuan"] / 20_000, abs=0.0001)


def test_the_table_prints_every_assumption_with_its_number_and_how_to_change_it(
    place: dict[str, Any],
) -> None:
    said = run("cost", "estimate", "--people", "506", **place).stdout
    for name in NAMES:
        assert f"{getattr(Assumptions(), name):g}  {MEANING[name]} (--{name.replace('_', '-')})" in said
    assert "0.045 yuan an SMS part" in said
    chinese = run("cost", "estimate", "--people", "506", english=False, **place).stdout
    assert "506人一年" in chinese
    assert "一个人一年收到几份情报" in chinese
    assert not set("abcdefgh") & set(chinese.replace("--", "").split("\n")[0])


@pytest.mark.parametrize(
    ("option", "value", "cheaper"),
    [
        ("--alerts-a-year", "0", True), ("--parts-an-alert", "2", False), ("--follow-ups-an-alert", "0", True),
        ("--people-a-phone", "2", True), ("--ringing-share", "1", False), ("--unconfirmed-share", "0", True),
        ("--answered-share", "0", True), ("--call-seconds", "61", False), ("--service-parts-a-year", "20", False),
        ("--match-parts-a-year", "0", True), ("--letter-parts-a-year", "9", False), ("--tips-a-year", "0", True),
    ],
)  # fmt: skip
def test_each_assumption_can_be_changed_and_moves_the_sum(
    place: dict[str, Any], option: str, value: str, cheaper: bool
) -> None:
    usual, changed = estimate(place, "--people", "1000"), estimate(place, "--people", "1000", option, value)
    assert (changed["yuan"] < usual["yuan"]) is cheaper
    assert changed["yuan"] != usual["yuan"]
    assert changed["assumptions"][option[2:].replace("-", "_")] == float(value)


def test_the_rates_are_the_countys_own(place: dict[str, Any]) -> None:
    made = estimate(
        place, "--people", "1000", FARMERLINE_SMS_PART_YUAN="0.09", FARMERLINE_CALL_MINUTE_YUAN="0"
    )
    assert made["yuan"] == pytest.approx(made["parts"] * 0.09, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--people", "0"], "0 is no number of people"), (["--people", "-3"], "-3 is no number of people"),
        (["--people", "lots"], "lots is no number of people"), (["--people", "1.5"], "1.5 is no number of people"),
        (["--people", "9" * 60], "is no number of people"), (["--people", ""], "is no number of people"),
        (["--people", "٣"], "is no number of people"),
        ([], "say how many with --people"),
        (["--people", "5", "--unconfirmed-share", "40"], "--unconfirmed-share takes a number from 0 to 1, not 40"),
        (["--people", "5", "--alerts-a-year", "nan"], "--alerts-a-year takes a number from 0 to 10000, not nan"),
        (["--people", "5", "--people-a-phone", "0"], "--people-a-phone takes a number from 1"),
        (["--people", "5", "--tips-a-year", "x"], "not x"),
    ],
)  # fmt: skip
def test_a_wrong_number_is_one_clear_line(place: dict[str, Any], arguments: list[str], said: str) -> None:
    ended = run("cost", "estimate", *arguments, **place)
    assert ended.exit_code == 1
    (line,) = ended.stderr.strip().splitlines()
    assert said in line
    assert ended.stdout == ""


def fill(database: Database, *, days: int, now: datetime = NOW) -> None:
    """Two people; a text of two parts each day, calls of 61 s and unanswered, a call from outside, a text that never left."""
    with database.write() as session:
        factories.fill_county(session)
        first = factories.make_account(session, "杨大山", now=now - days * DAY)
        factories.make_account(session, "岑二河", now=now - days * DAY)
        inbound = Call(
            id=factories.new_id(),
            gateway="voice",
            ref="r",
            caller="+8613900000001",
            started_at=now - DAY,
            outbound=False,
        )
        session.add(inbound)
        session.flush()

        def add(at: datetime, channel: Channel, state: DeliveryState, **values: Any) -> None:
            row: dict[str, Any] = {
                "id": factories.new_id(), "account_id": first.id, "channel": channel, "gateway": channel.value,
                "address": "+8613900000001", "purpose": Purpose.ALERT, "priority": "2", "text": "x", "state": state,
                "due_at": at, "created_at": at, "sent_at": at,
            } | values  # fmt: skip
            session.add(Delivery(**row))

        for day in range(days):
            at = now - days * DAY + day * DAY
            add(at, Channel.SMS, DeliveryState.DELIVERED, parts=2)
            add(at, Channel.VOICE, DeliveryState.DELIVERED, heard_seconds=61)
            add(at, Channel.VOICE, DeliveryState.FAILED)
            add(at, Channel.VOICE, DeliveryState.DELIVERED, heard_seconds=600, call_id=inbound.id)
            add(at, Channel.SMS, DeliveryState.DEAD, sent_at=None)
            add(at, Channel.MAILBOX, DeliveryState.DELIVERED)
        add(now - DAY, Channel.SMS, DeliveryState.SENT, purpose=Purpose.MATCH)


@pytest.mark.parametrize("days", [40, 400])
def test_own_use_is_counted_and_scaled_to_a_year(database_url: str, days: int) -> None:
    database = make_database(database_url)
    fill(database, days=days)
    with database.read() as session:
        own = usage.of_year(session, now=NOW)
    database.close()
    assert (own.people, own.days) == (2, min(days, 365))
    alert, match = own.uses
    assert alert.purpose == Purpose.ALERT
    assert alert.parts == pytest.approx(2 * 365 / 2, rel=0.03)
    assert alert.calls == pytest.approx(365 / 2, rel=0.03)
    assert alert.minutes == pytest.approx(2 * 365 / 2, rel=0.03)
    assert (match.purpose, match.calls) == (Purpose.MATCH, 0)
    assert match.parts == pytest.approx(365 / min(days, 365) / 2)


def test_too_few_days_say_nothing_about_a_year(database_url: str) -> None:
    database = make_database(database_url)
    fill(database, days=29)
    with database.read() as session:
        assert usage.of_year(session, now=NOW).uses == ()
    database.close()


def test_a_countys_own_record_comes_before_assumptions(tmp_path: Path) -> None:
    file = county.write_settings(tmp_path / "demo")
    here = {"FARMERLINE_SETTINGS": str(file)}
    vault.install(read_settings(here).vault())
    database = Database(f"sqlite:///{tmp_path / 'demo' / 'farmerline.db'}")
    upgrade(database)
    fill(database, days=60, now=datetime.now(UTC))
    database.close()
    made = estimate(here)
    assert made["people"] == 2  # everybody registered
    assert made["own_use"] == {"days": 60, "people": 2}
    assert {line["purpose"]: line["assumed"] for line in made["purposes"]} == {
        "alert": False, "match": False, "service": True, "letter": True, "tips": True,
    }  # fmt: skip
    assert set(made["assumptions"]) == {
        name for name in NAMES if PURPOSE[name] in ("service", "letter", "tips")
    }
    said = run("cost", "estimate", **here).stdout
    assert "the county's own use" in said
    assert "of 2 people, 60 days" in said
    assert "These are assumed:" in said and "fewer than" not in said
    changed = estimate(here, "--alerts-a-year", "12")
    assert changed["purposes"][0]["assumed"]
    assert all(line["assumed"] for line in estimate(here, "--assumed")["purposes"])
