"""``./run bench webhook``: what carriers ask of us while a broadcast goes out, and what an inbound text costs beside a bare route.

Two runs. In the first, ``farmerline serve`` on SQLite hands a broadcast over at 500 a second, while texts, receipts and turns of calls come in
at 100 a second; each is counted from its own moment. In the second, without the broadcast, the inbound route of ``farmerline web``
(verify, store, answer; the understanding follows in a worker) and a bare Flask route (``bench.webhook_bare``) are each kept busy by
the same client, by turns. Afterwards every text must be on record once, and acted on. Exit 1 where a claim does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode, urlsplit

from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from bench import webhook_load
from bench.machine import machine
from bench.rig.county import Place, Table, fill
from bench.rig.processes import ROOT, Loopback, answers, free_port, port_of, serving, until
from farmerline.messages import Channel
from farmerline.models import Delivery, DeliveryState, Inbound, InboundState, Priority, Purpose

BULK_RATE, ASKED_RATE = 500.0, 100.0
P95_MS, P99_MS, RATIO = 150.0, 500.0, 0.5
_TOKEN, _ACCOUNT, _NUMBER = "0123456789abcdef" * 2, "AC" + "1" * 32, "+8657400002169"
_LINE = """
[[gateway]]
name = "{channel}"
kind = "twilio"
channel = "{channel}"
rate = 1
prefixes = ["+999"]
"""
"""The carrier that texts and calls come from; nothing goes out by it."""
_NOWHERE = "http://127.0.0.1:9"
_TEXTS = (
    "卖 葡萄苗 2000株 3.2元/株", "求购 土豆 5吨 1块2", "稻飞虱 一丛有十几头", "帮助", "有大白菜三千斤卖 6毛一斤", "查 葡萄",
    "水稻叶子发黄怎么办", "收 玉米 两万斤",
)  # fmt: skip
_STEPS = (("", {}), ("menu", {"Digits": "5"}), ("listen", {"Digits": "1"}), ("", {"CallStatus": "completed"}))
_CALLS = 25


def main(arguments: list[str]) -> int:
    """Run it; exit 1 when a claim does not hold."""
    parser = argparse.ArgumentParser(prog="./run bench webhook", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="of questions beside the broadcast")
    parser.add_argument("--rounds", type=int, default=5, help="by turns, of each of the two routes")
    parser.add_argument("--round-seconds", type=float, default=4.0)
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    wanted = parser.parse_args(arguments)
    # the service's own hosts are on this machine; whatever would ask the carrier's finds nobody
    os.environ.update({"HTTPS_PROXY": _NOWHERE, "NO_PROXY": "127.0.0.1"})
    with tempfile.TemporaryDirectory(prefix="farmerline-webhook-") as home:
        figures = beside_broadcast(Path(home) / "busy", wanted.seconds)
        figures |= beside_bare(Path(home) / "alone", wanted.rounds, wanted.round_seconds)
    held = (
        figures["p95_ms"] <= P95_MS and figures["p99_ms"] <= P99_MS and not figures["errors"]
        and figures["ratio"] >= RATIO and not figures["missing"]
    )  # fmt: skip
    found = {"bench": "webhook", **figures, "held": held, "machine": machine()}
    print(json.dumps(found, ensure_ascii=False, indent=None if wanted.json else 2))
    return int(not held)


def beside_broadcast(home: Path, seconds: float) -> dict[str, Any]:
    """Texts, receipts and turns of calls while ``farmerline serve`` hands a broadcast over."""
    with ExitStack() as ending:
        gateway = Loopback(_fresh(home) / "taken.log")
        ending.callback(gateway.stop)
        place = county(home, Table(gateway.port, rate=BULK_RATE))
        _say("making a county and its broadcast")
        fill(place, round(BULK_RATE * (seconds + 12)))
        count = round(ASKED_RATE * seconds)
        asked = mixed(place, count)
        ending.enter_context(serving(place, "serve"))
        _say("handing over")
        until(lambda: gateway.taken > BULK_RATE, within=120, what="the broadcast to begin")
        before = gateway.taken
        found = _load(home, asked, port_of(place), rate=ASKED_RATE, connections=64)
        bulk = gateway.taken - before
        times = sorted(found["times"])
        lag = _understood(place, len([one for one in asked if b"/sms HTTP" in one]))
    cuts = quantiles(times, n=100)
    return {
        "asked": found["asked"], "errors": found["errors"], "seconds": round(found["seconds"], 1),
        "requests_per_s": round(found["asked"] / found["seconds"], 1), "p50_ms": cuts[49], "p95_ms": round(cuts[94], 1),
        "p99_ms": round(cuts[98], 1), "max_ms": times[-1], "bulk_per_s": round(bulk / found["seconds"]), **lag,
    }  # fmt: skip


def beside_bare(home: Path, rounds: int, seconds: float) -> dict[str, Any]:
    """The inbound route of ``farmerline web`` and a bare one, by turns, each kept busy."""
    place = county(home)
    fill(place, 1000)
    rates: tuple[list[float], list[float]] = ([], [])
    costs: tuple[list[float], list[float]] = ([], [])
    taken = errors = 0
    with ExitStack() as ending:
        ours = ending.enter_context(serving(place, "web"))
        servers = [(port_of(place), ours.pid), ending.enter_context(_bare(home))]
        for number in range(rounds + 1):  # the first is for warming up
            _say(f"saturating: {number} of {rounds}")
            for which, (port, pid) in enumerate(servers):
                asked = [text(place, f"R{number}-{one}", one) for one in range(round(3000 * seconds))]
                spent = _cpu(pid)
                found = _load(home, asked, port, connections=16, seconds=seconds)
                taken += found["asked"] if which == 0 else 0
                errors += found["errors"]
                if number:
                    rates[which].append(found["asked"] / found["seconds"])
                    costs[which].append(1000 * (_cpu(pid) - spent) / found["asked"])
    with place.open() as runtime, runtime.database.read() as session:
        kept = session.scalar(select(func.count()).select_from(Inbound)) or 0
    our_rate, bare_rate = (median(each) for each in rates)
    return {
        "ratio": round(our_rate / bare_rate, 3), "ours_per_s": round(our_rate), "bare_per_s": round(bare_rate),
        "ours_each": [round(one) for one in rates[0]], "bare_each": [round(one) for one in rates[1]],
        "ours_cpu_ms": round(median(costs[0]), 2), "bare_cpu_ms": round(median(costs[1]), 2),
        "saturated_errors": errors, "missing": taken - kept,
    }  # fmt: skip


def county(home: Path, *tables: Table) -> Place:
    """A county with a carrier's line for texts and calls, and a port."""
    port = free_port()
    changes = {
        "listen": f"127.0.0.1:{port}", "public_url": f"http://127.0.0.1:{port}", "modules": "voice,mailbox,alerts",
        "twilio_account_sid": _ACCOUNT, "twilio_auth_token": _TOKEN, "twilio_number": _NUMBER,
    }  # fmt: skip
    place = Place(home, f"sqlite:///{home / 'farmerline.db'}", changes=changes)
    place.write(tables)
    with place.gateways.open("a") as file:
        file.writelines(_LINE.format(channel=channel) for channel in ("sms", "voice"))
    return place


