"""Organisations join from anywhere in the country and are verified by the bureau."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from farmerline.db import Database
from farmerline.domain import accounts, consent, organisations
from farmerline.errors import Conflict, Invalid
from farmerline.identity import body_check_digit, credit_check_digit
from farmerline.models import AccountState, AuditRow, Purpose, Role
from tests.factories import COUNTY, NOW, YANGGAO, fill_county, make_staff


def credit_code(letters: str = "MA2AF3K1") -> str:
    body = "91310118" + letters + body_check_digit(letters)
    return body + credit_check_digit(body)


def test_a_buyer_in_shanghai_joins_and_is_verified_by_the_bureau(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        officer = make_staff(session, Role.OFFICER)
        organisation, person = organisations.join(
            session, credit_code=credit_code(), name="青浦果品有限公司", kind="buyer", area_code="310118102",
            contact="陆文彬", phone="13900000077", now=NOW,
        )  # fmt: skip
        assert (organisation.state, person.state) == (AccountState.PENDING, AccountState.PENDING)
        assert (person.organisation_id, person.area_code) == (organisation.id, "310118102")
        with pytest.raises(Conflict, match="verify_self"):
            organisations.verify(session, organisation, by=person, now=NOW)
        organisations.verify(session, organisation, by=officer, now=NOW)
        assert (organisation.state, person.state, organisation.verified_by) == (
            AccountState.VERIFIED, AccountState.VERIFIED, officer.id,
        )  # fmt: skip
        assert consent.allows(session, account=person, purpose=Purpose.MATCH)
        assert (
            session.scalar(select(AuditRow.act).order_by(AuditRow.number.desc()).limit(1))
            == "organisation.verify"
        )
        with pytest.raises(Conflict):
            organisations.verify(session, organisation, by=officer, now=NOW)


def test_who_waits_for_the_bureau_is_verified_at_no_contact_point(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        helper = make_staff(session, Role.CONTACT, YANGGAO)
        _organisation, person = organisations.join(
            session, credit_code=credit_code(), name="青浦果品有限公司", kind="buyer", area_code="310118102",
            contact="陆文彬", phone="13900000077", now=NOW,
        )  # fmt: skip
        same = {"name": person.name, "phone": str(person.phone), "now": NOW}
        with pytest.raises(Conflict, match="person_known"):
            accounts.enrol(session, **same, area_code=YANGGAO, by=helper)
        with pytest.raises(Conflict, match="person_known"):
            accounts.register(session, **same, village_text="杨高", county=COUNTY)
        with pytest.raises(Conflict, match="person_not_pending"):
            accounts.verify_person(session, person, by=helper, where=YANGGAO, now=NOW)
        assert (person.state, person.area_code) == (AccountState.PENDING, "310118102")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"credit_code": credit_code()[:-1] + "0"}, "credit_check"),
        ({"kind": "wizard"}, "kind_unknown"),
        ({"area_code": "99"}, "area_unknown"),
        ({"contact": "1"}, "name_shape"),
        ({"name": " "}, "organisation_name"),
        ({"phone": "12"}, "phone_shape"),
        ({}, "organisation_known"),
        ({"credit_code": credit_code("MA2AF3K2")}, "person_known"),
    ],
)
def test_an_organisation_with_a_slip_or_known_already_is_refused(
    database: Database, values: dict[str, str], code: str
) -> None:
    given = {
        "credit_code": credit_code(), "name": "青浦果品", "kind": "buyer", "area_code": "310118102", "contact": "陆文彬",
        "phone": "13900000077",
    }  # fmt: skip
    with database.write() as session:
        fill_county(session)
        organisations.join(session, **given, now=NOW)
        with pytest.raises((Invalid, Conflict)) as caught:
            organisations.join(session, **{**given, **values}, now=NOW)
        assert caught.value.code == code
