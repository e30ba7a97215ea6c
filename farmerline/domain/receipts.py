"""What became of what was sent: our own settling after a hand-over, and carriers' reports, in any order.

A delivery never goes backwards: queued, sending, sent, then delivered or failed. Delivered wins; a failure that is
reported later undoes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, and_, bindparam, func, literal_column, null, select, update
from sqlalchemy.orm import Session

from farmerline.domain import alert_receipts, gateway_health, spending
from farmerline.domain.many import among, update_rows, words
from farmerline.domain.once import insert_once
from farmerline.domain.second_channel import text_instead
from farmerline.messages import Channel, Receipt, ReceiptState
from farmerline.models import Delivery, DeliveryState, GatewayRow, ReceiptRow

ATTEMPTS = 5
"""How often a message is tried; then it is dead, with its last reason."""
_RANK = {
    DeliveryState.QUEUED: 0,
    DeliveryState.SENDING: 1,
    DeliveryState.CANCELLED: 2,
    DeliveryState.DEAD: 2,
    DeliveryState.SENT: 3,
    DeliveryState.FAILED: 4,
    DeliveryState.DELIVERED: 5,
}
_MEANS = {
    ReceiptState.QUEUED: DeliveryState.SENT,  # the carrier has it
    ReceiptState.SENT: DeliveryState.SENT,
    ReceiptState.RINGING: DeliveryState.SENT,
    ReceiptState.ANSWERED: DeliveryState.SENT,
    ReceiptState.DELIVERED: DeliveryState.DELIVERED,
    ReceiptState.FAILED: DeliveryState.FAILED,
}
_ENDS = frozenset({DeliveryState.DELIVERED, DeliveryState.FAILED})
NOT_ILL = frozenset({"throttled"})
"""Why a connection rests without being ill: it was asked too fast."""
_FIRST_WAIT, _LONGEST_WAIT = 30.0, 3600.0
_BY_REF = (
    select(Delivery)
    .where(Delivery.gateway == bindparam("gateway"), Delivery.provider_ref == bindparam("ref"))
    .with_for_update()
)
_HELD = (
    select(Delivery.id, Delivery.state, Delivery.channel, Delivery.parts, Delivery.campaign_id)
    .where(among(Delivery.id, words("ids")), Delivery.claimed_by == bindparam("worker"))
    .with_for_update()
)
_EARLY = (
    select(ReceiptRow)
    .where(ReceiptRow.gateway == bindparam("gateway"), among(ReceiptRow.ref, words("refs")))
    .where(ReceiptRow.delivery_id.is_(None))
    .order_by(ReceiptRow.at)
)
_ANY_EARLY = _EARLY.with_only_columns(ReceiptRow.id).order_by(None).limit(1)
_OWNED = select(Delivery.provider_ref, Delivery.id).where(
    Delivery.gateway == bindparam("gateway"), among(Delivery.provider_ref, words("refs"))
)
"""Made once, for they are asked each handful of messages that leaves."""
_IS_PIECE = and_(ReceiptRow.state == ReceiptState.SENT, ReceiptRow.code.like("%_/_%"))
"""A piece of a long text that was taken under an id of its own; its code says which (``2/3``)."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A message that the carrier took, under its id ``ref``; one a line where it went out in several pieces."""

    delivery_id: str
    ref: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that was not handed over. ``reason`` is a ``Reason`` value, ``code`` the carrier's own.

    ``unknown``: the carrier may have it, so it is looked up before it is sent again. ``outage``: the fault is the
    connection's, which then pauses for ``pause`` seconds. ``blind``: nobody can be asked what became of it.
    """

    delivery_id: str
    reason: str
    at: datetime
    code: str = ""
    retryable: bool = False
    unknown: bool = False
    outage: bool = False
    pause: float = 0.0
    blind: bool = False


def settle_sent(session: Session, handed: Sequence[Handed], *, gateway: str, worker: str) -> int:
    """Put down what the carrier took; rows that another worker holds by now stay as they are. Returns how many."""
    session.connection().execute(_MENDED, {"gateway": gateway})
    held = _held(session, [one.delivery_id for one in handed], worker)
    if not held:
        return 0
    pieces = {one.delivery_id: [ref[:64] for ref in one.ref.split("\n")] for one in handed}
    refs = [ref for many in pieces.values() for ref in many]
    early = _early_receipts(session, gateway, refs)
    taken = _owners(session, gateway, refs)
    plain: list[dict[str, object]] = []
    for one in handed:
        if (row := held.get(one.delivery_id)) is None:
            continue
        ref, *others = pieces[one.delivery_id]
        mine = taken.setdefault(ref, row.id) == row.id
        is_plain = row.state is DeliveryState.SENDING and row.channel is not Channel.MAILBOX and not others
        if mine and is_plain and ref not in early:
            plain.append({"one": row.id, "ref": ref, "at": one.at})
        else:
            joined = [receipt for each in (ref, *others) for receipt in early.get(each, [])]
            _settle_apart(session, one, [ref if mine else "", *others], joined)
    update_rows(session, _sent, Delivery.__table__, _HANDED, plain)  # type: ignore[arg-type]
    session.flush()
    spending.charge(
        session, held.values(), gateway=gateway, at=handed[-1].at
    )  # last: all workers share the day's row
    return len(held)


_MENDED = (
    update(GatewayRow.__table__)  # type: ignore[arg-type]
    .where(GatewayRow.name == bindparam("gateway"), GatewayRow.last_error != "")
    .values(last_error=literal_column("''"))
)
_HANDED = {"one": "id", "ref": "provider_ref", "at": "sent_at"}


def _sent(given: Any) -> Update:
    return (
        update(Delivery.__table__)  # type: ignore[arg-type]
        .where(Delivery.id == given.one)
        .values(
            state=literal_column(f"'{DeliveryState.SENT.value}'"),  # not bound: there are many rows
            provider_ref=given.ref,
            sent_at=func.coalesce(Delivery.sent_at, given.at),
            settled_at=null(),
            claimed_by=null(),
            lease_until=null(),
        )
    )


def _settle_apart(session: Session, one: Handed, refs: Sequence[str], joined: Sequence[ReceiptRow]) -> None:
    """A letter, a text in pieces, or a message that the carrier has told something about already. The first of ``refs``
    is "" where the carrier's id belongs to another message."""
    fresh = select(Delivery).where(Delivery.id == one.delivery_id)
    row = session.scalars(fresh, execution_options={"populate_existing": True}).one()
    row.provider_ref = refs[0] or row.provider_ref
    row.sent_at = row.sent_at or one.at
    row.claimed_by = row.lease_until = None
    arrived = row.channel is Channel.MAILBOX  # a letter is in its reader's box once it is stored
    _raise(row, DeliveryState.DELIVERED if arrived else DeliveryState.SENT, one.at)
    for receipt in joined:
        receipt.delivery_id = row.id
    if len(refs) > 1:
        _keep_pieces(session, row, one.ref.split("\n"), one.at)
    for receipt in joined:
        _apply(session, row, receipt)
    if row.state is DeliveryState.DELIVERED:
        alert_receipts.note_arrival(session, row, now=one.at)
    elif row.state is DeliveryState.FAILED:
        _follow_failure(session, row, one.at)


