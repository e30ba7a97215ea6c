"""Whom an alert goes to by distance, by a kept name, by group; and the dry run, which is what is sent in the end."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from farmerline.domain import alert_rehearsal, areas, audience_circle, audiences_saved
from farmerline.domain.audience import Choice
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.messages import Channel
from farmerline.models import Account, Alert, Colour, Role
from tests import factories
from tests.domain.alerting import Bureau
from tests.factories import COUNTY, OTHER_TOWN, SHUIXIANG, TOWN, XINDONG, YANGGAO

POINTS = {YANGGAO: (30.06, 121.55), XINDONG: (30.08, 121.56), SHUIXIANG: (30.26, 121.44)}


def place(bureau: Bureau, *codes: str) -> None:
    with bureau.county.database.write() as session:
        areas.put_positions(session, {code: POINTS[code] for code in codes})


def circle(bureau: Bureau, km: float, centre: str = YANGGAO) -> audience_circle.Circle:
    with bureau.county.database.read() as session:
        return audience_circle.draw(session, centre=centre, km=km, among=[COUNTY])


@pytest.mark.parametrize(
    ("km", "inside"), [(1, {YANGGAO}), (5, {YANGGAO, XINDONG}), (60, {YANGGAO, XINDONG, SHUIXIANG})]
)
def test_a_circle_takes_the_villages_within_and_names_those_no_map_knows_with_their_people(
    sqlite_bureau: Bureau, km: float, inside: set[str]
) -> None:
    place(sqlite_bureau, *POINTS)
    sqlite_bureau.person(area_code="330282112230")
    found = circle(sqlite_bureau, km)
    assert set(found.villages) == inside
    assert [(one.code, one.people) for one in found.unplaced] == [("330282112230", 1)]
    assert found.unplaced_people == 1


@pytest.mark.parametrize(
    ("km", "centre", "code"),
    [
        (5, YANGGAO, "circle_unplaced"),
        (0, XINDONG, "circle_km"),
        (101, XINDONG, "circle_km"),
        (float("nan"), XINDONG, "circle_km"),
        (5, TOWN, "circle_centre"),
        (5, "339999999999", "circle_centre"),
    ],
)
def test_a_circle_that_cannot_be_drawn_is_refused(
    sqlite_bureau: Bureau, km: float, centre: str, code: str
) -> None:
    place(sqlite_bureau, XINDONG)
    with pytest.raises(Invalid) as refused:
        circle(sqlite_bureau, km, centre)
    assert refused.value.code == code


def test_a_kept_audience_finds_its_people_anew_and_is_nobody_elses(bureau: Bureau) -> None:
    officer = bureau.actor(bureau.officer)
    choice = Choice((YANGGAO, XINDONG), crop="水稻")
    kept = bureau.do(audiences_saved.save, actor=officer, name=" 龙山  稻农 ", choice=choice)
    again = bureau.do(audiences_saved.save, actor=officer, name="龙山 稻农", choice=Choice((SHUIXIANG,)))
    with bureau.county.database.read() as session:
        assert [
            (one.id, one.areas, one.area_code) for one in audiences_saved.known_to(session, actor=officer)
        ] == [(kept.id, [SHUIXIANG], COUNTY)]
    assert again.id == kept.id and again.owner_id == bureau.officer.id
    with bureau.county.database.write() as session:
        other = factories.make_staff(session, Role.OFFICER, OTHER_TOWN, "镇植保", now=bureau.now)
    town = bureau.actor(other)
    with bureau.county.database.read() as session:
        assert audiences_saved.known_to(session, actor=town) == []
    for act in (audiences_saved.forget,):
        with pytest.raises(Absent):
            bureau.do(act, audience_id=kept.id, actor=town)
    with pytest.raises(Absent):
        bureau.do(audiences_saved.save, actor=town, name="别村", choice=choice)
    for name in ("", "字" * 41):
        with pytest.raises(Invalid):
            bureau.do(audiences_saved.save, actor=officer, name=name, choice=choice)
    bureau.do(audiences_saved.forget, audience_id=kept.id, actor=officer)


def test_a_group_is_its_members_alone_and_an_unknown_one_is_refused(bureau: Bureau) -> None:
    with bureau.county.database.write() as session:
        coop = factories.make_organisation(session, now=bureau.now)
    member, _ = bureau.person("社员"), bureau.person("别人")
    with bureau.county.database.write() as session:
        session.get_one(Account, member.id).organisation_id = coop.id
    alert = bureau.issue(audience_group=coop.id)
    assert alert.people == 1 and bureau.reach(alert, member)
    with pytest.raises(Invalid) as refused:
        bureau.draft(audience_group="nobody")
    assert refused.value.code == "group_unknown"


@pytest.mark.parametrize("colour", [Colour.YELLOW, Colour.RED])
def test_the_dry_run_plans_what_is_written_in_the_end_and_sends_nothing(
    bureau: Bureau, colour: Colour
) -> None:
    first = bureau.person("甲")
    bureau.person("乙", phone=first.phone)
    bureau.person("丙", preferred=Channel.MAILBOX, language="en")
    bureau.person("丁", phone="+8657463000001")
    with bureau.county.database.write() as session:
        quiet = factories.make_account(session, "戊", now=bureau.now - timedelta(days=1))
        quiet.phone = quiet.phone_index = None
    draft = bureau.draft(colour=colour)
    before = rehearse(bureau, draft)
    bureau.submit(draft)
    frozen = rehearse(bureau, draft)
    assert (frozen.list_hash, frozen.texts, frozen.calls) == (before.list_hash, before.texts, before.calls)
    assert bureau.messages(draft) == []
    assert {one.channel for one in frozen.sample} == {"sms", "voice", "person"}
    assert all(one.text.endswith("[Z11]") == (colour is Colour.RED) for one in frozen.sample if one.text)
    bureau.sign(draft)
    bureau.step()
    written = bureau.messages(draft)
    count = Counter(row.channel for row in written)
    assert (count["sms"], count["voice"], count["mailbox"]) == (frozen.texts, frozen.calls, frozen.letters)
    assert sum(row.parts for row in written if row.channel == "sms") == frozen.parts
    assert frozen.people == bureau.get(draft).people and frozen.list_hash == bureau.get(draft).list_hash
    assert frozen.visits == 1


def test_the_dry_run_of_nobody_says_so(sqlite_bureau: Bureau) -> None:
    draft = sqlite_bureau.draft(areas=(SHUIXIANG,))
    assert rehearse(sqlite_bureau, draft).people == 0
    with pytest.raises(Conflict):
        sqlite_bureau.submit(draft)


def rehearse(bureau: Bureau, alert: Alert) -> alert_rehearsal.Rehearsal:
    with bureau.county.database.read() as session:
        row = session.get_one(Alert, alert.id)
        return alert_rehearsal.rehearse(session, row, settings=bureau.settings)
