"""One function decides who passes: a role within an area. Absent and forbidden are the same answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from farmerline.db import Database
from farmerline.domain import access
from farmerline.domain.access import Actor, Grant, authorise
from farmerline.errors import Absent, Conflict
from farmerline.models import AccountState, Role
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
)


def actor(*grants: tuple[Role, str]) -> Actor:
    return Actor("me", "沈秋月", "zh", tuple(Grant(role, code) for role, code in grants))


CONTACT = actor((Role.FARMER, YANGGAO), (Role.CONTACT, YANGGAO), (Role.CONTACT, XINDONG))
OFFICER = actor((Role.OFFICER, COUNTY))


@pytest.mark.parametrize(
    ("who", "roles", "area", "passes"),
    [
        (CONTACT, {Role.CONTACT}, YANGGAO, True),
        (CONTACT, {Role.CONTACT}, XINDONG, True),
        (CONTACT, {Role.CONTACT}, SHUIXIANG, False),
        (CONTACT, {Role.CONTACT}, TOWN, False),
        (CONTACT, {Role.CONTACT}, "", True),
        (CONTACT, {Role.OFFICER}, "", False),
        (CONTACT, {Role.OFFICER, Role.CONTACT}, YANGGAO, True),
        (CONTACT, set(), YANGGAO, False),
        (OFFICER, {Role.OFFICER}, YANGGAO, True),
        (OFFICER, {Role.OFFICER}, COUNTY, True),
        (OFFICER, {Role.OFFICER}, "3302", False),
        (OFFICER, {Role.OFFICER}, "3102", False),
        (OFFICER, {Role.CONTACT}, YANGGAO, False),
        (None, {Role.FARMER}, "", False),
        (actor(), {Role.FARMER}, "", False),
    ],
)
def test_a_role_holds_within_its_area_only(
    who: Actor | None, roles: set[Role], area: str, passes: bool
) -> None:
    if passes:
        authorise(who, roles, area)
    else:
        with pytest.raises(Absent) as caught:
            authorise(who, roles, area)
        assert (caught.value.code, caught.value.status, str(caught.value)) == (
            "absent",
            404,
            "absent: This page is not here.",
        )


def test_the_owner_of_a_thing_passes_and_their_neighbour_does_not() -> None:
    authorise(CONTACT, {Role.OFFICER}, SHUIXIANG, owner_id="me")
    with pytest.raises(Absent):
        authorise(CONTACT, {Role.OFFICER}, YANGGAO, owner_id="another")


def test_areas_of_a_role_leave_out_what_lies_inside_another() -> None:
    both = actor(
        (Role.CONTACT, YANGGAO), (Role.CONTACT, TOWN), (Role.CONTACT, SHUIXIANG), (Role.OFFICER, COUNTY)
    )
    assert both.areas(Role.CONTACT) == (TOWN, SHUIXIANG)
    assert both.areas(Role.CONTACT, Role.OFFICER) == (COUNTY,)
    assert both.areas(Role.ADMIN) == ()


def test_a_verified_person_is_a_farmer_at_home_and_others_are_nothing(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        person = make_account(session)
        assert access.actor_of(session, person).grants == (Grant(Role.FARMER, YANGGAO),)
        for state in (AccountState.PENDING, AccountState.SUSPENDED, AccountState.LEFT):
            assert access.actor_of(session, make_account(session, state=state)).grants == ()


def test_a_role_that_demands_the_second_factor_waits_for_it(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        officer = make_staff(session, Role.OFFICER)
        access.grant_role(session, officer, role=Role.CONTACT, area_code=YANGGAO, by=None, now=NOW)
        without = access.actor_of(session, officer)
        assert (without.has(Role.OFFICER), without.has(Role.CONTACT), without.must_enrol) == (
            False,
            True,
            True,
        )
        full = access.actor_of(session, officer, second_factor=True)
        assert (full.has(Role.OFFICER), full.has(Role.CONTACT), full.must_enrol) == (True, True, False)
        shared = access.actor_of(session, officer, second_factor=True, parent_session_id="p")
        assert shared.grants == (Grant(Role.FARMER, YANGGAO),)


def test_roles_are_given_once_by_somebody_else_to_a_verified_person_and_taken_back(
    database: Database,
) -> None:
    with database.write() as session:
        fill_county(session)
        admin = make_staff(session, Role.ADMIN)
        person = make_account(session, "虞有田")
        row = access.grant_role(session, person, role=Role.CONTACT, area_code=YANGGAO, by=admin, now=NOW)
        assert [account.id for account in access.holders(session, Role.CONTACT, YANGGAO)] == [person.id]
        for account, by, code in [
            (person, admin, "role_held"),
            (admin, admin, "role_self"),
            (make_account(session, state=AccountState.PENDING), admin, "role_unverified"),
        ]:
            with pytest.raises(Conflict) as caught:
                access.grant_role(session, account, role=Role.CONTACT, area_code=YANGGAO, by=by, now=NOW)
            assert caught.value.code == code
        access.end_role(session, row, by=admin, now=NOW + timedelta(days=1))
        assert access.holders(session, Role.CONTACT, YANGGAO) == []
        assert access.roles_of(session, person.id) == []
