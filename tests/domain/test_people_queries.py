"""Lists for the administration: masked numbers, pages, roles, counts, and the record of acts."""

from __future__ import annotations

from datetime import timedelta

from farmerline.db import Database
from farmerline.domain import accounts, signin
from farmerline.models import AccountState, Role
from farmerline.queries import people as lists
from tests.factories import (
    COUNTY,
    NOW,
    SHUIXIANG,
    TOWN,
    YANGGAO,
    fill_county,
    make_account,
    make_organisation,
    make_staff,
)


def test_people_come_in_pages_with_masked_numbers(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        for number in range(7):
            make_account(
                session, "杨大山", phone=f"+861390000{number:04d}", now=NOW + timedelta(seconds=number)
            )
        make_account(session, "岑小梅", area_code=SHUIXIANG, state=AccountState.PENDING)
        make_account(session, "陆文彬", area_code="310118102")
        first = lists.people(session, within=COUNTY, limit=5)
        second = lists.people(session, within=COUNTY, limit=5, after=first.after)
        assert (len(first.people), len(second.people), second.after) == (5, 3, "")
        assert len({row.id for row in first.people + second.people}) == 8
        assert [row.phone for row in second.people] == ["139****0002", "139****0001", "139****0000"]
        assert second.people[0].place == "龙山镇杨高村"
        assert [
            row.name for row in lists.people(session, within=COUNTY, state=AccountState.PENDING).people
        ] == ["岑小梅"]
        assert lists.people(session, within=COUNTY, role=Role.CONTACT).people == ()


def test_a_person_s_sheet_says_what_the_administration_needs(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        contact = make_staff(session, Role.CONTACT, YANGGAO)
        person = accounts.enrol(
            session,
            name="杨大山",
            phone="13957400001",
            area_code=YANGGAO,
            by=contact,
            now=NOW,
            crops=["葡萄"],
            tips=True,
        )
        signin.set_pin(session, person, "840391", by_id=contact.id, now=NOW)
        sheet = lists.person(session, person.id)
        assert sheet is not None
        assert (sheet.id_seen_by, sheet.verified_place, sheet.crops) == ("沈秋月", "龙山镇杨高村", ("葡萄",))
        assert sheet.kinds == (("农户", "farmer"),)
        assert (sheet.has_password, sheet.has_pin, sheet.has_second_factor, sheet.sessions) == (
            False,
            True,
            False,
            0,
        )
        assert len(sheet.consents) == 6
        helper = lists.person(session, contact.id)
        assert helper is not None
        assert [(line.role, line.place) for line in helper.roles] == [(Role.CONTACT, "龙山镇杨高村")]
        assert lists.person(session, "nobody") is None
        assert lists.found(session, [person])[0].roles == ()


def test_roles_organisations_and_counts_are_listed_by_place(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        make_staff(session, Role.CONTACT, YANGGAO)
        make_staff(session, Role.OFFICER, COUNTY, "胡一刀")
        make_account(session, state=AccountState.PENDING)
        make_account(session, state=AccountState.LEFT, area_code=SHUIXIANG)
        held = [(line.name, line.role, line.area_code) for line in lists.role_holders(session, within=COUNTY)]
        assert held == [("胡一刀", Role.OFFICER, COUNTY), ("沈秋月", Role.CONTACT, YANGGAO)]
        assert len(lists.role_holders(session, within=TOWN)) == 1
        assert len(lists.role_holders(session, within=COUNTY, role=Role.OFFICER)) == 1
        counts = {
            line.name: (line.verified, line.pending, line.other)
            for line in lists.count_by_place(session, within=COUNTY)
        }
        assert counts == {"龙山镇": (2, 1, 0), "新浦镇": (0, 0, 1)}
        assert lists.count_by_place(session, within=YANGGAO) == []
        make_organisation(session, state=AccountState.VERIFIED)
        waiting = make_organisation(session)
        rows = lists.organisations(session)
        assert (rows[0].id, len(rows)) == (waiting.id, 2)
        assert (rows[0].place, rows[0].kind) == ("上海市青浦区朱家角镇", ("收购商", "buyer"))
        assert "****" in rows[0].phone
        assert len(lists.organisations(session, state=AccountState.VERIFIED)) == 1
