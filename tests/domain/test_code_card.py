"""A printed card of one-time codes stands in for the authenticator."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.db import Database
from farmerline.domain import code_card, credentials, signin
from farmerline.models import Account, AuditRow, Credential, Role
from tests.factories import NOW, fill_county, make_staff

PHONE, PASSWORD, SECRET = "+8613957400001", "杨梅 2026 丰收", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
MINUTE = timedelta(minutes=1)


def officer(session: Session, *, totp: bool = True) -> Account:
    fill_county(session)
    account = make_staff(session, Role.OFFICER, phone=PHONE)
    signin.set_password(session, account, PASSWORD, by_id=account.id, now=NOW)
    if totp:
        credentials.ensure_credential(session, account).totp = SECRET
        session.flush()
    return account


def failures(session: Session, account: Account) -> int:
    return session.get_one(Credential, account.id).failures


def unused(codes: list[str]) -> str:
    """A code that neither the card nor the authenticator would take."""
    maker = pyotp.TOTP(SECRET)
    taken = {*codes, *(maker.at(NOW, counter_offset=step) for step in range(-5, 6))}
    return next(f"{number:06}" for number in range(100) if f"{number:06}" not in taken)


def test_each_code_of_a_card_is_good_once(database: Database) -> None:
    with database.write() as session:
        account = officer(session)
        codes = credentials.make_card(session, account, by_id=account.id, now=NOW)
        assert len(set(codes)) == code_card.CODES == 20
        assert all(len(code) == 6 and code.isdecimal() for code in codes)
        kept = session.get_one(Credential, account.id).card
        assert not any(code in "".join(kept) for code in codes)
        for said, right in [(codes[3], True), (codes[3], False), (f"{codes[0][:3]} {codes[0][3:]}", True)]:
            assert credentials.check_second_factor(session, account, said, now=NOW) is right
        assert code_card.left(session.get_one(Credential, account.id)) == 18
        rows = session.scalars(select(AuditRow).where(AuditRow.act.like("card.%")).order_by(AuditRow.number))
        assert [(row.act, row.detail) for row in rows] == [
            ("card.make", {}), ("card.use", {"left": 19}), ("card.use", {"left": 18}),
        ]  # fmt: skip


def test_a_fresh_card_takes_the_place_of_the_old_one(database: Database) -> None:
    with database.write() as session:
        account = officer(session)
        old = credentials.make_card(session, account, by_id=account.id, now=NOW)
        new = credentials.make_card(session, account, by_id=account.id, now=NOW)
        gone = next(code for code in old if code not in new)
        assert not credentials.check_second_factor(session, account, gone, now=NOW)
        assert credentials.check_second_factor(session, account, new[0], now=NOW)


def test_the_authenticator_s_code_is_good_once_as_well(database: Database) -> None:
    with database.write() as session:
        account = officer(session)
        code = pyotp.TOTP(SECRET).at(NOW)
        assert credentials.check_second_factor(session, account, code, now=NOW)
        assert not credentials.check_second_factor(session, account, code, now=NOW)
        assert (
            credentials.find_by_password(session, phone=PHONE, password=PASSWORD, code=code, now=NOW) is None
        )


def test_one_s_card_is_no_use_to_another(database: Database) -> None:
    with database.write() as session:
        account = officer(session)
        other = make_staff(session, Role.SIGNER, name="陈志远")
        credentials.ensure_credential(session, other).totp = SECRET
        codes = credentials.make_card(session, account, by_id=account.id, now=NOW)
        assert not credentials.check_second_factor(session, other, codes[0], now=NOW)


def test_sign_in_takes_a_card_s_code(database: Database) -> None:
    with database.write() as session:
        account = officer(session)
        codes = credentials.make_card(session, account, by_id=account.id, now=NOW)

        def signs_in(code: str) -> bool:
            found = credentials.find_by_password(session, phone=PHONE, password=PASSWORD, code=code, now=NOW)
            return found is account

        assert not signs_in("")
        assert signs_in(codes[0])
        assert not signs_in(codes[0])
        assert signs_in(codes[1])


def test_wrong_codes_delay_the_next_try(database: Database) -> None:
    with database.write() as session:
        account = officer(session)
        codes = credentials.make_card(session, account, by_id=account.id, now=NOW)
        wrong = unused(codes)
        for _try in range(3):
            assert not credentials.check_second_factor(session, account, wrong, now=NOW)
        assert failures(session, account) == 3
        assert not credentials.check_second_factor(session, account, codes[0], now=NOW)
        assert failures(session, account) == 3
        credentials.count_wrong_code(session, account.id, now=NOW)  # no try was made: nothing to count
        assert failures(session, account) == 3
        later = NOW + MINUTE
        assert credentials.check_second_factor(session, account, codes[0], now=later)
        assert failures(session, account) == 0
        credentials.count_wrong_code(session, account.id, now=later)
        assert failures(session, account) == 1


@pytest.mark.parametrize("said", ["", "12345", "1234567", "abcdef", "１２３４５６", "000000\0"])
def test_what_is_no_code_is_a_wrong_one(database: Database, said: str) -> None:
    with database.write() as session:
        account = officer(session)
        assert not credentials.check_second_factor(session, account, said, now=NOW)
        assert failures(session, account) == 1


def test_a_card_alone_is_no_second_factor(database: Database) -> None:
    with database.write() as session:
        account = officer(session, totp=False)
        codes = credentials.make_card(session, account, by_id=account.id, now=NOW)
        assert not credentials.check_second_factor(session, account, codes[0], now=NOW)
