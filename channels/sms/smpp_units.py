"""The units of SMPP 3.4 on the wire: cut from a stream, read by smpplib, never trusted."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from threading import Lock
from typing import Any

from smpplib import command_codes, smpp

HEAD = struct.Struct(">LLLL")
"""Length, command, status, number."""
LONGEST = 66_000
"""Bytes of the longest unit taken: the longest payload, 64 KiB, and what stands around it."""


class Numbers:
    """Numbers of units, each once, for threads that share a bind (smpplib's own may give one twice)."""

    def __init__(self) -> None:
        self._lock, self._last = Lock(), 0

    def next_sequence(self) -> int:
        with self._lock:
            self._last = self._last % 0x7FFFFFFF + 1
            return self._last


@dataclass(frozen=True, slots=True)
class Bare:
    """An answer of which only the head could be read."""

    status: int
    message_id: bytes = b""


def cut(buffer: bytearray) -> bytes | None:
    """Take the first whole unit off the buffer; None where it is not all there. Raises ``ValueError`` for nonsense."""
    if len(buffer) < 4:
        return None
    length = int.from_bytes(buffer[:4], "big")
    if not HEAD.size <= length <= LONGEST:
        raise ValueError(f"a unit of {length} bytes")
    if len(buffer) < length:
        return None
    unit = bytes(buffer[:length])
    del buffer[:length]
    return unit


def read(unit: bytes) -> Any:
    """The unit, or None where it cannot be read. A ``deliver_sm`` may have optional fields that smpplib does not know."""
    try:
        name = command_codes.get_command_name(HEAD.unpack_from(unit)[1])
        pdu = smpp.make_pdu(name, client=Numbers(), allow_unknown_opt_params=True)
    except Exception:
        return None
    try:
        pdu.parse(unit)
    except Exception:
        words = getattr(pdu, "short_message", None)
        return pdu if words is not None and len(words) == pdu.sm_length else None
    return pdu
