"""M15, the SMS platform: a message to the handset has its receipt on record."""

from __future__ import annotations

from sqlalchemy import select

from farmerline.models import Delivery, DeliveryState, ReceiptRow
from tests.service import Service


def test_an_answer_reaches_the_handset_and_its_receipt_is_kept(service: Service) -> None:
    """M15."""
    assert service.app is not None
    farmer = service.person()
    service.publish(farmer, "卖西兰花3000斤1.5元一斤")
    service.runtime.settle()
    with service.rows() as rows:
        sent = rows.scalars(select(Delivery).where(Delivery.account_id == farmer.id)).all()
        assert {row.state for row in sent} == {DeliveryState.DELIVERED}
        reported = set(rows.scalars(select(ReceiptRow.delivery_id)))
        assert {row.id for row in sent} <= reported
