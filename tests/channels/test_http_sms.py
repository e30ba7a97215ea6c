"""Texts through a carrier's HTTP service: every fault says whether the message may have been taken."""

from __future__ import annotations

import gc
import json
import socket
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bench.loopback import name
from channels.contract import Reason, SendError
from channels.gateways import read_tables
from channels.http.wire import Wire
from channels.registry import KINDS
from channels.sms.http import HttpSms, connect
from farmerline.messages import Channel, Outgoing
from tests.channels.loop import CLOSE, DRIP, HANG, Service, open_service, reply
from tests.factories import NOW

MESSAGE = Outgoing("d" * 32, Channel.SMS, "+8613800000001", "卖 葡萄苗2000株", purpose="alert")
PLAIN = """
[send]
url = "{URL}/messages"
headers = { Idempotency-Key = "{id}" }
json = { ref = "{id}", to = "{to}", text = "{text}" }
id = "id"
code = "error"
[find]
url = "{URL}/messages?ref={id}"
absent_status = [404]
id = "id"
[reasons]
"barred" = "blocked"
"broke" = "misconfigured"
"""


def sender(service: Service, keys: str = PLAIN, **values: Any) -> HttpSms:
    """The sender of a table as it stands in the file."""
    given = tomllib.loads(keys.replace("{URL}", service.url))
    table = KINDS["http"].table.model_validate(
        {"name": "relay", "kind": "http", "rate": 5, **given, **values}
    )
    made = connect(table).sender  # type: ignore[arg-type]
    assert isinstance(made, HttpSms)
    return HttpSms(replace(made.access, now=lambda: NOW))


@pytest.fixture
def service() -> Iterator[Service]:
    with open_service() as made:
        yield made


def test_a_text_is_handed_over_as_the_table_says(service: Service) -> None:
    assert sender(service).send(MESSAGE) == "c1"
    (asked,) = service.asked
    assert (asked.method, asked.target) == ("POST", "/messages")
    assert asked.headers["idempotency-key"] == MESSAGE.id
    assert asked.headers["content-type"] == "application/json; charset=utf-8"
    assert asked.said == {"ref": MESSAGE.id, "to": "+8613800000001", "text": MESSAGE.text}


