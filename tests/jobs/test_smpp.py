"""The ledger over a real message centre: a long text, its receipts before its ids, people's texts in pieces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from channels.contract import Gateway, Ports
from farmerline.clock import FixedClock
from farmerline.domain import ledger, receipts
from farmerline.messages import Channel, Receipt
from farmerline.models import DeliveryState, GatewayRow, InboundPiece, ReceiptRow
from farmerline.runtime import Runtime
from jobs.deliver import drain
from tests.channels.centre import PASSWORD, TABLE, open_centre, open_line, until
from tests.factories import NOW, make_database, make_test_settings
from tests.jobs.carrier import open_county


def test_a_long_text_whose_receipts_overtake_its_ids_is_delivered_once(
    tmp_path: Path, sqlite_url: str
) -> None:
    with open_county(sqlite_url, tmp_path) as county, open_centre() as centre:
        told: list[Receipt] = []

        def report(receipt: Receipt) -> None:
            with county.database.write() as session:
                receipts.report(session, receipt)
            told.append(receipt)

        ports = Ports(lambda _: None, report, lambda _: None, lambda _: None, county.context.now)  # type: ignore[arg-type, return-value]
        with open_line(centre, ports) as line:
            line.gateway = "sms"
            gateway = Gateway("sms", Channel.SMS, line, 1000.0, "慈溪农业", can_find=False)
            with county.database.write() as session:
                ledger.ensure_gateways(session, [gateway, *county.context.gateways[1:]], NOW)
                assert session.get_one(GatewayRow, "sms").signature == "慈溪农业"
            context = replace(county.context, gateways=(gateway,))
            centre.mode(receipts="before", delay=150)
            promised = county.promise("明晨有霜，" * 30)
            assert drain(context) == 1
            until(lambda: len(told) == 3)
        row = county.delivery(promised)
        assert (row.state, row.parts, row.attempts) == (DeliveryState.DELIVERED, 3, 1)
        assert "".join(one["text"] for one in centre.of("submit")) == "【慈溪农业】" + "明晨有霜，" * 30
        with county.database.read() as session:
            owners = set(session.scalars(select(ReceiptRow.delivery_id)))
    assert len(told) == 3
    assert owners == {promised}


def test_a_process_that_works_opens_the_line_and_takes_what_comes_by_it(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "gateways.toml"
    monkeypatch.setenv("CENTRE_PASSWORD", PASSWORD)
    with open_centre() as centre:
        file.write_text(TABLE.format(port=centre.port))
        settings = make_test_settings(tmp_path, database_url=sqlite_url, gateways=file)
        database = make_database(sqlite_url)
        runtime = Runtime(settings=settings, database=database, clock=FixedClock(NOW))
        runtime.open_lines()
        centre.wait("bind")
        piece = bytes((5, 0, 3, 7, 2, 1)) + "卖梨".encode("utf-16-be")
        fields = {"source_addr": "13800000001", "data_coding": 8, "esm_class": 0x40, "hex": piece.hex()}
        centre.do(deliver=fields)
        assert centre.wait("answer") == {"answer": 0}
        with database.read() as session:
            (kept,) = session.scalars(select(InboundPiece))
            assert (kept.gateway, kept.sender, kept.body) == ("mobile", "+8613800000001", "卖梨")
        runtime.close_lines()
        centre.wait("unbind")
        database.close()
