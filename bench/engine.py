"""One process of the product for a bench: ``python -m bench.engine SETTINGS``, told by lines on stdin, telling by JSON lines.

``plan CAMPAIGN`` writes a broadcast's messages; ``send`` runs the loops of the timetable that hand over, write and
follow alerts until ``stop``. ``stub`` as second argument puts a sender in memory in place of every connection's.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from channels.contract import Gateway
from farmerline.config import read_settings
from farmerline.messages import Outgoing
from farmerline.runtime import open_runtime
from jobs import alerts, deliver, fanout
from jobs.context import Context


@dataclass
class Stub:
    """Takes every message at once."""

    taken: Counter[str] = field(default_factory=Counter)

    def send(self, message: Outgoing) -> str:
        self.taken[message.id] += 1
        return message.id

    def find(self, message: Outgoing, since: datetime) -> str | None:
        return message.id if message.id in self.taken else None


class Claims(logging.Handler):
    """Notes when claims were begun that hold no urgent words: what waits is looked at after that."""

    def __init__(self) -> None:
        super().__init__()
        self.bulk: list[float] = []

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        if said.startswith("batch.claimed") and said.endswith("urgent=0"):
            self.bulk.append(record.created - float(said.partition("seconds=")[2].split()[0]))


@dataclass
class Process:
    """What this process does when told."""

    context: Context
    claims: Claims
    stop: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)
    began: float = 0.0

    def plan(self) -> dict[str, float]:
        """Write the messages of every broadcast that was started."""
        began = time.perf_counter()
        planned = fanout.fan_out(self.context)
        return {"planned": planned, "planned_s": round(time.perf_counter() - began, 2)}

    def send(self) -> None:
        """Run the loops."""
        for loop in chain(deliver.loops(self.context), alerts.loops(self.context)):
            thread = threading.Thread(target=loop, args=(self.stop,), daemon=True)
            thread.start()
            self.threads.append(thread)
        self.began = time.time()

    def end(self, base: float) -> dict[str, object]:
        """Stop the loops; what this process took of the machine."""
        self.stop.set()
        for thread in self.threads:
            thread.join(15)
        peak = memory("VmHWM")
        return {
            "began": self.began, "bulk_claims": self.claims.bulk, "rss_mb": round(peak, 1),
            "rss_growth_mb": round(peak - base, 1), "cpu_s": round(time.process_time(), 1),
        }  # fmt: skip


def main(arguments: list[str]) -> int:
    """Do as told until the lines end."""
    runtime = open_runtime(read_settings({"FARMERLINE_SETTINGS": arguments[0]}))
    gateways: tuple[Gateway, ...] = tuple(runtime.gateways)
    if "stub" in arguments:
        gateways = tuple(replace(gateway, sender=Stub(), lanes=1, rate=1e9) for gateway in gateways)
        runtime.gateways = list(gateways)
    runtime.prepare()
    claims = Claims()
    logging.getLogger("jobs").addHandler(claims)
    logging.getLogger("jobs").setLevel(logging.INFO)
    process = Process(replace(runtime.context, gateways=gateways), claims)
    base = memory("VmRSS")
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        if line.strip() == "plan":
            print(json.dumps(process.plan()), flush=True)
        elif line.strip() == "send":
            process.send()
            print(json.dumps({"began": process.began}), flush=True)
        else:
            print(json.dumps(process.end(base)), flush=True)
            break
    runtime.database.close()
    return 0


def memory(name: str) -> float:
    """MB of this process: ``VmRSS`` now, ``VmHWM`` at most so far."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1000
    return 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
