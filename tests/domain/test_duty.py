"""Who is called for which task, and who practises."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.db import Database
from farmerline.domain import access, accounts, drills, duty
from farmerline.domain.access import Actor
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import Account, AccountState, AuditRow, DrillMember, Role, Task
from tests.factories import (
    COUNTY,
    NOW,
    OTHER_TOWN,
    SHUIXIANG,
    TOWN,
    YANGGAO,
    fill_county,
    make_account,
    make_staff,
)

DAY = timedelta(days=1)


def actor(session: Session, account: Account) -> Actor:
    return access.actor_of(session, account, second_factor=True)


def officer(session: Session, area_code: str = COUNTY, name: str = "沈秋月") -> Actor:
    return actor(session, make_staff(session, Role.OFFICER, area_code, name))


def names(found: list[Account]) -> list[str]:
    return [account.name for account in found]


def acts(session: Session) -> list[str]:
    query = select(AuditRow.act).where(AuditRow.act.like("d%")).order_by(AuditRow.number)
    return list(session.scalars(query))


def signers(session: Session) -> list[Account]:
    """Three who may sign: of the county, of the county a day later, of the other town."""
    return [
        make_staff(session, Role.SIGNER, COUNTY, "陈志远", now=NOW),
        make_staff(session, Role.SIGNER, COUNTY, "罗一", now=NOW + DAY),
        make_staff(session, Role.SIGNER, OTHER_TOWN, "马小青", now=NOW),
    ]


def test_without_a_roster_the_holders_around_the_place_are_called_the_longest_serving_first(
    database: Database,
) -> None:
    with database.write() as session:
        fill_county(session)
        signers(session)
        make_staff(session, Role.OFFICER, COUNTY, "沈秋月")
        for place, expected in [
            (YANGGAO, ["陈志远", "罗一"]),
            (SHUIXIANG, ["陈志远", "马小青", "罗一"]),
            (COUNTY, ["陈志远", "罗一"]),
            ("31", []),
        ]:
            assert sorted(names(duty.roster(session, Task.SIGN, place))) == sorted(expected), place
        assert names(duty.roster(session, Task.SIGN, YANGGAO)) == ["陈志远", "罗一"]
        assert names(duty.roster(session, Task.WATCH, YANGGAO)) == ["沈秋月"]


def test_whoever_holds_two_fitting_roles_is_called_once(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        boss = make_staff(session, Role.ADMIN, COUNTY, "陈志远")
        access.grant_role(session, boss, role=Role.SIGNER, area_code=COUNTY, by=None, now=NOW)
        assert names(duty.roster(session, Task.SUPERVISE, YANGGAO)) == ["陈志远"]


def test_the_narrowest_roster_counts_in_its_order(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        first, second, of_town = signers(session)
        keeper = officer(session)
        for account in (second, first):
            duty.add(session, actor=keeper, task=Task.SIGN, area_code=COUNTY, account_id=account.id, now=NOW)
        duty.add(session, actor=keeper, task=Task.SIGN, area_code=OTHER_TOWN, account_id=of_town.id, now=NOW)
        assert names(duty.roster(session, Task.SIGN, YANGGAO)) == ["罗一", "陈志远"]
        assert names(duty.roster(session, Task.SIGN, SHUIXIANG)) == ["马小青"]
        for up, expected in [
            (True, ["陈志远", "罗一"]),
            (True, ["陈志远", "罗一"]),
            (False, ["罗一", "陈志远"]),
            (False, ["罗一", "陈志远"]),
        ]:
            duty.move(
                session, actor=keeper, task=Task.SIGN, area_code=COUNTY, account_id=first.id, up=up, now=NOW
            )
            assert names(duty.roster(session, Task.SIGN, YANGGAO)) == expected
        duty.remove(session, actor=keeper, task=Task.SIGN, area_code=COUNTY, account_id=second.id, now=NOW)
        assert names(duty.roster(session, Task.SIGN, YANGGAO)) == ["陈志远"]
        assert acts(session) == ["duty.add"] * 3 + ["duty.move"] * 2 + ["duty.remove"]


def test_who_left_the_office_or_was_stopped_is_not_called(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        first, second, of_town = signers(session)
        keeper = officer(session)
        for account in (first, second):
            duty.add(session, actor=keeper, task=Task.SIGN, area_code=COUNTY, account_id=account.id, now=NOW)
        accounts.suspend(session, first, by=second, reason="病假", now=NOW)
        assert names(duty.roster(session, Task.SIGN, COUNTY)) == ["罗一"]
        access.end_role(session, access.roles_of(session, second.id)[0], by=None, now=NOW)
        assert names(duty.roster(session, Task.SIGN, COUNTY)) == []
        assert names(duty.roster(session, Task.SIGN, SHUIXIANG)) == ["马小青"]
        assert of_town.state is AccountState.VERIFIED


def test_only_who_may_do_the_task_there_is_put_on_the_roster(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        first, _second, of_town = signers(session)
        keeper, elsewhere = officer(session), officer(session, OTHER_TOWN, "岑美芳")
        for account, task in ((of_town, Task.SIGN), (first, Task.WATCH)):
            with pytest.raises(Invalid, match="duty_unfit"):
                duty.add(session, actor=keeper, task=task, area_code=COUNTY, account_id=account.id, now=NOW)
        duty.add(session, actor=keeper, task=Task.SIGN, area_code=COUNTY, account_id=first.id, now=NOW)
        with pytest.raises(Conflict, match="duty_twice"):
            duty.add(session, actor=keeper, task=Task.SIGN, area_code=COUNTY, account_id=first.id, now=NOW)
        signer = actor(session, first)
        for other, place in ((elsewhere, COUNTY), (signer, COUNTY), (keeper, "310118"), (keeper, "999999")):
            with pytest.raises(Absent):
                duty.add(session, actor=other, task=Task.SIGN, area_code=place, account_id=first.id, now=NOW)
        with pytest.raises(Absent):
            duty.remove(
                session, actor=keeper, task=Task.SIGN, area_code=COUNTY, account_id=of_town.id, now=NOW
            )


def test_people_of_the_area_practise_until_they_are_struck_off(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        keeper = officer(session, TOWN)
        farmer = make_account(session, "杨永根", area_code=YANGGAO)
        elsewhere = make_account(session, "马小青", area_code=SHUIXIANG)
        pending = make_account(session, "罗一", area_code=YANGGAO, state=AccountState.PENDING)
        assert drills.register(session, actor=keeper, account_id=farmer.id, now=NOW) is farmer
        for account_id, refusal in ((elsewhere.id, Absent), (pending.id, Conflict), (farmer.id, Conflict)):
            with pytest.raises(refusal):
                drills.register(session, actor=keeper, account_id=account_id, now=NOW)
        assert names(drills.members(session, [TOWN])) == ["杨永根"]
        assert not drills.members(session, [OTHER_TOWN])
        assert not drills.members(session, [])
        drills.strike(session, actor=keeper, account_id=farmer.id, now=NOW)
        with pytest.raises(Absent):
            drills.strike(session, actor=keeper, account_id=farmer.id, now=NOW)
        assert session.get(DrillMember, farmer.id) is None
        assert acts(session) == ["drill.register", "drill.strike"]


def test_who_may_practise_is_found_by_phone_or_by_name_in_a_place(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        keeper = officer(session, TOWN)
        farmer = make_account(session, "杨永根", area_code=YANGGAO)
        elsewhere = make_account(session, "杨永根", area_code=SHUIXIANG)
        for said, place, expected in [
            (farmer.phone, "", [farmer]),
            (elsewhere.phone, "", []),
            ("永根", TOWN, [farmer]),
            ("老杨", YANGGAO, [farmer]),
            ("马", YANGGAO, []),
        ]:
            assert drills.search(session, actor=keeper, said=said, area_code=place, now=NOW) == expected, said
        with pytest.raises(Invalid):
            drills.search(session, actor=keeper, said="永根", area_code="", now=NOW)
        with pytest.raises(Absent):
            drills.search(session, actor=keeper, said="永根", area_code=OTHER_TOWN, now=NOW)
