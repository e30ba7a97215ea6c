"""A carrier's text is on record when its webhook is answered; a moment later it is acted on, once, in its order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from farmerline.messages import Channel, Incoming
from farmerline.models import Delivery, Inbound, InboundState, Post
from jobs.intake import handle_new
from tests.service import Service, make_template, open_service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    yield from open_service(make_template(tmp_path), tmp_path)


def take(service: Service, phone: str | None, words: str, ref: str) -> bool:
    """Put a text on record as a webhook does; whether it was there before."""
    assert phone is not None
    incoming = Incoming(
        channel=Channel.SMS, gateway="sms", ref=ref, sender=phone, text=words, received_at=service.now
    )
    return service.runtime.ports.accept(incoming).repeated


def states(service: Service) -> list[InboundState]:
    with service.rows() as session:
        return list(session.scalars(select(Inbound.state).order_by(Inbound.received_at, Inbound.id)))


def test_a_text_waits_on_record_and_is_acted_on_once_in_its_order(service: Service) -> None:
    told: list[frozenset[str]] = []
    service.database.on_write(told.append)
    seller = service.person("杨阿毛")
    assert not take(service, seller.phone, "卖 巨峰葡萄苗 500株 2.5元/株", "SM1")
    assert not take(service, seller.phone, "1", "SM2")
    assert take(service, seller.phone, "1", "SM2")
    assert frozenset({"inbound"}) in told  # the loop is woken
    assert states(service) == [InboundState.RECEIVED] * 2
    with service.rows() as session:
        assert session.scalars(select(Delivery)).all() == []
    assert handle_new(service.runtime.context) == 2
    assert handle_new(service.runtime.context) == 0
    assert states(service) == [InboundState.HANDLED] * 2
    with service.rows() as session:
        post = session.scalars(select(Post)).one()
        assert post.published_at is not None  # the yes came after the offer
        answers = session.scalars(select(Delivery.inbound_id)).all()
    assert len(answers) == len(set(answers)) == 2


def test_a_text_that_fails_holds_up_no_other_and_is_left_to_the_slow_job(service: Service) -> None:
    buyer = service.person("陆文彬")
    for number, words in enumerate(("求购 土豆 5吨", "坏", "帮助")):
        take(service, buyer.phone, words, f"SM{number}")
    context = service.runtime.context
    understand: Any = context.understand

    def stumble(text: str, *more: Any) -> Any:
        if text == "坏":
            raise KeyError(text)
        return understand(text, *more)

    assert handle_new(replace(context, understand=stumble)) == 2
    assert sorted(states(service)) == [InboundState.HANDLED, InboundState.HANDLED, InboundState.RECEIVED]
    assert handle_new(context) == 0
