"""Nothing in a test talks beyond this machine: a connection or look-up that would is refused, and its test fails.

An audit hook sees every socket of this process, whoever opened it; it cannot be taken out again, so it only acts
while a test that may not use the network is running.
"""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

_LOCAL_NAMES = frozenset({"", "localhost", "ip6-localhost", "0.0.0.0"})  # noqa: S104 - a name, not a door opened


class Beyond(AssertionError):
    """A test tried to reach another machine."""


class Guard:
    """Refuses what leaves the machine and remembers it, for code under test may swallow the refusal."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.watching = False
        sys.addaudithook(self._look)

    def _look(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.watching or not event.startswith("socket."):
            return
        if event in {"socket.connect", "socket.sendto"}:
            address = arguments[1]
            if isinstance(address, tuple) and not is_local(str(address[0])):
                self._refuse(f"{event} {address[0]}:{address[1]}")
        elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
            host = arguments[0]
            name = host.decode() if isinstance(host, bytes) else (host or "")
            if not is_local(str(name)):
                self._refuse(f"{event} {name}")

    def _refuse(self, what: str) -> None:
        self.tried.append(what)
        raise Beyond(f"a test may not talk beyond this machine: {what}")


def is_local(host: str) -> bool:
    """Whether the name or address means this machine."""
    if host.lower() in _LOCAL_NAMES or host.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.split("%", 1)[0]).is_loopback
    except ValueError:
        return False
