"""The stories, each promise of which must hold, by every channel and on both databases."""

from __future__ import annotations

import pytest

from farmerline.demo.stage import Stage
from farmerline.demo.stories import STORIES, old_yang
from tests.stories.conftest import MakeStage


def _kept(stage: Stage) -> None:
    broken = [str(each) for each in stage.expectations if not each.held]
    assert not broken, "\n".join(broken)
    assert len(stage.expectations) >= 4


_LONGEST = {"orange-506", "false-alarm", "red-at-night"}
"""``./run demo --once`` plays these as well."""


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.long] * (name in _LONGEST)) for name in STORIES],
)
def test_every_promise_of_a_story_holds(name: str, stage: MakeStage) -> None:
    """M02, M12, M13, M15, P-06, Z-06."""
    played = stage(name)
    STORIES[name](played)
    _kept(played)


@pytest.mark.parametrize(
    ("buyer", "seller"),
    [("voice", "web"), ("web", "contact"), ("contact", "voice"), ("sms", "voice")],
)
@pytest.mark.long
def test_old_yang_gets_his_seedlings_by_every_mix_of_channels(
    buyer: str, seller: str, stage: MakeStage
) -> None:
    """M13: begun on one channel, answered on another, one record."""
    played = stage("old-yang")
    old_yang.play(played, buyer, seller)
    _kept(played)


@pytest.mark.postgres
@pytest.mark.long
def test_old_yang_gets_his_seedlings_on_postgresql(postgres_stage: MakeStage) -> None:
    """M13."""
    played = postgres_stage("old-yang")
    old_yang.play(played)
    _kept(played)
