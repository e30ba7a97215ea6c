"""M08, automatic answering: nobody is on duty, so the caller leaves a question; its number is spoken and texted."""

from __future__ import annotations

import re

from sqlalchemy import select

from farmerline.models import Case, Delivery
from tests.mission.conftest import Ring
from tests.service import Service


def test_a_question_left_out_of_hours_has_a_number_spoken_and_texted(service: Service, ring: Ring) -> None:
    """M08."""
    farmer = service.person()
    heard = "".join(ring(farmer, "4", "葡萄叶子发黄怎么办").heard)
    with service.rows() as rows:
        case = rows.scalars(select(Case)).one()
        texts = [row.text for row in rows.scalars(select(Delivery).where(Delivery.account_id == farmer.id))]
    assert str(case.number) in re.sub(r"\s", "", heard).replace("幺", "1")
    assert any(f"编号{case.number}" in text for text in texts)
    assert case.due_at > service.now
