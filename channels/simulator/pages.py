"""The simulator's doors in the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from channels.contract import Ports
from channels.simulator.api import handset_api
from channels.simulator.facade import carrier_api
from channels.simulator.phone import phone_pages

if TYPE_CHECKING:
    from channels.registry import Simulator


def simulator_pages(simulator: Simulator, ports: Ports) -> list[tuple[Blueprint, bool]]:
    """The pages and programs' doors of the demo; True where a door checks its callers itself and needs no form token."""
    exchange = simulator.exchange
    return [
        (phone_pages(exchange, ports), False),
        (handset_api(exchange, ports), True),
        (carrier_api(exchange), True),
    ]
