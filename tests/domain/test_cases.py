"""Cases: a place, a due time, an end."""

from __future__ import annotations

from datetime import datetime

import pytest

from farmerline.clock import local
from farmerline.domain import cases
from farmerline.errors import Conflict
from farmerline.models import Account, Case, CaseKind, CaseState
from tests.domain.talking import Village
from tests.factories import YANGGAO


@pytest.mark.parametrize(
    ("opened", "hours", "due"),
    [
        ("2026-11-20 10:00", 2, "2026-11-20 12:00"), ("2026-11-20 17:00", 2, "2026-11-23 09:00"), ("2026-11-20 23:00", 4, "2026-11-23 12:00"),
        ("2026-11-21 10:00", 2, "2026-11-23 10:00"), ("2026-11-20 06:00", 2, "2026-11-20 10:00"), ("2026-11-20 10:00", 20, "2026-11-24 10:00"),
        ("2026-11-20 18:00", 2, "2026-11-23 10:00"),
    ],
)  # fmt: skip
def test_a_promise_counts_working_hours_in_china(opened: str, hours: int, due: str) -> None:
    """M11."""
    zone = local(datetime.fromisoformat("2026-11-20T00:00+00:00")).tzinfo
    at = datetime.fromisoformat(opened).replace(tzinfo=zone)
    assert local(cases.add_working_hours(at, hours)).strftime("%Y-%m-%d %H:%M") == due


def test_a_case_ends_once(village: Village) -> None:
    """M11."""
    helper, person = village.contact(), village.person()
    village.say(person, "哈哈")
    (case,) = village.cases()
    assert case.due_at > village.now
    with village.session() as session:
        row, by = session.get_one(Case, case.id), session.get_one(Account, helper.id)
        cases.close_case(session, row, by=by, outcome="rang", now=village.now)
        assert (row.state, row.closed_by, row.outcome) == (CaseState.CLOSED, helper.id, "rang")
        with pytest.raises(Conflict):
            cases.close_case(session, row, by=by, outcome="again", now=village.now)
    village.say(person, "哈哈")
    assert village.cases()[0].id != case.id


def test_two_people_without_a_number_do_not_share_a_case(sqlite_village: Village) -> None:
    with sqlite_village.session() as session:
        opened = [
            cases.open_case(
                session,
                kind=CaseKind.CALL_BACK,
                area_code=YANGGAO,
                text="(来电没说话)",
                now=sqlite_village.now,
            ).number
            for _ in range(2)
        ]
    assert opened == [101, 102]