def settle_failed(session: Session, refused: Sequence[Refused], *, gateway: str, worker: str) -> int:
    """Put down what was not handed over: tried again later, or dead with its reason. Returns how many.

    What is unknown stays "sending" until it has been looked up; where nobody can be asked, it is sent once more, and
    dead after a second silence: a person then decides. While a connection is out of order (nothing has gone
    through since its last fault) tries are not counted, so that an outage of days kills no message.
    """
    faults = sum(one.unknown or (one.outage and one.reason not in NOT_ILL) for one in refused)
    if faults:
        silent = sum(one.unknown for one in refused)
        gateway_health.note_faults(session, gateway, faults, silent=silent, at=refused[-1].at)
    uncounted = {one.delivery_id for one in refused if one.outage and _note_outage(session, gateway, one)}
    held = select(Delivery).where(
        among(Delivery.id, [one.delivery_id for one in refused]), Delivery.claimed_by == worker
    )
    rows = {row.id: row for row in session.scalars(held.with_for_update())}
    for one in refused:
        row = rows.get(one.delivery_id)
        if row is None:
            continue
        row.claimed_by = row.lease_until = None
        if row.state is not DeliveryState.SENDING:  # a receipt was quicker and knows better
            continue
        blind = one.unknown and one.blind
        given_up = blind and (row.reason == one.reason or row.attempts >= ATTEMPTS)
        row.reason, row.code = one.reason[:24], one.code[:16]
        if one.delivery_id in uncounted and not blind:  # a try that may have reached the phone always counts
            row.attempts = max(0, row.attempts - 1)
        later = one.at + retry_delay(row.attempts)
        if one.unknown and not given_up:
            row.lease_until = later
        elif one.retryable and not given_up and row.attempts < ATTEMPTS:
            row.state, row.due_at = DeliveryState.QUEUED, later
        else:
            row.state, row.settled_at = DeliveryState.DEAD, one.at
            _follow_failure(session, row, one.at)
    session.flush()
    return len(rows)


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after so many tries: 30 s, doubled each time, an hour at most, give or take a tenth."""
    seconds = min(_FIRST_WAIT * 2 ** max(0, attempts - 1), _LONGEST_WAIT)
    return timedelta(seconds=seconds * random.uniform(0.9, 1.1))


def report(session: Session, receipt: Receipt) -> bool:
    """Keep a carrier's report and act on it, once. False for a repetition.

    A report of a delivery that is not known (yet) is kept and joined when the carrier's id is stored.
    """
    row = _find(session, receipt)
    said = {
        "gateway": receipt.gateway,
        "ref": receipt.ref[:64],
        "state": receipt.state,
        "at": receipt.at,
        "delivery_id": row.id if row else None,
        "reason": str(receipt.reason or "")[:24],
        "code": receipt.code[:16],
        "seconds": receipt.seconds,
    }
    if not insert_once(session, ReceiptRow, **said):
        return False
    if row is not None:
        if row.provider_ref is None and not _owners(session, row.gateway, [receipt.ref[:64]]):
            row.provider_ref = receipt.ref[:64]
        before = row.state
        _apply(session, row, ReceiptRow(**said))
        session.flush()
        if before is DeliveryState.SENT and row.state in _ENDS and row.sent_at and row.channel is Channel.SMS:
            gateway_health.note_receipt(session, row.gateway, took=receipt.at - row.sent_at, at=receipt.at)
        if row.state is DeliveryState.FAILED and before not in (DeliveryState.FAILED, DeliveryState.DEAD):
            _follow_failure(session, row, receipt.at)
        elif row.state is DeliveryState.DELIVERED and before is not DeliveryState.DELIVERED:
            alert_receipts.note_arrival(session, row, now=receipt.at)
    return True


def give_up(session: Session, row: Delivery, reason: str, *, now: datetime) -> None:
    """A message that cannot leave is dead, with its reason."""
    row.state, row.reason, row.settled_at = DeliveryState.DEAD, reason, now
    row.claimed_by = row.lease_until = None
    session.flush()
    _follow_failure(session, row, now)


def _follow_failure(session: Session, row: Delivery, now: datetime) -> None:
    """A call's words become a text; an alert goes on to its next step."""
    text_instead(session, row, now=now)
    alert_receipts.note_failure(session, row, now=now)


