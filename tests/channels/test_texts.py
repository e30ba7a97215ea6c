"""Texts through the real twilio client, the carrier in a box and the signed webhooks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from channels.contract import Reason, SendError
from channels.registry import build_hooks
from channels.simulator.carrier import Fault, PhoneSilent, Trouble
from channels.simulator.texting import shown_since
from channels.simulator.texting import text as send_text
from farmerline.errors import Misconfigured
from farmerline.messages import Channel, Outgoing, ReceiptState
from tests.channels.conftest import FARMER, SERVICE, TOKEN, URL, World

HOOK = "/hooks/twilio/sms"
DELIVERY = "0" * 31 + "a"
S, F, D = ReceiptState.SENT, ReceiptState.FAILED, ReceiptState.DELIVERED


def message(words: str = "已记下", to: str = FARMER, named: str = DELIVERY) -> Outgoing:
    return Outgoing(named, Channel.SMS, to, words)


def post(
    world: World, path: str, fields: Mapping[str, str], signed_for: str | None = None, **headers: str
) -> TestResponse:
    url = URL + path if signed_for is None else signed_for
    signature = RequestValidator(TOKEN).compute_signature(url, dict(fields))
    given = {"X-Twilio-Signature": signature} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return world.app.test_client().post(path, data=dict(fields), headers=given)


def inbound(body: str = "卖葡萄苗", sid: str = "SM" + "1" * 32) -> dict[str, str]:
    return {"MessageSid": sid, "From": FARMER, "To": SERVICE, "Body": body}


def test_a_text_from_a_handset_reaches_the_inside_with_its_number(world: World) -> None:
    sid = world.simulator.carrier.text_in(FARMER, "求购葡萄苗500株 🍇")
    world.pump()
    (incoming,) = world.inside.accepted.values()
    assert (incoming.channel, incoming.gateway, incoming.ref) == (Channel.SMS, "sms", sid)
    assert (incoming.sender, incoming.to, incoming.text) == (FARMER, SERVICE, "求购葡萄苗500株 🍇")


def test_an_answer_reaches_the_handset_and_its_receipts_come_back(world: World) -> None:
    def send_answers() -> None:
        if world.inside.accepted and not world.inside.receipts:
            world.gateways["sms"].sender.send(message("已记下:卖 葡萄苗。回1发布"))

    shown = send_text(world.simulator.carrier, FARMER, "卖葡萄苗", send_answers)
    assert [one.text for one in shown][:1] == ["已记下:卖 葡萄苗。回1发布"]
    assert [receipt.state for receipt in world.inside.receipts][:2] == [S, D]
    assert world.inside.receipts[0].delivery_id == DELIVERY


@pytest.mark.parametrize(
    ("fault", "states"),
    [
        (Fault.OFF, [S, F]),
        (Fault.DROP, [S]),
        (Fault.DUPLICATE, [S, D]),
        (Fault.REORDER, [D, S]),
    ],
)
def test_a_handset_with_a_fault_gives_the_receipts_of_that_fault(
    world: World, fault: Fault, states: list[ReceiptState]
) -> None:
    world.simulator.carrier.set_faults(FARMER, {fault})
    world.gateways["sms"].sender.send(message())
    world.pump()
    assert [receipt.state for receipt in world.inside.receipts] == states
    if fault is Fault.OFF:
        assert world.inside.receipts[-1].reason is Reason.UNREACHABLE_PHONE
    assert bool(shown_since(world.simulator.carrier, FARMER, 0)) == (fault not in (Fault.OFF, Fault.DROP))


def test_a_slow_handset_gets_its_text_half_a_minute_later(world: World) -> None:
    world.simulator.carrier.set_faults(FARMER, {Fault.DELAY})
    world.gateways["sms"].sender.send(message())
    world.later(seconds=29)
    assert not shown_since(world.simulator.carrier, FARMER, 0)
    world.later(seconds=2)
    assert shown_since(world.simulator.carrier, FARMER, 0)


def test_a_text_sent_twice_by_the_network_is_one_text_inside(world: World) -> None:
    world.simulator.carrier.set_faults(FARMER, {Fault.DUPLICATE})
    world.simulator.carrier.text_in(FARMER, "卖葡萄苗")
    assert world.pump() == 2
    assert world.inside.words == ["卖葡萄苗"]


def test_a_text_lost_on_the_way_reaches_nobody(world: World) -> None:
    world.simulator.carrier.set_faults(FARMER, {Fault.DROP})
    world.simulator.carrier.text_in(FARMER, "卖葡萄苗")
    world.later(hours=1)
    assert not world.inside.accepted
    assert len(world.simulator.carrier.thread(FARMER)) == 1


def test_texts_of_a_disordered_handset_overtake_one_another(world: World) -> None:
    world.simulator.carrier.set_faults(FARMER, {Fault.REORDER})
    for body in ("一", "二"):
        world.simulator.carrier.text_in(FARMER, body)
    world.pump()
    assert world.inside.words == ["二", "一"]


def test_a_handset_that_is_off_cannot_send(world: World) -> None:
    world.simulator.carrier.set_faults(FARMER, {Fault.OFF})
    with pytest.raises(PhoneSilent):
        world.simulator.carrier.text_in(FARMER, "在吗")


@pytest.mark.parametrize(
    ("words", "to", "blocked", "reason", "code"),
    [
        ("好", "not a number", False, Reason.BAD_ADDRESS, "21211"),
        ("好", FARMER, True, Reason.OPTED_OUT, "21610"),
        ("好" * 1601, FARMER, False, Reason.TOO_LONG, "21617"),
        ("", FARMER, False, Reason.REFUSED, "21602"),
    ],
)
def test_what_the_carrier_refuses_has_our_reason_and_its_code(
    world: World, words: str, to: str, blocked: bool, reason: Reason, code: str
) -> None:
    world.simulator.carrier.set_faults(FARMER, set(), blocked=blocked)
    with pytest.raises(SendError) as refused:
        world.gateways["sms"].sender.send(message(words, to))
    assert (refused.value.reason, refused.value.code) == (reason, code)


def test_a_cut_line_leaves_the_outcome_unknown(world: World) -> None:
    world.simulator.carrier.store.set_network(Trouble.DOWN, 1)
    with pytest.raises(SendError) as refused:
        world.gateways["sms"].sender.send(message())
    assert refused.value.reason.outcome_unknown
    with pytest.raises(SendError):
        world.gateways["sms"].sender.find(message(), world.inside.clock.now())


def test_each_tenth_text_is_throttled_when_the_carrier_is_told_to(world: World) -> None:
    world.simulator.carrier.store.set_network(Trouble.REFUSE_TENTH, 1)
    sender = world.gateways["sms"].sender
    for _ in range(9):
        sender.send(message())
    with pytest.raises(SendError) as refused:
        sender.send(message())
    assert refused.value.reason is Reason.THROTTLED


def test_a_text_of_unknown_outcome_is_found_by_its_words_and_number(world: World) -> None:
    sender, now = world.gateways["sms"].sender, world.inside.clock.now()
    sid = sender.send(message("回1发布 A12"))
    assert sender.find(message("回1发布 A12"), now) == sid
    assert sender.find(message("别的话"), now) is None
    assert sender.find(message("回1发布 A12", to="+8613800000002"), now) is None
    assert sender.find(message("回1发布 A12"), now + timedelta(hours=1)) is None


def test_a_sender_number_that_is_not_ours_is_misconfigured(world: World) -> None:
    world.simulator.carrier.line = "+8657400009999"
    with pytest.raises(SendError) as refused:
        world.gateways["sms"].sender.send(message())
    assert (refused.value.reason, refused.value.code) == (Reason.MISCONFIGURED, "21606")


def test_a_wrong_token_is_misconfigured_and_not_lost(world: World) -> None:
    world.simulator.carrier.auth_token = "another"
    with pytest.raises(SendError) as refused:
        world.gateways["sms"].sender.send(message())
    assert refused.value.reason is Reason.MISCONFIGURED
    assert refused.value.reason.retryable


@pytest.mark.parametrize("signed_for", [URL + HOOK, "https://line.example:443" + HOOK])
def test_the_signature_is_checked_on_the_public_address_with_and_without_its_port(
    world: World, signed_for: str
) -> None:
    answer = post(world, HOOK, inbound(), signed_for)
    assert answer.status_code == 200
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response />'


@pytest.mark.parametrize(
    "signed_for",
    [
        "http://localhost" + HOOK,
        URL + HOOK + "/",
        "https://elsewhere.example" + HOOK,
        URL + HOOK + "?delivery=1",
    ],
)
def test_a_forged_webhook_is_refused_and_leaves_nothing(world: World, signed_for: str) -> None:
    """Z-09."""
    assert post(world, HOOK, inbound(), signed_for).status_code == 403
    assert not world.inside.accepted


def test_changed_words_break_the_signature(world: World) -> None:
    signature = RequestValidator(TOKEN).compute_signature(URL + HOOK, inbound("卖一斤"))
    answer = world.app.test_client().post(
        HOOK, data=inbound("卖一吨"), headers={"X-Twilio-Signature": signature}
    )
    assert answer.status_code == 403
    assert world.app.test_client().post(HOOK, data=inbound()).status_code == 403


def test_a_replayed_webhook_is_harmless(world: World) -> None:
    assert [post(world, HOOK, inbound()).status_code for _ in range(3)] == [200, 200, 200]
    assert len(world.inside.accepted) == 1


def test_a_webhook_with_a_known_idempotency_token_does_not_reach_the_inside_again(world: World) -> None:
    for sid in ("SM" + "1" * 32, "SM" + "2" * 32):
        post(world, HOOK, inbound(sid=sid), I_Twilio_Idempotency_Token="one-and-the-same")
    assert [ref for _, ref in world.inside.accepted] == ["SM" + "1" * 32]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("好" * 1600, "好" * 1600),
        ("卖\0苗", "卖苗"),
        ("🍇🍇", "🍇🍇"),
        ("", ""),
        ("]]><Dial>110</Dial>", "]]><Dial>110</Dial>"),
    ],
)
def test_odd_words_are_taken_as_they_are(world: World, body: str, words: str) -> None:
    assert post(world, HOOK, inbound(body)).status_code == 200
    (incoming,) = world.inside.accepted.values()
    assert incoming.text == words
    assert json.loads(incoming.raw)["Body"] == body


@pytest.mark.parametrize("missing", ["MessageSid", "From", "Body"])
def test_a_webhook_without_what_is_needed_is_a_bad_request(world: World, missing: str) -> None:
    fields = {name: value for name, value in inbound().items() if name != missing}
    assert post(world, HOOK, fields).status_code == 400


def test_a_huge_body_is_refused_before_it_is_read(world: World) -> None:
    assert post(world, HOOK, inbound("好" * 100_000)).status_code == 413


def test_a_store_that_fails_is_told_to_the_carrier_as_try_again(world: World) -> None:
    world.inside.broken = True
    answer = post(world, HOOK, inbound(), I_Twilio_Idempotency_Token="t")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    world.inside.broken = False
    assert post(world, HOOK, inbound(), I_Twilio_Idempotency_Token="t").status_code == 200
    assert len(world.inside.accepted) == 1


def test_a_text_that_found_nobody_is_on_the_carriers_record(world: World) -> None:
    world.inside.broken = True
    since = world.inside.clock.now()
    lost = world.simulator.carrier.text_in(FARMER, "卖葡萄苗")
    world.pump()
    world.inside.broken = False
    kept = world.simulator.carrier.text_in(FARMER, "1")
    world.later(minutes=1)
    world.gateways["sms"].sender.send(message())
    inbox = world.gateways["sms"].inbox
    assert inbox
    on_record = inbox.received(since)
    assert [(text.ref, text.text, text.sender) for text in on_record] == [
        (lost, "卖葡萄苗", FARMER),
        (kept, "1", FARMER),
    ]
    for text in on_record:
        world.inside.accept(text)
    assert world.inside.words == ["1", "卖葡萄苗"]
    assert inbox.received(world.inside.clock.now()) == []
    world.simulator.carrier.store.set_network(Trouble.DOWN, 1)
    with pytest.raises(SendError):
        inbox.received(since)


@pytest.mark.parametrize(
    ("status", "code", "state", "reason"),
    [
        ("delivered", "", D, None),
        ("undelivered", "30003", F, Reason.UNREACHABLE_PHONE),
        ("failed", "30007", F, Reason.FILTERED),
        ("failed", "nonsense", F, Reason.REFUSED),
    ],
)
def test_a_receipt_says_what_became_of_the_delivery(
    world: World, status: str, code: str, state: ReceiptState, reason: Reason | None
) -> None:
    fields = {"MessageSid": "SM" + "3" * 32, "MessageStatus": status, "ErrorCode": code}
    assert post(world, f"{HOOK}/status?delivery={DELIVERY}", fields).status_code == 200
    (receipt,) = world.inside.receipts
    assert (receipt.state, receipt.reason, receipt.delivery_id) == (state, reason, DELIVERY)


def test_a_receipt_with_an_unknown_status_or_delivery_is_no_trouble(world: World) -> None:
    fields = {"MessageSid": "SM" + "3" * 32, "MessageStatus": "pondering"}
    assert post(world, f"{HOOK}/status?delivery=x' OR 1", fields).status_code == 200
    assert not world.inside.receipts


def test_without_a_token_no_webhook_opens(world: World) -> None:
    with pytest.raises(Misconfigured):
        build_hooks(replace(world.line, auth_token=""), world.inside.ports(), world.simulator.http)


def test_every_door_names_who_may_enter(world: World) -> None:
    doors = {
        name: getattr(view, "allowed", None)
        for name, view in world.app.view_functions.items()
        if name != "static"
    }
    assert set(doors.values()) == {"carrier"}


def test_a_letter_is_delivered_once_it_is_stored(world: World) -> None:
    sender, letter = world.gateways["mailbox"].sender, Outgoing(DELIVERY, Channel.MAILBOX, "a" * 32, "信")
    assert sender.send(letter) == sender.find(letter, world.inside.clock.now()) == DELIVERY


def test_a_text_that_found_nobody_is_taken_at_the_fallback(world: World) -> None:
    world.inside.broken = True
    assert post(world, HOOK, inbound()).status_code == 503
    world.inside.broken = False
    more = {**inbound(), "ErrorCode": "11200", "ErrorUrl": URL + HOOK}
    assert post(world, f"{HOOK}/fallback", more).status_code == 200
    assert post(world, f"{HOOK}/fallback", more, signed_for=URL + HOOK).status_code == 403
    assert world.inside.words == ["卖葡萄苗"]


@pytest.mark.parametrize(("headers", "told"), [({}, 2), ({"I_Twilio_Idempotency_Token": "t1"}, 1)])
def test_a_receipt_sent_twice_is_told_once_by_its_token_or_by_id_path_and_status(
    world: World, headers: dict[str, str], told: int
) -> None:
    fields = {"MessageSid": "SM" + "2" * 32, "MessageStatus": "sent"}
    for status in ("sent", "sent", "delivered", "delivered"):
        post(world, f"{HOOK}/status", {**fields, "MessageStatus": status}, **headers)
    assert len(world.inside.receipts) == told


def test_the_carriers_list_tells_what_became_of_a_text(world: World) -> None:
    statement = world.gateways["sms"].statement
    assert statement is not None
    world.simulator.carrier.set_faults(FARMER, {Fault.OFF})
    ref = world.gateways["sms"].sender.send(message())
    world.pump()
    told = statement.became(ref)
    assert told is not None
    assert (told.ref, told.state, told.reason, told.code) == (ref, F, Reason.UNREACHABLE_PHONE, "30003")
    assert statement.became("SM" + "9" * 32) is None
    now = world.inside.clock.now()
    assert statement.handed(now - timedelta(hours=1), now + timedelta(minutes=1)) == [ref]
    assert statement.handed(now - timedelta(hours=2), now - timedelta(hours=1)) == []


def test_the_carriers_list_tells_what_became_of_a_call(world: World) -> None:
    statement = world.gateways["voice"].statement
    assert statement is not None
    world.simulator.carrier.set_faults(FARMER, {Fault.BUSY})
    ref = world.gateways["voice"].sender.send(replace(message(), channel=Channel.VOICE))
    world.pump()
    told = statement.became(ref)
    assert told is not None
    assert (told.state, told.reason) == (F, Reason.BUSY)
    now = world.inside.clock.now()
    assert statement.handed(now - timedelta(hours=1), now + timedelta(minutes=1)) == [ref]
