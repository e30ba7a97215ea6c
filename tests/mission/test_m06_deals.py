"""M06, sales through the window: what came of a match is asked for, and stands in a ledger by crop and place."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from farmerline.models import Deal, Match, Question, QuestionKind, QuestionState, Role
from jobs import followup
from tests.service import Service


def test_a_deal_is_asked_for_and_stands_in_the_ledger(service: Service) -> None:
    """M06."""
    seller, buyer = service.person("杨甲松"), service.person("陈乙梅")
    service.publish(seller, "卖葡萄苗2000株3元一株")
    service.publish(buyer, "求购葡萄苗1500株")
    with service.rows() as rows:
        assert rows.scalars(select(Match)).first() is not None
    code = _open(service, buyer.id, QuestionKind.MATCH)
    service.text(buyer, f"1{code}")
    service.clock.advance(timedelta(days=3, hours=1))
    followup.ask_outcomes(service.runtime.context)
    service.text(buyer, f"1{_open(service, buyer.id, QuestionKind.OUTCOME)}")
    with service.rows() as rows:
        deal = rows.scalars(select(Deal)).one()
        assert deal.unit == "株"
    ledger = service.client(service.staff(Role.PUBLISHER)).get("/reports/deals").text
    assert "葡萄苗" in ledger


def _open(service: Service, person: str, kind: QuestionKind) -> str:
    with service.rows() as rows:
        asked = select(Question).where(
            Question.account_id == person, Question.kind == kind, Question.state == QuestionState.OPEN
        )
        return rows.scalars(asked).one().code
