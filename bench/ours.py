"""The product itself: its reader, its `post_item` with all its indexes in a SQLite file, its search for the best ten."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateIndex, CreateTable

import matching
from bench.peers import TEN, grouped
from bench.records import TODAY, Post
from farmerline import vault
from farmerline.db import Database
from farmerline.domain.candidates import nearest
from farmerline.domain.init_county import ensure_reference_data
from farmerline.messages import Channel
from farmerline.models import Account, AccountState, Area, AreaLevel, Base, PostItem, PostState
from farmerline.models import Post as PostRow
from farmerline.vault import Vault

_NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
_TABLE = cast(Table, PostItem.__table__)
_PROVINCE, _PERSON = "33", "0" * 32


class Ours:
    """Reading, then `farmerline.domain.candidates.nearest`; put in through the session, as the product does."""

    name = "farmerline"
    note = "insert inside the post's own transaction, through the product's session; the text was read for the draft"
    appends = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._database: Database | None = None
        self._scope: AbstractContextManager[Session] | None = None

    @staticmethod
    def version() -> str:
        """Changes with the table and its indexes."""
        dialect = sqlite.dialect()
        made = [str(CreateTable(_TABLE).compile(dialect=dialect))]
        made += sorted(str(CreateIndex(index).compile(dialect=dialect)) for index in _TABLE.indexes)
        return hashlib.sha256("".join(made).encode()).hexdigest()[:12]

    def build(self, posts: Iterable[Post], tick: Callable[[int], None]) -> None:
        database = self._open_database()
        indexes = [index for index in _TABLE.indexes if index.name]
        with database.writer.begin() as connection:
            Base.metadata.create_all(connection)
            for index in indexes:
                index.drop(connection)
        with database.write() as session:
            ensure_reference_data(session)
            session.add(Area(code=_PROVINCE, name="浙江省", level=AreaLevel.PROVINCE, pinyin="", initials=""))
            session.flush()
            session.add(_person())
        raw = sqlite3.connect(self.folder / "ours.db", isolation_level=None)
        raw.execute("PRAGMA synchronous=OFF")
        columns = list(_TABLE.columns.keys())
        raw.execute("BEGIN")
        for group in grouped(posts):
            raw.executemany(_statement(columns), (_row(post, columns) for post in group))
            tick(len(group))
        raw.execute("COMMIT")
        raw.close()
        with database.writer.begin() as connection:
            for index in indexes:
                index.create(connection)
        with database.writer.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self.close()

    def open(self) -> None:
        reader = self._open_database().reader.raw_connection()
        self._reader = reader
        found = reader.driver_connection
        assert isinstance(found, sqlite3.Connection)
        self._connection = found

    def extract(self, query: Post) -> matching.Reading:
        """What the text says."""
        return matching.read(query.text)

    def search(self, query: Post) -> Sequence[Any]:
        reading = self.extract(query)
        found: list[tuple[float, str]] = []
        for item in reading.items:
            offer = matching.Offer(
                id="", direction=reading.direction, concept=item.concept, form=item.form, variety=item.variety,
                qty=item.qty, unit=item.unit, unit_price=item.unit_price, price_unit=item.price_unit, area=query.area,
            )  # fmt: skip
            found += nearest(self._connection, offer, today=TODAY, limit=TEN)
        return found[:TEN]

    def begin(self) -> None:
        self._scope = self._open_database().write()
        self._session = self._scope.__enter__()
        self._post = PostRow(
            kind="supply", account_id=_PERSON, area_code=_PROVINCE, channel=Channel.SMS, text="", state=PostState.OPEN,
            created_at=_NOON, published_at=_NOON,
        )  # fmt: skip
        self._session.add(self._post)
        self._session.flush()

    def insert(self, post: Post) -> None:
        self._session.add(PostItem(post_id=self._post.id, **_item(post)))
        self._session.flush()

    def insert_statement(self, post: Post) -> None:
        """The same without the session's own work: one statement, prepared, through the driver."""
        columns = list(_TABLE.columns.keys())
        values = dict(zip(columns, _row(post, columns), strict=True)) | {
            "id": f"s{post.number:031x}",
            "post_id": self._post.id,
        }
        raw = self._session.connection().connection.cursor()
        raw.execute(_statement(columns), list(values.values()))

    def commit(self) -> None:
        assert self._scope is not None
        self._scope.__exit__(None, None, None)
        self._scope = None

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None

    def _open_database(self) -> Database:
        if self._database is None:
            self._database = Database(f"sqlite:///{self.folder / 'ours.db'}")
        return self._database


def _statement(columns: list[str]) -> str:
    return f"INSERT INTO post_item ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def _person() -> Account:
    vault.install(Vault({"b": bytes(32)}, "b", bytes(32)))
    return Account(
        id=_PERSON, name="人", area_code=_PROVINCE, origin="bench", state=AccountState.VERIFIED, created_at=_NOON,
    )  # fmt: skip


def _item(post: Post) -> dict[str, Any]:
    return {
        "position": 0, "key": matching.key(post.concept, post.form, post.direction), "direction": post.direction,
        "concept": post.concept, "form": post.form, "category": post.category, "variety": post.variety, "name": post.name,
        "qty": post.qty, "qty_left": post.qty, "unit": post.unit, "unit_price": post.unit_price,
        "price_unit": post.price_unit, "said_qty": post.said_qty, "said_price": post.said_price, "area_code": post.area,
        "province": post.area[:2], "city": post.area[:4], "day": date.fromordinal(post.day), "live": True,
    }  # fmt: skip


def _row(post: Post, columns: list[str]) -> list[Any]:
    """The values of a row as the driver stores them."""
    values = {**_item(post), "id": f"{post.number:032x}", "post_id": f"{post.number:032x}"}
    values["day"] = values["day"].isoformat()
    return [values.get(column) for column in columns]
