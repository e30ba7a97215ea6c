"""The service that the stories are told on, and what tells them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from channels.simulator import caller
from channels.simulator.caller import Transcript
from farmerline.models import Account
from tests.service import Service
from tests.web.conftest import service, template_database

Ring = Callable[[Account, str], Transcript]

__all__ = ["Ring", "ring", "service", "template_database"]


@pytest.fixture
def ring(service: Service) -> Ring:
    """A person rings the line and presses keys; gives what both heard and did."""
    assert service.app is not None  # the carrier speaks to it
    simulator = service.runtime.simulator
    assert simulator is not None

    def play(person: Account, keys: str, say: str = "") -> Transcript:
        assert person.phone is not None
        told = caller.play(simulator.exchange, person.phone, keys, say)
        service.runtime.settle()
        return told

    return play
