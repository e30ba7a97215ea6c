"""R-05: who runs the machine hears that its disk fills up, at 80 and 90 percent, once each."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from farmerline.domain import disk
from farmerline.models import AuditRow
from jobs.disk import look
from tests.jobs.carrier import County

CASES = {
    "little is used": ([10, 79.9], []),
    "each step once": ([81, 85, 81, 91, 90, 95], [80, 90]),
    "a leap": ([50, 100], [99]),
    "to and fro at a step": ([80, 79, 80, 76, 80], [80]),
    "again after there was room": ([92, 60, 81, 93], [90, 80, 90]),
    "from nine tenths to eight": ([92, 82, 91], [90, 90]),
}


@pytest.mark.parametrize("name", CASES)
def test_each_step_is_told_of_once_until_the_disk_is_well_below_it(name: str, sqlite_county: County) -> None:
    seen, expected = CASES[name]
    gauge = disk.Gauge()
    for used in seen:
        look(sqlite_county.context, gauge, lambda _folder, used=used: used)  # type: ignore[misc]
    with sqlite_county.database.read() as session:
        rows = session.scalars(
            select(AuditRow).where(AuditRow.act == disk.ACT).order_by(AuditRow.number)
        ).all()
    assert [row.detail["percent"] for row in rows] == expected


def test_what_could_not_be_put_down_is_told_of_when_there_is_room() -> None:
    gauge = disk.Gauge()
    assert gauge.see(100) == 99  # and the row could not be written
    assert gauge.see(30) == 99
    gauge.told = 99
    assert (gauge.see(30), gauge.see(81)) == (0, 80)


def test_a_disk_has_a_share_that_is_used(sqlite_county: County) -> None:
    assert 0 < disk.percent(sqlite_county.context.settings.home) <= 100
