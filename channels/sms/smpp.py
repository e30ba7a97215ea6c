"""Texts through an SMPP 3.4 message centre: a carrier's own, or one between.

Statuses: SMPP 3.4 (12-Oct-1999), 5.1.3. A message can be asked for only by the centre's own id, which is what is
missing when its answer was lost: so nobody can be asked what became of such a message, and it is sent again with the same
references, by which a phone knows parts that it has.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import Any

from smpplib import consts

from channels.contract import Ports, Reason, SendError
from channels.sms import smpp_words
from channels.sms.smpp_link import SmppLink, Unbound
from channels.sms.smpp_window import Asked
from channels.sms.smpp_words import Body
from farmerline.clock import SystemClock
from farmerline.errors import Invalid
from farmerline.identity import normalise_phone
from farmerline.messages import Channel, Incoming, Outgoing, Receipt

REASONS = {
    consts.SMPP_ESME_RINVMSGLEN: Reason.TOO_LONG,
    consts.SMPP_ESME_RINVBNDSTS: Reason.MISCONFIGURED,
    consts.SMPP_ESME_RALYBND: Reason.UNAVAILABLE,
    consts.SMPP_ESME_RSYSERR: Reason.UNAVAILABLE,
    consts.SMPP_ESME_RINVSRCADR: Reason.MISCONFIGURED,
    consts.SMPP_ESME_RINVDSTADR: Reason.BAD_ADDRESS,
    consts.SMPP_ESME_RBINDFAIL: Reason.MISCONFIGURED,
    consts.SMPP_ESME_RINVPASWD: Reason.MISCONFIGURED,
    consts.SMPP_ESME_RINVSYSID: Reason.MISCONFIGURED,
    consts.SMPP_ESME_RMSGQFUL: Reason.QUEUE_FULL,
    consts.SMPP_ESME_RINVSRCTON: Reason.MISCONFIGURED,
    consts.SMPP_ESME_RINVSRCNPI: Reason.MISCONFIGURED,
    consts.SMPP_ESME_RINVDSTTON: Reason.BAD_ADDRESS,
    consts.SMPP_ESME_RINVDSTNPI: Reason.BAD_ADDRESS,
    consts.SMPP_ESME_RINVSYSTYP: Reason.MISCONFIGURED,
    consts.SMPP_ESME_RTHROTTLED: Reason.THROTTLED,
    consts.SMPP_ESME_RX_T_APPN: Reason.UNAVAILABLE,
}
_NOT_KNOWN = frozenset({consts.SMPP_ESME_RINVMSGID, consts.SMPP_ESME_RQUERYFAIL})
_REMEMBERED = 2_000
_AGAIN_SECONDS = 600.0


@dataclass(slots=True)
class Progress:
    """One text on its way: the centre's id of each part that it took, and with which status it refused one."""

    ids: list[str | None]
    refused: int | None = None
    fingerprint: bytes = b""


