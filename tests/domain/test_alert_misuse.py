"""Alerts in hands that slip: what must not be signed alone, sent twice, void twice, or reach who is not meant. (A-01, A-02)"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from threading import Barrier, Thread
from typing import Any

import pyotp
import pytest
from sqlalchemy import insert, select

from farmerline.domain import (
    access,
    alert_control,
    alert_signing,
    alerts,
)
from farmerline.errors import Conflict, Invalid, Refusal
from farmerline.models import (
    Account,
    AccountState,
    Alert,
    AlertKind,
    AlertState,
    Colour,
    Reach,
    Role,
    RoleGrant,
)
from tests import factories
from tests.domain.alerting import FIELDS, Bureau
from tests.factories import COUNTY, OTHER_TOWN, SHUIXIANG, TOWN


def control(bureau: Bureau, act: Any, alert: Alert, **values: Any) -> Any:
    return bureau.do(act, alert, actor=bureau.actor(bureau.officer), **values)


def cancel(bureau: Bureau, alert: Alert) -> Alert:
    void: Alert = control(bureau, alert_control.cancel, alert, settings=bureau.settings)
    return void


def follow(bureau: Bureau, alert: Alert, **values: Any) -> Alert:
    """An update of an alert, handed over."""
    with bureau.county.database.write() as session:
        newer = alerts.draft(
            session, actor=bureau.actor(bureau.officer), fields=replace(FIELDS, areas=(), **values),
            settings=bureau.settings, now=bureau.now, kind=AlertKind.UPDATE, parent=session.get_one(Alert, alert.id),
        )  # fmt: skip
    bureau.submit(newer)
    return newer


def at_once(*acts: Any) -> list[str]:
    """Do all of it at the same moment; returns what each came to."""
    gate, came = Barrier(len(acts)), [""] * len(acts)

    def run(place: int) -> None:
        gate.wait()
        try:
            acts[place]()
            came[place] = "done"
        except Refusal as refusal:
            came[place] = refusal.code
        except Exception as error:
            came[place] = repr(error)

    threads = [Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(came)


def test_a_cancellation_cannot_itself_be_made_void_or_followed(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    bureau.person()
    alert = bureau.issue()
    bureau.hand_over()
    void = cancel(bureau, alert)
    with pytest.raises(Conflict):
        cancel(bureau, void)
    with pytest.raises(Conflict):
        follow(bureau, void)


def test_red_that_goes_out_later_has_time_for_a_second_person(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    bureau.person()
    alert = bureau.draft(colour=Colour.RED, send_at=bureau.now + timedelta(hours=2))
    bureau.submit(alert)
    bureau.later(minutes=11)
    alone = {"actor": bureau.actor(bureau.officer), "settings": bureau.settings}
    with pytest.raises(Conflict) as refused:
        bureau.do(alert_signing.send_alone, alert, code=bureau.code(bureau.officer), **alone)
    assert refused.value.code == "alone_later"
    bureau.later(hours=2)
    bureau.do(alert_signing.send_alone, alert, code=bureau.code(bureau.officer), **alone)
    assert bureau.get(alert).state is AlertState.RUNNING


def test_who_changed_what_went_alone_does_not_review_it(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    bureau.person()
    with bureau.county.database.write() as session:
        access.grant_role(session, session.get_one(Account, bureau.second.id), role=Role.OFFICER, area_code=COUNTY,
                          by=None, now=bureau.now)  # fmt: skip
    alert = bureau.draft(colour=Colour.RED)
    bureau.do(alerts.edit, alert, actor=bureau.actor(bureau.second), fields=replace(FIELDS, colour=Colour.RED), seen=1,
              settings=bureau.settings)  # fmt: skip
    bureau.submit(alert)
    bureau.later(minutes=11)
    bureau.do(alert_signing.send_alone, alert, actor=bureau.actor(bureau.officer), code=bureau.code(bureau.officer),
              settings=bureau.settings)  # fmt: skip
    with pytest.raises(Conflict):
        bureau.do(alert_signing.review, alert, actor=bureau.actor(bureau.second), note="都对")
    bureau.do(alert_signing.review, alert, actor=bureau.actor(bureau.signer), note="都对")


def test_a_list_that_was_tampered_with_is_found_for_a_follower_too(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    bureau.person()
    alert = bureau.issue()
    bureau.hand_over()
    newer = follow(bureau, alert)
    stranger = bureau.person("外人", area_code=SHUIXIANG)
    with bureau.county.database.write() as session:
        session.execute(
            insert(Reach).values(alert_id=newer.id, account_id=stranger.id, area_code=stranger.area_code,
                                 phone_index=stranger.phone_index, lead_id=stranger.id, channel="sms")
        )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        bureau.sign(newer)
    assert refused.value.code == "list_tampered"


@pytest.mark.parametrize("how", ["role", "state"])
def test_a_signature_counts_no_more_where_its_signer_may_not_sign_any_more(
    sqlite_bureau: Bureau, how: str
) -> None:
    bureau = sqlite_bureau
    farmer = bureau.person()
    alert = bureau.draft(send_at=bureau.now + timedelta(hours=5))
    bureau.submit(alert)
    bureau.sign(alert)
    with bureau.county.database.write() as session:
        if how == "role":
            (row,) = session.scalars(select(RoleGrant).where(RoleGrant.account_id == bureau.signer.id))
            access.end_role(session, row, by=None, now=bureau.now)
        else:
            session.get_one(Account, bureau.signer.id).state = AccountState.SUSPENDED
    bureau.later(hours=6)
    assert bureau.get(alert).state is AlertState.DRAFT
    assert bureau.messages(alert, farmer) == []


def test_two_followers_at_once_take_one_place(bureau: Bureau) -> None:
    bureau.person()
    alert = bureau.issue()
    bureau.hand_over()
    at = bureau.now + timedelta(hours=1)
    first, second = follow(bureau, alert, send_at=at), follow(bureau, alert, send_at=at, short_text="另一份")
    bureau.sign(first)
    bureau.sign(second)
    bureau.wait(hours=2)

    def begin(one: Alert) -> Any:
        return lambda: bureau.do(alert_signing.begin, one, settings=bureau.settings)

    assert at_once(begin(first), begin(second)) == ["done", "parent_over"]
    assert sorted(bureau.get(one).state for one in (first, second)) == [AlertState.RUNNING, AlertState.SIGNED]


def test_a_cancel_and_a_follower_at_once_leave_one_of_them(bureau: Bureau) -> None:
    bureau.person()
    for round_ in range(4):
        alert = bureau.issue(short_text=f"第{round_}份")
        bureau.hand_over()
        newer = follow(bureau, alert, send_at=bureau.now + timedelta(hours=1))
        bureau.sign(newer)
        bureau.wait(hours=2)
        came = at_once(
            partial(bureau.do, alert_signing.begin, newer, settings=bureau.settings),
            partial(cancel, bureau, alert),
        )
        assert came in (["done", "parent_over"], ["alert_state", "done"]), came
        state = bureau.get(alert).state
        assert (state is AlertState.REPLACED) is (bureau.get(newer).state is AlertState.RUNNING)


def test_two_cancels_two_signers_and_two_stops_at_once_are_one(bureau: Bureau) -> None:
    bureau.person()
    alert = bureau.draft()
    bureau.submit(alert)
    bureau.wait(seconds=40)

    def sign(who: Account) -> Any:
        code = pyotp.TOTP(bureau.secrets[who.id]).at(bureau.now)
        return lambda: bureau.sign(alert, who, code=code)

    assert at_once(sign(bureau.signer), sign(bureau.second)) == ["alert_signed", "done"]
    bureau.step()
    bureau.hand_over()
    assert at_once(lambda: cancel(bureau, alert), lambda: cancel(bureau, alert)) == ["alert_state", "done"]


def test_the_list_is_written_once_by_two_workers(bureau: Bureau) -> None:
    for number in range(30):
        bureau.person(f"人{number}")
    alert = bureau.draft(colour=Colour.RED)
    bureau.submit(alert)
    bureau.sign(alert)
    at_once(bureau.step, bureau.step, bureau.step)
    bureau.step()
    found = [(row.account_id, row.channel) for row in bureau.messages(alert)]
    assert len(found) == len(set(found)) == 2 * 33
    bureau.hand_over()
    bureau.arrive(alert)
    void = cancel(bureau, alert)
    at_once(bureau.step, bureau.step, bureau.step)
    bureau.step()
    found = [(row.account_id, row.channel) for row in bureau.messages(void, channel="sms")]
    assert len(found) == len(set(found)) == 33


@pytest.mark.parametrize("last", [date(9999, 12, 31), date(2030, 1, 1)])
def test_an_alert_does_not_hold_for_ever(sqlite_bureau: Bureau, last: date) -> None:
    with pytest.raises(Invalid):
        sqlite_bureau.draft(valid_until=last)


def test_who_is_called_may_sign_for_all_its_towns(sqlite_bureau: Bureau) -> None:
    bureau = sqlite_bureau
    bureau.person()
    with bureau.county.database.write() as session:
        town = factories.make_staff(
            session, Role.SIGNER, OTHER_TOWN, "镇签发", now=bureau.now - timedelta(days=90)
        )
    alert = bureau.draft(areas=(TOWN, OTHER_TOWN))
    bureau.submit(alert)
    called = bureau.callouts(alert)[0].people
    assert bureau.signer.id in called
    assert town.id not in called
