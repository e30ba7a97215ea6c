"""Two of the calls of ``./run pbx``: real telephones, a real switch, a trunk with a password, and the service, on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.pbx import bundle, cases
from bench.pbx.world import World, open_world

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    if bundle.find() is None:
        pytest.skip(bundle.MISSING)
    with open_world(2) as made:
        yield made


def test_a_caller_reaches_a_box_in_two_keys_by_the_switch(world: World) -> None:
    """M03: heard by a telephone on a trunk, not by a simulated caller."""
    assert cases.heard_box(world, world.phones[0]) > 0


def test_a_caller_who_hangs_up_while_recording_keeps_the_recording(world: World) -> None:
    assert cases.gone_while_recording(world, world.phones[1])
