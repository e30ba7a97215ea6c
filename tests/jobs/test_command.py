"""``farmerline jobs``, ``run-job``, ``backup``, ``restore``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from farmerline.cli import farmerline
from farmerline.db import Database
from jobs.schedule import TIMETABLE
from tests.factories import upgrade

KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="


def run(home: Path, *arguments: str, language: str = "en_US.UTF-8") -> Result:
    values = {
        "MODE": "demo", "GATEWAY": "simulator", "DATABASE_URL": f"sqlite:///{home / 'farmerline.db'}", "HOME": str(home),
        "COUNTY": "330282", "SERVICE_NAME": "农信通达", "LINE_NUMBER": "12316", "VAULT_KEYS": f"k1:{KEY}", "INDEX_KEY": KEY,
        "WEB_KEY": "w" * 40,
    }  # fmt: skip
    environment = {f"FARMERLINE_{name}": value for name, value in values.items()} | {
        "LANG": language,
        "LC_ALL": "",
    }
    return CliRunner(env=environment).invoke(farmerline, arguments)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    database = Database(f"sqlite:///{tmp_path / 'farmerline.db'}")
    upgrade(database)
    database.close()
    return tmp_path


def test_the_timetable_is_shown_with_each_jobs_last_run(home: Path) -> None:
    ran = run(home, "run-job", "expire")
    assert (ran.exit_code, ran.output) == (0, "expire: 0\n")
    lines = [json.loads(line) for line in run(home, "jobs", "--json").output.splitlines()]
    assert [line["name"] for line in lines] == [job.name for job in TIMETABLE]
    expire = next(line for line in lines if line["name"] == "expire")
    assert (expire["when"], expire["result"], expire["failed"], expire["missed"]) == (
        "every 1 h",
        "0",
        False,
        "latest",
    )
    assert expire["next"].endswith("+08:00")
    assert "每天 03:10" in run(home, "jobs", language="zh_CN.UTF-8").output


def test_an_unknown_job_is_refused_with_the_known_ones(home: Path) -> None:
    result = run(home, "run-job", "nonsense")
    assert result.exit_code == 2
    assert "follow_up" in result.output


def test_a_backup_is_made_and_put_back_by_hand(home: Path) -> None:
    made = Path(run(home, "backup").output.strip())
    assert made.parent == home / "backups"
    result = run(home, "restore", str(made))
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Restored from {made}.")
    (home / "farmerline.db").unlink()
    assert run(home, "restore", str(made)).exit_code == 0
    assert run(home, "jobs").exit_code == 0
