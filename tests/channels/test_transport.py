"""Requests leave to one place only, in bounds; the twilio package is pointed there unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from flask import Flask, g
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from channels.contract import Reason, SendError
from channels.registry import DEMO_ACCOUNT, Line, build_gateways
from channels.sms.twilio import refusal
from channels.transport import Answer, ProviderHttp, WebTransport, WsgiTransport
from farmerline.messages import Channel, Outgoing
from tests.channels.conftest import FARMER, SERVICE, TOKEN, URL, World


class Provider(BaseHTTPRequestHandler):
    """A provider on this machine."""

    asked: list[tuple[str, str, str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.asked.append(("POST", self.path, self.headers["Authorization"] or "", body))
        self._answer(201, b'{"sid": "SM1", "status": "queued"}')

    def do_GET(self) -> None:
        self.asked.append(("GET", self.path, self.headers["Authorization"] or "", b""))
        if self.path.startswith("/away"):
            self.send_response(302)
            self.send_header("Location", "/2010-04-01/secret")
            self.end_headers()
        else:
            self._answer(200, b"x" * 2000)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def provider() -> Iterator[tuple[str, list[tuple[str, str, str, bytes]]]]:
    Provider.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", Provider.asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def web() -> Iterator[WebTransport]:
    transport = WebTransport(timeout=5)
    yield transport
    transport.session.close()


def test_the_twilio_package_talks_to_another_place_over_the_network(provider: Any, web: WebTransport) -> None:
    base, asked = provider
    line = Line("twilio", SERVICE, URL, auth_token=TOKEN)
    sms = build_gateways(line, ProviderHttp(web, base))[0].sender
    assert sms.send(Outgoing("a" * 32, Channel.SMS, FARMER, "卖&买")) == "SM1"
    ((method, path, auth, body),) = asked
    assert (method, path) == ("POST", f"/2010-04-01/Accounts/{DEMO_ACCOUNT}/Messages.json")
    assert auth.startswith("Basic ")
    assert b"Body=%E5%8D%96%26%E4%B9%B0" in body


def test_an_answer_that_is_too_large_is_not_taken(provider: Any, web: WebTransport) -> None:
    base, _ = provider
    assert len(web.send("GET", base + "/any", limit=2000).body) == 2000
    with pytest.raises(OSError, match="too large"):
        web.send("GET", base + "/any", limit=1999)


def test_an_answer_that_leads_elsewhere_is_not_followed(provider: Any, web: WebTransport) -> None:
    base, asked = provider
    assert web.send("GET", base + "/away").status == 302
    assert [path for _, path, _, _ in asked] == ["/away"]


def test_nobody_at_the_other_end_is_an_unknown_outcome(web: WebTransport) -> None:
    sms = build_gateways(
        Line("twilio", SERVICE, URL, auth_token=TOKEN), ProviderHttp(web, "http://127.0.0.1:9")
    )[0].sender
    with pytest.raises(SendError) as refused:
        sms.send(Outgoing("a" * 32, Channel.SMS, FARMER, "好"))
    assert refused.value.reason is Reason.UNREACHABLE


def test_a_transport_in_the_process_without_a_service_is_no_answer() -> None:
    with pytest.raises(ConnectionError):
        WsgiTransport().send("GET", URL)


def test_a_webhook_caused_by_a_page_does_not_share_the_pages_request() -> None:
    app, inside = Flask("one"), WsgiTransport()
    inside.attach(app)

    @app.get("/page")
    def page() -> str:
        g.who = "a signed-in person"
        return inside.send("GET", URL + "/hook").text + g.who

    @app.get("/hook")
    def hook() -> str:
        return str(g.get("who", "nobody, then "))

    assert app.test_client().get("/page").text == "nobody, then a signed-in person"


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (400, 21610, Reason.OPTED_OUT),
        (429, None, Reason.THROTTLED),
        (500, None, Reason.UNAVAILABLE),
        (503, 20500, Reason.UNAVAILABLE),
        (401, None, Reason.MISCONFIGURED),
        (400, 99999, Reason.REFUSED),
    ],
)
def test_a_providers_error_has_one_of_our_reasons(status: int, code: int | None, reason: Reason) -> None:
    assert refusal(TwilioRestException(status, "/x", code=code)).reason is reason


class Garbled:
    """A provider that answers with a page instead of JSON."""

    def send(self, method: str, url: str, **rest: object) -> Answer:
        return Answer(201, {}, b"<html>welcome</html>")


def test_an_answer_that_cannot_be_read_is_an_unknown_outcome() -> None:
    sms = build_gateways(Line("twilio", SERVICE, URL, auth_token=TOKEN), ProviderHttp(Garbled()))[0].sender
    for ask in (lambda: sms.send(Outgoing("a" * 32, Channel.SMS, FARMER, "好")),):
        with pytest.raises(SendError) as refused:
            ask()
        assert refused.value.reason is Reason.UNREACHABLE


def test_the_carriers_lists_are_filtered_as_twilios_are(world: World) -> None:
    client = Client(DEMO_ACCOUNT, TOKEN, http_client=world.simulator.http)
    sender, now = world.gateways["sms"].sender, world.inside.clock.now()
    first = sender.send(Outgoing("a" * 32, Channel.SMS, FARMER, "一"))
    world.later(days=2)
    second = sender.send(Outgoing("b" * 32, Channel.SMS, FARMER, "二"))
    world.simulator.carrier.text_in(FARMER, "三")

    def sids(**wanted: object) -> list[str]:
        return [message.sid for message in client.messages.list(**wanted)]

    assert sids(to=FARMER) == [second, first]
    assert sids(to=FARMER, date_sent_after=now + timedelta(days=1)) == [second]
    assert sids(to=FARMER, date_sent_before=now + timedelta(days=1)) == [first]
    assert sids(to=FARMER, date_sent=now) == [first]
    assert [message.body for message in client.messages.list(to=SERVICE)] == ["三"]
    assert client.messages(first).fetch().status == "delivered"
    with pytest.raises(TwilioRestException) as absent:
        client.messages("SM" + "0" * 32).fetch()
    assert absent.value.code == 20404


@pytest.mark.parametrize("account", ["AC" + "9" * 32, DEMO_ACCOUNT])
def test_the_carriers_door_wants_its_key(world: World, account: str) -> None:
    client = Client(account, "wrong", http_client=world.simulator.http)
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=FARMER, from_=SERVICE, body="好")
    assert (refused.value.status, refused.value.code) == (401, 20003)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", ""),
        (b"\xff\xfe%%%", "application/x-www-form-urlencoded"),
        (b'{"MessageSid": 1}', "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x\r\nbroken", "multipart/form-data"),
        (b"a=1&" * 5000, "application/x-www-form-urlencoded"),
    ],
)
@pytest.mark.parametrize(
    "path", ["sms", "sms/status", "voice", "voice/turn?step=%FF", "voice/status", "voice/fallback"]
)
def test_garbage_at_a_webhook_is_refused_and_never_an_error(
    world: World, path: str, body: bytes, kind: str
) -> None:
    for signature in ("", "nonsense", "签"):
        headers: Mapping[str, str] = {"X-Twilio-Signature": signature.encode().decode("latin-1")}
        answer = world.app.test_client().post(
            f"/hooks/twilio/{path}", data=body, content_type=kind, headers=headers
        )
        assert answer.status_code in (400, 403, 413)
    assert not world.inside.accepted
    assert not world.inside.turns


def test_a_turn_sent_twice_by_the_carrier_is_taken_once(world: World) -> None:
    fields, url = (
        {"CallSid": "CA1", "From": FARMER, "Digits": "1"},
        f"{URL}/hooks/twilio/voice/turn?step=menu",
    )
    headers = {
        "X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, fields),
        "I-Twilio-Idempotency-Token": "t",
    }
    answers = [
        world.app.test_client().post("/hooks/twilio/voice/turn?step=menu", data=fields, headers=headers).text
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert len(world.inside.turns) == 1
