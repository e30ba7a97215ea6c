"""``farmerline alerts``: the figures add up, and who is left is named village by village."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import text

from farmerline.migrations import newest
from farmerline.models import Account, Alert
from tests.cli.test_people_commands import run
from tests.domain.alerting import Bureau, open_bureau
from tests.factories import COUNTY, XINDONG

Command = Callable[..., Result]
KEYS = ["planned", "sent", "delivered", "rang", "heard", "confirmed", "told", "unreached", "excluded"]


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    """A bureau whose database has the newest shape on record, as a command asks."""
    with open_bureau(f"sqlite:///{tmp_path / 'x.db'}", tmp_path) as made:
        with made.county.database.writer.begin() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": newest()})
        yield made


@pytest.fixture
def alerts(bureau: Bureau, tmp_path: Path) -> Command:
    """The command on the bureau's county."""
    here = {
        "MODE": "demo", "GATEWAY": "simulator", "DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}", "HOME": str(tmp_path),
        "COUNTY": COUNTY, "SERVICE_NAME": "农信通达", "LINE_NUMBER": "12316", "WEB_KEY": "w" * 40,
        "VAULT_KEYS": f"t:{b64encode(bytes(range(32))).decode()}", "INDEX_KEY": b64encode(bytes(range(32, 64))).decode(),
    }  # fmt: skip
    (tmp_path / "settings.env").write_text(
        "".join(f"FARMERLINE_{name}={value}\n" for name, value in here.items())
    )
    return partial(run, "alerts", FARMERLINE_SETTINGS=str(tmp_path / "settings.env"))


@pytest.fixture
def issued(bureau: Bureau) -> tuple[Alert, Account]:
    """An orange alert of the county; one phone is off."""
    bureau.person("杨大山")
    silent = bureau.person("岑二河", area_code=XINDONG)
    alert = bureau.issue(areas=(COUNTY,))
    bureau.hand_over()
    bureau.arrive(alert, but=(silent,))
    return alert, silent


def test_the_figures_are_these_and_add_up(alerts: Command, issued: tuple[Alert, Account]) -> None:
    ended = alerts("status", issued[0].number, "--json")
    assert ended.exit_code == 0, ended.output
    figures: dict[str, Any] = json.loads(ended.stdout)
    assert list(figures) == KEYS
    assert (
        figures["planned"] == sum(figures[key] for key in ("confirmed", "told", "unreached", "excluded")) >= 2
    )
    assert figures["sent"] == figures["delivered"] + 1


def test_the_table_explains_each_figure_and_names_who_is_left(
    alerts: Command, issued: tuple[Alert, Account]
) -> None:
    said = alerts("status", "2026年1号").stdout
    assert said.startswith("Orange 2026-1  水稻 稻飞虱  (")
    for key in KEYS:
        assert f"\n{key} " in said
    line = next(line for line in said.splitlines() if "岑二河" in line)
    assert line.startswith("新东村")
    assert "****" in line
    assert "switched off" in line
    assert issued[1].phone not in said
    assert "岑二河" in alerts("status", "2026-1", english=False).stdout


@pytest.mark.parametrize("number", ["2026-99", "2026-Y1", "nonsense", "", "12"])
def test_an_unknown_number_is_one_clear_line(
    alerts: Command, issued: tuple[Alert, Account], number: str
) -> None:
    ended = alerts("status", number)
    assert ended.exit_code == 1
    assert ended.stdout == ""
    (line,) = ended.stderr.strip().splitlines()
    assert f"There is no alert {number};" in line


def test_nobody_left_is_said(bureau: Bureau, alerts: Command) -> None:
    alert = bureau.draft()
    assert "Nobody is left to reach." in alerts("status", alert.number).stdout


def test_the_list_has_the_newest_first(bureau: Bureau, alerts: Command) -> None:
    assert alerts("list").stdout == "There are no alerts yet.\n"
    bureau.draft()
    bureau.wait(minutes=1)
    bureau.draft(pest="二化螟")
    said = alerts("list").stdout.splitlines()
    assert [line.split()[0] for line in said] == ["Alert", "2026-2", "2026-1"]
    assert "二化螟" in said[1]
    (newest,) = alerts("list", "--json", "--limit", "1").stdout.splitlines()
    assert json.loads(newest)["number"] == "2026-2"


def test_the_help_explains_every_key() -> None:
    said = run("alerts", "status", "--help").stdout
    assert [
        line.split()[0] for line in said.splitlines() if line.split()[:1] and line.split()[0] in KEYS
    ] == KEYS
