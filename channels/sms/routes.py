"""Webhooks for texts: what people send us, and what became of what we sent."""

from __future__ import annotations

import json

from flask import Blueprint, Response

from channels.contract import Ports, Reason
from channels.doors import CarrierDoor, Form, delivery_named, nothing_to_say, plain
from channels.sms.twilio import REASONS, STATES
from farmerline.messages import Channel, Incoming, Receipt, ReceiptState


def sms_hooks(ports: Ports, door: CarrierDoor, gateway: str) -> Blueprint:
    """``/hooks/twilio/sms``, its ``/fallback`` and its ``/status``. ``gateway`` is this carrier's name in rows.

    The fallback is asked once, when the first address gave no answer in time: it takes the text in the same way.
    """
    hooks = Blueprint("sms_hooks", __name__, url_prefix="/hooks/twilio/sms")

    @hooks.post("/fallback")
    @hooks.post("")
    @door.hook("MessageSid", "From", "Body", once=("MessageSid",))
    def receive(form: Form) -> Response:
        if not form["MessageSid"].strip() or not form["From"].strip():
            return plain(400)
        ports.accept(read_text(form, gateway, ports))
        return nothing_to_say()

    @hooks.post("/status")
    @door.hook("MessageSid", "MessageStatus", once=("MessageSid", "MessageStatus"))
    def report(form: Form) -> Response:
        receipt = read_receipt(form, gateway, ports)
        if receipt is not None:
            ports.report(receipt)
        return nothing_to_say()

    return hooks


def read_text(form: Form, gateway: str, ports: Ports) -> Incoming:
    """A text from Twilio's form. NUL cannot be stored everywhere: it is left out of the words, kept in ``raw``."""
    return Incoming(
        channel=Channel.SMS,
        gateway=gateway,
        ref=form["MessageSid"].strip()[:80],
        sender=form["From"].strip()[:32],
        to=form.get("To", "").strip()[:32],
        text=form["Body"].replace("\0", ""),
        received_at=ports.now(),
        raw=json.dumps(form.to_dict()),
    )


def read_receipt(form: Form, gateway: str, ports: Ports) -> Receipt | None:
    """A receipt from Twilio's form; None for a status that says nothing to us."""
    state = STATES.get(form["MessageStatus"].lower())
    if state is None:
        return None
    code = form.get("ErrorCode", "")[:16]
    failed = state is ReceiptState.FAILED
    return Receipt(
        gateway=gateway,
        ref=form["MessageSid"].strip()[:64],
        state=state,
        at=ports.now(),
        delivery_id=delivery_named(),
        reason=_reason(code) if failed else None,
        code=code if failed else "",
    )


def _reason(code: str) -> Reason:
    return REASONS.get(int(code), Reason.REFUSED) if code.isdecimal() else Reason.REFUSED
