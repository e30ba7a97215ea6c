"""Open items read from the covering indexes: a window holds those of one product, place and variety, newest day first."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection

from matching.score import Row

FIRST, LARGEST = 24, 384
"""Rows in a window's first batch and in its largest; each is twice the one before."""

_LAST_ID = "\U0010ffff"
_SELECT = "SELECT id, day, variety, area_code, qty_left, unit, unit_price, price_unit FROM post_item"
_WHERE = {
    "city": "key = ? AND city = ?",
    "province": "key = ? AND province = ?",
    "nation": "key = ?",
    "variety_province": "key = ? AND variety = ? AND province = ?",
    "variety_nation": "key = ? AND variety = ?",
}
"""Index → what is the same in a window of it."""
_NEXT = {
    "newest": ("", "day DESC, id DESC"),
    "older": (" AND (day, id) < (?, ?)", "day DESC, id DESC"),
    "one day": (" AND day = ? AND id > ?", "id"),
}


class Reader:
    """Reads rows on a connection, past SQLAlchemy's own work for each statement, within its transaction.

    One is begun where there is none. The benchmark hands in a plain SQLite connection.
    """

    __slots__ = ("_cursor", "_sqlite", "rows")

    def __init__(self, connection: Connection | sqlite3.Connection) -> None:
        if isinstance(connection, sqlite3.Connection):
            self._cursor: Any = connection.cursor()
            self._sqlite = True
        else:
            if not connection.in_transaction():
                connection.begin()
            self._cursor = connection.connection.cursor()
            self._sqlite = connection.dialect.name == "sqlite"
        self.rows = 0

    def read(self, index: str, part: str, values: Sequence[object]) -> list[Row]:
        """The next rows of a window; ``rows`` counts them."""
        found = self._cursor.execute(statement_of(index, part, self._sqlite), values).fetchall()
        self.rows += len(found)
        return cast(list[Row], found)


@cache
def statement_of(index: str, part: str, sqlite: bool) -> str:
    """What reads the ``newest`` rows of a window of an index, those that are ``older``, or those of ``one day``."""
    after, order = _NEXT[part]
    hint = f" INDEXED BY ix_post_item_{index}" if sqlite else ""
    where = f"{_WHERE[index]}{after} AND live ORDER BY {order} LIMIT ?"
    return f"{_SELECT}{hint} WHERE {where if sqlite else where.replace('?', '%s')}"


class Window:
    """Rows of one ``index`` where its first columns are ``same``.

    ``form`` is how near their form is to the one looked for, ``worth`` the most that a row which no better window holds may
    be worth beside its freshness. ``day`` is the day reached, as the database tells it (None before the first batch): what
    is unread is older, or of that day with an id behind ``after``.

    Within a day rows come by falling id, as an index is read backwards. A day that fills a whole batch is read again by
    rising id, so that a tie within it is settled by its first rows and not only by its last. ``split``, called once with
    a batch behind which there is more, gives the windows to go on with.
    """

    __slots__ = ("_id", "_index", "_part", "_same", "_size", "after", "day", "form", "split", "worth")

    def __init__(
        self,
        index: str,
        same: tuple[str, ...],
        form: float,
        worth: float,
        split: Split | None = None,
    ) -> None:
        self.form, self.worth, self.split = form, worth, split
        self.day: str | date | None = None
        self.after = ""
        self._index, self._same, self._part, self._id, self._size = index, same, "newest", "", FIRST

    def read(self, reader: Reader) -> tuple[list[Row], bool]:
        """The next batch of rows, some of them once more, and whether there may be others behind them."""
        size, part = self._size, self._part
        reached = () if part == "newest" else (self.day, self._id)
        rows = reader.read(self._index, part, (*self._same, *reached, size))
        full = len(rows) == size
        if full:
            self._go_on(rows)
        elif part == "one day":
            self._part, self._id, self.after = "older", "", _LAST_ID
        return rows, full or part == "one day"

    def _go_on(self, rows: list[Row]) -> None:
        first, (last, self.day) = rows[0][1], rows[-1][:2]
        if self._part == "one day":
            self._id = self.after = last
        elif first == self.day:
            self._part, self._id, self.after = "one day", "", ""
            return
        else:
            self._part, self._id, self.after = "older", last, ""
        self._size = min(2 * self._size, LARGEST)


Split = Callable[[Window, list[Row]], list[Window]]
