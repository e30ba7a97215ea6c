"""One person, one real name: joining by contact point or by text, being verified, moving, going."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.db import Database
from farmerline.domain import access, accounts, audit, consent, signin
from farmerline.errors import Conflict, Invalid
from farmerline.identity import resident_check_digit
from farmerline.models import Account, AccountState, AuditRow, PersonKind, Purpose, Role, WebSession
from tests.factories import (
    COUNTY,
    NOW,
    SHUIXIANG,
    TOWN,
    XINDONG,
    YANGGAO,
    fill_county,
    make_account,
    make_staff,
    make_test_settings,
    phone,
)


def resident_number(body: str = "33028219570412001") -> str:
    return body + resident_check_digit(body)


def acts(session: Session) -> list[str]:
    return list(session.scalars(select(AuditRow.act).order_by(AuditRow.number)))


def test_a_person_enrolled_with_the_id_seen_is_verified_with_consent_and_on_record(
    database: Database,
) -> None:
    with database.write() as session:
        fill_county(session)
        contact = make_staff(session, Role.CONTACT, YANGGAO)
        person = accounts.enrol(
            session, name=" 杨 大山 ", phone="139 5740 0001", area_code=YANGGAO, by=contact, now=NOW,
            kinds=["farmer", "large_grower"], crops=["葡萄", "梨", "葡萄"], id_seen_on=date(2026, 11, 19),
        )  # fmt: skip
        person_id = person.id
    with database.read() as session:
        person = session.get_one(Account, person_id)
        assert (person.name, person.phone, person.state) == (
            "杨大山",
            "+8613957400001",
            AccountState.VERIFIED,
        )
        assert (person.id_seen_by, person.id_seen_on, person.verified_where) == (
            contact.id,
            date(2026, 11, 19),
            YANGGAO,
        )
        assert {row.kind for row in person.kinds} == {"farmer", "large_grower"}
        assert {row.concept for row in person.crops} == {"葡萄", "梨"}
        assert "杨大山" not in person.name_sealed
        assert consent.allows(session, account=person, purpose=Purpose.MATCH)
        assert not consent.allows(session, account=person, purpose=Purpose.TIPS)
        assert acts(session)[-2:] == ["person.enrol", "person.verify"]
        row = session.scalars(select(AuditRow).order_by(AuditRow.number.desc())).first()
        assert row is not None
        assert (row.actor_id, row.for_id) == (contact.id, person_id)
        assert audit.verify(session) is None


@pytest.mark.parametrize("keep", [False, True])
def test_the_resident_number_is_checked_and_kept_only_where_the_setting_says_so(
    database: Database, keep: bool
) -> None:
    with database.write() as session:
        fill_county(session)
        contact = make_staff(session, Role.CONTACT, YANGGAO)

        def enrol(name: str, number: str) -> Account:
            return accounts.enrol(
                session,
                name=name,
                phone=phone(),
                area_code=YANGGAO,
                by=contact,
                now=NOW,
                resident=number,
                keep_resident=keep,
            )

        person = enrol("杨大山", resident_number().lower())
        assert person.resident == (resident_number() if keep else None)
        assert (person.resident_index is not None) is keep
        if keep:
            with pytest.raises(Conflict, match="resident_known"):
                enrol("杨大川", resident_number())
        else:
            enrol("杨大川", resident_number())
    with database.write() as session, pytest.raises(Invalid, match="resident_check"):
        slip = resident_number()[:-1] + ("1" if resident_number()[-1] != "1" else "2")
        accounts.enrol(
            session, name="杨小山", phone=phone(), area_code=YANGGAO, by=contact, now=NOW, resident=slip
        )


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "杨"}, "name_shape"),
        ({"name": "13957400001"}, "name_shape"),
        ({"name": "杨大山😀"}, "name_shape"),
        ({"name": "杨" * 41}, "name_shape"),
        ({"phone": "1395740"}, "phone_length"),
        ({"area_code": "330282999999"}, "area_unknown"),
        ({"kinds": ["wizard"]}, "kind_unknown"),
        ({"id_seen_on": date(2026, 11, 21)}, "seen_later"),
    ],
)
def test_what_cannot_be_right_is_refused_with_the_field_to_mend(
    database: Database, values: dict[str, object], code: str
) -> None:
    given: dict[str, object] = {"name": "杨大山", "phone": "13957400001", "area_code": YANGGAO, **values}
    with database.write() as session:
        fill_county(session)
        contact = make_staff(session, Role.CONTACT, YANGGAO)
        with pytest.raises(Invalid) as caught:
            accounts.enrol(session, by=contact, now=NOW, **given)  # type: ignore[arg-type]
        assert caught.value.code == code
        assert caught.value.field
        session.rollback()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("欧阳 小梅", "欧阳小梅"),
        ("古丽.阿依", "古丽·阿依"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("Anna  O'Neil", "Anna O'Neil"),
        ("㐀大山", "㐀大山"),
    ],
)
def test_a_real_name_is_taken_as_it_stands_in_the_id(written: str, name: str) -> None:
    assert accounts.check_name(written) == name


def test_members_of_a_household_share_a_phone_and_the_same_person_joins_once(database: Database) -> None:
    number = "+8613957400009"
    with database.write() as session:
        fill_county(session)
        contact = make_staff(session, Role.CONTACT, YANGGAO)
        for name in ("杨大山", "岑小梅"):
            accounts.enrol(session, name=name, phone=number, area_code=YANGGAO, by=contact, now=NOW)
        with pytest.raises(Conflict, match="person_known"):
            accounts.enrol(session, name="杨大山", phone=number, area_code=YANGGAO, by=contact, now=NOW)
        gone = accounts.by_phone(session, number)[0]
        accounts.leave(session, gone, by=contact, now=NOW)
        assert [account.name for account in accounts.by_phone(session, number)] == ["岑小梅"]
        for letter in "甲乙丙丁戊己庚":
            accounts.enrol(session, name="杨" + letter, phone=number, area_code=YANGGAO, by=contact, now=NOW)
        with pytest.raises(Invalid, match="phone_full"):
            accounts.enrol(session, name="杨辛", phone=number, area_code=YANGGAO, by=contact, now=NOW)


def test_who_registers_by_text_waits_until_the_contact_point_has_seen_the_id(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        contact = make_staff(session, Role.CONTACT, YANGGAO)
        person = accounts.register(
            session,
            phone="+8613957400001",
            name="虞有田",
            village_text="新东",
            county=TOWN,
            now=NOW,
            inbound_id="i1",
        )
        assert (person.state, person.area_code, person.origin) == (AccountState.PENDING, XINDONG, "sms")
        assert access.actor_of(session, person).grants == ()
        again = accounts.register(
            session,
            phone="13957400001",
            name="虞有田",
            village_text="yanggao",
            county=COUNTY,
            now=NOW,
            inbound_id="i2",
        )
        assert (again.id, again.area_code) == (person.id, YANGGAO)
        accounts.verify_person(session, person, by=contact, where=YANGGAO, now=NOW + timedelta(hours=1))
        assert person.state is AccountState.VERIFIED
        assert person.id_seen_by == contact.id
        for refused in (
            lambda: accounts.verify_person(session, person, by=contact, where=YANGGAO, now=NOW),
            lambda: accounts.register(
                session, phone="13957400001", name="虞有田", village_text="杨高", county=COUNTY, now=NOW
            ),
        ):
            with pytest.raises(Conflict):
                refused()


@pytest.mark.parametrize(
    ("name", "village", "code"),
    [
        ("", "", "register_shape"),
        ("虞有田", "", "village_missing"),
        ("虞有田", "新东村", "village_several"),
        ("虞", "杨高", "name_shape"),
    ],
)
def test_a_registration_that_is_not_clear_is_answered_with_what_is_missing(
    database: Database, name: str, village: str, code: str
) -> None:
    with database.write() as session:
        fill_county(session)
        with pytest.raises(Invalid) as caught:
            accounts.register(
                session, phone="13957400001", name=name, village_text=village, county=COUNTY, now=NOW
            )
        assert caught.value.code == code
        assert accounts.by_phone(session, "+8613957400001") == []


def test_nobody_verifies_themselves(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        person = make_account(session, state=AccountState.PENDING)
        with pytest.raises(Conflict, match="verify_self"):
            accounts.verify_person(session, person, by=person, where=YANGGAO, now=NOW)
        assert person.state is AccountState.PENDING


def test_enrolling_somebody_who_registered_verifies_that_person(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        contact = make_staff(session, Role.CONTACT, YANGGAO)
        pending = accounts.register(
            session, phone="13957400001", name="虞有田", village_text="杨高", county=COUNTY, now=NOW
        )
        person = accounts.enrol(
            session, name="虞有田", phone="13957400001", area_code=YANGGAO, by=contact, now=NOW, tips=True
        )
        assert person.id == pending.id
        assert person.state is AccountState.VERIFIED
        assert consent.allows(session, account=person, purpose=Purpose.TIPS)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("老杨", ["杨大山", "杨一帆"]),
        ("杨大山", ["杨大山"]),
        ("yangdashan", ["杨大山"]),
        ("cxm", ["岑小梅"]),
        ("13900099999", ["岑小梅"]),
        ("9999", ["岑小梅"]),
        ("99999", []),  # four digits, or all: not one more after the other
        ("王五", []),
    ],
)
def test_people_are_found_by_what_they_are_called_within_a_village_or_town(
    database: Database, said: str, names: list[str]
) -> None:
    with database.write() as session:
        fill_county(session)
        make_account(session, "杨大山", phone="+8613900000001")
        make_account(session, "杨一帆", phone="+8613900000002", area_code=XINDONG)
        make_account(session, "岑小梅", phone=phone(99999))
        make_account(session, "杨在外", phone="+8613900000004", area_code=SHUIXIANG)
        found = accounts.find_in_area(session, TOWN, said, by_number=True)
        assert sorted(account.name for account in found) == sorted(names)
        if said.isdecimal():
            assert not accounts.find_in_area(session, TOWN, said)
        for wide in (COUNTY, "33", ""):
            with pytest.raises(Invalid, match="area_wide"):
                accounts.find_in_area(session, wide, said)


def test_the_contact_point_is_the_village_s_else_the_town_s_else_the_county_s(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        assert accounts.contact_of(session, YANGGAO) is None
        county = make_staff(session, Role.CONTACT, COUNTY)
        town = make_staff(session, Role.CONTACT, TOWN)
        village = make_staff(session, Role.CONTACT, YANGGAO)
        make_staff(session, Role.CONTACT, YANGGAO, now=NOW + timedelta(days=1))
        make_staff(session, Role.OFFICER, XINDONG)

        def found(code: str) -> str | None:
            helper = accounts.contact_of(session, code)
            return helper.id if helper else None

        assert [found(code) for code in (YANGGAO, XINDONG, SHUIXIANG, "310118102")] == [
            village.id,
            town.id,
            county.id,
            county.id,  # who lives in another county is looked after by our county's own contact point
        ]
        accounts.suspend(session, town, by=county, reason="test", now=NOW)
        assert found(XINDONG) == county.id


def test_a_number_is_changed_in_person_and_ends_the_sessions(database: Database, tmp_path: object) -> None:
    from pathlib import Path

    settings = make_test_settings(Path(str(tmp_path)))
    with database.write() as session:
        fill_county(session)
        contact = make_staff(session, Role.CONTACT, YANGGAO)
        person = make_account(session, "杨大山", phone="+8613900000001")
        token = signin.open_session(session, person, settings=settings, now=NOW)
        assert (
            accounts.change_phone(session, person, phone="13900000002", by=contact, now=NOW)
            == "+8613900000001"
        )
        assert person.phone_index == vault.phone_index("+8613900000002")
        assert signin.load_session(session, token, now=NOW) is None
        assert accounts.by_phone(session, "+8613900000001") == []
        make_account(session, "杨大山", phone="+8613900000003")
        for number, code in (("13900000002", "phone_same"), ("13900000003", "person_known")):
            with pytest.raises(Conflict) as caught:
                accounts.change_phone(session, person, phone=number, by=contact, now=NOW)
            assert caught.value.code == code


def test_suspending_ends_sessions_and_leaving_ends_roles_and_messages(
    database: Database, tmp_path: object
) -> None:
    from pathlib import Path

    settings = make_test_settings(Path(str(tmp_path)))
    with database.write() as session:
        fill_county(session)
        admin = make_staff(session, Role.ADMIN)
        person = make_staff(session, Role.CONTACT, YANGGAO, "虞有田")
        token = signin.open_session(session, person, settings=settings, now=NOW)
        accounts.suspend(session, person, by=admin, reason="false posts", now=NOW)
        assert session.scalars(select(WebSession)).all() == []
        assert signin.load_session(session, token, now=NOW) is None
        with pytest.raises(Conflict):
            accounts.suspend(session, person, by=admin, reason="again", now=NOW)
        accounts.reinstate(session, person, by=admin, now=NOW)
        assert person.state is AccountState.VERIFIED
        accounts.leave(session, person, by=admin, now=NOW)
        assert access.roles_of(session, person.id) == []
        assert not consent.allows(session, account=person, purpose=Purpose.MATCH)
        for refused in (accounts.leave, accounts.reinstate):
            with pytest.raises(Conflict):
                refused(session, person, by=admin, now=NOW)
        with pytest.raises(Conflict, match="suspend_self"):
            accounts.suspend(session, admin, by=admin, reason="", now=NOW)


def test_a_new_kind_of_person_is_a_row(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        session.add(PersonKind(code="beekeeper", name_zh="养蜂户", name_en="beekeeper"))
        session.flush()
        person = make_account(session)
        accounts.describe(session, person, kinds=["beekeeper"])
        accounts.describe(session, person, kinds=["beekeeper", "farmer"], crops=["蜂蜜"])
        assert {row.kind for row in person.kinds} == {"beekeeper", "farmer"}