NO_ID, NO_JSON = {"taken": True}, b'{"id": "c'
FAULTS = [
    # what the carrier does, our reason, whether the message may have been taken, seconds it asks us to wait
    ("500", reply(500), Reason.UNAVAILABLE, False, None),
    ("503 later", reply(503, {}, "Retry-After: 7\r\n"), Reason.UNAVAILABLE, False, 7),
    ("a proxy that gave up", reply(504), Reason.UNREACHABLE, True, None),
    ("a proxy that lost its end", reply(502), Reason.UNREACHABLE, True, None),
    ("429", reply(429, {}, "Retry-After: 2\r\n"), Reason.THROTTLED, False, 2),
    ("429, no time", reply(429), Reason.THROTTLED, False, None),
    ("429, a day far off", reply(429, {}, "Retry-After: Sun, 06 Nov 2060 08:49:37 GMT\r\n"), Reason.THROTTLED, False, 3600),
    ("429, nonsense", reply(429, {}, "Retry-After: soon\r\n"), Reason.THROTTLED, False, None),
    ("401", reply(401), Reason.MISCONFIGURED, False, None),
    ("404", reply(404), Reason.MISCONFIGURED, False, None),
    ("elsewhere", reply(302, {}, "Location: http://127.0.0.1:1/\r\n"), Reason.MISCONFIGURED, False, None),
    ("413", reply(413), Reason.TOO_LONG, False, None),
    ("422", reply(422), Reason.REFUSED, False, None),
    ("422 with a known code", reply(422, {"error": "barred"}), Reason.BLOCKED, False, None),
    ("500 with a known code", reply(500, {"error": "broke"}), Reason.MISCONFIGURED, False, None),
    ("422 with another code", reply(422, {"error": "odd"}), Reason.REFUSED, False, None),
    ("200 without an id", reply(200, NO_ID), Reason.UNREACHABLE, True, None),
    ("200 and half an answer", reply(200, NO_JSON), Reason.UNREACHABLE, True, None),
    ("200 and a page", reply(200, b"<html>welcome</html>"), Reason.UNREACHABLE, True, None),
    ("200 and nothing", reply(200, b""), Reason.UNREACHABLE, True, None),
    ("200 and an empty id", reply(200, {"id": ""}), Reason.UNREACHABLE, True, None),
    ("silence", HANG, Reason.UNREACHABLE, True, None),
    ("broken off", CLOSE, Reason.UNREACHABLE, True, None),
    ("a byte now and then", DRIP, Reason.UNREACHABLE, True, None),
    ("no HTTP", b"SMSC 220 hello\r\n\r\n", Reason.UNREACHABLE, True, None),
    ("shorter than said", b"HTTP/1.1 200 X\r\nContent-Length: 90\r\nConnection: close\r\n\r\n{}", Reason.UNREACHABLE, True, None),
    ("two megabytes", reply(200, b"x" * 2_000_000), Reason.UNREACHABLE, True, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "reason", "unknown", "wait"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_a_fault_has_its_reason(
    service: Service, said: bytes | str, reason: Reason, unknown: bool, wait: float | None
) -> None:
    service.answer = lambda asked: said
    with pytest.raises(SendError) as caught:
        sender(service, read_seconds=0.3).send(MESSAGE)
    assert (caught.value.reason, caught.value.reason.outcome_unknown) == (reason, unknown)
    assert caught.value.retry_after == wait
    assert len(service.asked) == 1  # nothing is sent twice by the wire itself


def test_what_never_left_is_known_not_to_have_been_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    with pytest.raises(SendError) as caught:
        sender(Service(port=free)).send(MESSAGE)
    assert caught.value.reason is Reason.UNAVAILABLE
    assert caught.value.reason.retryable and not caught.value.reason.outcome_unknown


@pytest.mark.parametrize(
    ("answer", "taken"),
    [
        (reply(200, {"id": "c1"}), True),
        (b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n6\r\n:\"c1\"}\r\n0\r\n\r\n", True),
        (b'HTTP/1.0 200 X\r\n\r\n{"id":"c1"}', True),
        (b'HTTP/1.1 100 Continue\r\n\r\n' + reply(201, {"id": "c1"}), True),
    ],
    ids=["with a length", "in pieces", "until the end", "after a 100"],
)  # fmt: skip
def test_every_way_to_frame_an_answer_is_read(service: Service, answer: bytes, taken: bool) -> None:
    service.answer = lambda asked: answer
    assert sender(service).send(MESSAGE) == "c1"


def test_connections_are_kept_and_shared_by_threads(service: Service) -> None:
    made = sender(service)
    for _ in range(20):
        made.send(MESSAGE)
    assert service.connections == 1
    threads = [Thread(target=lambda: [made.send(MESSAGE) for _ in range(20)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(service.asked) == 100
    assert service.connections <= 5


def test_a_connection_that_the_carrier_closed_is_not_used_again(service: Service) -> None:
    made = sender(service)
    service.answer = lambda asked: reply(200, {"id": "c1"}, "Connection: close\r\n")
    assert [made.send(MESSAGE) for _ in range(3)] == ["c1"] * 3
    service.answer = lambda asked: reply(200, {"id": "c2"})
    assert made.send(MESSAGE) == "c2"
    service.end()
    time.sleep(0.05)
    assert made.send(MESSAGE) == "c2"
    assert len(service.asked) == 5  # each once


def test_resting_connections_are_closed_before_their_sockets_are_thrown_away() -> None:
    """A socket that goes without being closed warns, which is an error here."""
    here, there = socket.socketpair()
    wire = Wire()
    wire._keep("http://127.0.0.1", here)
    circle: list[object] = [here, wire]
    circle.append(circle)
    del here, wire, circle
    gc.collect()
    with there:
        assert there.recv(1) == b""


LOOK_UPS = [
    ("taken", reply(200, {"id": "c9"}), "c9"),
    ("never taken", reply(404, {"error": "unknown"}), None),
    ("away", reply(500), Reason.UNAVAILABLE),
    ("not allowed", reply(403), Reason.MISCONFIGURED),
    ("garbled", reply(200, b"{"), Reason.UNREACHABLE),
    ("no id", reply(200, {}), Reason.UNREACHABLE),
    ("silent", HANG, Reason.UNREACHABLE),
]


@pytest.mark.parametrize(
    ("said", "found"), [case[1:] for case in LOOK_UPS], ids=[case[0] for case in LOOK_UPS]
)
def test_a_message_of_unknown_fate_is_asked_for(
    service: Service, said: bytes | str, found: str | None
) -> None:
    service.answer = lambda asked: said
    made = sender(service, read_seconds=0.3)
    if isinstance(found, Reason):
        with pytest.raises(SendError) as caught:
            made.find(MESSAGE, NOW)
        assert caught.value.reason is found
    else:
        assert made.find(MESSAGE, NOW) == found
    assert service.asked[0].target == f"/messages?ref={MESSAGE.id}"


def test_without_a_look_up_the_gateway_says_that_it_cannot_be_asked(service: Service) -> None:
    keys = PLAIN.replace("[find]", "[old]").partition("[old]")[0]
    made = sender(service, keys)
    assert connect(made.table).can_find is False
    with pytest.raises(SendError):
        made.find(MESSAGE, NOW)
    assert not service.asked


DAYS = """
[send]
url = "{URL}/send"
form = { to = "{to_national}", text = "{text}" }
[find]
url = "{URL}/list?day={day}&to={to_national}"
list = "items"
match = { "mark" = "{id}" }
id = "number"
days = 3
"""


def test_a_carrier_that_keeps_messages_by_day_is_asked_for_each_day(service: Service) -> None:
    days: dict[str, list[dict[str, str]]] = {}
    service.answer = lambda asked: reply(200, {"items": days.get(asked.query["day"], [])})
    made = sender(service, DAYS)
    assert made.find(MESSAGE, NOW - timedelta(days=2)) is None
    assert [asked.query["day"] for asked in service.asked] == ["20261120", "20261119", "20261118"]
    assert service.asked[0].query["to"] == "13800000001"
    days["20261118"] = [{"mark": "other", "number": "n1"}, {"mark": MESSAGE.id, "number": "n2"}]
    assert made.find(MESSAGE, NOW - timedelta(days=2)) == "n2"
    with pytest.raises(SendError) as caught:
        made.find(MESSAGE, NOW - timedelta(days=3))
    assert caught.value.reason is Reason.UNREACHABLE


HOSTILE = [
    'he said "yes"', "{text}", "{to} {id} {nope}", "}{", "{", "a\nb\r\nc", "a\tb", "back\\slash \\u0041 \\n", "😀👨‍👩‍👧 葡萄",
    "</string><x>", "&to=13900000000", "%26to=1", "a+b c", "'; DROP", "\u2028\u2029", "nul\0here", "{secret.key}", "#?/..", "１３",
]  # fmt: skip
BODIES = {
    "json": 'json = { to = "{to}", nested = { words = ["<{text}>"] }, ref = "{id}" }',
    "form": 'form = { to = "{to}", words = "<{text}>", ref = "{id}" }',
    "json in a form": 'form = { to = "{to}", words = { text = "<{text}>" }, ref = "{id}" }',
    "query": 'method = "GET"\nquery = { to = "{to}", words = "<{text}>", ref = "{id}" }',
}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("body", BODIES)
def test_no_text_breaks_out_of_its_field(service: Service, body: str, text: str) -> None:
    keys = f'[send]\nurl = "{{URL}}/m"\n{BODIES[body]}\nid = "id"\n'
    sender(service, keys).send(replace(MESSAGE, text=text))
    (asked,) = service.asked
    meant = f"<{text.replace(chr(0), '')}>"
    if body == "json":
        said: Any = asked.said
        assert said == {"to": MESSAGE.to, "nested": {"words": [meant]}, "ref": MESSAGE.id}
        return
    fields = asked.query if body == "query" else asked.form
    words = json.loads(fields["words"])["text"] if body == "json in a form" else fields["words"]
    assert words == meant
    assert (fields["to"], fields["ref"], len(fields)) == (MESSAGE.to, MESSAGE.id, 3)


def test_a_text_in_the_address_stays_in_its_place(service: Service) -> None:
    keys = '[send]\nurl = "{URL}/m/{to_digits}/{text}?w={text}"\nmethod = "GET"\n'
    assert sender(service, keys).send(replace(MESSAGE, text="a/../b?x=1&y={to}#")) == MESSAGE.id
    (asked,) = service.asked
    assert (
        asked.target
        == "/m/8613800000001/a%2F..%2Fb%3Fx%3D1%26y%3D%7Bto%7D%23?w=a%2F..%2Fb%3Fx%3D1%26y%3D%7Bto%7D%23"
    )


def test_the_loopback_gateway_of_the_benchmarks_is_spoken_to_by_settings_alone(tmp_path: Path) -> None:
    from tests.channels.gateway import loopback

    with loopback() as url:
        file = tmp_path / "gateways.toml"
        file.write_text(
            '[[gateway]]\nname = "relay"\nkind = "http"\nrate = 50\n' + _nested(PLAIN.replace("{URL}", url))
        )
        (table,) = read_tables(file, {"http": KINDS["http"].table})
        made = connect(table).sender  # type: ignore[arg-type]
        assert made.find(MESSAGE, NOW) is None
        assert made.send(MESSAGE) == name(MESSAGE.id) == made.find(MESSAGE, NOW)


def _nested(keys: str) -> str:
    return (
        keys.replace("[send]", "[gateway.send]")
        .replace("[find]", "[gateway.find]")
        .replace("[reasons]", "[gateway.reasons]")
    )
