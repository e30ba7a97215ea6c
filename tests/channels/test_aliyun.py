"""The ready-made settings for Alibaba Cloud SMS, against a service that checks its signature by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from channels.contract import Gateway, HandedOver, Reason, SendError
from channels.http.keys import HttpTable
from channels.http.polling import HttpPolls
from channels.registry import Line, build_gateways, read_gateways
from channels.sms.http import HttpSms
from farmerline.messages import Channel, Outgoing, ReceiptState
from farmerline.parts import with_signature
from tests.channels.aliyun import KEY_ID, KEY_SECRET, Aliyun
from tests.channels.loop import open_service
from tests.factories import NOW

ROOT = Path(__file__).resolve().parents[2]
LINE = Line("twilio", "+8657400002169", "https://line.example", "AC1", "token")
MESSAGE = Outgoing(
    "d" * 32,
    Channel.SMS,
    "+8613800000001",
    with_signature("褐飞虱 3 级，今明两天施药", "慈溪农业"),
    purpose="alert",
)


@dataclass
class Made:
    """The service, and what the settings made of it. Time is a given one on both sides."""

    cloud: Aliyun
    gateway: Gateway
    sms: HttpSms
    polls: HttpPolls


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    yield from make(tmp_path, monkeypatch, KEY_SECRET)


def make(folder: Path, monkeypatch: pytest.MonkeyPatch, secret: str) -> Iterator[Made]:
    values = {"KEY_ID": KEY_ID, "KEY_SECRET": secret, "HOOK_TOKEN": "a-token-made-up-for-tests"}
    for name, value in values.items():
        monkeypatch.setenv(f"ALIYUN_{name}", value)
    cloud = Aliyun(NOW)
    with open_service(cloud.answer) as service:
        file = folder / "gateways.toml"
        words = (ROOT / "deploy/gateways/aliyun.toml").read_text(encoding="utf-8")
        file.write_text(words.replace("https://dysmsapi.aliyuncs.com/", f"{service.url}/"), encoding="utf-8")
        (table,) = read_gateways(file, demo=True, line=LINE)
        gateway = build_gateways(LINE, None, (table,))[0]
        assert isinstance(gateway.sender, HttpSms) and isinstance(table, HttpTable)
        access = replace(gateway.sender.access, now=lambda: NOW)
        yield Made(cloud, gateway, HttpSms(access), HttpPolls(access))


def test_a_text_goes_out_signed_by_its_purposes_template(made: Made) -> None:
    assert made.sms.send(MESSAGE) == "1^0"
    assert made.sms.send(replace(MESSAGE, id="e" * 32, purpose="match")) == "2^0"
    first, second = made.cloud.taken
    assert first["Content"] == "【慈溪农业】农情提醒：褐飞虱 3 级，今明两天施药"
    assert (first["PhoneNumbers"], first["OutId"], first["TemplateCode"]) == (
        "13800000001",
        MESSAGE.id,
        "SMS_2002",
    )
    assert second["TemplateCode"] == "SMS_1001"
    assert (made.gateway.signature, made.gateway.can_find, made.gateway.purposes) == ("慈溪农业", True, ())


@pytest.mark.parametrize(
    "text", ['他说"好"', "{text}${text}", "a&b=c+d %20", "😀\n葡萄", "\\", "*~'()!", "１，２"]
)
def test_no_text_spoils_the_signature_or_its_field(made: Made, text: str) -> None:
    made.sms.send(replace(MESSAGE, text=text))
    assert made.cloud.taken[0]["Content"] == f"【慈溪农业】农情提醒：{text}"
    assert not made.cloud.objections


def test_what_was_taken_is_found_and_what_was_not_is_known_not_to_be(made: Made) -> None:
    made.sms.send(replace(MESSAGE, id="e" * 32))
    assert made.sms.find(MESSAGE, NOW - timedelta(minutes=3)) is None
    made.sms.send(MESSAGE)
    assert made.sms.find(MESSAGE, NOW - timedelta(minutes=3)) == MESSAGE.id
    assert not made.cloud.objections


def test_what_became_of_a_text_is_asked_for(made: Made) -> None:
    handed = HandedOver(MESSAGE.id, made.sms.send(MESSAGE), MESSAGE.to, NOW)
    (first,) = made.polls.receipts([handed])
    made.cloud.status = 3
    (second,) = made.polls.receipts([handed])
    made.cloud.status = 2
    (third,) = made.polls.receipts([handed])
    assert [one.state for one in (first, second, third)] == [
        ReceiptState.SENT,
        ReceiptState.DELIVERED,
        ReceiptState.FAILED,
    ]
    assert (second.ref, second.delivery_id, second.reason) == ("1^0", MESSAGE.id, None)
    assert (third.reason, third.code) == (Reason.UNREACHABLE_PHONE, "MOBILE_NOT_ON_SE")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", Reason.BAD_ADDRESS),
        ("isv.BUSINESS_LIMIT_CONTROL", Reason.BUSY),
        ("isv.AMOUNT_NOT_ENOUGH", Reason.MISCONFIGURED),
        ("Throttling.User", Reason.THROTTLED),
        ("isp.SYSTEM_ERROR", Reason.UNAVAILABLE),
        ("isv.SOMETHING_NEW", Reason.REFUSED),
    ],
)
def test_its_codes_have_our_reasons(made: Made, code: str, reason: Reason) -> None:
    made.cloud.fault = code
    with pytest.raises(SendError) as caught:
        made.sms.send(MESSAGE)
    assert (caught.value.reason, caught.value.code) == (reason, code)


def test_a_wrong_secret_is_a_matter_of_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for made in make(tmp_path, monkeypatch, "another secret"):
        with pytest.raises(SendError) as caught:
            made.sms.send(MESSAGE)
        assert (caught.value.reason, made.cloud.objections) == (
            Reason.MISCONFIGURED,
            ["SignatureDoesNotMatch"],
        )
        assert not made.cloud.taken


def test_a_request_sent_once_more_as_it_was_is_refused(made: Made) -> None:
    """The nonce is new each time: what somebody recorded on the way is worth nothing."""
    made.sms.send(MESSAGE)
    made.sms.send(MESSAGE)
    assert not made.cloud.objections
    assert len(made.cloud._nonces) == 2
