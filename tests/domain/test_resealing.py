"""Keys are changed under way: everything sealed is sealed anew, also after an interruption, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from farmerline import vault
from farmerline.db import Database
from farmerline.domain import resealing
from farmerline.messages import Channel
from farmerline.models import Account, Call, Credential, Delivery, Letter, Purpose, Recording
from farmerline.vault import Unsealable, Vault
from tests.factories import NOW, fill_county, make_account

OLD, NEW, INDEX = bytes(range(32)), bytes(range(1, 33)), bytes(range(32, 64))
PEOPLE = 250


def use(*names: str, current: str) -> None:
    """Install a vault with these keys."""
    known = {"t": OLD, "t2": NEW}
    vault.install(Vault({name: known[name] for name in names}, current, INDEX))


@pytest.fixture
def filled(database: Database) -> Any:
    """A county with every way of sealing: texts, bytes, a secret under an account's id, words inside JSON."""
    use("t", current="t")
    with database.write() as session:
        fill_county(session)
        people = [make_account(session, "杨大山") for _ in range(PEOPLE)]
        session.add(Credential(account_id=people[0].id, totp="SECRET"))
        call = Call(
            gateway="voice", ref="1", caller="+8613900000001", data={"kept": 1, "said": None}, started_at=NOW
        )
        call.said = [["say", "老岑的电话"]]
        session.add_all([call, Call(gateway="voice", ref="2", caller="", data={}, started_at=NOW)])
        session.flush()
        for _ in range(25):
            session.add(Recording(call_id=call.id, use="sell", seconds=3, sound=b"\x00voice", at=NOW))
        session.add(
            Letter(
                thread_id="x", from_id=people[0].id, to_id=people[1].id, subject="问价", body="多少钱一斤", channel="web",
                sent_at=NOW,
            )
        )  # fmt: skip
    yield database
    use("t", current="t")


def run(database: Database, *, batches: int = 10_000) -> int:
    """Seal anew as the command does, at most so many batches; returns how many values."""
    done = 0
    for field in resealing.fields():
        after = ""
        while batches:
            batches -= 1
            with database.write() as session:
                count, after = resealing.reseal(session, field, after=after)
            done += count
            if not after:
                break
    return done


def keys_in_use(database: Database) -> set[str]:
    with database.read() as session:
        return {name for field in resealing.fields() for name in resealing.count(session, field)}


def read_all(database: Database) -> None:
    with database.read() as session:
        assert {one.name for one in session.scalars(select(Account))} == {"杨大山"}
        assert session.scalars(select(Credential)).one().totp == "SECRET"
        calls = session.scalars(select(Call).order_by(Call.ref)).all()
        assert [call.said for call in calls] == [[["say", "老岑的电话"]], []]
        assert calls[0].data["kept"] == 1
        assert {one.sound for one in session.scalars(select(Recording))} == {b"\x00voice"}
        assert session.scalars(select(Letter)).one().body == "多少钱一斤"


def test_an_interrupted_change_of_keys_is_continued_until_the_new_key_opens_all(filled: Database) -> None:
    use("t", "t2", current="t2")
    first = run(filled, batches=2)
    assert keys_in_use(filled) == {"t", "t2"}
    read_all(filled)
    with filled.write() as session:  # the service works on, with both keys
        make_account(session, "杨大山")
    second = run(filled)
    assert first and second
    assert keys_in_use(filled) == {"t2"}
    assert run(filled) == 0
    use("t2", current="t2")
    read_all(filled)


def test_what_is_stored_holds_no_value_of_the_old_key(filled: Database) -> None:
    """Whatever is sealed in a place that the models do not tell of would be left behind."""
    use("t", "t2", current="t2")
    run(filled)
    with filled.reader.connect() as connection:
        for table in Account.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                for value in row:
                    said = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                    assert not said.startswith("t:") and "'t:" not in said and '"t:' not in said, table.name


def test_the_keys_that_seal_nothing_are_named(filled: Database) -> None:
    use("t", "t2", current="t2")
    with filled.read() as session:
        counts = [resealing.count(session, field) for field in resealing.fields()]
    assert resealing.unneeded(counts) == []
    run(filled)
    with filled.read() as session:
        counts = [resealing.count(session, field) for field in resealing.fields()]
    assert resealing.unneeded(counts) == ["t"]


def test_a_value_of_an_unknown_key_is_counted_apart_and_stops_the_change(filled: Database) -> None:
    use("t2", current="t2")
    with filled.read() as session:
        names = next(field for field in resealing.fields() if field.name == "account.name")
        assert resealing.count(session, names) == {"": PEOPLE}
    with pytest.raises(Unsealable):
        run(filled)


def test_every_sealed_column_of_the_models_is_found() -> None:
    names = {field.name for field in resealing.fields()}
    assert {
        "account.name", "account.phone", "account.resident", "call.caller", "call.said", "case.outcome", "credential.totp",
        "delivery.address", "inbound.raw", "letter.body", "organisation.contact", "photo.body", "recording.sound",
    } <= names  # fmt: skip
    columns = {
        f"{table.name}.{column.name.removesuffix('_sealed')}"
        for table in Account.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    assert names - {"call.said"} == columns


def test_a_delivery_waits_through_the_change(filled: Database) -> None:
    with filled.write() as session:
        session.add(
            Delivery(
                channel=Channel.SMS, gateway="sms", address="+8613900000001", purpose=Purpose.SERVICE, priority="2", text="您好",
                due_at=NOW, created_at=NOW,
            )
        )  # fmt: skip
    use("t", "t2", current="t2")
    run(filled)
    use("t2", current="t2")
    with filled.read() as session:
        row = session.scalars(select(Delivery)).one()
        assert (row.address, row.text) == ("+8613900000001", "您好")