@dataclass(slots=True)
class SmppSms:
    """Sends texts by one bind, and takes what comes back by it: receipts, and texts from people.

    ``number`` is what texts come from, E.164 or a short code. ``by_payload``: a long text leaves as one unit that the
    centre parts, else in parts of our own. ``gateway`` is the name by which rows know this connection.
    """

    link: SmppLink
    number: str
    gateway: str
    by_payload: bool = False
    _ports: Ports | None = None
    _progress: OrderedDict[str, Progress] = field(default_factory=OrderedDict)
    _heard: OrderedDict[str, tuple[int, float, str]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def start(self, ports: Ports) -> None:
        """Open the bind, and hand in what comes by it."""
        self._ports = ports
        self.link.take = self._take
        self.link.start()

    def stop(self) -> None:
        self.link.stop()

    def send(self, message: Outgoing) -> str:
        """Hand every part over; the ids of the parts, one a line.

        What an earlier try of this process got through is not sent again, where the words are the same.
        """
        try:
            bodies = smpp_words.bodies(message.text, message.id, by_payload=self.by_payload)
        except ValueError as error:
            raise SendError(Reason.TOO_LONG) from error
        progress = self._begin(message, bodies)
        until = time.monotonic() + self.link.centre.patience
        asked, unsent = self._submit(message, bodies, progress)
        for one in asked:
            one.wait(until - time.monotonic())
        ids = [ref for ref in progress.ids if ref is not None]
        if len(ids) == len(bodies):
            with self._lock:
                self._progress.pop(message.id, None)
            return "\n".join(ids)
        if progress.refused is not None:
            raise refusal(progress.refused)
        if len(ids) + len(unsent) == len(bodies):
            raise unsent[0]  # every part that left was answered
        raise SendError(Reason.UNREACHABLE)

    def find(self, message: Outgoing, since: datetime) -> str | None:
        """What this process knows: the centre cannot be asked."""
        progress = self._progress.get(message.id)
        return "\n".join(ref or "" for ref in progress.ids) if progress and all(progress.ids) else None

    def probe(self) -> None:
        """See whether the centre binds us, by a bind of its own; raises ``SendError``."""
        link = SmppLink(self.link.centre, self.gateway)
        try:
            link.request("enquire_link", lambda pdu: None)
        except Unbound as error:
            raise _unbound(error) from error
        finally:
            link.stop()

    def became(self, ref: str) -> Receipt | None:
        """What became of the message, as the centre has it (``query_sm``)."""
        source, source_ton, source_npi = _address(self.number)
        answers: list[Any] = []
        try:
            asked = self.link.request(
                "query_sm", answers.append, message_id=ref, source_addr=source, source_addr_ton=source_ton,
                source_addr_npi=source_npi,
            )  # fmt: skip
        except Unbound as error:
            raise _unbound(error) from error
        asked.wait(self.link.centre.patience)
        if not answers:
            raise SendError(Reason.UNREACHABLE)
        if answers[0].status in _NOT_KNOWN:
            return None
        if answers[0].status:
            raise refusal(answers[0].status)
        state, reason = smpp_words.meaning(answers[0].message_state)
        return Receipt(self.gateway, ref, state, SystemClock().now(), reason=reason) if state else None

    def handed(self, since: datetime, until: datetime) -> list[str]:
        """Nothing: a centre lists no messages."""
        return []

    def _begin(self, message: Outgoing, bodies: list[Body]) -> Progress:
        mark = sha256(f"{message.to}\n{message.text}".encode("utf-8", "replace")).digest()
        with self._lock:
            known = self._progress.get(message.id)
            if known is None or known.fingerprint != mark or len(known.ids) != len(bodies):
                known = self._progress[message.id] = Progress([None] * len(bodies), fingerprint=mark)
            known.refused = None
            while len(self._progress) > _REMEMBERED:
                self._progress.popitem(last=False)
            return known

    def _submit(
        self, message: Outgoing, bodies: list[Body], progress: Progress
    ) -> tuple[list[Asked], list[SendError]]:
        """Send the parts that are still to be sent, one behind the other; a refusal ends it."""
        asked: list[Asked] = []
        unsent: list[SendError] = []
        for place, body in enumerate(bodies):
            if progress.ids[place] is not None:
                continue
            if progress.refused is not None or unsent:
                unsent.append(SendError(Reason.UNAVAILABLE))
                continue
            note = _noting(progress, place, f"{message.id}.{place}")
            try:
                asked.append(self.link.request("submit_sm", note, **self._fields(message.to, body)))
            except Unbound as error:
                unsent.append(_unbound(error))
        return asked, unsent

    def _fields(self, to: str, body: Body) -> dict[str, Any]:
        source, source_ton, source_npi = _address(self.number)
        target, target_ton, target_npi = _address(to)
        words = {"message_payload": body.data} if body.in_payload else {"short_message": body.data}
        return {
            "source_addr": source, "source_addr_ton": source_ton, "source_addr_npi": source_npi,
            "destination_addr": target, "dest_addr_ton": target_ton, "dest_addr_npi": target_npi,
            "esm_class": consts.SMPP_GSMFEAT_UDHI if body.has_header else 0, "data_coding": body.coding,
            "registered_delivery": 1, **words,
        }  # fmt: skip

    # What comes by the bind: acted on by a thread of the link.

    def _take(self, pdu: Any) -> int:
        """Put it on record; the status for the centre, given only afterwards."""
        if self._ports is None:
            return int(consts.SMPP_ESME_RX_T_APPN)
        if smpp_words.is_receipt(pdu):
            self._report(self._ports, pdu)
        else:
            self._accept(self._ports, pdu)
        return int(consts.SMPP_ESME_ROK)

    def _report(self, ports: Ports, pdu: Any) -> None:
        told = smpp_words.read_receipt(pdu)
        if told is not None and told.state is not None:
            ports.report(
                Receipt(self.gateway, told.ref, told.state, ports.now(), reason=told.reason, code=told.code)
            )

    def _accept(self, ports: Ports, pdu: Any) -> None:
        sender, raw = _number(pdu.source_addr, pdu.source_addr_ton), smpp_words.body_of(pdu)
        if not sender or not raw:
            return
        text, piece = smpp_words.read_text(pdu)
        shape = f"{pdu.data_coding or 0}/{pdu.esm_class or 0}/{piece.reference if piece else ''}"
        place = f"{piece.number}/{piece.total}" if piece else ""
        to = _number(pdu.destination_addr, pdu.dest_addr_ton)
        known = sha256("\n".join((sender, to, shape, place)).encode() + raw).hexdigest()
        ports.accept(
            Incoming(
                channel=Channel.SMS,
                gateway=self.gateway,
                ref=known if piece else self._ref(known, ports),
                sender=sender,
                to=to,
                text=text,
                received_at=ports.now(),
                raw=f"{shape}/{place} {raw.hex()}",
                piece=piece,
            )
        )

    def _ref(self, known: str, ports: Ports) -> str:
        """A text has no id of the centre's own. The same words from the same phone are another text, unless the bind
        was lost in between: then the centre sends again what it believes we did not get.
        """
        binds, now = self.link.binds, time.monotonic()
        with self._lock:
            bind, at, ref = self._heard.pop(known, (binds, now, ""))
            if not ref or bind == binds or now - at > _AGAIN_SECONDS:
                ref = f"{known[:40]}-{int(ports.now().timestamp() * 1000):x}"
            self._heard[known] = (binds, now, ref)
            while len(self._heard) > _REMEMBERED:
                self._heard.popitem(last=False)
        return ref


def refusal(status: int) -> SendError:
    """Our reason for a centre's status."""
    return SendError(REASONS.get(status, Reason.REFUSED), f"0x{status:x}")


def _unbound(error: Unbound) -> SendError:
    return refusal(error.status) if error.status else SendError(Reason.UNAVAILABLE, "unbound")


def _noting(progress: Progress, place: int, nameless: str) -> Callable[[Any], None]:
    """What to do with the answer to one part, even one that comes late; ``nameless`` where it names no id."""

    def note(pdu: Any) -> None:
        if pdu.status:
            progress.refused = pdu.status
        else:
            progress.ids[place] = smpp_words.plain(pdu.message_id) or nameless

    return note


def _address(number: str) -> tuple[str, int, int]:
    """A number as the centre wants it, with its type and plan: international, else as it stands (a short code)."""
    if number.startswith("+"):
        return number[1:], consts.SMPP_TON_INTL, consts.SMPP_NPI_ISDN
    return number, consts.SMPP_TON_UNK, consts.SMPP_NPI_ISDN


def _number(address: bytes | None, ton: int | None) -> str:
    """An address as we know it: E.164 where it is a telephone number, else as it stands."""
    said = smpp_words.plain(address)[:32]
    international = ton == consts.SMPP_TON_INTL or (said.startswith("86") and len(said) == 13)
    try:
        return normalise_phone(f"+{said.lstrip('+')}" if international else said, abroad=True)
    except Invalid:
        return said
