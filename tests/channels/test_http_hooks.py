"""A carrier's calls: proved, read by the settings' places, put on record; a forged one does nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import ValidationError
from werkzeug.test import TestResponse

from channels.contract import Reason
from channels.http.hearing import international
from channels.http.hooks import http_hooks
from channels.registry import KINDS
from farmerline.clock import FixedClock
from farmerline.messages import ReceiptState
from tests.channels.conftest import Inside

TOKEN = "a-token-made-up-for-tests"
OURS = "d" * 32
SEND = '[send]\nurl = "http://127.0.0.1:9/m"\njson = { to = "{to}", text = "{text}" }\n'
RECEIPTS = """
[receipts]
verify = { recipe = "token", query = "token", token = "env:FL_TOKEN" }
answer = { code = 0, msg = "接收成功" }
ref = "biz_id"
delivery = "out_id"
state = "success"
states = { true = "delivered", false = "failed" }
code = "err_code"
[reasons]
"ABSENT" = "unreachable_phone"
"""
INBOUND = """
[inbound]
verify = { recipe = "token", header = "X-Token", token = "env:FL_TOKEN" }
answer = "OK"
ref = "sequence_id"
sender = "phone_number"
text = "content"
to = "dest_code"
"""
ONE = {"biz_id": "9^0", "out_id": OURS, "success": True, "err_code": "DELIVERED"}
TEXT = {"phone_number": "13800000001", "content": "卖 葡萄苗", "dest_code": "1234", "sequence_id": 77}
Post = Callable[..., TestResponse]


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FL_TOKEN", TOKEN)


@pytest.fixture
def inside() -> Inside:
    return Inside(FixedClock(datetime(2026, 10, 12, 1, 46, tzinfo=UTC)))


def client(inside: Inside, keys: str) -> FlaskClient:
    table = KINDS["http"].table.model_validate(
        {"name": "relay", "kind": "http", "rate": 5, **tomllib.loads(SEND + keys)}
    )
    app = Flask("service")
    for hooks in http_hooks(table, inside.ports(), "https://line.example"):  # type: ignore[arg-type]
        app.register_blueprint(hooks)
    return app.test_client()


def receipts(inside: Inside, said: Any, *, token: str = TOKEN, keys: str = RECEIPTS) -> TestResponse:
    return client(inside, keys).post(f"/hooks/relay/receipts?token={token}", data=json.dumps(said))


def inbound(inside: Inside, said: Any, *, token: str = TOKEN, keys: str = INBOUND) -> TestResponse:
    return client(inside, keys).post(
        "/hooks/relay/inbound", data=json.dumps(said), headers={"X-Token": token}
    )


def test_a_batch_of_receipts_is_put_on_record_and_answered_as_the_carrier_wants(inside: Inside) -> None:
    failed = {"biz_id": 10, "out_id": "theirs", "success": False, "err_code": "ABSENT"}
    odd = {**ONE, "biz_id": "11", "success": "?"}
    answer = receipts(inside, [ONE, failed, odd, {"nothing": 1}])
    assert (answer.status_code, answer.json) == (200, {"code": 0, "msg": "接收成功"})
    first, second = inside.receipts
    assert (first.gateway, first.ref, first.state, first.delivery_id, first.reason, first.code) == (
        "relay", "9^0", ReceiptState.DELIVERED, OURS, None, "",
    )  # fmt: skip
    assert (second.ref, second.state, second.delivery_id, second.reason, second.code) == (
        "10", ReceiptState.FAILED, None, Reason.UNREACHABLE_PHONE, "ABSENT",
    )  # fmt: skip


def test_one_receipt_needs_no_list_and_a_list_may_stand_deeper(inside: Inside) -> None:
    assert receipts(inside, ONE).status_code == 200
    keys = RECEIPTS.replace("[receipts]", '[receipts]\nlist = "data.items"')
    assert receipts(inside, {"data": {"items": [ONE, ONE]}}, keys=keys).status_code == 200
    assert len(inside.receipts) == 3


def test_texts_are_put_on_record_before_they_are_answered(inside: Inside) -> None:
    for _ in range(2):  # a carrier's retry, or a replay
        answer = inbound(inside, [TEXT, {**TEXT, "sequence_id": 78, "content": "1\0"}])
        assert (answer.status_code, answer.text) == (200, "OK")
    assert [(one.sender, one.text, one.to, one.ref) for one in inside.accepted.values()] == [
        ("+8613800000001", "卖 葡萄苗", "1234", "77"),
        ("+8613800000001", "1", "1234", "78"),
    ]
    assert json.loads(next(iter(inside.accepted.values())).raw) == TEXT


def test_a_text_without_an_id_is_told_by_several_places(inside: Inside) -> None:
    keys = INBOUND.replace('ref = "sequence_id"', 'ref = ["phone_number", "at", "content"]')
    said = {"phone_number": "13800000001", "content": "1", "at": "2026-10-12 09:46:00"}
    for one in (said, said, {**said, "at": "2026-10-12 09:47:00"}):
        inbound(inside, one, keys=keys)
    assert len(inside.accepted) == 2


FORGED = ["", "x", TOKEN[:-1], TOKEN + " ", TOKEN.upper(), "一"]


@pytest.mark.parametrize("token", FORGED)
def test_a_wrong_token_is_refused(inside: Inside, token: str) -> None:
    assert receipts(inside, ONE, token=token).status_code == 403
    if token.isascii():
        assert inbound(inside, TEXT, token=token).status_code == 403
    assert not inside.receipts
    assert not inside.accepted


def test_without_a_proof_in_the_settings_there_is_no_webhook() -> None:
    bare = "\n".join(line for line in RECEIPTS.splitlines() if not line.startswith("verify"))
    with pytest.raises(ValidationError, match="verify"):
        client(Inside(FixedClock(datetime.now(UTC))), bare)


HMAC = (
    'verify = { recipe = "hmac-sha256", header = "X-Sig", prefix = "v1=", secret = "env:FL_TOKEN", MORE }\n'
)
SIGNED = {
    "body": ("", lambda stamp, body: body),
    "time": (
        'time_header = "X-Time", over = "{header.x-time}.{body}"',
        lambda stamp, body: f"{stamp}.".encode() + body,
    ),
    "address": (
        'over = "{method} {url} {path} {query} {body_sha256}", encoding = "base64"',
        lambda stamp, body: (
            b"POST https://line.example/hooks/relay/receipts?a=1 /hooks/relay/receipts a=1 "
            + hashlib.sha256(body).hexdigest().encode()
        ),
    ),
}


def hmac_keys(more: str) -> str:
    verify = HMAC.replace(", MORE", f", {more}" if more else "")
    return RECEIPTS.replace(RECEIPTS.splitlines()[2] + "\n", verify)


def sign(kind: str, stamp: str, body: bytes) -> str:
    digest = hmac.new(TOKEN.encode(), SIGNED[kind][1](stamp, body), hashlib.sha256).digest()
    return "v1=" + (base64.b64encode(digest).decode() if kind == "address" else digest.hex())


@pytest.mark.parametrize("kind", SIGNED)
def test_a_signed_call_is_believed_and_a_changed_one_is_not(inside: Inside, kind: str) -> None:
    caller, stamp = client(inside, hmac_keys(SIGNED[kind][0])), str(int(time.time()))
    body = json.dumps([{**ONE, "note": "已收到"}], ensure_ascii=False).encode()
    headers = {"X-Sig": sign(kind, stamp, body), "X-Time": stamp}

    def call(body: bytes = body, query: str = "a=1", **changed: str) -> int:
        given = {**headers, **{name.replace("_", "-"): value for name, value in changed.items()}}
        return caller.post(f"/hooks/relay/receipts?{query}", data=body, headers=given).status_code

    assert call() == 200
    assert call(body.replace(b"9^0", b"8^0")) == 403
    assert call(X_Sig="v1=") == 403
    assert call(X_Sig=headers["X-Sig"].removeprefix("v1=")) == 403
    if kind == "time":
        assert call(X_Time=str(int(stamp) + 1)) == 403
        old = str(int(stamp) - 400)
        assert call(X_Time=old, X_Sig=sign(kind, old, body)) == 403
        assert call(X_Time="soon", X_Sig=sign(kind, "soon", body)) == 403
        millis = f"{stamp}000"
        assert call(X_Time=millis, X_Sig=sign(kind, millis, body)) == 200
    if kind == "address":
        assert call(query="a=2") == 403
    assert {one.ref for one in inside.receipts} == {"9^0"}


def test_a_user_and_a_password_prove_a_call(inside: Inside) -> None:
    verify = 'verify = { recipe = "basic", user = "carrier", password = "env:FL_TOKEN" }'
    caller = client(inside, RECEIPTS.replace(RECEIPTS.splitlines()[2], verify))
    for user, password, status in (("carrier", TOKEN, 200), ("carrier", "x", 403), ("other", TOKEN, 403)):
        assert caller.post("/hooks/relay/receipts", json=ONE, auth=(user, password)).status_code == status
    assert (
        caller.post("/hooks/relay/receipts", json=ONE, headers={"Authorization": "Bearer x"}).status_code
        == 403
    )
    assert caller.post("/hooks/relay/receipts", json=ONE).status_code == 403


WRONG_PROOFS = [
    ('{ recipe = "token", token = "env:FL_TOKEN" }', "needs either header or query"),
    (
        '{ recipe = "token", header = "A", query = "b", token = "env:FL_TOKEN" }',
        "needs either header or query",
    ),
    ('{ recipe = "token", query = "b", token = "env:FL_SHORT" }', "must have at least 16 characters"),
    ('{ recipe = "none" }', "does not match any of the expected tags"),
    (
        '{ recipe = "hmac-sha256", header = "A", secret = "env:FL_TOKEN", over = "{path}" }',
        "does not hold {body}",
    ),
    (
        '{ recipe = "hmac-sha256", header = "A", secret = "env:FL_TOKEN", over = "{body}{text}" }',
        "{text} stands for nothing",
    ),
    (
        '{ recipe = "hmac-sha256", header = "A", secret = "env:FL_TOKEN", time_header = "X-T" }',
        "does not hold {header.x-t}: the time would prove nothing",
    ),
]


@pytest.mark.parametrize(("verify", "said"), WRONG_PROOFS)
def test_a_proof_that_proves_nothing_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, verify: str, said: str
) -> None:
    monkeypatch.setenv("FL_SHORT", "short")
    with pytest.raises(ValidationError) as caught:
        client(
            Inside(FixedClock(datetime.now(UTC))),
            RECEIPTS.replace(RECEIPTS.splitlines()[2], f"verify = {verify}"),
        )
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"{", 400), (b"[" * 100_000, 400), (b"\xff\xfe", 400), (b"3", 200), (b"[]", 200), (b"null", 200),
        (b'[{"biz_id": "", "out_id": "", "success": true}]', 400), (b'[{"biz_id": {"a": 1}, "success": true}]', 400),
        (b"[" + b"1," * 3000 + b"1]", 413), (b"x" * 600_000, 413),
    ],
)  # fmt: skip
def test_odd_bodies_are_no_fault_of_ours(inside: Inside, body: bytes, status: int) -> None:
    answer = client(inside, RECEIPTS).post(f"/hooks/relay/receipts?token={TOKEN}", data=body)
    assert answer.status_code == status
    assert not inside.receipts


def test_a_form_is_read_and_so_is_json_inside_one(inside: Inside) -> None:
    keys = RECEIPTS.replace("answer =", 'body = "form"\nanswer =')
    form = {"biz_id": "f1", "success": "true"}
    assert client(inside, keys).post(f"/hooks/relay/receipts?token={TOKEN}", data=form).status_code == 200
    keys = keys.replace("answer =", 'field = "sms_status"\nanswer =')
    packed = {"sms_status": json.dumps([{**ONE, "biz_id": "f2"}])}
    assert client(inside, keys).post(f"/hooks/relay/receipts?token={TOKEN}", data=packed).status_code == 200
    assert client(inside, keys).post(f"/hooks/relay/receipts?token={TOKEN}", data=form).status_code == 400
    assert [one.ref for one in inside.receipts] == ["f1", "f2"]


def test_when_the_store_is_away_the_carrier_is_told_to_come_back(inside: Inside) -> None:
    inside.broken = True
    answer = receipts(inside, ONE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert inbound(inside, TEXT).status_code == 503
    inside.broken = False
    assert inbound(inside, TEXT).status_code == 200


def test_only_what_is_configured_is_there(inside: Inside) -> None:
    caller = client(inside, RECEIPTS)
    assert caller.get(f"/hooks/relay/receipts?token={TOKEN}").status_code == 405
    assert caller.post(f"/hooks/relay/inbound?token={TOKEN}").status_code == 404
    assert caller.post(f"/hooks/other/receipts?token={TOKEN}").status_code == 404


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("13800000001", "+8613800000001"), ("8613800000001", "+8613800000001"), ("+8613800000001", "+8613800000001"),
        ("008613800000001", "+8613800000001"), ("138 0000-0001", "+8613800000001"), ("+1 (212) 555-0100", "+12125550100"),
        ("10086", "10086"), ("106912345678", "106912345678"), ("", ""), ("unknown", ""), ("+", ""), ("1" * 40, ""), ("１３８", ""),
    ],
)  # fmt: skip
def test_a_senders_number_is_made_international(given: str, number: str) -> None:
    assert international(given) == number
