"""An alert from its draft to its signature: who may do what, and what is refused with one clear line. (A-01, A-02, A-03)"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from farmerline.domain import access, alert_signing, alerts, consent, outbox
from farmerline.errors import Absent, Refusal
from farmerline.models import Account, AlertState, CalloutKind, Colour, Purpose, Role
from tests import factories
from tests.domain.alerting import FIELDS, Bureau, open_bureau
from tests.factories import COUNTY


@pytest.fixture
def bureau(database_url: str, tmp_path: Path) -> Iterator[Bureau]:
    with open_bureau(database_url, tmp_path) as made:
        made.person()
        yield made


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_two_people_bring_an_alert_to_a_phone(bureau: Bureau) -> None:
    farmer = bureau.person()
    alert = bureau.issue()
    assert (alert.state, alert.number) == (AlertState.RUNNING, "2026-1")
    (text,) = bureau.messages(alert, farmer)
    assert text.text == "橙色1号：早稻稻飞虱偏重,13至15日打药,先看稻丛基部。看懂回1[Z11]"
    assert text.parts == 1
    bureau.hand_over()
    bureau.arrive(alert)
    assert bureau.status(alert).delivered == bureau.status(alert).planned


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"areas": ()}, "area_empty"),
        ({"areas": ("999999999999",)}, "area_unknown"),
        ({"crop": " "}, "crop_empty"),
        ({"short_text": ""}, "short_text_empty"),
        ({"short_text": "字" * 59}, "short_text_long"),
        ({"voice_text": "早稻有稻飞虱偏重请快打药" * 20}, "voice_long"),
        ({"degree": 6}, "degree"),
        ({"window_from": date(2026, 11, 20), "window_to": date(2026, 11, 19)}, "window"),
        ({"valid_until": date(2026, 1, 1)}, "valid_until"),
        ({"interval_days": 400}, "interval"),
    ],
)
def test_a_draft_that_cannot_be_is_refused(bureau: Bureau, fields: dict[str, Any], code: str) -> None:
    assert refused(lambda: bureau.draft(**fields)) == code


@pytest.mark.parametrize(
    ("days", "code"), [(401, "send_at"), (-1, "send_at"), (300, "valid_until"), (10, "")]
)
def test_an_alert_waits_four_hundred_days_at_most_and_not_beyond_its_last_day(
    bureau: Bureau, days: int, code: str
) -> None:
    send_at = bureau.now + timedelta(days=days)
    if code:
        assert refused(lambda: bureau.draft(send_at=send_at)) == code
    else:
        assert bureau.draft(send_at=send_at).send_at == send_at


def test_an_officer_of_another_county_finds_nothing(bureau: Bureau) -> None:
    alert = bureau.draft()
    with bureau.county.database.write() as session:
        stranger = factories.make_staff(session, Role.OFFICER, "310118", "外县人", now=bureau.now)
    actor = bureau.actor(stranger)
    for act, values in (
        (alerts.submit, {"seen": 1, "settings": bureau.settings}),
        (alerts.take_back, {}),
        (alerts.withdraw, {}),
        (alerts.give_back, {"why": "x"}),
    ):
        with pytest.raises(Absent):
            bureau.do(act, alert, actor=actor, **values)
    with pytest.raises(Absent):
        bureau.do(alerts.draft, actor=actor, fields=FIELDS, settings=bureau.settings)


def test_an_audience_without_people_is_refused(bureau: Bureau) -> None:
    alert = bureau.draft(audience_crop="没人种")
    assert refused(lambda: bureau.submit(alert)) == "audience_empty"
    assert bureau.get(alert).state is AlertState.DRAFT


def test_nothing_in_a_signed_or_submitted_alert_can_be_changed(bureau: Bureau) -> None:
    alert = bureau.draft()
    edit = lambda seen: bureau.do(  # noqa: E731
        alerts.edit, alert, actor=bureau.actor(bureau.officer), fields=replace(FIELDS, degree=5), seen=seen,
        settings=bureau.settings,
    )  # fmt: skip
    edit(1)
    assert refused(lambda: edit(1)) == "alert_changed"
    bureau.submit(alert)
    assert refused(lambda: edit(2)) == "alert_submitted"
    bureau.sign(alert)
    assert refused(lambda: edit(2)) == "alert_signed_edit"


def test_nobody_signs_what_they_wrote_or_changed(bureau: Bureau) -> None:
    with bureau.county.database.write() as session:
        officer = session.get_one(Account, bureau.officer.id)
        alert_roles = access.grant_role
        alert_roles(session, officer, role=Role.SIGNER, area_code=COUNTY, by=None, now=bureau.now)
        signer = session.get_one(Account, bureau.signer.id)
        alert_roles(session, signer, role=Role.OFFICER, area_code=COUNTY, by=None, now=bureau.now)
    alert = bureau.draft()
    bureau.do(
        alerts.edit, alert, actor=bureau.actor(bureau.signer), fields=replace(FIELDS, degree=5), seen=1,
        settings=bureau.settings,
    )  # fmt: skip
    bureau.submit(alert)
    assert refused(lambda: bureau.sign(alert, bureau.officer)) == "alert_own"
    assert refused(lambda: bureau.sign(alert, bureau.signer)) == "alert_own"
    bureau.sign(alert, bureau.second)
    assert bureau.get(alert).signed_by == bureau.second.id


@pytest.mark.parametrize(
    ("values", "code"),
    [({"people": 99}, "people_wrong"), ({"seen": 7}, "alert_changed"), ({"code": "000000"}, "code_wrong")],
)
def test_a_signature_needs_the_text_seen_the_count_copied_and_a_code(
    bureau: Bureau, values: dict[str, Any], code: str
) -> None:
    alert = bureau.draft()
    bureau.submit(alert)
    assert refused(lambda: bureau.sign(alert, **values)) == code
    assert bureau.get(alert).state is AlertState.SUBMITTED


def test_of_two_signers_one_signs(bureau: Bureau) -> None:
    alert = bureau.draft()
    bureau.submit(alert)
    bureau.sign(alert, bureau.signer)
    assert refused(lambda: bureau.sign(alert, bureau.second)) == "alert_signed"
    assert bureau.get(alert).signed_by == bureau.signer.id


def test_an_area_that_grew_is_refused_when_it_is_signed_and_when_it_is_due(bureau: Bureau) -> None:
    alert = bureau.draft()
    bureau.submit(alert)
    bureau.person("新来人")
    assert refused(lambda: bureau.sign(alert)) == "list_grew"

    waiting = bureau.draft(send_at=bureau.now + timedelta(days=2))
    bureau.submit(waiting)
    bureau.sign(waiting)
    bureau.person("又来人")
    bureau.later(days=2)
    row = bureau.get(waiting)
    assert (row.state, row.campaign_id) == (AlertState.DRAFT, None)
    assert "多了1人" in row.returned_why
    assert bureau.callouts(waiting)[0].kind is CalloutKind.REFUSED
    assert any("没有发出去" in one.text for one in bureau.called(bureau.officer))


def test_at_its_time_an_alert_leaves_within_the_second_and_without_who_said_no(bureau: Bureau) -> None:
    farmer, other = bureau.person("甲"), bureau.person("乙")
    alert = bureau.draft(send_at=bureau.now + timedelta(days=3))
    bureau.submit(alert)
    bureau.sign(alert)
    with bureau.county.database.write() as session:
        consent.stop(
            session, accounts=[session.get_one(Account, other.id)], phone_index=None,
            purposes=[Purpose.ALERT], proof="test", now=bureau.now,
        )  # fmt: skip
    bureau.later(days=3)
    row = bureau.get(alert)
    assert row.issued_at is not None and row.send_at is not None
    assert timedelta() <= row.issued_at - row.send_at < timedelta(seconds=5)
    bureau.hand_over()
    assert bureau.messages(alert, farmer)[0].state == "sent"
    assert bureau.messages(alert, other)[0].state == "cancelled"
    status = bureau.status(alert)
    assert status.excluded == 1
    assert status.planned == status.confirmed + status.told + status.unreached + status.excluded


def test_signers_are_called_in_order_the_next_after_five_minutes_until_it_is_signed(bureau: Bureau) -> None:
    alert = bureau.draft()
    bureau.submit(alert)
    bureau.step()
    assert [one.channel for one in bureau.called(bureau.signer)] == ["sms", "voice"]
    assert bureau.called(bureau.second) == []
    bureau.later(minutes=4)
    assert bureau.called(bureau.second) == []
    bureau.later(minutes=2)
    assert [one.channel for one in bureau.called(bureau.second)] == ["sms", "voice"]
    assert "等您签" in bureau.called(bureau.second)[0].text
    bureau.sign(alert, bureau.second)
    assert bureau.callouts(alert)[0].done_by == bureau.second.id
    assert {one.state for one in bureau.called(bureau.signer)} == {"cancelled"}


@pytest.mark.parametrize("colour", [Colour.ORANGE, Colour.RED])
def test_red_alone_goes_with_one_signature_after_ten_minutes(bureau: Bureau, colour: Colour) -> None:
    alert = bureau.draft(colour=colour)
    bureau.submit(alert)
    alone = lambda: bureau.do(  # noqa: E731
        alert_signing.send_alone, alert, actor=bureau.actor(bureau.officer), code=bureau.code(bureau.officer),
        settings=bureau.settings,
    )  # fmt: skip
    if colour is Colour.ORANGE:
        bureau.later(minutes=11)
        assert refused(alone) == "alone_colour"
        return
    assert refused(alone) == "alone_early"
    bureau.later(minutes=10)
    alone()
    bureau.step()
    row = bureau.get(alert)
    assert (row.state, row.alone) == (AlertState.RUNNING, True)
    assert row.review_due_at == row.signed_at + timedelta(hours=24)
    told = [
        one
        for who in (bureau.signer, bureau.second)
        for one in bureau.called(who)
        if "一个人签发" in one.text
    ]
    assert [one.channel for one in told] == ["sms", "voice", "sms", "voice"]
    bureau.later(hours=25)
    assert any("满一天" in one.text for one in bureau.called(bureau.signer))
    bureau.do(alert_signing.review, alert, actor=bureau.actor(bureau.signer), note="做得对")
    assert (
        refused(
            lambda: bureau.do(alert_signing.review, alert, actor=bureau.actor(bureau.second), note="再看")
        )
        == "review_done"
    )


def test_who_returns_an_alert_says_why_and_its_next_version_calls_again(bureau: Bureau) -> None:
    alert = bureau.draft()
    bureau.submit(alert)
    give = lambda why: bureau.do(alerts.give_back, alert, actor=bureau.actor(bureau.signer), why=why)  # noqa: E731
    assert refused(lambda: give(" ")) == "why_empty"
    give("药名写全")
    row = bureau.get(alert)
    assert (row.state, row.returned_why, row.version) == (AlertState.DRAFT, "药名写全", 2)
    bureau.submit(alert)
    bureau.step()
    assert len(bureau.callouts(alert)) == 2
    bureau.do(alerts.withdraw, alert, actor=bureau.actor(bureau.officer))
    assert all(one.done_at for one in bureau.callouts(alert))


def test_what_waits_for_its_signature_has_reached_nobody_whatever_else_they_got(bureau: Bureau) -> None:
    grower = bureau.person()
    bureau.do(outbox.tell, account=grower, text="您的信息登出来了", purpose=Purpose.SERVICE)
    bureau.hand_over()
    alert = bureau.draft()
    bureau.submit(alert)
    found = bureau.status(alert)
    assert found.planned == found.unreached > 0
    assert (found.sent, found.delivered, found.rang, found.heard) == (0, 0, 0, 0)
