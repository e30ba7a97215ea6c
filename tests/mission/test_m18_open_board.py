"""M18, mailbox, guestbook, forum: questions on an open board are answered by experts by name; what is late goes to a person."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from farmerline.domain import advice
from farmerline.models import Case, Role
from tests import factories
from tests.service import Service


def test_a_question_on_the_board_is_answered_by_name_or_passed_on(service: Service) -> None:
    """M18."""
    farmer = service.client(service.person("胡秀珍"))
    adviser = service.staff(Role.EXPERT, factories.COUNTY, "励志明")
    service.post(
        farmer, "/me/write", page="/me/write?use=ask", use="ask", text="葡萄叶子发黄怎么办", board="1"
    )
    with service.rows() as rows:
        where = f"/expert/cases/{rows.scalars(select(Case)).one().number}"
    desk = service.client(adviser)
    service.post(desk, f"{where}/board", page=where, board="葡萄叶子发黄怎么办?")
    page = service.client().get("/questions").text
    assert "葡萄叶子发黄怎么办?" in page
    assert "胡秀珍" not in page
    with service.write() as rows:
        assert advice.pass_on_late(rows, now=service.now + timedelta(hours=49)) == 1
    service.post(desk, f"{where}/answer", page=where, short="缺镁，叶面喷硫酸镁。")
    assert "励志明" in service.client().get("/questions").text
