"""Every address says who may enter, in a demo and in a real county."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from farmerline.app import create_app
from farmerline.clock import FixedClock
from farmerline.config import Module
from farmerline.runtime import Runtime
from tests import factories

_REAL = {
    "mode": "production",
    "gateway": "twilio",
    "twilio_account_sid": "AC" + "1" * 32,
    "twilio_auth_token": "t" * 32,
    "twilio_number": "+8657400002169",
    "public_url": "https://farm.example.org",
    "simulator_path": None,
}


@pytest.fixture(params=["demo", "production"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application with all its parts switched on."""
    values = _REAL if request.param == "production" else {}
    settings = factories.make_test_settings(tmp_path, modules=",".join(Module), **values)
    database = factories.make_database(settings.database_url)
    runtime = Runtime(settings=settings, database=database, clock=FixedClock(factories.NOW))
    yield create_app(runtime)
    database.close()


def test_every_route_says_who_may_enter(app: Flask) -> None:
    silent = [
        f"{rule.rule} → {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[-1] != "static"
        and not getattr(app.view_functions[rule.endpoint], "allowed", None)
    ]
    assert not silent


def test_no_address_is_answered_by_two_functions(app: Flask) -> None:
    seen: dict[tuple[str, str], str] = {}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            first = seen.setdefault((method, rule.rule), rule.endpoint)
            assert first == rule.endpoint, f"{method} {rule.rule}: {first} and {rule.endpoint}"


@pytest.mark.parametrize("app", ["production"], indirect=True)
def test_a_real_county_has_none_of_the_demo(app: Flask) -> None:
    shown = {endpoint: str(getattr(view, "allowed", "")) for endpoint, view in app.view_functions.items()}
    assert not [name for name, who in shown.items() if "demo" in who or "simulator" in name]