def mixed(place: Place, count: int) -> list[bytes]:
    """Texts, receipts of messages that went out, turns of calls: a third each, a call's turns one after the other."""
    refs = sent(place, count // 3 + 1)
    found = []
    for number in range(count):
        which, turn = number % 3, number // 3
        if which == 0:
            found.append(text(place, f"M{number}", turn))
        elif which == 1:
            fields = {"MessageSid": refs[turn], "MessageStatus": "delivered"}
            found.append(signed(place, "/hooks/twilio/sms/status", fields))
        else:
            found.append(_turn(place, turn))
    return found


def sent(place: Place, count: int) -> list[str]:
    """Messages that the carrier of these webhooks took a while ago; returns its ids."""
    refs = [f"SM{number:032x}" for number in range(count)]
    with place.open() as runtime, runtime.database.write() as session:
        now = runtime.now() - timedelta(minutes=5)
        rows = [
            Delivery(
                channel=Channel.SMS, gateway="sms", address=_phone(number), purpose=Purpose.SERVICE, priority=Priority.NORMAL,
                text="您好", state=DeliveryState.SENT, due_at=now, created_at=now, sent_at=now, provider_ref=ref, attempts=1,
            )
            for number, ref in enumerate(refs)
        ]  # fmt: skip
        session.add_all(rows)
    return refs


def text(place: Place, ref: str, number: int) -> bytes:
    """A text from one of the county's people."""
    fields = {
        "MessageSid": ref,
        "From": _phone(number % 997),
        "To": _NUMBER,
        "Body": _TEXTS[number % len(_TEXTS)],
    }
    return signed(place, "/hooks/twilio/sms", fields)


def signed(place: Place, target: str, fields: dict[str, str]) -> bytes:
    """A webhook as the carrier would post it."""
    url = place.changes["public_url"]
    signature = RequestValidator(_TOKEN).compute_signature(url + target, fields)
    body = urlencode(fields).encode()
    head = (
        f"POST {target} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nX-Twilio-Signature: {signature}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _turn(place: Place, number: int) -> bytes:
    group, place_in = divmod(number, _CALLS * len(_STEPS))
    step, call = divmod(place_in, _CALLS)
    name, more = _STEPS[step]
    fields = {"CallSid": f"CA{group:08x}{call:024x}", "From": _phone(call), "To": _NUMBER, **more}
    target = "/hooks/twilio/voice" + (
        "/status" if "CallStatus" in more else f"/turn?step={name}" if name else ""
    )
    return signed(place, target, fields)


def _phone(number: int) -> str:
    return f"+86139{number + 1:08d}"


def _understood(place: Place, texts: int) -> dict[str, Any]:
    """Wait until every text was acted on; how long that took after it came."""
    mine = select(func.count()).select_from(Inbound).where(Inbound.state != InboundState.RECEIVED)
    with place.open() as runtime:

        def done() -> bool:
            with runtime.database.read() as session:
                return session.scalar(mine) == texts

        until(done, within=120, every=0.2, what="every text acted on")
        with runtime.database.read() as session:
            rows = session.execute(select(Inbound.received_at, Inbound.handled_at)).all()
    lags = sorted((row.handled_at - row.received_at).total_seconds() for row in rows)
    return {
        "texts": texts,
        "understood_p95_s": round(lags[int(len(lags) * 0.95)], 2),
        "understood_max_s": round(lags[-1], 2),
    }


@contextmanager
def _bare(home: Path) -> Iterator[tuple[int, int]]:
    port = free_port()
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.webhook_bare", str(home / "bare.db"), "--port", str(port)], cwd=ROOT
    )
    try:
        until(lambda: answers(port, "/"), within=30, what="the bare route")
        yield port, child.pid
    finally:
        child.terminate()
        child.wait()


def _load(home: Path, asked: list[bytes], port: int, **options: float) -> dict[str, Any]:
    """The client's figures."""
    file = home / "asked.bin"
    webhook_load.write(file, asked)
    words = [f"--{name}={value}" for name, value in options.items()]
    done = subprocess.run(
        [sys.executable, "-m", "bench.webhook_load", str(file), f"--port={port}", *words],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _cpu(pid: int) -> float:
    """Seconds of processor that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _fresh(home: Path) -> Path:
    home.mkdir(parents=True)
    return home


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
