"""Signing in: secrets, waiting after wrong tries, sessions that end, and a farmer's session inside an operator's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.db import Database
from farmerline.domain import accounts, credentials, pins, signin
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import Account, AccountState, AuditRow, Credential, Role, WebSession
from tests.factories import NOW, SHUIXIANG, YANGGAO, fill_county, make_account, make_staff, make_test_settings

PASSWORD = "杨梅 2026 丰收"
PHONE = "+8613957400001"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_test_settings(tmp_path)


def person(session: Session, **values: object) -> Account:
    fill_county(session)
    account = make_account(session, "杨大山", phone=PHONE, **values)  # type: ignore[arg-type]
    signin.set_password(session, account, PASSWORD, by_id=account.id, now=NOW)
    return account


def tries(session: Session, password: str, now: datetime = NOW, code: str = "") -> bool:
    return (
        credentials.find_by_password(session, phone=PHONE, password=password, code=code, now=now) is not None
    )


def test_a_right_password_opens_a_session_and_both_are_on_record(
    database: Database, settings: Settings
) -> None:
    with database.write() as session:
        account = person(session)
        token = signin.sign_in(session, phone=PHONE, password=PASSWORD, settings=settings, now=NOW)
        assert token is not None
        assert len(token) >= 43
        actor = signin.load_session(session, token, now=NOW)
        assert actor is not None
        assert (actor.account_id, actor.name, actor.has(Role.FARMER)) == (account.id, "杨大山", True)
        stored = session.scalar(select(WebSession.token_hash))
        assert stored is not None
        assert token not in stored
        assert session.scalars(select(AuditRow.act).order_by(AuditRow.number.desc())).first() == "signin.ok"
        assert signin.load_session(session, token + "x", now=NOW) is None
        signin.end_session(session, actor, now=NOW)
        assert signin.load_session(session, token, now=NOW) is None


def test_a_refused_try_counts_though_nothing_was_raised(database: Database, settings: Settings) -> None:
    with database.write() as session:
        person(session)
    with database.write() as session:
        assert signin.sign_in(session, phone=PHONE, password="wrong", settings=settings, now=NOW) is None
    with database.read() as session:
        assert session.scalar(select(Credential.failures)) == 1


def test_each_further_wrong_try_must_wait_longer_and_the_right_one_clears_it(database: Database) -> None:
    with database.write() as session:
        person(session)
        assert [tries(session, "wrong") for _ in range(3)] == [False] * 3
        assert not tries(session, PASSWORD)
        assert not tries(session, PASSWORD, NOW + timedelta(seconds=29))
        assert not tries(session, "wrong", NOW + timedelta(seconds=31))
        assert not tries(session, PASSWORD, NOW + timedelta(seconds=61))
        assert tries(session, PASSWORD, NOW + timedelta(seconds=92))
        assert not tries(session, "wrong", NOW + timedelta(seconds=93))
        assert tries(session, PASSWORD, NOW + timedelta(seconds=94))


def test_a_guesser_gets_at_most_ten_tries_an_hour_and_a_hundred_in_all(database: Database) -> None:
    with database.write() as session:
        person(session)
        credential = session.scalars(select(Credential)).one()
        moment, within_the_hour = NOW, 0
        while moment < NOW + timedelta(hours=1):
            tries(session, "wrong", moment)
            within_the_hour += 1
            moment = max(moment, credential.locked_until or moment)
        assert credential.failures == within_the_hour
        assert within_the_hour <= 10
        credential.failures, credential.locked_until = 100, None
        assert not tries(session, PASSWORD)
        account = session.scalars(select(Account)).one()
        signin.set_password(session, account, PASSWORD, by_id="contact", now=NOW)
        assert tries(session, PASSWORD)


def test_an_unknown_number_is_refused_as_slowly_as_a_known_one(database: Database) -> None:
    import time

    with database.write() as session:
        person(session)

        def seconds(phone: str) -> float:
            begin = time.perf_counter()
            credentials.find_by_password(session, phone=phone, password="wrong", now=NOW)
            return time.perf_counter() - begin

        credentials.decoy()
        known, unknown = (min(seconds(number) for _ in range(5)) for number in (PHONE, "+8613900000000"))
        assert unknown > known / 3


def test_members_of_a_shared_phone_are_told_apart_by_their_passwords(database: Database) -> None:
    with database.write() as session:
        first = person(session)
        second = make_account(session, "岑小梅", phone=PHONE)
        signin.set_password(session, second, "小梅的葡萄园真甜", by_id=second.id, now=NOW)
        for password, account in ((PASSWORD, first), ("小梅的葡萄园真甜", second)):
            found = credentials.find_by_password(session, phone=PHONE, password=password, now=NOW)
            assert found is not None
            assert found.id == account.id


@pytest.mark.parametrize("state", [AccountState.PENDING, AccountState.SUSPENDED, AccountState.LEFT])
def test_only_verified_people_sign_in(database: Database, state: AccountState) -> None:
    with database.write() as session:
        person(session, state=state)
        assert not tries(session, PASSWORD)


def test_the_second_factor_is_asked_for_and_each_code_works_once(database: Database) -> None:
    with database.write() as session:
        account = person(session)
        secret = signin.make_totp_secret()
        codes = pyotp.TOTP(secret)
        with pytest.raises(Invalid, match="totp_wrong"):
            signin.enrol_totp(session, account, secret=secret, code="000000", now=NOW)
        signin.enrol_totp(session, account, secret=secret, code=codes.at(NOW), now=NOW)
        assert "otpauth://totp/" in signin.totp_address(secret, account=account, service="农信通达")
        later = NOW + MINUTE
        assert not tries(session, PASSWORD, NOW, codes.at(NOW))  # used when it was set up
        assert not tries(session, PASSWORD, later)
        assert tries(session, PASSWORD, later, codes.at(later))
        assert not tries(session, PASSWORD, later, codes.at(later))
        soon = later + 2 * MINUTE
        assert tries(session, PASSWORD, soon, codes.at(soon - timedelta(seconds=30)))
        assert not tries(session, PASSWORD, soon, codes.at(soon + 2 * MINUTE))
        assert "totp" not in str(session.scalar(select(Credential.totp_sealed)))


def test_an_officer_without_the_second_factor_has_no_officer_s_powers(
    database: Database, settings: Settings
) -> None:
    with database.write() as session:
        fill_county(session)
        officer = make_staff(session, Role.OFFICER)
        token = signin.open_session(session, officer, settings=settings, now=NOW)
        actor = signin.load_session(session, token, now=NOW)
        assert actor is not None
        assert (actor.must_enrol, actor.has(Role.OFFICER)) == (True, False)
        secret = signin.make_totp_secret()
        signin.enrol_totp(session, officer, secret=secret, code=pyotp.TOTP(secret).at(NOW), now=NOW)
        actor = signin.load_session(session, token, now=NOW)
        assert actor is not None
        assert (actor.must_enrol, actor.has(Role.OFFICER)) == (False, True)


def test_a_password_for_one_use_must_be_changed_and_ends_after_seven_days(
    database: Database, settings: Settings
) -> None:
    with database.write() as session:
        account = person(session)
        once = signin.make_password()
        signin.set_password(session, account, once, by_id="cli", now=NOW, once=True)
        assert not tries(session, once, NOW + timedelta(days=8))
        late = NOW + timedelta(days=7)
        token = signin.sign_in(session, phone=PHONE, password=once, settings=settings, now=late)
        assert token is not None
        actor = signin.load_session(session, token, now=late)
        assert actor is not None
        assert actor.must_change
        signin.set_password(session, account, PASSWORD, by_id=account.id, now=late)
        actor = signin.load_session(session, token, now=late)
        assert actor is not None
        assert not actor.must_change


@pytest.mark.parametrize(
    "password",
    ["short", "12345678", "password1", "13957400001", "aaaaaaaabbb", "x13957400001x", "x" * 129, "20261120"],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        credentials.check_password_strength(password, PHONE)


@pytest.mark.parametrize("is_staff", [True, False])
def test_a_quiet_session_ends_and_a_used_one_lives_to_its_end(
    database: Database, settings: Settings, is_staff: bool
) -> None:
    idle, end = (
        (timedelta(minutes=30), timedelta(hours=12)) if is_staff else (timedelta(days=7), timedelta(days=30))
    )
    with database.write() as session:
        fill_county(session)
        account = make_staff(session, Role.CONTACT, YANGGAO) if is_staff else make_account(session)
        token = signin.open_session(session, account, settings=settings, now=NOW)
        assert signin.load_session(session, token, now=NOW + idle) is None
        moment = NOW
        while (moment := moment + idle * 0.9) < NOW + end:
            actor = signin.load_session(session, token, now=moment)
            assert actor is not None
            assert actor.touch_due
            signin.touch_session(session, actor, now=moment)
            again = signin.load_session(session, token, now=moment)
            assert again is not None
            assert not again.touch_due
        assert signin.load_session(session, token, now=NOW + end) is None
        assert signin.remove_ended(session, now=NOW + end) == 1
        assert session.scalar(select(func.count()).select_from(WebSession)) == 0


def test_ending_all_sessions_may_leave_the_one_in_use(database: Database, settings: Settings) -> None:
    with database.write() as session:
        account = person(session)
        tokens = [signin.open_session(session, account, settings=settings, now=NOW) for _ in range(3)]
        mine = signin.load_session(session, tokens[0], now=NOW)
        assert mine is not None
        assert signin.end_all(session, account.id, by_id=account.id, now=NOW, but=mine.session_id) == 2
        assert [signin.load_session(session, token, now=NOW) is not None for token in tokens] == [
            True,
            False,
            False,
        ]


def shared(session: Session, settings: Settings) -> tuple[signin.Actor, str, Account]:
    account = person(session)
    operator = make_staff(session, Role.CONTACT, YANGGAO, "沈秋月")
    token = signin.open_session(session, operator, settings=settings, now=NOW)
    actor = signin.load_session(session, token, now=NOW)
    assert actor is not None
    return actor, token, account


@pytest.mark.parametrize(
    ("proof", "opens"),
    [
        ({"pin": "840391"}, True),
        ({"pin": "840392"}, False),
        ({"password": PASSWORD}, True),
        ({"password": "wrong"}, False),
        ({"id_seen": True}, True),
        ({}, False),
    ],
)
def test_a_farmer_proves_themselves_at_the_shared_pc(
    database: Database, settings: Settings, proof: dict[str, object], opens: bool
) -> None:
    with database.write() as session:
        operator, _token, account = shared(session, settings)
        signin.set_pin(session, account, "840391", by_id=account.id, now=NOW)
        token = signin.open_shared(
            session, operator=operator, account=account, settings=settings, now=NOW, **proof
        )  # type: ignore[arg-type]
        assert (token is not None) is opens
        if token:
            row = session.scalars(select(AuditRow).order_by(AuditRow.number.desc())).first()
            assert row is not None
            assert (row.act, row.actor_id, row.for_id) == ("signin.shared", operator.account_id, account.id)


def test_the_farmer_s_session_ends_by_button_or_three_quiet_minutes_and_gives_the_operator_s_back(
    database: Database, settings: Settings
) -> None:
    with database.write() as session:
        operator, outer, account = shared(session, settings)

        def opened(now: datetime) -> str:
            token = signin.open_shared(
                session, operator=operator, account=account, settings=settings, now=now, id_seen=True
            )
            assert token is not None
            return token

        first = opened(NOW)
        farmer = signin.load_session(session, first, now=NOW + 2 * MINUTE)
        assert farmer is not None
        assert (farmer.account_id, farmer.parent_session_id) == (account.id, operator.session_id)
        assert not farmer.is_staff
        assert signin.load_session(session, first, now=NOW + 3 * MINUTE) is None
        signin.touch_session(session, farmer, now=NOW + 2 * MINUTE)
        assert signin.load_session(session, first, now=NOW + 4 * MINUTE) is not None
        signin.end_shared(session, farmer, now=NOW + 4 * MINUTE)
        assert signin.load_session(session, first, now=NOW + 4 * MINUTE) is None
        assert (
            signin.load_session(session, outer, now=NOW + 31 * MINUTE) is not None
        )  # the farmer's use kept it
        second = opened(NOW)
        third = opened(NOW)
        assert signin.load_session(session, second, now=NOW) is None
        signin.end_session(session, operator, now=NOW)
        assert signin.load_session(session, third, now=NOW) is None


def test_a_shared_session_is_opened_only_by_the_village_s_contact_point(
    database: Database, settings: Settings
) -> None:
    with database.write() as session:
        operator, _outer, account = shared(session, settings)
        stranger = make_account(session, "马水根", area_code=SHUIXIANG)
        pending = make_account(session, state=AccountState.PENDING)

        def opens(who: signin.Actor, whom: Account) -> None:
            signin.open_shared(session, operator=who, account=whom, settings=settings, now=NOW, id_seen=True)

        for who, whom in [
            (operator, stranger),
            (replace(operator, grants=()), account),
            (replace(operator, session_id=""), account),
        ]:
            with pytest.raises(Absent):
                opens(who, whom)
        for whom in (pending, session.get_one(Account, operator.account_id)):
            with pytest.raises(Conflict):
                opens(operator, whom)
        token = signin.open_shared(
            session, operator=operator, account=account, settings=settings, now=NOW, id_seen=True
        )
        inner = signin.load_session(session, token or "", now=NOW)
        assert inner is not None
        with pytest.raises(Absent):
            opens(inner, account)
        with pytest.raises(Conflict):
            signin.end_shared(session, operator, now=NOW)


def test_a_suspended_operator_s_shared_session_is_over_as_well(
    database: Database, settings: Settings
) -> None:
    with database.write() as session:
        operator, _outer, account = shared(session, settings)
        token = signin.open_shared(
            session, operator=operator, account=account, settings=settings, now=NOW, id_seen=True
        )
        boss = make_staff(session, Role.ADMIN, "330282", "胡局长")
        accounts.suspend(
            session, session.get_one(Account, operator.account_id), by=boss, reason="test", now=NOW
        )
        assert signin.load_session(session, token or "", now=NOW) is None


def test_five_wrong_pins_close_it_until_the_next_day_in_china(database: Database) -> None:
    with database.write() as session:
        account = person(session)
        assert not signin.check_pin(session, account, "840391", now=NOW)
        signin.set_pin(session, account, "840391", by_id="contact", now=NOW)
        assert signin.check_pin(session, account, "840391", now=NOW)
        assert [signin.check_pin(session, account, "840392", now=NOW) for _ in range(5)] == [False] * 5
        assert signin.pin_tries_left(signin.credential_of(session, account.id), now=NOW) == 0
        assert not signin.check_pin(session, account, "840391", now=NOW)
        assert not signin.check_pin(session, account, "840391", now=NOW + timedelta(hours=13))
        assert signin.check_pin(session, account, "840391", now=NOW + timedelta(hours=15))
        for _ in range(5):
            signin.check_pin(session, account, "840392", now=NOW)
        signin.set_pin(session, account, "729503", by_id="contact", now=NOW)
        assert signin.check_pin(session, account, "729503", now=NOW)


@pytest.mark.parametrize(
    "pin",
    ["12345", "1234567", "abcdef", "١٢٣٤٥٦", "111111", "121212", "123456", "654321", "234567", "890123", "123123", "123321",
     "112233", "520520", "570412", "010203", "740000", "400001"],
)  # fmt: skip
def test_a_pin_that_others_would_guess_is_refused(pin: str) -> None:
    with pytest.raises(Invalid):
        pins.check_pin_strength(pin, "+8613957400001")
