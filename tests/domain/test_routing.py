"""Which connection carries a message: by number, purpose, length, cost, and how each is doing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from farmerline.domain import gateway_health, routing
from farmerline.domain.gateway_health import Standing, judge
from farmerline.messages import Channel
from farmerline.models import Breaker, GatewayRow, Purpose
from tests.factories import NOW

SECOND = timedelta(seconds=1)
CLOSED, OPEN, TRYING = Breaker.CLOSED, Breaker.OPEN, Breaker.TRYING


def way(name: str, **values: Any) -> GatewayRow:
    wanted = {
        "channel": Channel.SMS, "rate": 10.0, "cost": 0.05, "prefixes": "", "purposes": "", "longest": 0, "share": 1.0,
        "breaker": CLOSED, "signature": "", "tokens": 0.0, "tokens_at": NOW, "good": 0.0, "bad": 0.0, "streak": 0,
    }  # fmt: skip
    return GatewayRow(name=name, **{**wanted, **values})


@pytest.mark.parametrize(
    ("limits", "address", "parts", "purpose", "may"),
    [
        ({}, "+8613900000001", 9, Purpose.TIPS, True),
        ({"prefixes": "+86139 +86138"}, "+8613900000001", 1, Purpose.TIPS, True),
        ({"prefixes": "+86139 +86138"}, "+8613000000001", 1, Purpose.TIPS, False),
        ({"prefixes": "+86139"}, "86139", 1, Purpose.TIPS, False),
        ({"purposes": "alert service"}, "+8613900000001", 1, Purpose.ALERT, True),
        ({"purposes": "alert service"}, "+8613900000001", 1, Purpose.TIPS, False),
        ({"longest": 2}, "+8613900000001", 2, Purpose.TIPS, True),
        ({"longest": 2}, "+8613900000001", 3, Purpose.TIPS, False),
    ],
)
def test_a_connection_carries_what_its_settings_say(
    limits: dict[str, Any], address: str, parts: int, purpose: Purpose, may: bool
) -> None:
    assert routing.carries(way("a", **limits), address, parts, purpose) is may


def shares(rows: list[GatewayRow], *, urgent: bool = False) -> dict[str, float]:
    """How much of a thousand evenly spread messages goes by each."""
    found = [routing.pick(rows, number / 1000, urgent=urgent, now=NOW) for number in range(1000)]
    return {row.name: sum(one is row for one in found) / 1000 for row in rows}


@pytest.mark.parametrize(
    ("rows", "urgent", "wanted"),
    [
        ([way("dear", cost=0.06), way("cheap", cost=0.04)], False, {"cheap": 1.0, "dear": 0.0}),
        ([way("dear", cost=0.06, rate=30), way("cheap", cost=0.04)], True, {"cheap": 0.25, "dear": 0.75}),
        ([way("a"), way("b", rate=40)], False, {"a": 0.2, "b": 0.8}),
        ([way("a", share=0.0, breaker=OPEN), way("b", cost=0.1)], False, {"a": 0.0, "b": 1.0}),
        ([way("a", share=0.1, breaker=TRYING), way("b", cost=0.1)], False, {"a": 0.1, "b": 0.9}),
        ([way("a", paused_until=NOW + timedelta(hours=1)), way("b", cost=0.1)], False, {"a": 0.0, "b": 1.0}),
        ([way("a", paused_until=NOW + 3 * SECOND), way("b", cost=0.1)], False, {"a": 1.0, "b": 0.0}),
        ([way("a", share=0.0), way("b", share=0.0, cost=0.1)], False, {"a": 1.0, "b": 0.0}),
    ],
)
def test_the_cheapest_that_is_well_is_chosen_and_urgent_words_go_by_all(
    rows: list[GatewayRow], urgent: bool, wanted: dict[str, float]
) -> None:
    assert shares(rows, urgent=urgent) == pytest.approx(wanted, abs=0.002)


def test_where_nothing_may_carry_it_there_is_nothing_to_choose() -> None:
    assert routing.pick([], 0.5, urgent=False, now=NOW) is None


@pytest.mark.parametrize(
    ("mine", "theirs", "may"),
    [
        ({}, {}, True),
        ({}, {"prefixes": "+86139"}, True),
        ({"prefixes": "+86"}, {"prefixes": "+86139 +86138"}, True),
        ({"prefixes": "+86139"}, {"prefixes": "+86"}, False),
        ({"prefixes": "+86"}, {}, False),
        ({"purposes": "alert"}, {}, False),
        ({"purposes": "alert tips"}, {"purposes": "tips"}, True),
        ({"longest": 3}, {}, False),
        ({"longest": 3}, {"longest": 2}, True),
        ({"channel": Channel.VOICE}, {}, False),
    ],
)
def test_who_carries_all_that_another_carries_stands_in(
    mine: dict[str, Any], theirs: dict[str, Any], may: bool
) -> None:
    assert routing.stands_in(way("b", **mine), way("a", **theirs)) is may
    assert not routing.stands_in(way("a", **mine), way("a", **mine))


@pytest.mark.parametrize(
    ("mine", "theirs", "helps"),
    [
        ({}, {}, False),
        ({}, {"share": 0.0, "breaker": OPEN}, True),
        ({}, {"share": 0.4, "breaker": TRYING}, True),
        ({}, {"paused_until": NOW + timedelta(minutes=1)}, True),
        ({"share": 0.4, "breaker": TRYING}, {"share": 0.0, "breaker": OPEN}, False),
        ({"paused_until": NOW + timedelta(minutes=1)}, {"share": 0.0, "breaker": OPEN}, False),
    ],
)
def test_only_who_is_well_helps_and_only_who_is_not_is_helped(
    mine: dict[str, Any], theirs: dict[str, Any], helps: bool
) -> None:
    ill, well = way("a", **theirs), way("b", **mine)
    assert routing.helped(well, [ill, well], NOW) == (["a"] if helps else [])


@pytest.mark.parametrize(
    ("good", "bad", "ill"),
    [
        (0, 0, False),
        (0, 1, False),
        (0, 2, True),
        (1.9, 2, True),
        (2.1, 2, False),
        (500, 20, False),
        (20, 500, True),
    ],
)
def test_half_of_the_last_minute_gone_wrong_is_ill(good: float, bad: float, ill: bool) -> None:
    assert gateway_health.is_ill(good, bad) is ill


@pytest.mark.parametrize(
    ("seen", "then"),
    [
        (Standing(CLOSED, 1.0, 99 * SECOND), (CLOSED, 1.0)),
        (Standing(CLOSED, 1.0, 99 * SECOND, bad=2), (OPEN, 0.0)),
        (Standing(CLOSED, 1.0, 99 * SECOND, bad=2, helper=False), (CLOSED, 1.0)),
        (Standing(CLOSED, 1.0, 99 * SECOND, good=900, bad=2, streak=2), (CLOSED, 1.0)),
        (Standing(CLOSED, 1.0, 99 * SECOND, good=900, bad=3, streak=3), (OPEN, 0.0)),
        (Standing(OPEN, 0.0, 29 * SECOND), (OPEN, 0.0)),
        (Standing(OPEN, 0.0, 30 * SECOND), (TRYING, 0.05)),
        (Standing(TRYING, 0.05, 1 * SECOND, bad=1), (OPEN, 0.0)),
        (Standing(TRYING, 0.05, 19 * SECOND, good=1), (TRYING, 0.05)),
        (Standing(TRYING, 0.05, 20 * SECOND, good=1), (TRYING, 0.1)),
        (Standing(TRYING, 0.8, 20 * SECOND, good=9), (CLOSED, 1.0)),
        (Standing(TRYING, 0.05, 1 * SECOND, good=1, helper=False), (CLOSED, 1.0)),
        (Standing(TRYING, 0.05, 299 * SECOND), (TRYING, 0.05)),
        (Standing(TRYING, 0.05, 300 * SECOND), (TRYING, 0.1)),
        (Standing(CLOSED, 1.0, 99 * SECOND, good=9, delay=601 * SECOND), (CLOSED, 0.5)),
        (Standing(CLOSED, 1.0, 99 * SECOND, good=9, delay=601 * SECOND, helper=False), (CLOSED, 1.0)),
        (Standing(CLOSED, 0.5, 99 * SECOND, good=9, delay=400 * SECOND), (CLOSED, 0.5)),
        (Standing(CLOSED, 0.5, 99 * SECOND, good=9, delay=200 * SECOND), (CLOSED, 1.0)),
        (Standing(CLOSED, 0.5, 99 * SECOND, good=9), (CLOSED, 1.0)),
    ],
)
def test_the_share_goes_at_once_and_comes_back_step_by_step(
    seen: Standing, then: tuple[Breaker, float]
) -> None:
    assert judge(seen) == then
