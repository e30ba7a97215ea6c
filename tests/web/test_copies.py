"""Copies of letters by e-mail: an address is given, confirmed, used once a letter, ended by page and by link."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from farmerline.domain import consent, erasure, letter_copies, mailbox
from farmerline.errors import Invalid, TooOften
from farmerline.messages import Channel
from farmerline.models import Account, Delivery, DeliveryState, EmailAddress, Purpose
from jobs import deliver
from tests.channels.test_email import Server
from tests.service import Service, open_service

ADDRESS = "ayi@example.com"


@pytest.fixture
def mails() -> Iterator[Controller]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = Controller(Server(), hostname="127.0.0.1", port=port)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def service(template_database: Path, tmp_path: Path, mails: Controller) -> Iterator[Service]:
    yield from open_service(
        template_database,
        tmp_path,
        smtp_url=f"smtp://127.0.0.1:{mails.port}",
        smtp_sender="letters@farm.example",
        smtp_rate=500,
    )


def send_all(service: Service) -> None:
    service.clock.advance(timedelta(seconds=5))
    deliver.drain(service.runtime.context)


def letters(mails: Controller) -> list[Any]:
    return list(mails.handler.letters)


def write(service: Service, to: Account, body: str = "苗到了，来拿") -> None:
    sender = service.person("陈小梅")
    with service.write() as session:
        mailbox.send(
            session,
            sender=session.merge(sender),
            to=session.get_one(Account, to.id),
            body=body,
            channel="web",
            now=service.now,
        )


def copies(service: Service) -> list[Delivery]:
    with service.rows() as session:
        mine = select(Delivery).where(Delivery.channel == Channel.EMAIL, Delivery.purpose == Purpose.LETTER)
        return list(session.scalars(mine.order_by(Delivery.id)))


def code_in(mails: Controller) -> str:
    found = re.search(r"\d{6}", letters(mails)[-1]["Subject"])
    assert found
    return found[0]


def confirm(service: Service, mails: Controller, person: Account, address: str = ADDRESS) -> None:
    browser = service.client(person)
    service.post(browser, "/me/data/email", page="/me/data", email=address)
    send_all(service)
    service.post(browser, "/me/data/email/code", page="/me/data", code=code_in(mails))


def test_a_confirmed_address_gets_one_copy_of_each_letter(service: Service, mails: Controller) -> None:
    person = service.person()
    browser = service.client(person)
    assert "抄送" in browser.get("/me/data").text
    write(service, person)
    assert copies(service) == []
    service.post(browser, "/me/data/email", page="/me/data", email=f" {ADDRESS} ")
    send_all(service)
    assert "ay***@example.com" in browser.get("/me/data").text
    write(service, person)
    assert copies(service) == [], "not confirmed yet"
    service.post(browser, "/me/data/email/code", page="/me/data", code=code_in(mails))
    write(service, person, "第二封\n有两行")
    (copy,) = copies(service)
    send_all(service)
    send_all(service)
    (letter,) = letters(mails)[1:]
    assert (letter["To"], letter["Subject"]) == (ADDRESS, "陈小梅来信：第二封 有两行")
    assert letter.get_content().replace("\r\n", "\n").startswith("第二封\n有两行\n")
    with service.rows() as session:
        row = session.get_one(Delivery, copy.id)
        assert (row.state, row.attempts) == (DeliveryState.SENT, 1)
        kept = session.scalars(select(EmailAddress.address_sealed)).one()
    assert kept is not None
    assert ADDRESS not in kept


def test_a_copy_that_was_refused_for_now_is_tried_again(service: Service, mails: Controller) -> None:
    person = service.person()
    confirm(service, mails, person)
    write(service, person)
    mails.handler.data = "451 later"
    send_all(service)
    assert copies(service)[0].state is DeliveryState.QUEUED
    mails.handler.data = "250 OK"
    service.clock.advance(timedelta(minutes=2))
    send_all(service)
    assert copies(service)[0].state is DeliveryState.SENT
    assert len(letters(mails)) == 2


def test_a_copy_that_may_have_been_taken_is_never_sent_twice(service: Service, mails: Controller) -> None:
    person = service.person()
    confirm(service, mails, person)
    write(service, person)
    mails.handler.hangs_up = True
    send_all(service)
    mails.handler.hangs_up = False
    for _ in range(12):
        service.clock.advance(timedelta(hours=2))
        send_all(service)
    assert copies(service)[0].state is DeliveryState.DEAD
    assert len(letters(mails)) == 2, "the code and one copy"


@pytest.mark.parametrize("way", ["page", "link"])
def test_copies_end_by_page_and_by_link_without_signing_in(
    service: Service, mails: Controller, way: str
) -> None:
    person = service.person()
    confirm(service, mails, person)
    write(service, person)
    if way == "page":
        service.post(service.client(person), "/me/data/email/end", page="/me/data")
    else:
        send_all(service)
        link = re.search(r"/stop-mail/\S+?(?=>)", letters(mails)[-1]["List-Unsubscribe"])
        assert link
        stranger = service.client()
        assert "ay***@example.com" in stranger.get(link[0]).text
        write(service, person)
        assert len(copies(service)) == 2, "looking ends nothing"
        service.post(stranger, link[0])
        assert "example.com" not in stranger.get(link[0]).text
        assert stranger.get(link[0][:-1] + ("0" if link[0][-1] != "0" else "1")).status_code == 404
    send_all(service)
    assert copies(service)[-1].state is DeliveryState.CANCELLED, "promised, but no longer wished"
    write(service, person)
    assert copies(service)[-1].state is DeliveryState.CANCELLED
    with service.rows() as session:
        assert not consent.allows(
            session,
            account=session.get_one(Account, person.id),
            purpose=Purpose.LETTER,
            channel=Channel.EMAIL,
        )
        assert consent.allows(
            session, account=session.get_one(Account, person.id), purpose=Purpose.LETTER, channel=Channel.SMS
        )


def test_codes_are_few_hold_half_an_hour_and_bear_five_tries(service: Service, mails: Controller) -> None:
    assert service.runtime.gateways
    person = service.person()
    with service.write() as session:
        letter_copies.ask_code(session, session.merge(person), ADDRESS, now=service.now)
    send_all(service)
    code = code_in(mails)

    def tries(typed: str, minutes: int = 0) -> bool:
        with service.write() as session:
            return letter_copies.confirm(
                session, session.merge(person), typed, now=service.now + timedelta(minutes=minutes)
            )

    assert not tries(code, minutes=31)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert not any(tries(wrong) for _ in range(letter_copies.TRIES))
    assert not tries(code), "too many wrong ones"
    for number in (2, 3, 4):
        with service.write() as session:
            if number < 4:
                letter_copies.ask_code(session, session.merge(person), ADDRESS, now=service.now)
            else:
                with pytest.raises(TooOften):
                    letter_copies.ask_code(session, session.merge(person), ADDRESS, now=service.now)
    send_all(service)
    assert tries(code_in(mails))
    assert not tries(code_in(mails)), "once"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ayi",
        "a@b",
        "a@b.c,d@e.example",
        "a b@c.example",
        "a@b.example\nBcc: c@d.example",
        "a@" + "x" * 300 + ".cn",
        "阿姨@example.com",
        "a..b@c.example",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        letter_copies.check_address(address)


def test_an_erased_persons_address_is_gone(service: Service, mails: Controller) -> None:
    person = service.person()
    confirm(service, mails, person)
    with service.write() as session:
        account = session.get_one(Account, person.id)
        erasure.erase(session, account, by=None, reason="asked", home=service.settings.home, now=service.now)
        assert session.scalars(select(EmailAddress)).all() == []
        assert letter_copies.address_of(session, account) == ""