def _find(session: Session, receipt: Receipt) -> Delivery | None:
    found: Delivery | None = session.scalar(_BY_REF, {"gateway": receipt.gateway, "ref": receipt.ref[:64]})
    if found is None and receipt.delivery_id:
        ours = select(Delivery).where(Delivery.id == receipt.delivery_id, Delivery.gateway == receipt.gateway)
        found = session.scalar(ours.with_for_update())
    if found is None:
        whole = select(Delivery).join(ReceiptRow, ReceiptRow.delivery_id == Delivery.id)
        piece = whole.where(
            ReceiptRow.gateway == receipt.gateway, ReceiptRow.ref == receipt.ref[:64], _IS_PIECE
        )
        found = session.scalar(piece.with_for_update(of=Delivery))
    return found


def _keep_pieces(session: Session, row: Delivery, refs: Sequence[str], at: datetime) -> None:
    """Put down under which ids the pieces of one text went: a row each, as if the carrier had said that it took it."""
    for number, ref in enumerate(refs, start=1):
        piece = {"gateway": row.gateway, "ref": ref, "state": ReceiptState.SENT}
        named = {"delivery_id": row.id, "code": f"{number}/{len(refs)}"}
        if insert_once(session, ReceiptRow, **piece, **named, at=at, reason="") is None:
            known = session.scalars(select(ReceiptRow).filter_by(**piece)).one()
            known.delivery_id, known.code = row.id, named["code"]
    session.flush()


