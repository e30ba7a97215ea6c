"""What is wrong outside the service ends a command with one line, and changes nothing."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from farmerline.cli.demo import refuse_used
from farmerline.db import Database
from farmerline.demo import county
from farmerline.errors import Misconfigured
from tests import factories
from tests.cli.test_people_commands import run
from tests.factories import upgrade

OUT_OF_REACH = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture
def demo(tmp_path: Path) -> dict[str, Any]:
    """A demo county without people: the environment that points at it."""
    file = county.write_settings(tmp_path / "demo")
    database = Database(f"sqlite:///{tmp_path / 'demo' / 'farmerline.db'}")
    upgrade(database)
    database.close()
    return {"FARMERLINE_SETTINGS": str(file)}


@pytest.mark.parametrize(
    "command", [["jobs"], ["audit", "verify"], ["sms", "19900000001", "帮助"], ["migrate"]]
)
def test_a_database_out_of_reach_is_one_line(demo: dict[str, Any], command: list[str]) -> None:
    ended = run(*command, **demo, FARMERLINE_DATABASE_URL=OUT_OF_REACH)
    assert ended.exit_code == 2
    assert "FARMERLINE_DATABASE_URL" in ended.stderr.splitlines()[-1]


def test_check_goes_on_when_the_database_is_out_of_reach(demo: dict[str, Any]) -> None:
    ended = run("check", **demo, FARMERLINE_DATABASE_URL=OUT_OF_REACH)
    assert ended.exit_code == 1
    assert "BAD  database: does not answer" in ended.stdout


def test_check_names_what_is_wrong_with_the_bureau_s_own_map(demo: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "towns.geojson").write_text("{}", encoding="utf-8")
    ended = run("check", **demo, FARMERLINE_MAP_FOLDER=str(tmp_path))
    assert ended.exit_code == 1
    assert "BAD  map: FARMERLINE_MAP_FOLDER: towns.geojson is no GeoJSON FeatureCollection." in ended.stdout


def test_an_address_in_use_is_one_line(demo: dict[str, Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = run("serve", **demo, FARMERLINE_LISTEN=listen)
    assert ended.exit_code == 2
    assert f"Cannot listen on {listen}" in ended.stderr


def test_bytes_that_are_no_text_are_answered_like_any_words(demo: dict[str, Any]) -> None:
    ended = run("sms", "19900000099", "\udcff\udcfe", **demo)
    assert ended.exit_code == 0
    assert "注册" in ended.stdout


def test_a_phone_that_does_not_ring_cannot_be_picked_up(demo: dict[str, Any]) -> None:
    for english, line in ((True, "No call rings at this phone."), (False, "这部手机没有电话打来。")):
        ended = run("dial", "19900000001", "--answer", english=english, **demo)
        assert (ended.exit_code, ended.stderr) == (1, f"farmerline: {line}\n")


@pytest.mark.parametrize("keys", ["x", "1 w", "h", "1,2", "５ 壹"])
def test_a_key_that_is_none_is_one_line_that_names_it(demo: dict[str, Any], keys: str) -> None:
    ended = run("dial", "19900000001", "--keys", keys, **demo)
    assert ended.exit_code == 1
    assert ended.stdout == ""
    assert "is no key: use digits" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_demo_leaves_a_database_with_people_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'used.db'}"
    database = factories.make_database(url)
    with database.write() as session:
        factories.fill_county(session)
        factories.make_account(session)
    database.close()
    with pytest.raises(Misconfigured, match="with people in it"):
        refuse_used(url)


def test_a_demo_takes_an_empty_database(tmp_path: Path) -> None:
    refuse_used("")
    refuse_used(f"sqlite:///{tmp_path / 'new.db'}")
