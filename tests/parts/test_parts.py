"""The tests' own tools do what the other tests rely on."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from farmerline.db import Database
from tests.network import Beyond, Guard, is_local

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_a_database_of_either_kind_starts_empty_and_keeps_chinese(database_url: str) -> None:
    database = Database(database_url)
    assert not sa.inspect(database.writer).get_table_names()
    with database.writer.begin() as connection:
        connection.execute(sa.text("CREATE TABLE said (words text)"))
        connection.execute(sa.text("INSERT INTO said VALUES ('翠冠梨')"))
        assert connection.scalar(sa.text("SELECT words FROM said")) == "翠冠梨"
    database.writer.dispose()
    database.reader.dispose()


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("", True),
        ("10.0.0.1", False), ("8.8.8.8", False), ("example.org", False), ("localhost.example.org", False),
    ],
)  # fmt: skip
def test_only_this_machine_counts_as_local(host: str, local: bool) -> None:
    assert is_local(host) is local


# "network": the session's own guard must not fail this test, whose tries are meant.
@pytest.mark.network
@pytest.mark.parametrize("reach", ["connect", "look up", "datagram"])
def test_what_leaves_the_machine_is_refused_and_remembered(reach: str) -> None:
    guard = Guard()
    guard.watching = True
    try:
        with pytest.raises(Beyond):
            if reach == "connect":
                with socket.socket() as outgoing:
                    outgoing.connect(("192.0.2.1", 80))
            elif reach == "look up":
                socket.getaddrinfo("farmerline.invalid", 80)
            else:
                with socket.socket(type=socket.SOCK_DGRAM) as outgoing:
                    outgoing.sendto(b"", ("192.0.2.1", 53))
        assert len(guard.tried) == 1
    finally:
        guard.watching = False


class _Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write('<title>农民热线</title><span id=a style="font-size:40px">农</span>'.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.mark.browser
def test_chromium_opens_a_page_of_ours(page: Page) -> None:
    server = HTTPServer(("127.0.0.1", 0), _Hello)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        assert page.title() == "农民热线"
        assert page.locator("#a").bounding_box() is not None
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
