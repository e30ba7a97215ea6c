"""What a carrier that speaks Twilio's dialect remembers, in a SQLite file of its own, and the tables that all of them have."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

TABLES = """
CREATE TABLE IF NOT EXISTS message (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT NOT NULL UNIQUE, outbound INTEGER NOT NULL, number TEXT NOT NULL,
  line TEXT NOT NULL, body TEXT NOT NULL, status TEXT NOT NULL, code INTEGER, callback TEXT NOT NULL DEFAULT '',
  made_at TEXT NOT NULL, sent_at TEXT, shown_at TEXT);
CREATE INDEX IF NOT EXISTS message_number ON message (number, seq);
CREATE TABLE IF NOT EXISTS call (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT NOT NULL UNIQUE, outbound INTEGER NOT NULL, number TEXT NOT NULL,
  line TEXT NOT NULL, status TEXT NOT NULL, url TEXT NOT NULL, fallback TEXT NOT NULL DEFAULT '',
  callback TEXT NOT NULL DEFAULT '', events TEXT NOT NULL DEFAULT 'completed', wait_seconds INTEGER NOT NULL DEFAULT 60,
  made_at TEXT NOT NULL, answered_at TEXT, ended_at TEXT, seconds INTEGER);
CREATE INDEX IF NOT EXISTS call_number ON call (number, seq);
CREATE TABLE IF NOT EXISTS recording (
  sid TEXT PRIMARY KEY, call_sid TEXT NOT NULL, seconds INTEGER NOT NULL, sound BLOB NOT NULL, made_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS listener (call_sid TEXT PRIMARY KEY, url TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS trouble (at TEXT NOT NULL, sid TEXT NOT NULL, code INTEGER NOT NULL, what TEXT NOT NULL);
"""


@dataclass(slots=True)
class Rows:
    """Rows of a carrier. One connection for all threads, each use under a lock; several processes may share the file."""

    path: Path | str
    _lock: RLock = field(default_factory=RLock)
    _db: sqlite3.Connection = field(init=False)

    def __post_init__(self) -> None:
        if self.path != ":memory:":
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            Path(self.path).touch(mode=0o600)  # it holds numbers and words in clear: its owner alone reads it
        self._db = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None, timeout=10)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(self.tables())

    @classmethod
    def tables(cls) -> str:
        """The statements that make what is missing."""
        return TABLES

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """One transaction; nothing outside the file may be waited for inside it."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(statement, values).fetchall()

    def row(self, statement: str, *values: object) -> sqlite3.Row | None:
        found = self.rows(statement, *values)
        return found[0] if found else None

    def number(self, statement: str, *values: object) -> int:
        """The first column of the first row as a number; 0 when there is none."""
        found = self.row(statement, *values)
        return int(found[0] or 0) if found else 0

    def run(self, statement: str, *values: object) -> int:
        """One statement, which is a transaction of its own; how many rows it changed."""
        with self._lock:
            return self._db.execute(statement, values).rowcount

    def note_trouble(self, at: datetime, sid: str, code: int, what: str) -> None:
        """Twilio's debugger, in short: what went wrong, by its error code."""
        self.run("INSERT INTO trouble VALUES (?, ?, ?, ?)", stamp(at), sid, code, what)


def stamp(at: datetime) -> str:
    """A moment as text that sorts."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
