"""The same broadcast through Celery and Redis, one task a message, for the ratio.

Redis is the machine's own, else Debian's package unpacked under var/parts; it keeps nothing on disk, which is its
quickest. The rows are written beforehand by the product: only the way from row to carrier differs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import select

from bench.rig.county import Place
from bench.rig.processes import ROOT, Loopback, free_port, until
from farmerline.models import Delivery
from jobs.fanout import fan_out

_UNPACKED = ROOT / "var" / "parts" / "redis"
_PROCESSES = 2


def rate(place: Place, line: Loopback) -> float | None:
    """Messages a second of a county's broadcast that is started and not yet written; None, with the reason on standard
    error, where Celery or Redis cannot be had."""
    why = "" if find_spec("celery") and find_spec("redis") else "bench/requirements.txt is not installed"
    server = _find_redis() if not why else None
    if server is None:
        print(f"no ratio to Celery: {why or 'there is no redis-server'}", file=sys.stderr)
        return None
    with place.open() as runtime:
        fan_out(runtime.context)
        with runtime.database.read() as session:
            ids = list(session.scalars(select(Delivery.id).order_by(Delivery.id)))
    with _redis(server) as broker, _worker(place, broker):
        return _through(ids, broker, place, line)


def _through(ids: list[str], broker: str, place: Place, line: Loopback) -> float:
    os.environ |= {"BENCH_BROKER": broker, "BENCH_SETTINGS": str(place.file)}
    from bench.celery_app import send

    send.delay(ids[0])
    until(lambda: line.taken == 1, within=60, what="the first message through Celery")
    began = time.perf_counter()
    for one in ids[1:]:
        send.delay(one)
    until(lambda: line.taken >= len(ids), within=600, every=0.01, what="Celery")
    return (len(ids) - 1) / (time.perf_counter() - began)


@contextmanager
def _redis(server: Path) -> Iterator[str]:
    port = free_port()
    libraries = os.pathsep.join(str(folder) for folder in _UNPACKED.glob("usr/lib/*-linux-gnu"))
    words = [str(server), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    child = subprocess.Popen(
        words, stdout=subprocess.DEVNULL, env={**os.environ, "LD_LIBRARY_PATH": libraries}, cwd="/tmp"
    )
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        child.terminate()
        child.wait()


@contextmanager
def _worker(place: Place, broker: str) -> Iterator[None]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("FARMERLINE_")
    } | {"BENCH_BROKER": broker, "BENCH_SETTINGS": str(place.file)}
    words = ["-m", "celery", "-A", "bench.celery_app", "worker", "--pool", "prefork", "-c", str(_PROCESSES)]
    with (place.home / "celery.log").open("w") as log:
        child = subprocess.Popen(
            [sys.executable, *words, "--loglevel", "ERROR"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            child.terminate()
            child.wait()


def _find_redis() -> Path | None:
    if found := shutil.which("redis-server"):
        return Path(found)
    unpacked = _UNPACKED / "usr" / "bin" / "redis-server"
    if not unpacked.exists():
        words = ["sh", str(ROOT / "tests" / "parts" / "debs.sh"), "unpack", str(_UNPACKED), "redis-server"]
        subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return unpacked if unpacked.exists() else None
