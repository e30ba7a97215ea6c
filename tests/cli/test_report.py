"""``farmerline report deals``: one object, or a table with the way of counting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from farmerline.config import read_settings
from farmerline.db import Database
from farmerline.demo import county
from farmerline.domain import areas
from farmerline.places import place_row
from farmerline.queries.deals_report import COUNTED
from tests.cli.test_people_commands import run
from tests.factories import PLACES, upgrade


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A demo county with its places and nothing else: the environment that points at it."""
    folder: Path = tmp_path_factory.mktemp("county")
    file = county.write_settings(folder / "demo")
    settings = read_settings({"FARMERLINE_SETTINGS": str(file)})
    database = Database(settings.database_url)
    upgrade(database)
    with database.write() as session:
        areas.load(session, [place_row(code, name) for code, name in PLACES.items()])
    database.close()
    return {"FARMERLINE_SETTINGS": str(file)}


def test_one_object_with_every_figure_and_how_it_is_counted(place: dict[str, Any]) -> None:
    ended = run("report", "deals", "--json", **place)
    assert ended.exit_code == 0, ended.output
    made = json.loads(ended.stdout)
    assert {
        "posts",
        "deals",
        "deals_per_100_posts",
        "median_days_to_deal",
        "small_share",
        "ledger",
        "reasons",
    } <= set(made)
    assert made["area"] == "330282" and made["ledger"] == [] and made["reasons"] == {}
    assert len(made["counted"]) == len(COUNTED)


def test_the_table_says_how_it_is_counted_in_both_languages(place: dict[str, Any]) -> None:
    chosen = ("report", "deals", "--area", "330282123", "--from", "2026-01-01", "--to", "2026-06-30")
    assert "How it is counted:" in run(*chosen, **place).stdout
    assert "龙山镇" in (said := run(*chosen, english=False, **place).stdout) and "怎么算的" in said


@pytest.mark.parametrize(
    "wrong",
    [
        ("--area", "999999"),
        ("--area", "x"),
        ("--from", "soon"),
        ("--from", "2026-02-01", "--to", "2026-01-01"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(place: dict[str, Any], wrong: tuple[str, ...]) -> None:
    ended = run("report", "deals", *wrong, **place)
    assert ended.exit_code == 1 and ended.stderr.count("\n") == 1
