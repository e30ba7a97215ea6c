"""E-mail by SMTP: copies of letters, and the codes that confirm an address.

Replies: RFC 5321, 4.2. A message whose end was sent and not answered may have been taken; nobody can be asked, so it is not sent
again: the letter itself is in its reader's mailbox, and the dead copy is shown to the administrators.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from urllib.parse import unquote, urlsplit

from channels.contract import Gateway, Reason, SendError
from farmerline import vault
from farmerline.clock import SystemClock
from farmerline.errors import Misconfigured
from farmerline.messages import Channel, Outgoing
from farmerline.words import say

NAME = "email"
_LONGEST_SUBJECT = 120
_TEMPORARY = range(400, 500)
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where e-mail is handed over, and as whom. ``way`` is the scheme of its address; without a user nobody signs in."""

    host: str
    port: int
    sender: str
    name: str
    public_url: str
    way: str = "smtp+starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    patience: float = 15.0

    @classmethod
    def at(
        cls, url: str, *, demo: bool = False, password: str, sender: str, name: str, public_url: str
    ) -> MailServer:
        """The server of an address: ``smtps://user@host:465``, ``smtp+starttls://user@host:587``, or ``smtp://`` for one on
        this machine; an ``@`` in the user is ``%40``. Raises ``Misconfigured``.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            host, port, parts = "", 0, urlsplit("")
        here = host in ("127.0.0.1", "localhost", "::1")
        if not host or not port or parts.password or parts.path.strip("/"):
            raise Misconfigured(
                "FARMERLINE_SMTP_URL is wrong: write smtps://user@host:465 or smtp+starttls://user@host:587, no password."
            )
        if not here and (demo or parts.scheme == "smtp"):
            raise Misconfigured(
                "FARMERLINE_SMTP_URL: a demo, and smtp:// without encryption, may only name a server on this machine."
            )
        if not re.fullmatch(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", sender):
            raise Misconfigured(
                "FARMERLINE_SMTP_SENDER must be the e-mail address that letters' copies come from."
            )
        user = unquote(parts.username or "")
        return cls(host, port, sender, name, public_url, parts.scheme, user, password)


@dataclass(frozen=True, slots=True)
class EmailSender:
    """Hands e-mail over, one connection a message. The first line of a text is its subject."""

    server: MailServer
    now: Callable[[], datetime] = field(default_factory=lambda: SystemClock().now)

    def send(self, message: Outgoing) -> str:
        try:
            letter = self.write(message)
        except (ValueError, MessageError) as error:
            raise SendError(Reason.BAD_ADDRESS) from error
        with self._connected() as smtp:
            _heed(smtp.mail(self.server.sender), Reason.MISCONFIGURED)
            _heed(smtp.rcpt(message.to), Reason.BAD_ADDRESS)
            try:
                reply = smtp.data(letter.as_bytes())
            except smtplib.SMTPDataError as error:
                reply = (error.smtp_code, b"")
            except (OSError, smtplib.SMTPException) as error:
                raise SendError(Reason.UNREACHABLE) from error
            _heed(reply, Reason.REFUSED)
        return message.id

    def find(self, message: Outgoing, since: datetime) -> str | None:
        raise SendError(Reason.UNREACHABLE, "cannot be asked")

    def probe(self) -> None:
        """See whether the server takes our name and password; raises ``SendError``. Nothing is sent."""
        with self._connected() as smtp:
            _heed(smtp.noop(), Reason.UNAVAILABLE)

    def write(self, message: Outgoing) -> EmailMessage:
        """The e-mail. What people wrote stands in its subject and body, never in another header."""
        server = self.server
        subject, _, body = message.text.partition("\n")
        stop = f"{server.public_url}/stop-mail/{message.id}/{vault.stop_key(message.id)}"
        written = EmailMessage(policy=SMTP)
        written["From"] = Address(_plain(server.name), addr_spec=server.sender)
        written["To"] = Address(addr_spec=message.to)
        written["Subject"] = _plain(subject).replace("=?", "= ?")[:_LONGEST_SUBJECT]
        written["Date"] = format_datetime(localtime(self.now()))
        written["Message-ID"] = f"<{message.id}@{server.sender.rpartition('@')[2]}>"
        written["Auto-Submitted"] = "auto-generated"
        written["List-Unsubscribe"] = f"<{stop}>"
        foot = [f"-- \n{server.name} {server.public_url}"]
        for language in ("zh", "en"):
            foot.append(say(language, "Answer on the web page, not to this address."))
            foot.append(say(language, "No more copies by e-mail: {link}", link=stop))
        written.set_content(f"{body.strip()}\n\n" + "\n".join(foot) + "\n", charset="utf-8", cte="base64")
        return written

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A connection that may send; what fails until then was not sent."""
        server = self.server
        own = server.sender.rpartition("@")[2]  # else smtplib asks the network for this machine's name
        smtp: smtplib.SMTP | None = None
        try:
            context = ssl.create_default_context() if server.way != "smtp" else None
            if server.way == "smtps":
                smtp = smtplib.SMTP_SSL(
                    server.host, server.port, own, timeout=server.patience, context=context
                )
            else:
                smtp = smtplib.SMTP(server.host, server.port, own, timeout=server.patience)
            smtp.ehlo_or_helo_if_needed()
            if server.way == "smtp+starttls":
                smtp.starttls(context=context)
            if server.user:
                smtp.login(server.user, server.password)
            yield smtp
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, ssl.SSLError) as error:
            raise SendError(Reason.MISCONFIGURED, type(error).__name__[:16]) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, Reason.MISCONFIGURED) from error
        except (OSError, smtplib.SMTPException) as error:
            raise SendError(Reason.UNAVAILABLE, "no connection") from error
        finally:
            if smtp is not None:
                with suppress(OSError, smtplib.SMTPException):
                    smtp.quit()
                smtp.close()


def connect(server: MailServer, rate: float) -> Gateway:
    """The connection by which e-mail leaves."""
    sender = EmailSender(server)
    return Gateway(NAME, Channel.EMAIL, sender, rate, kind=NAME, probe=sender.probe)


def _heed(reply: tuple[int, bytes], reason: Reason) -> None:
    """Go on after a yes; raises ``SendError``: for a 4xx later, for a 5xx with this reason."""
    if not 200 <= reply[0] < 300:
        raise _refusal(reply[0], reason)


def _refusal(code: int, reason: Reason) -> SendError:
    return SendError(Reason.UNAVAILABLE if code in _TEMPORARY else reason, str(code))


def _plain(words: str) -> str:
    """One line without control signs: nothing that could begin another header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
