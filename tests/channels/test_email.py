"""E-mail by SMTP, against aiosmtpd: what arrives, what is refused, what must not be sent twice."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from channels.contract import Reason, SendError
from channels.mailbox.email import EmailSender, MailServer
from farmerline import vault
from farmerline.errors import Misconfigured
from farmerline.messages import Channel, Outgoing
from tests.factories import install_vault

READER = "ayi.wang+farm@example.com"
NOW = datetime(2026, 10, 12, 1, 46, tzinfo=UTC)
ID = "0" * 31 + "7"


@dataclass
class Server:
    """A mail server that keeps what it takes, and answers as it is told."""

    taken: list[Envelope] = field(default_factory=list)
    to: str = "250 OK"
    data: str = "250 OK"
    hangs_up: bool = False

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.to.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data.startswith("250"):
            self.taken.append(envelope)
        if self.hangs_up:
            assert server.transport is not None
            server.transport.abort()
        return self.data

    @property
    def letters(self) -> list[EmailMessage]:
        return [email.message_from_bytes(one.content or b"", policy=default) for one in self.taken]  # type: ignore[misc, arg-type]


def _authenticate(
    _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword
) -> AuthResult:
    return AuthResult(
        success=(given.login, given.password) == (b"bureau@example.org", b"secret"), handled=False
    )


@pytest.fixture(scope="module")
def controller() -> Iterator[Controller]:
    server = Server()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = Controller(
        server,
        hostname="127.0.0.1",
        port=port,
        authenticator=_authenticate,
        auth_require_tls=False,
        auth_required=False,
    )
    running.start()
    yield running
    running.stop()


@pytest.fixture
def server(controller: Controller) -> Server:
    install_vault()
    server: Server = controller.handler
    server.__init__()  # type: ignore[misc]
    return server


def sender(controller: Controller, **values: Any) -> EmailSender:
    known = {
        "password": "", "sender": "letters@farm.example", "name": "农信通达·慈溪",
        "public_url": "https://farm.example", **values,
    }  # fmt: skip
    user = known.pop("user", "")
    url = f"smtp://{user + '@' if user else ''}127.0.0.1:{controller.port}"
    return EmailSender(MailServer.at(url, **known), lambda: NOW)


def copy(text: str = "陈小梅来信:苗到了\n\n苗到了，来拿。", to: str = READER) -> Outgoing:
    return Outgoing(ID, Channel.EMAIL, to, text)


def refused(sender: EmailSender, message: Outgoing) -> SendError:
    with pytest.raises(SendError) as found:
        sender.send(message)
    return found.value


def test_a_copy_arrives_with_its_subject_words_and_the_way_to_end_it(
    controller: Controller, server: Server
) -> None:
    assert sender(controller).send(copy()) == ID
    (envelope,), (letter,) = server.taken, server.letters
    assert (envelope.mail_from, envelope.rcpt_tos) == ("letters@farm.example", [READER])
    assert (letter["Subject"], letter["To"]) == ("陈小梅来信:苗到了", READER)
    assert letter["From"] == "农信通达·慈溪 <letters@farm.example>"
    assert letter["Message-ID"] == f"<{ID}@farm.example>"
    stop = f"https://farm.example/stop-mail/{ID}/{vault.stop_key(ID)}"
    assert letter["List-Unsubscribe"] == f"<{stop}>"
    body = letter.get_content().replace("\r\n", "\n")
    assert body.startswith("苗到了，来拿。\n")
    assert body.count(stop) == 2
    raw = envelope.content or b""
    assert isinstance(raw, bytes)
    assert raw.isascii(), "any server takes it"
    assert max(len(line) for line in raw.splitlines()) <= 998


@pytest.mark.parametrize(
    "subject",
    [
        "梨\rBcc: all@example.com",
        "梨\u2028Bcc: all@example.com",
        "梨\x00\x0b\x85Bcc: x@example.com",
        "=?utf-8?b?DQpCY2M6IHhAZXhhbXBsZS5jb20=?=",
        "梨" * 900,
    ],
)
def test_nothing_in_a_letter_becomes_a_header(controller: Controller, server: Server, subject: str) -> None:
    body = "\r\n.\r\nMAIL FROM:<x@example.com>\r\nBcc: all@example.com\n\nTo: all@example.com"
    sender(controller).send(copy(f"{subject}\n{body}"))
    (letter,), (envelope,) = server.letters, server.taken
    assert letter["Bcc"] is None
    assert letter["To"] == READER
    assert envelope.rcpt_tos == [READER]
    assert len(server.taken) == 1
    assert "MAIL FROM" in letter.get_content()
    assert letter["Subject"].startswith(subject[:1])
    assert len(letter["Subject"]) <= 120


@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "<a@b.example>", "a b@c.example"],
)
def test_an_address_with_more_in_it_is_never_sent_to(
    controller: Controller, server: Server, address: str
) -> None:
    assert refused(sender(controller), copy(to=address)).reason is Reason.BAD_ADDRESS
    assert server.taken == []


@pytest.mark.parametrize(
    ("answers", "reason", "retryable"),
    [
        ({"to": "550 no such user"}, Reason.BAD_ADDRESS, False),
        ({"to": "450 mailbox busy"}, Reason.UNAVAILABLE, True),
        ({"data": "554 spam"}, Reason.REFUSED, False),
        ({"data": "451 later"}, Reason.UNAVAILABLE, True),
        ({"hangs_up": True}, Reason.UNREACHABLE, True),
    ],
)
def test_a_refusal_has_its_reason(
    controller: Controller, server: Server, answers: dict[str, Any], reason: Reason, retryable: bool
) -> None:
    for name, value in answers.items():
        setattr(server, name, value)
    error = refused(sender(controller), copy())
    assert (error.reason, error.reason.retryable) == (reason, retryable)


def test_who_signs_in_with_a_wrong_password_has_a_wrong_setting(
    controller: Controller, server: Server
) -> None:
    right = sender(controller, user="bureau%40example.org", password="secret")
    right.probe()
    assert right.send(copy()) == ID
    wrong = sender(controller, user="bureau%40example.org", password="other")
    assert refused(wrong, copy()).reason is Reason.MISCONFIGURED
    assert len(server.taken) == 1


def test_a_server_that_is_away_was_sent_nothing(server: Server) -> None:
    away = MailServer("127.0.0.1", 1, "letters@farm.example", "x", "https://farm.example", "smtp")
    assert refused(EmailSender(away, lambda: NOW), copy()).reason is Reason.UNAVAILABLE


def test_what_may_have_been_taken_is_not_sent_again(controller: Controller, server: Server) -> None:
    with pytest.raises(SendError) as found:
        sender(controller).find(copy(), NOW)
    assert found.value.reason.outcome_unknown


@pytest.mark.parametrize(
    ("url", "values"),
    [
        ("mail.example.org", {}),
        ("smtp://mail.example.org", {}),
        ("smtps://bureau:secret@mail.example.org", {}),
        ("http://mail.example.org", {}),
        ("smtps://mail.example.org:99999", {}),
        ("smtps://mail.example.org", {"sender": "x@y\nBcc: z@example.com"}),
        ("smtps://mail.example.org", {"demo": True}),
    ],
)
def test_a_wrong_setting_stops_the_start(url: str, values: dict[str, Any]) -> None:
    known = {
        "password": "",
        "sender": "letters@farm.example",
        "name": "x",
        "public_url": "https://farm.example",
    }
    with pytest.raises(Misconfigured, match="FARMERLINE_SMTP"):
        MailServer.at(url, **{**known, **values})


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("smtps://u%40x@mail.example.org", 465),
        ("smtp+starttls://mail.example.org", 587),
        ("smtps://m.example:2465", 2465),
    ],
)
def test_a_server_is_told_by_its_address(url: str, port: int) -> None:
    server = MailServer.at(
        url, password="p", sender="a@b.example", name="x", public_url="https://farm.example"
    )
    assert server.port == port
    assert "'p'" not in repr(server)
