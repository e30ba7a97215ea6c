"""Carriers that do not call us: receipts and texts are asked for, less and less often, and taken up once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import func, select

from channels.contract import HandedOver, Reason, SendError
from channels.http.polling import HttpPolls
from channels.registry import KINDS
from channels.sms.http import connect
from farmerline.messages import Channel, Incoming, Receipt, ReceiptState
from farmerline.models import DeliveryState, Inbound, InboundState
from jobs.context import Context
from jobs.deliver import drain
from jobs.polling import ask_carriers, has_polls, waiting
from matching import understand
from tests.channels.loop import Service, open_service, reply
from tests.jobs.carrier import County


@dataclass
class Asked:
    """A carrier that is asked. It says what it knows each time."""

    receipts_known: list[Receipt] = field(default_factory=list)
    texts_known: list[Incoming] = field(default_factory=list)
    asked: list[HandedOver] = field(default_factory=list)
    one_by_one: bool = True
    away: bool = False

    def receipts(self, waiting: Any) -> Iterator[Receipt]:
        self.asked += waiting
        yield from self.receipts_known
        if self.away:
            raise SendError(Reason.UNREACHABLE)

    def texts(self) -> Iterator[Incoming]:
        yield from self.texts_known


def polled(county: County, **values: Any) -> tuple[Context, Asked]:
    carrier = Asked(**values)
    sms, *others = county.context.gateways
    return replace(
        county.context, gateways=(replace(sms, polls=carrier), *others), understand=understand
    ), carrier


def test_a_message_is_asked_about_less_and_less_often(county: County) -> None:
    context, carrier = polled(county)
    promised = county.promise()
    drain(context)
    turns = []
    for minute in range(1, 80):
        county.wait(minutes=1)
        before = len(carrier.asked)
        ask_carriers(context)
        turns += [minute] * (len(carrier.asked) - before)
    assert turns == [1, 2, 4, 8, 16, 32, 64]
    assert {(one.id, one.ref, one.to) for one in carrier.asked} == {
        (promised, f"ref-{promised}", "+8613900009999")
    }
    county.wait(days=4)
    with county.database.read() as session:
        assert waiting(session, gateway="sms", now=county.clock.now()) == []


def test_what_was_told_is_kept_and_ends_the_asking(sqlite_county: County) -> None:
    context, carrier = polled(sqlite_county)
    promised = sqlite_county.promise()
    drain(context)
    sqlite_county.wait(minutes=1)
    ref, now = f"ref-{promised}", sqlite_county.clock.now()
    carrier.receipts_known = [Receipt("sms", ref, ReceiptState.DELIVERED, now, promised)]
    assert (ask_carriers(context), ask_carriers(context)) == (1, 0)
    assert sqlite_county.delivery(promised).state is DeliveryState.DELIVERED
    sqlite_county.wait(minutes=1)
    ask_carriers(context)
    assert len(carrier.asked) == 1


def test_what_came_before_the_carrier_fell_silent_counts(sqlite_county: County) -> None:
    context, carrier = polled(sqlite_county, away=True)
    promised = sqlite_county.promise()
    drain(context)
    carrier.receipts_known = [
        Receipt("sms", f"ref-{promised}", ReceiptState.DELIVERED, sqlite_county.clock.now())
    ]
    assert ask_carriers(context) == 1


def test_texts_are_put_on_record_once_and_acted_on(sqlite_county: County) -> None:
    context, carrier = polled(sqlite_county, one_by_one=False)
    text = Incoming(Channel.SMS, "sms", "t1", "+8613900001111", "帮助", sqlite_county.clock.now())
    carrier.texts_known = [text, text]
    assert (ask_carriers(context), ask_carriers(context)) == (1, 0)
    assert carrier.asked == []
    with sqlite_county.database.read() as session:
        left = select(func.count()).select_from(Inbound).where(Inbound.state == InboundState.RECEIVED)
        assert session.scalar(left) == 0


def test_a_county_whose_carriers_call_has_nothing_to_ask(sqlite_county: County) -> None:
    assert not has_polls(sqlite_county.context)
    assert ask_carriers(sqlite_county.context) == 0


SEND = '[send]\nurl = "{URL}/m"\njson = { to = "{to}", text = "{text}" }\ncode = "error"\n'
REPORTS = """
[reports]
url = "{URL}/reports?since={since_timestamp}"
success = { ok = "true" }
list = "items"
again = true
ref = "id"
state = "state"
states = { D = "delivered", F = "failed" }
code = "why"
"""
INBOX = '[inbox]\nurl = "{URL}/inbox"\nlist = "texts"\nref = "id"\nsender = "from"\ntext = "body"\n'
STATUS = '[status]\nurl = "{URL}/m/{ref}?day={day}&to={to_national}"\nstate = "state"\nstates = { D = "delivered" }\n'


def polls(service: Service, keys: str) -> HttpPolls:
    given = tomllib.loads((SEND + keys).replace("{URL}", service.url))
    made = connect(KINDS["http"].table.model_validate({"name": "relay", "kind": "http", "rate": 5, **given}))  # type: ignore[arg-type]
    assert isinstance(made.polls, HttpPolls)
    return made.polls


def test_reports_are_fetched_until_nothing_is_new(sqlite_county: County) -> None:
    pages = [
        [{"id": 1, "state": "D"}, {"id": 2, "state": "F", "why": "x"}],
        [{"id": 3, "state": "?"}, {"odd": 1}],
        [],
    ]
    with open_service(lambda asked: reply(200, {"ok": True, "items": pages.pop(0)})) as service:
        found = list(polls(service, REPORTS).receipts([]))
    assert [(one.ref, one.state, one.reason) for one in found] == [
        ("1", ReceiptState.DELIVERED, None),
        ("2", ReceiptState.FAILED, Reason.REFUSED),
    ]


def test_a_carrier_that_always_says_the_same_is_not_asked_without_end() -> None:
    with open_service(lambda asked: reply(200, {"ok": True, "items": [{"id": 1, "state": "D"}]})) as service:
        assert len(list(polls(service, REPORTS).receipts([]))) == 1
        assert len(service.asked) == 2


def test_texts_are_fetched(sqlite_county: County) -> None:
    said = {
        "texts": [{"id": "a", "from": "13800000001", "body": "帮助"}, {"id": "b", "from": "", "body": "x"}]
    }
    with open_service(lambda asked: reply(200, said)) as service:
        (text,) = polls(service, INBOX).texts()
    assert (text.ref, text.sender, text.text, text.gateway) == ("a", "+8613800000001", "帮助", "relay")


def test_one_message_is_asked_about_by_its_id_day_and_number(sqlite_county: County) -> None:
    handed = HandedOver("d" * 32, "c/1", "+8613800000001", sqlite_county.clock.now())
    with open_service(lambda asked: reply(200, {"state": "D"})) as service:
        (receipt,) = polls(service, STATUS).receipts([handed])
        assert service.asked[0].target == "/m/c%2F1?day=20261120&to=13800000001"
    assert (receipt.ref, receipt.delivery_id, receipt.state) == ("c/1", "d" * 32, ReceiptState.DELIVERED)


@pytest.mark.parametrize("said", [reply(500), reply(200, b"{"), reply(200, {"ok": False, "error": "no"})])
def test_an_answer_that_is_none_is_told(said: bytes) -> None:
    with open_service(lambda asked: said) as service, pytest.raises(SendError):
        list(polls(service, REPORTS).receipts([]))
