"""M02, village web points: a farmer posts at a shared PC under the own name, and the next person sees nothing of it."""

from __future__ import annotations

from farmerline.models import Post, Role
from tests import factories
from tests.service import Service


def test_a_post_from_a_shared_machine_is_the_farmers_own(service: Service) -> None:
    """M02."""
    contact, farmer, other = (
        service.staff(Role.CONTACT, factories.YANGGAO, "杨联络"),
        service.person("杨永根"),
        service.person("岑利民"),
    )
    machine = service.client(contact)

    def begin(who: str) -> None:
        service.post(machine, "/shared/start", page="/me/password", account_id=who, id_seen="1")

    begin(farmer.id)
    read_back = service.post(
        machine, "/me/write", page="/me/write?use=sell", use="sell", text="西兰花3000斤1.5元一斤"
    )
    assert "西兰花" in machine.get(read_back.location).text
    service.post(machine, "/shared/end", page="/me")
    begin(other.id)
    assert "杨永根" not in machine.get("/me").text
    assert "西兰花" not in machine.get("/me").text
    with service.rows() as rows:
        assert [post.account_id for post in rows.query(Post)] == [farmer.id]
