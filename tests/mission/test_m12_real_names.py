"""M12, the real-name mailbox: one person, one real name, every message on record, and no way to post without a name."""

from __future__ import annotations

from sqlalchemy import select

from farmerline.messages import Channel, Incoming
from farmerline.models import Delivery, Inbound, Post
from tests.service import Service


def test_who_has_no_name_here_posts_nothing_and_who_has_leaves_a_trail(service: Service) -> None:
    """M12."""
    stranger = Incoming(
        channel=Channel.SMS, gateway="sms", ref="SM-m12", sender="+8613800001111", text="卖西兰花3000斤1.5元一斤", received_at=service.now
    )  # fmt: skip
    service.runtime.accept(stranger)
    with service.rows() as rows:
        assert not [post for post in rows.scalars(select(Post)) if post.published_at]
    farmer = service.person("杨永根")
    number = service.client().get("/").text.count("/posts/")
    service.publish(farmer, "卖西兰花3000斤1.5元一斤")
    assert service.client().get("/").text.count("/posts/") > number
    with service.rows() as rows:
        said = rows.scalars(select(Inbound).where(Inbound.account_id == farmer.id)).all()
        told = rows.scalars(select(Delivery).where(Delivery.account_id == farmer.id)).all()
    assert len(said) == 2 and len(told) >= 2
    page = service.client(farmer).get("/me/data").text
    assert "杨永根" in page
