"""What texts and calls cost, in yuan."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farmerline.domain import costs
from farmerline.domain.costs import Use
from tests.domain.rates import Fees

OURS = Fees(sms_part_yuan=0.045, call_minute_yuan=0.12)
COUNTS = st.integers(0, 1_000_000)
SECONDS = st.lists(st.floats(0, 3600), max_size=20)
RATES = st.builds(Fees, *[st.integers(0, 9999).map(lambda each: each / 1000)] * 2)


@pytest.mark.parametrize(("parts", "yuan"), [(0, 0.0), (1, 0.045), (3, 0.135), (1000, 45.0), (506, 22.77)])
def test_texts_cost_by_the_part(parts: int, yuan: float) -> None:
    assert costs.texts(parts, OURS) == yuan


@pytest.mark.parametrize(
    ("seconds", "yuan"),
    [([], 0.0), ([0], 0.0), ([0.4], 0.12), ([60], 0.12), ([60.1], 0.24), ([20, 20, 61], 0.48), ([-1], 0.0)],
)
def test_calls_cost_by_the_started_minute_and_nothing_unanswered(seconds: list[float], yuan: float) -> None:
    assert costs.calls(seconds, OURS) == yuan


@given(COUNTS, SECONDS, RATES)
def test_prices_are_exact_to_a_thousandth(parts: int, seconds: list[float], rates: Fees) -> None:
    for yuan in (costs.texts(parts, rates), costs.calls(seconds, rates)):
        assert yuan >= 0
        assert round(yuan, 3) == yuan


@given(COUNTS, COUNTS, RATES)
def test_two_bills_together_are_one_bill(first: int, second: int, rates: Fees) -> None:
    both = costs.texts(first, rates) + costs.texts(second, rates)
    assert round(both, 3) == costs.texts(first + second, rates)


@given(st.integers(0, 1000), st.floats(0, 600), RATES)
def test_like_calls_cost_what_each_of_them_costs(count: int, seconds: float, rates: Fees) -> None:
    assert costs.like_calls(count, seconds, rates) == costs.calls([seconds] * count, rates)


@given(SECONDS, SECONDS, RATES)
def test_a_longer_list_of_calls_never_costs_less(first: list[float], more: list[float], rates: Fees) -> None:
    assert costs.calls([*first, *more], rates) >= costs.calls(first, rates)


USES = st.lists(st.builds(Use, st.just("alerts"), *[st.floats(0, 500)] * 3), max_size=4)


@given(st.integers(1, 100_000), RATES, USES)
def test_an_estimate_adds_up(people: int, rates: Fees, usage: list[Use]) -> None:
    made = costs.estimate(people, rates=rates, usage=usage)
    whole = costs.texts(made.parts, rates) + costs.like_calls(made.minutes, 60, rates)
    assert made.yuan == pytest.approx(whole, abs=0.0005)
    assert made.calls == sum(round(people * use.calls) for use in usage)


def test_an_estimate_says_each_purpose() -> None:
    usage = [Use("alert", parts=24, calls=4, minutes=4), Use("matching", parts=6)]
    made = costs.estimate(20_000, rates=OURS, usage=usage)
    first, second = made.lines
    assert (first.parts, first.calls, first.minutes, first.yuan) == (480_000, 80_000, 80_000, 31_200.0)
    assert (second.purpose, second.yuan) == ("matching", 5_400.0)
    assert (made.parts, made.minutes, made.yuan) == (600_000, 80_000, 36_600.0)
