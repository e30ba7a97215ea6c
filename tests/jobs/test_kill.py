"""kill -9 at any moment: nothing is lost, nothing is sent twice by a carrier that can be asked."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from farmerline.models import Delivery, WatchNotice
from tests.conftest import ROOT
from tests.factories import make_account
from tests.jobs.carrier import County
from tests.jobs.watched import offer, subscribe

MESSAGES, KILLS = 300, 3


def lines(record: Path) -> list[str]:
    return record.read_text().splitlines() if record.exists() else []


@pytest.mark.long
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


SUBSCRIBERS = 150


@pytest.mark.long
def test_killed_tellers_tell_each_subscriber_once(county: County, tmp_path: Path) -> None:
    """R-01: killed while subscribers are written down, and while their messages are."""
    with county.database.write() as session:
        for number in range(SUBSCRIBERS):
            subscribe(session, make_account(session, f"李{number}"), county.context.settings)
        for number in (1001, 1002):
            offer(session, make_account(session), number=number)
    url = county.database.url.render_as_string(hide_password=False).replace("+psycopg", "")

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.jobs.mortal_watch", url, str(tmp_path)], cwd=ROOT
        )

    def count(table: type[Delivery | WatchNotice]) -> int:
        with county.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    for table, enough in ((WatchNotice, 60), (Delivery, 40)):
        workers = [start(), start()]
        while count(table) < enough:
            assert workers[0].poll() is None
            time.sleep(0.001)
        for worker in workers:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        assert count(table) < SUBSCRIBERS * (2 if table is WatchNotice else 1)
    workers = [start(), start()]
    assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
    assert count(WatchNotice) == 2 * SUBSCRIBERS
    # mostly both posts in one text; two where one worker told of the first while the other still wrote down the second
    assert SUBSCRIBERS <= count(Delivery) <= 2 * SUBSCRIBERS
    with county.database.read() as session:
        told = select(func.count(Delivery.account_id.distinct()))
        assert session.scalar(told) == SUBSCRIBERS
        assert session.scalar(select(func.count()).where(WatchNotice.delivery_id.is_(None))) == 0
