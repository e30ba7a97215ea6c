"""Sealed values open only where they were sealed, and with the right key; nothing personal lies open in the file."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select

from farmerline import vault
from farmerline.db import Database
from farmerline.errors import Misconfigured
from farmerline.models import Account, Credential
from farmerline.vault import Unsealable, Vault, make_key, read_key
from tests.factories import fill_county, make_account, make_database

ONE, TWO, INDEX = bytes(32), bytes([1]) * 32, bytes([2]) * 32
PLACE = "account.name:1"


def old() -> Vault:
    return Vault({"k1": ONE}, "k1", INDEX)


def new() -> Vault:
    return Vault({"k1": ONE, "k2": TWO}, "k2", INDEX)


@pytest.mark.parametrize("text", ["杨大山", "", "+8613957400001", "a:b:c", "😀" * 500])
def test_what_is_sealed_opens_in_its_own_place_only(text: str) -> None:
    sealed = old().seal(text, place=PLACE)
    assert old().open(sealed, place=PLACE) == text
    assert sealed != old().seal(text, place=PLACE)  # never the same twice
    for place in ("account.name:2", "account.phone:1", "organisation.name:1"):
        with pytest.raises(Unsealable):
            old().open(sealed, place=place)
    sound = old().seal_bytes(text.encode(), place=PLACE)
    assert old().open_bytes(sound, place=PLACE) == text.encode()


def test_old_rows_open_after_a_new_key_is_taken_into_use_and_not_the_other_way_round() -> None:
    before = old().seal("杨大山", place=PLACE)
    assert new().open(before, place=PLACE) == "杨大山"
    after = new().seal("杨大山", place=PLACE)
    assert after.startswith("k2:")
    with pytest.raises(Unsealable):
        old().open(after, place=PLACE)


@pytest.mark.parametrize(
    "broken", ["", "k1", "k1:", "k1:!!!", "k9:AAAA", "k1:杨", "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
)
def test_a_value_that_was_changed_does_not_open(broken: str) -> None:
    with pytest.raises(Unsealable):
        old().open(broken, place=PLACE)
    sealed = old().seal("杨大山", place=PLACE)
    flipped = sealed[:-4] + ("A" if sealed[-4] != "A" else "B") + sealed[-3:]
    with pytest.raises(Unsealable):
        old().open(flipped, place=PLACE)


def test_the_index_is_equal_for_equal_values_and_needs_its_key() -> None:
    assert old().index("phone", "+8613957400001") == new().index("phone", "+8613957400001")
    assert old().index("phone", "1") != old().index("resident", "1")
    assert old().index("phone", "1") != Vault({"k1": ONE}, "k1", ONE).index("phone", "1")
    assert len(old().index("phone", "1")) == 64


@pytest.mark.parametrize(
    ("keys", "current", "index"),
    [({"k1": ONE}, "k2", INDEX), ({"k1": b"short"}, "k1", INDEX), ({"k1": ONE}, "k1", b"short")],
)
def test_a_wrong_key_stops_the_start(keys: dict[str, bytes], current: str, index: bytes) -> None:
    with pytest.raises(Misconfigured):
        Vault(keys, current, index)


def test_keys_are_fresh_and_a_slip_in_one_is_told() -> None:
    assert len(read_key(make_key())) == 32
    assert make_key() != make_key()
    with pytest.raises(Misconfigured, match="farmerline key"):
        read_key("not base64!")


def test_a_row_s_secrets_are_sealed_under_its_own_id_and_cannot_be_moved(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        first, second = make_account(session, "杨大山"), make_account(session, "岑小梅")
        session.add(Credential(account_id=first.id, totp="SECRET"))
        session.flush()
        assert session.scalars(select(Credential)).one().totp == "SECRET"
        second.name_sealed = first.name_sealed
        session.flush()
        with pytest.raises(Unsealable):
            _ = second.name
        assert first.resident is None


def test_no_name_or_number_lies_open_in_the_database_file(tmp_path: Path) -> None:
    """P-01."""
    database = make_database(f"sqlite:///{tmp_path / 'farmerline.db'}")
    names = ["杨大山", "岑小梅", "虞有田"]
    with database.write() as session:
        fill_county(session)
        for number, name in enumerate(names):
            make_account(session, name, phone=f"+861395740000{number}")
    database.close()
    with sqlite3.connect(tmp_path / "farmerline.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    body = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for number, name in enumerate(names):
        assert name.encode() not in body
        assert f"1395740000{number}".encode() not in body
    assert "杨高村".encode() in body  # places are no secret


def test_a_look_up_goes_by_the_index(database: Database) -> None:
    with database.write() as session:
        fill_county(session)
        account = make_account(session, phone="+8613957400001")
        found = session.scalar(
            select(Account).where(Account.phone_index == vault.phone_index("+8613957400001"))
        )
        assert found is account
