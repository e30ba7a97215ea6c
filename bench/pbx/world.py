"""Everything that a real call needs, on loopback: carrier, trunk, switch, service, telephones."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.pbx import asterisk, bundle, tls
from bench.pbx.asterisk import Asterisk, Ports
from bench.pbx.county import DIALLED, County, make_county
from bench.pbx.phone import Phone
from channels.voice.sound import hum, make_wav

_SPOKEN_SECONDS = 3.0
_PADDED_SECONDS = 120


@dataclass(frozen=True, slots=True)
class World:
    """``phones`` in order; the first ones belong to farmers."""

    folder: Path
    ports: Ports
    bureau: Asterisk
    carrier: Asterisk
    county: County
    phones: list[Phone]


@contextmanager
def open_world(
    phones: int,
    *,
    manual: frozenset[int] = frozenset(),
    quiet: frozenset[int] = frozenset(),
    sealed: bool = False,
) -> Iterator[World]:
    """All of it, until the block ends. ``manual`` telephones only ring, ``quiet`` ones say hello and then listen;
    ``sealed``: the trunk goes by TLS and SRTP, and nothing else is taken.

    Raises ``bundle.Missing`` and ``TimeoutError``.
    """
    root = bundle.ready()
    with ExitStack() as ending:
        folder = Path(tempfile.mkdtemp(prefix="pbx-"))
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        ports, secret = asterisk.free_ports(phones), secrets.token_hex(16)
        numbers = [f"139000{index:05d}" for index in range(1, phones + 1)]
        speaks, greets = folder / "speaks.wav", folder / "greets.wav"
        speaks.write_bytes(_voice(_SPOKEN_SECONDS, _PADDED_SECONDS // 4))
        greets.write_bytes(_voice(0.6, 1))
        handsets = [
            Phone(
                root, folder / number, number, sip, control, ports.carrier, greets if index in quiet else speaks,
                answers=index not in manual,
            )
            for index, (number, sip, control) in enumerate(zip(numbers, ports.phones[::2], ports.phones[1::2], strict=True))
        ]  # fmt: skip
        pair = tls.make_certificate(folder / "keys") if sealed else None
        carrier = asterisk.make_carrier(
            root, folder / "carrier", ports, DIALLED, [(phone.number, phone.sip) for phone in handsets], pair
        )
        bureau = asterisk.make_bureau(root, folder / "bureau", ports, DIALLED, secret, pair)
        for switch in (carrier, bureau):
            ending.callback(switch.stop)
            switch.start()
        county = make_county(folder / "county", ports, secret)
        ending.callback(county.stop)
        county.start()
        for phone in handsets:
            ending.callback(phone.stop)
            phone.start()
        for phone in handsets:
            phone.connect()
        county.wait()
        bureau.wait("pjsip show registrations", "Registered")
        yield World(folder, ports, bureau, carrier, county, handsets)


def _voice(seconds: float, times: int) -> bytes:
    """What a telephone says: a low tone and a second of silence, so many times, then silence up to two minutes."""
    spoken = array("h")
    spoken.frombytes(hum(seconds)[44:])
    said = (spoken + array("h", bytes(2 * 8000))) * times
    return make_wav(said + array("h", bytes(2 * max(0, _PADDED_SECONDS * 8000 - len(said)))))
