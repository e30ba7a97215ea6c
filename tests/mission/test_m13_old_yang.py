"""M13, supply and demand in the mailbox: old Yang asks for good grape seedlings, a supplier answers, he has the number."""

from __future__ import annotations

from sqlalchemy import select

from farmerline.models import Match, Question, QuestionKind, QuestionState, Reveal
from tests.service import Service


def test_old_yang_finds_who_sells_grape_seedlings_and_gets_the_number(service: Service) -> None:
    """M13: the whole story, to "did you buy?", is tests/stories."""
    seller, yang = service.person("沈育苗"), service.person("杨老根")
    service.publish(service.person("胡架子"), "卖葡萄架500个20元一个")
    service.publish(seller, "卖葡萄苗2000株3元一株")
    service.publish(yang, "求购葡萄苗1500株")
    with service.rows() as rows:
        assert len(rows.scalars(select(Match)).all()) == 1  # the trellis is no seedling
        asked = select(Question).where(
            Question.account_id == yang.id,
            Question.kind == QuestionKind.MATCH,
            Question.state == QuestionState.OPEN,
        )
        code = rows.scalars(asked).one().code
    service.text(yang, f"1{code}")
    service.runtime.settle()
    assert seller.phone is not None
    assert seller.phone.removeprefix("+86") in service.client(yang).get("/me").text
    with service.rows() as rows:
        assert rows.scalars(select(Reveal)).first() is not None
