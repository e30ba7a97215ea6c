"""kill -9 at any moment: nothing is lost, nothing is sent twice by a carrier that can be asked."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import ROOT
from tests.jobs.carrier import County

MESSAGES, KILLS = 300, 3


def lines(record: Path) -> list[str]:
    return record.read_text().splitlines() if record.exists() else []


def test_a_killed_sender_loses_nothing_and_repeats_nothing(county: County, tmp_path: Path) -> None:
    """R-01."""
    record = tmp_path / "record"
    promised = {county.promise() for _ in range(MESSAGES)}
    url = county.database.url.render_as_string(hide_password=False).replace("+psycopg", "")

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.jobs.mortal", url, str(tmp_path), str(record)], cwd=ROOT
        )

    kills = 0
    for kill in range(KILLS):
        before, sender = len(lines(record)), start()
        while len(lines(record)) < before + 20 + 13 * kill:
            assert sender.poll() is None
            time.sleep(0.001)
        sender.send_signal(signal.SIGKILL)
        sender.wait()
        kills += len(lines(record)) < MESSAGES
    assert kills == KILLS
    assert start().wait(timeout=60) == 0
    taken = lines(record)
    assert set(taken) == promised  # none lost
    assert len(taken) == MESSAGES  # none repeated
    assert set(county.states()) == {"sent"}
