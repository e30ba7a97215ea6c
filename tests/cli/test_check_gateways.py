"""``farmerline check`` asks each carrier connection; a wrong gateways file is one clear line."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from farmerline.db import Database
from farmerline.demo import county
from tests.channels.loop import open_service
from tests.cli.test_people_commands import run
from tests.factories import upgrade

TABLE = """
[[gateway]]
name = "{name}"
kind = "http"
rate = 5
[gateway.send]
url = "http://127.0.0.1:{port}/m"
json = {{ to = "{{to}}", text = "{{text}}" }}
"""


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    tmp_path = tmp_path_factory.mktemp("county")
    file = county.write_settings(tmp_path / "demo")
    database = Database(f"sqlite:///{tmp_path / 'farmerline.db'}")
    upgrade(database)
    database.close()
    return {
        "FARMERLINE_SETTINGS": str(file),
        "FARMERLINE_DATABASE_URL": f"sqlite:///{tmp_path / 'farmerline.db'}",
        "FARMERLINE_HOME": str(tmp_path),
        "FARMERLINE_GATEWAYS": str(tmp_path / "gateways.toml"),
    }


def test_each_connection_is_asked_and_nothing_is_sent(named: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    with open_service() as service:
        words = TABLE.format(name="near", port=service.port) + TABLE.format(name="far", port=free)
        Path(named["FARMERLINE_GATEWAYS"]).write_text(words)
        shown = run("check", **named)
        assert not service.asked
    assert shown.exit_code == 1, shown.output
    assert "ok   carrier http near: answers" in shown.stdout
    assert "BAD  carrier http far: unavailable no connection; look at the gateways file" in shown.stdout


def test_a_wrong_file_is_one_line(named: dict[str, str]) -> None:
    Path(named["FARMERLINE_GATEWAYS"]).write_text(
        TABLE.format(name="near", port=1).replace("rate = 5", "rate = 0")
    )
    shown = run("check", **named)
    assert shown.exit_code == 2
    assert 'gateways.toml: gateway "near": rate is wrong' in shown.stderr
    assert len(shown.stderr.splitlines()) == 1
