"""Webs and workers as processes of their own share one county: the commands of deploy/compose.yaml, without containers."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import yaml
from sqlalchemy import func, select, update
from twilio.request_validator import RequestValidator

from farmerline import vault
from farmerline.clock import SystemClock
from farmerline.db import Database
from farmerline.domain import outbox
from farmerline.messages import Channel
from farmerline.models import Delivery, DeliveryState, Purpose
from tests.conftest import ROOT
from tests.factories import fill_county, make_test_settings
from tests.jobs.hosts import Hosts, open_hosts

MESSAGES = 200
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = {name: service["command"] for name, service in COMPOSE["services"].items() if "command" in service}
WEB_KEY = "w" * 40  # what signs a demo's webhooks


def wait_until(true: Callable[[], object], hosts: Hosts, seconds: float = 30.0) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, hosts.said()
        time.sleep(0.02)


def taken(carrier: Path) -> Counter[str]:
    """How often the carrier took a message to each number."""
    with closing(sqlite3.connect(carrier)) as rows:
        return Counter(number for (number,) in rows.execute("SELECT number FROM message WHERE outbound = 1"))


def count(database: Database, *states: DeliveryState) -> int:
    with database.read() as session:
        found = select(func.count()).select_from(Delivery).where(Delivery.state.in_(states))
        return session.scalar(found) or 0


def text_in(address: str, sender: str, ref: str) -> int:
    """A signed text to one web, as a carrier posts it; returns the status."""
    form = {"MessageSid": ref, "From": sender, "To": "+8657400002169", "Body": "帮助"}
    signed = RequestValidator(WEB_KEY).compute_signature("http://127.0.0.1:8000/hooks/twilio/sms", form)
    asked = Request(f"{address}/hooks/twilio/sms", urlencode(form).encode(), {"X-Twilio-Signature": signed})
    with urlopen(asked, timeout=20) as answer:
        return int(answer.status)


def promise(database: Database) -> set[str]:
    """Texts to as many phones; returns their numbers."""
    numbers = {f"+861391234{number:04d}" for number in range(MESSAGES)}
    with database.write() as session:
        for number in sorted(numbers):
            outbox.queue(
                session, channel=Channel.SMS, address=number, text=f"明天夜里降温，大棚今晚盖好。{number[-4:]}",
                purpose=Purpose.SERVICE, now=SystemClock().now(),
            )  # fmt: skip
    return numbers


def test_the_compose_file_starts_what_the_service_has() -> None:
    assert SERVICES == {
        "migrate": ["farmerline", "migrate"],
        "web1": ["farmerline", "web"],
        "web2": ["farmerline", "web"],
        "worker1": ["farmerline", "worker"],
        "worker2": ["farmerline", "worker"],
    }
    for path in ("Dockerfile", "nginx/farmerline.conf", "nginx/upstream-compose.conf"):
        assert (ROOT / "deploy" / path).is_file()


@pytest.mark.postgres
@pytest.mark.long
def test_webs_and_workers_lose_and_repeat_nothing_when_one_is_killed(
    postgres_url: str, tmp_path: Path
) -> None:
    """A worker is killed, the others end by SIGTERM, each message was taken once."""
    settings = make_test_settings(tmp_path, database_url=postgres_url, sms_rate=300)
    vault.install(settings.vault())
    carrier = tmp_path / "carrier.db"
    with open_hosts(settings, tmp_path) as hosts:
        assert hosts.run(SERVICES["migrate"]) == 0, hosts.said()
        database = Database(postgres_url)
        with database.write() as session:
            fill_county(session)
        webs = [hosts.start_web(SERVICES[name]) for name in ("web1", "web2")]
        numbers = promise(database)
        first, _second = [hosts.start(SERVICES[name]) for name in ("worker1", "worker2")]
        wait_until(lambda: len(taken(carrier)) > MESSAGES // 5, hosts)
        first.kill()
        first.join()
        wait_until(lambda: not count(database, DeliveryState.QUEUED), hosts)
        time.sleep(0.3)  # what the other one holds it settles
        with database.write() as session:  # a minute later: the lease of what was on its way is over
            session.execute(
                update(Delivery)
                .where(Delivery.state == DeliveryState.SENDING)
                .values(lease_until=SystemClock().now())
            )
        wait_until(lambda: not count(database, DeliveryState.SENDING), hosts)
        assert taken(carrier) == Counter(numbers)
        assert count(database, *DeliveryState) == MESSAGES

        # one text that comes to both webs is answered once, by the worker that is left
        stranger = "+8613912349999"
        assert [text_in(web, stranger, "SM1") for web in webs] == [200, 200]
        wait_until(lambda: taken(carrier)[stranger], hosts)
        began = time.monotonic()
        for process in hosts.started:
            if process.is_alive():
                process.terminate()
        for process in hosts.started:
            process.join()
        assert time.monotonic() - began < 10
        assert [process.exitcode for process in hosts.started] == [0, 0, 0, -9, 0], hosts.said()
        assert taken(carrier)[stranger] == 1
        database.close()
