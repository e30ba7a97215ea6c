"""Warnings of other bureaus: a file in, a draft out, once, and never more than a draft; alerts out as messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from sqlalchemy import func, select

from farmerline.models import Alert, AlertState, Delivery, Role
from farmerline.queries import alert_public
from farmerline.render import cap
from farmerline.render.cap import BadCap, CapArea, CapMessage
from farmerline.web.alerts.cap import to_cap
from jobs import warnings
from tests import factories
from tests.domain.alerting import Bureau
from tests.factories import COUNTY, NOW, YANGGAO
from tests.jobs.test_links import Elsewhere, anybody, elsewhere  # noqa: F401 - a machine to ask

FROST = CapMessage(
    identifier="cixi-frost-1", sender="weather.example", sent=NOW, status="Actual", kind="Alert", event="霜冻",
    severity="Severe", headline="今夜有霜冻，最低零下二度，大棚关好。", description="受冷空气影响，今夜最低零下二度。",
    instruction="大棚盖好，小苗盖膜。", areas=(CapArea("慈溪市", (COUNTY,)),), expires=NOW + timedelta(days=1),
    category="Met",
)  # fmt: skip
ORDER = {
    "alert": "identifier sender sent status msgType source scope restriction addresses code note references incidents info".split(),
    "info": (
        "language category event responseType urgency severity certainty audience eventCode effective onset expires senderName "
        "headline description instruction web contact parameter resource area"
    ).split(),
}
"""The standard's order of elements (CAP 1.2, section 3.2)."""


def listening(bureau: Bureau) -> Bureau:
    settings = bureau.settings.model_copy(update={"cap_senders": ("weather.example",)})
    bureau.county.context = replace(bureau.county.context, settings=settings)
    return bureau


def put(tmp_path: Path, message: CapMessage, name: str = "1.xml") -> Path:
    path = tmp_path / name
    path.write_bytes(cap.write(message))
    return path


def test_a_weather_warning_becomes_a_draft_once_and_nothing_is_sent(bureau: Bureau, tmp_path: Path) -> None:
    """M21."""
    path = put(tmp_path, FROST)
    done = warnings.take_file(listening(bureau).county.context, path)
    assert done.number == "2026-1" and not done.why
    with bureau.county.database.read() as session:
        alert = session.scalars(select(Alert)).one()
        assert (alert.state, alert.colour.value, alert.pest) == (AlertState.DRAFT, "orange", "霜冻")
        assert [area.area_code for area in alert.areas] == [COUNTY]
        assert (
            "零下二度" in alert.short_text
            and "小苗盖膜" in alert.full_text
            and alert.drafted_by == bureau.officer.id
        )
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
    again = warnings.take_file(bureau.county.context, path)
    assert again.known and not again.number


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sender": "else.example"}, "warning_sender"),
        ({"expires": NOW - timedelta(minutes=1)}, "warning_over"),
        ({"areas": (CapArea("余姚市", ("330281",)),)}, "warning_elsewhere"),
        ({"areas": ()}, "warning_elsewhere"),
        ({"kind": "Cancel", "references": (FROST.reference,)}, "Actual Cancel is not taken"),
        ({"status": "Test"}, "Test Alert is not taken"),
    ],
)
def test_what_must_not_become_a_draft_is_refused_with_the_reason(
    sqlite_bureau: Bureau, tmp_path: Path, changes: dict[str, object], why: str
) -> None:
    path = put(tmp_path, replace(FROST, **changes))
    done = warnings.take_file(listening(sqlite_bureau).county.context, path)
    assert why in done.why and not done.number


@pytest.mark.parametrize(
    ("area", "codes"),
    [
        (CapArea("浙江省", ("330000",)), [COUNTY]),
        (CapArea("宁波市", ("330200",)), [COUNTY]),
        (CapArea("杨高村", ()), [YANGGAO]),
        (CapArea("慈溪", ()), [COUNTY]),
        (CapArea("村和县", (YANGGAO, COUNTY)), [COUNTY]),
    ],
)
def test_places_are_found_by_code_or_by_name(
    sqlite_bureau: Bureau, tmp_path: Path, area: CapArea, codes: list[str]
) -> None:
    path = put(tmp_path, replace(FROST, areas=(area,)))
    assert warnings.take_file(listening(sqlite_bureau).county.context, path).number
    with sqlite_bureau.county.database.read() as session:
        assert [one.area_code for one in session.scalars(select(Alert)).one().areas] == codes


