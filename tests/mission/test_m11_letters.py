"""M11, letters log and service promise: a letter to the bureau has a number at once, a due time, an answer; what is late is listed."""

from __future__ import annotations

from datetime import timedelta

from farmerline.models import Role
from tests.service import Service

BODY = "村口的机耕路坏了半年，收葡萄的车进不来，什么时候修？"


def test_a_letter_has_a_number_and_a_due_time_and_an_end(service: Service) -> None:
    """M11."""
    person, clerk = service.person("胡秀珍"), service.staff(Role.PUBLISHER, name="许编辑")
    farmer = service.client(person)
    assert "个工作日内" in service.client().get("/letters").text  # the promise, for everybody
    service.post(farmer, "/me/bureau", page="/me/bureau", body=BODY, kind="help")
    assert "1号" in farmer.get("/me/bureau").text
    service.clock.advance(timedelta(days=60))
    office = service.client(clerk)
    assert BODY[:10] in office.get("/bureau/letters").text
    where = "/bureau/letters/1"
    service.post(office, f"{where}/answer", page=where, answer="下月开工，葡萄上市前修好。")
    assert "下月开工" in service.client(person).get("/me/bureau").text
