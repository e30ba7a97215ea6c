"""How many requests a second the Twilio adapter makes, one after the other, to a stand-in in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

from twilio.rest import Client

from bench.rig.processes import ROOT
from channels.registry import DEMO_ACCOUNT
from channels.sms.twilio import TwilioSms
from channels.transport import ProviderHttp, WebTransport
from farmerline.messages import Channel, Outgoing

_numbers = count(1)


class Standin(BaseHTTPRequestHandler):
    """Takes every message as Twilio would."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"sid": f"SM{next(_numbers):032x}", "status": "queued"}).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Nothing."""


def rate(messages: int) -> float:
    """Messages a second."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.twilio_way"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        http = ProviderHttp(WebTransport(), f"http://127.0.0.1:{int(child.stdout.readline())}")
        sender = TwilioSms(
            Client(DEMO_ACCOUNT, "t", http_client=http), "+8657400002169", "http://127.0.0.1/s"
        )  # type: ignore[arg-type]
        sender.send(_message())
        began = time.perf_counter()
        for _ in range(messages):
            sender.send(_message())
        return messages / (time.perf_counter() - began)
    finally:
        child.kill()
        child.wait()


def _message() -> Outgoing:
    return Outgoing(
        f"{next(_numbers):032x}", Channel.SMS, "+8613900000001", "明天夜里降温，大棚今晚盖好。退订回TD"
    )


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Standin)
    print(server.server_address[1], flush=True)
    server.serve_forever()