@pytest.mark.parametrize(
    "document",
    [
        b"", b"<a/>", b"not xml", b"\xff\xfe", b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.1"/>',
        b'<!DOCTYPE a [<!ENTITY b "c">]><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">&b;</alert>',
        cap.write(FROST).replace(b"Actual", b"Perhaps"), cap.write(FROST).replace(b"T10:00:00+08:00", b"T10:00:00", 1),
        cap.write(FROST)[:-20], b" " * (cap.LARGEST + 1),
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused_and_breaks_nothing(document: bytes, tmp_path: Path) -> None:
    with pytest.raises(BadCap):
        cap.read(document)


def test_a_folder_is_looked_through_and_each_file_is_read_once_until_it_changes(
    sqlite_bureau: Bureau, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path, FROST)
    (tmp_path / "2.xml").write_bytes(b"broken")
    put(tmp_path, replace(FROST, identifier="cixi-frost-2"), "3.cap")
    context = listening(sqlite_bureau).county.context
    context = replace(context, settings=context.settings.model_copy(update={"cap_folder": tmp_path}))
    assert warnings.take_new(context) == 2
    assert warnings.take_new(context) == 0
    assert [record.getMessage() for record in caplog.records] == ["warning.refused file='2.xml' why=not_cap"]
    put(tmp_path, replace(FROST, identifier="cixi-frost-3"), "2.xml")
    assert warnings.take_new(context) == 1


def test_words_for_one_line_come_in_one_line() -> None:
    broken = replace(FROST, headline="今晚有霜\n注意防冻", description="一\n二")
    back = cap.read(cap.write(broken))
    assert (back.headline, back.description) == ("今晚有霜 注意防冻", "一\n二")


def test_an_issued_alert_goes_out_as_a_message_in_the_standards_order(sqlite_bureau: Bureau) -> None:
    alert = sqlite_bureau.issue()
    with sqlite_bureau.county.database.read() as session:
        found = alert_public.issued(session, alert.number, now=sqlite_bureau.now)
        assert [one.number for one in alert_public.in_force(session, now=sqlite_bureau.now)] == [alert.number]
    assert found is not None
    document = cap.write(to_cap(found, None, sqlite_bureau.settings))
    root = ElementTree.fromstring(document)
    for element in (root, *root.iterfind(f"{{{cap.NAMESPACE}}}info")):
        names = [child.tag.partition("}")[2] for child in element]
        known = ORDER["info" if element is not root else "alert"]
        assert sorted(names, key=known.index) == names
    back = cap.read(document)
    assert (back.status, back.severity, back.event) == ("Actual", "Severe", "水稻稻飞虱")
    assert back.areas[0].codes == (YANGGAO,) and back.sent.utcoffset() == timedelta(hours=8)
    assert b"Z</sent>" not in document


def test_an_officer_is_needed_for_a_draft(sqlite_bureau: Bureau, tmp_path: Path) -> None:
    with sqlite_bureau.county.database.write() as session:
        factories.make_staff(session, Role.PUBLISHER, COUNTY, "采编员", now=sqlite_bureau.now)
        from farmerline.models import RoleGrant

        for grant in session.scalars(select(RoleGrant).where(RoleGrant.role == Role.OFFICER)):
            grant.ended_at = sqlite_bureau.now
    done = warnings.take_file(listening(sqlite_bureau).county.context, put(tmp_path, FROST))
    assert "no_officer" in done.why


def test_listed_addresses_and_what_their_feeds_point_to_become_drafts_once(
    sqlite_bureau: Bureau,
    elsewhere: Elsewhere,  # noqa: F811 - the fixture
) -> None:
    """M21."""
    other = replace(FROST, identifier="cixi-frost-2")
    stranger = replace(FROST, identifier="cixi-frost-3", sender="stranger.example")
    links = "".join(
        f"<item><title>霜冻</title><link>{elsewhere.address}/{name}</link></item>"
        for name in ("2", "3", "gone")
    )
    elsewhere.answers = {
        "/1": (200, cap.write(FROST).decode()), "/2": (200, cap.write(other).decode()), "/3": (200, cap.write(stranger).decode()),
        "/feed": (200, f"<rss><channel>{links}</channel></rss>"), "/page": (200, "<html>"),
    }  # fmt: skip
    county = listening(sqlite_bureau).county
    places = tuple(f"{elsewhere.address}/{name}" for name in ("page", "1", "feed"))
    county.context = replace(
        county.context, settings=county.context.settings.model_copy(update={"cap_urls": places})
    )
    assert warnings.fetch_new(county.context) == 0  # the network of one's own is never asked
    assert not elsewhere.agents
    assert warnings.fetch_new(county.context, may=anybody) == 2
    assert warnings.fetch_new(county.context, may=anybody) == 0
    with county.database.read() as session:
        assert {alert.state for alert in session.scalars(select(Alert))} == {AlertState.DRAFT}
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