def _is_whole(session: Session, row: Delivery) -> bool:
    """Whether every piece of a text has arrived by now."""
    said = select(ReceiptRow.ref, ReceiptRow.state, _IS_PIECE).where(
        ReceiptRow.delivery_id == row.id, ReceiptRow.gateway == row.gateway
    )
    rows = session.execute(said).all()
    pieces = {ref for ref, _state, is_piece in rows if is_piece}
    return pieces <= {ref for ref, state, _is_piece in rows if state is ReceiptState.DELIVERED}


def _apply(session: Session, row: Delivery, receipt: ReceiptRow) -> None:
    if receipt.seconds is not None:
        row.heard_seconds = max(row.heard_seconds or 0, receipt.seconds)
    means = _MEANS[receipt.state]
    if means is DeliveryState.DELIVERED and row.parts > 1 and not _is_whole(session, row):
        means = DeliveryState.SENT
    if _raise(row, means, receipt.at):
        row.sent_at = row.sent_at or receipt.at
        failed = row.state is DeliveryState.FAILED
        row.reason, row.code = (receipt.reason, receipt.code) if failed else ("", "")


def _raise(row: Delivery, state: DeliveryState, at: datetime) -> bool:
    """Move a delivery forward; False, and nothing done, where it is as far already."""
    if _RANK[state] <= _RANK[row.state]:
        return False
    row.state = state
    row.settled_at = at if state is not DeliveryState.SENT else None
    if state is DeliveryState.DELIVERED:
        row.ring_at = None
    return True


def _held(session: Session, ids: Sequence[str], worker: str) -> dict[str, Any]:
    """Those of the rows that are this worker's, locked, with the columns that settling asks for."""
    return {row.id: row for row in session.connection().execute(_HELD, {"ids": ids, "worker": worker})}


def _early_receipts(session: Session, gateway: str, refs: Sequence[str]) -> dict[str, list[ReceiptRow]]:
    found: dict[str, list[ReceiptRow]] = {}
    asked = {"gateway": gateway, "refs": refs}
    if session.connection().execute(_ANY_EARLY, asked).first() is None:
        return found
    for row in session.scalars(_EARLY, asked):
        found.setdefault(row.ref, []).append(row)
    return found


def _owners(session: Session, gateway: str, refs: Sequence[str]) -> dict[str, str]:
    """Which delivery each of the carrier's ids belongs to. An id that came twice stays with its first owner."""
    return {
        row.provider_ref: row.id
        for row in session.connection().execute(_OWNED, {"gateway": gateway, "refs": refs})
    }


def _note_outage(session: Session, name: str, fault: Refused) -> bool:
    """Pause the connection; True where it had been out of order already."""
    gateway = session.scalars(
        select(GatewayRow).where(GatewayRow.name == name).with_for_update()
    ).one_or_none()
    if gateway is None:
        return False
    was_out = gateway.last_error != ""
    until = fault.at + timedelta(seconds=fault.pause)
    if fault.pause and (gateway.paused_until is None or gateway.paused_until < until):
        gateway.paused_until = until
    gateway.last_error = f"{fault.reason} {fault.code}".strip()[:40]
    return was_out
