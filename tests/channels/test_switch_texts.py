"""Texts by the bureau's own switch: to the service it is Twilio, behind it stands the county's own gateway for texts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from channels.contract import Gateway, Reason, SendError
from channels.registry import build_texts
from channels.sms.twilio import REASONS
from channels.switch.build import Sms
from channels.switch.texts import CODES
from farmerline.errors import Misconfigured
from farmerline.messages import Channel, Incoming, Outgoing, Receipt, ReceiptState
from tests.channels.loop import open_service, reply
from tests.channels.switchboard import SERVICE, URL, Bench, client, open_bench
from tests.factories import NOW

TO, STATUS = "+8613900000021", f"{URL}/hooks/twilio/sms/status?delivery=d1"


@dataclass
class Carrier:
    """Takes texts, or refuses them so."""

    refuses: SendError | None = None
    refs: str = "r1\nr2"
    taken: list[Outgoing] = field(default_factory=list)

    def send(self, message: Outgoing) -> str:
        if self.refuses is not None:
            raise self.refuses
        self.taken.append(message)
        return self.refs

    def find(self, message: Outgoing, since: Any) -> str | None:
        return None


@dataclass
class County:
    bench: Bench
    carrier: Carrier

    @property
    def client(self) -> Client:
        return client(self.bench)

    @property
    def texts(self) -> Any:
        assert self.bench.parts.texts is not None
        return self.bench.parts.texts

    def send(self) -> Any:
        return self.client.messages.create(
            to=TO, from_=SERVICE, body="已记下:卖 葡萄苗", status_callback=STATUS
        )

    def receipt(
        self, ref: str, state: ReceiptState = ReceiptState.DELIVERED, reason: Reason | None = None
    ) -> None:
        self.texts.report(Receipt("sms", ref, state, NOW, reason=reason))

    def hooks(self, path: str = "/hooks/twilio/sms") -> list[dict[str, str]]:
        return [fields for where, fields in self.bench.service.posts if where.startswith(path)]


@pytest.fixture
def county(tmp_path: Path) -> Iterator[County]:
    carrier = Carrier()
    gateway = Gateway("sms", Channel.SMS, carrier, 10)
    with open_bench(tmp_path, Sms(gateway, lambda ports: [])) as bench:
        yield County(bench, carrier)


def test_a_text_leaves_by_the_gateway_and_its_receipt_comes_back_once_all_parts_are_there(
    county: County,
) -> None:
    county.receipt("r2")  # quicker than the answer to what was handed over
    sent = county.send()
    assert (county.carrier.taken[0].to, county.carrier.taken[0].text) == (TO, "已记下:卖 葡萄苗")
    assert sent.status == "sent" and county.hooks() == []
    county.receipt("r1", ReceiptState.SENT)
    assert county.hooks() == []
    for _twice in range(2):
        county.receipt("r1")
    (told,) = county.hooks()
    assert (told["MessageSid"], told["MessageStatus"], told["To"]) == (sent.sid, "delivered", TO)
    assert county.client.messages(sent.sid).fetch().status == "delivered"
    assert county.bench.service.posts[-1][0].endswith("delivery=d1")


def test_a_part_that_is_lost_is_told_with_its_code(county: County) -> None:
    sent = county.send()
    county.receipt("r1", ReceiptState.FAILED, Reason.UNREACHABLE_PHONE)
    county.receipt("r2")
    (told,) = county.hooks()
    assert (told["MessageStatus"], told["ErrorCode"]) == ("undelivered", "30003")
    assert county.client.messages(sent.sid).fetch().error_code == 30003


@pytest.mark.parametrize("reason", CODES)
def test_each_refusal_means_the_same_to_the_service(county: County, reason: Reason) -> None:
    county.carrier.refuses = SendError(reason)
    with pytest.raises(TwilioRestException) as refused:
        county.send()
    assert REASONS[refused.value.code] is reason
    assert county.client.messages.list() == []


def test_what_may_have_been_taken_counts_as_taken(county: County) -> None:
    county.carrier.refuses = SendError(Reason.UNREACHABLE)
    assert county.send().status == "queued"


def test_a_persons_text_is_told_once_and_waits_for_a_service_that_is_away(county: County) -> None:
    path = "/hooks/twilio/sms"
    county.bench.service.documents[path] = "fail"
    text = Incoming(Channel.SMS, "sms", "m1", TO, "卖葡萄\n2000斤", NOW)
    first, again = county.texts.accept(text), county.texts.accept(text)
    assert (first.repeated, again.repeated, len(county.hooks())) == (False, True, 1)
    assert [one.body for one in county.client.messages.list(to=SERVICE)] == ["卖葡萄\n2000斤"]
    county.bench.service.documents[path] = ""
    county.texts.look()
    county.texts.look()
    told, once_more = county.hooks()
    assert told == once_more and (told["From"], told["To"], told["Body"]) == (TO, SERVICE, "卖葡萄\n2000斤")


def test_an_http_gateway_of_a_file_carries_the_texts(tmp_path: Path) -> None:
    with open_service() as carrier:
        file = tmp_path / "gateways.toml"
        file.write_text(
            f'[[gateway]]\nname="relay"\nkind="http"\nrate=5\n[gateway.send]\nurl="{carrier.url}/send"\n'
            'json={ to="{to}", text="{text}" }\nid="id"\n',
            encoding="utf-8",
        )
        carrier.answer = lambda asked: reply(200, {"id": "c1"})
        sms = build_texts(file, URL)
        with open_bench(tmp_path, sms) as bench, closing(sms.gateway.sender.access.wire):  # type: ignore[attr-defined]
            assert client(bench).messages.create(to=TO, from_=SERVICE, body="a").status == "sent"
        assert carrier.asked[0].said == {"to": TO, "text": "a"}


@pytest.mark.parametrize("kind", ["twilio", "simulator"])
def test_a_gateway_that_would_lead_back_to_the_switch_is_refused(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "gateways.toml"
    file.write_text(f'[[gateway]]\nname="line"\nkind="{kind}"\nrate=5\n', encoding="utf-8")
    with pytest.raises(Misconfigured, match=f"kind {kind} is not known; there are http, smpp"):
        build_texts(file, URL)
