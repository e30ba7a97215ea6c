"""Texts as SMPP 3.4 carries them: parts out, parts and receipts in. Values in, values out; nothing here talks.

Sources: SMPP 3.4 (12-Oct-1999) 5.2.12 (esm_class), 5.2.19 (data_coding), appendix B (receipts); 3GPP TS 23.038 and
23.040 9.2.3.24 (the header that joins parts).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import smsutil
from smpplib import consts

from channels.contract import Reason
from farmerline.messages import Piece, ReceiptState
from farmerline.parts import Encoding, split

GSM7, UCS2 = consts.SMPP_ENCODING_DEFAULT, consts.SMPP_ENCODING_ISO10646
_RECEIPT, _TYPE = 0x04, 0x3C
_JOINED_8, _JOINED_16 = 0x00, 0x08
_ALPHABETS = {1: "ascii", 3: "latin-1", 6: "iso8859-5", 7: "iso8859-8", UCS2: "utf-16-be"}
_GSM = dict(enumerate(smsutil.codecs.GSM_BASIC_CHARSET))
_GSM_MORE = dict(zip(b"\n\x14()/<=>@e", smsutil.codecs.GSM_EXT_CHARSET, strict=True))
_ID = re.compile(rb"\bid:\s*([^\s]{1,64})", re.I)
_STATE = re.compile(rb"\bstat:\s*([A-Za-z]{1,10})", re.I)
_CODE = re.compile(rb"\berr:\s*([^\s]{1,16})", re.I)
_STATES = {
    "ENROUTE": (ReceiptState.SENT, None),
    "ACCEPTD": (ReceiptState.SENT, None),
    "DELIVRD": (ReceiptState.DELIVERED, None),
    "EXPIRED": (ReceiptState.FAILED, Reason.UNREACHABLE_PHONE),
    "UNDELIV": (ReceiptState.FAILED, Reason.UNREACHABLE_PHONE),
    "DELETED": (ReceiptState.FAILED, Reason.REFUSED),
    "REJECTD": (ReceiptState.FAILED, Reason.REFUSED),
}
_BY_NUMBER = {1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 8: "REJECTD"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """What one ``submit_sm`` carries: the bytes, their alphabet, whether a header stands before them."""

    data: bytes
    coding: int
    has_header: bool = False
    in_payload: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A receipt as the centre wrote it. ``state`` is None where it says nothing to us."""

    ref: str
    state: ReceiptState | None
    reason: Reason | None
    code: str


def bodies(text: str, mark: str, *, by_payload: bool = False) -> list[Body]:
    """The parts of a text, at most 255. ``mark`` names the text: sent again, its parts bear the same reference, so that
    a phone that has one already does not show it twice. Raises ``ValueError`` for a longer text.
    """
    encoding, pieces = split(text)
    coding = GSM7 if encoding is Encoding.GSM7 else UCS2
    if len(pieces) < 2:
        return [Body(_encode(text, coding), coding)]
    if by_payload:
        return [Body(_encode(text, coding), coding, in_payload=True)]
    if len(pieces) > 255:
        raise ValueError("the text has more than 255 parts")
    reference = sha256(mark.encode()).digest()[0]
    return [
        Body(bytes((5, 0, 3, reference, len(pieces), number)) + _encode(piece, coding), coding, True)
        for number, piece in enumerate(pieces, start=1)
    ]


def is_receipt(pdu: Any) -> bool:
    """Whether a ``deliver_sm`` is a report on a text of ours."""
    return ((pdu.esm_class or 0) & _TYPE) == _RECEIPT or pdu.receipted_message_id is not None


def read_receipt(pdu: Any) -> Told | None:
    """The report, by its optional fields and by its text; None where it names no message."""
    said = body_of(pdu)
    ref = plain(pdu.receipted_message_id) or _found(_ID, said)
    if not ref:
        return None
    name = _BY_NUMBER.get(pdu.message_state or 0) or _found(_STATE, said).upper()[:7]
    state, reason = _STATES.get(name, (None, None))
    code = _found(_CODE, said)
    return Told(ref, state, reason, code if state is ReceiptState.FAILED else "")


def meaning(number: int | None) -> tuple[ReceiptState | None, Reason | None]:
    """What a state means that a centre tells by its number."""
    return _STATES.get(_BY_NUMBER.get(number or 0, ""), (None, None))


def read_text(pdu: Any) -> tuple[str, Piece | None]:
    """The words of a ``deliver_sm``, and which piece of a longer text they are. Never raises, whatever the bytes."""
    data, piece = body_of(pdu), None
    if (pdu.esm_class or 0) & consts.SMPP_GSMFEAT_UDHI and data:
        header, data = data[1 : 1 + data[0]], data[1 + data[0] :]
        piece = _joined(header)
    total = pdu.sar_total_segments or 0
    if piece is None and total > 1 and 1 <= (pdu.sar_segment_seqnum or 0) <= total:
        piece = Piece(f"s{pdu.sar_msg_ref_num or 0}", pdu.sar_segment_seqnum, total)
    return _decode(data, pdu.data_coding or 0), piece


def body_of(pdu: Any) -> bytes:
    """The bytes of a message, wherever it carries them."""
    return bytes(pdu.short_message or pdu.message_payload or b"")


def _joined(header: bytes) -> Piece | None:
    """The element of a header that joins parts; None where there is none, or it makes no sense."""
    place = 0
    while place + 2 <= len(header):
        kind, length = header[place], header[place + 1]
        body = header[place + 2 : place + 2 + length]
        place += 2 + length
        if len(body) == length == {_JOINED_8: 3, _JOINED_16: 4}.get(kind):
            *reference, total, number = body
            if total > 1 and 1 <= number <= total:
                return Piece(f"u{int.from_bytes(bytes(reference), 'big')}", number, total)
    return None


def _encode(text: str, coding: int) -> bytes:
    if coding == UCS2:
        return text.encode("utf-16-be", "replace")
    return text.encode("gsm0338")


def _decode(data: bytes, coding: int) -> str:
    if coding == GSM7:
        return _from_gsm(data)
    alphabet = _ALPHABETS.get(coding)
    if alphabet is None:  # octets of no alphabet: most often a phone's own UTF-8
        alphabet = "utf-8"
    return data.decode(alphabet, "replace").replace("\0", "")


def _from_gsm(data: bytes) -> str:
    words, escaped = [], False
    for septet in data:
        if escaped:
            words.append(_GSM_MORE.get(septet, " "))
            escaped = False
        elif septet == 0x1B:
            escaped = True
        else:
            words.append(_GSM.get(septet, "\ufffd"))
    return "".join(words)


def _found(shape: re.Pattern[bytes], data: bytes) -> str:
    found = shape.search(data)
    return plain(found[1]) if found else ""


def plain(value: bytes | None) -> str:
    """An id, a code or an address as text: what cannot be printed is left out."""
    return "".join(sign for sign in (value or b"").decode("latin-1") if sign.isprintable()).strip()[:64]
