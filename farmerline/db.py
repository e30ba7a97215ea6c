"""The database: two doors, one for writing and one for reading.

SQLite: WAL, ``synchronous=FULL``, foreign keys on; a writer takes the lock at BEGIN (a deferred transaction that
turns into a writer fails under contention whatever the busy timeout), a reader gets a deferred, query-only
connection. PostgreSQL goes through the same code; its reader is a read-only transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from threading import Lock, RLock
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session, sessionmaker

from farmerline.errors import Misconfigured

Item = TypeVar("Item")
Result = TypeVar("Result")

_BUSY_MS = 15_000
_FROZEN_MS = 60_000
"""PostgreSQL ends a transaction in which nothing was asked for so long: a process that was stopped in the middle of one (a
frozen machine) would hold its locks against all others."""
_ADDED = "farmerline.added"
_READER_CACHE_KB = 8192
"""What a reading connection keeps of the file: with SQLite's usual 2 MB a look into a million posts reads pages anew."""


class Database:
    """An engine for writers, one for readers, and their sessions."""

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError as error:
            raise Misconfigured(
                "FARMERLINE_DATABASE_URL is not a database address; write sqlite:////path/file.db or "
                "postgresql://user@host/name."
            ) from error
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if not parsed.database or parsed.database == ":memory:":
                raise Misconfigured(
                    "FARMERLINE_DATABASE_URL must name a file; write sqlite:////path/file.db."
                )
            make_private(Path(parsed.database))
            self.writer = _sqlite_engine(parsed, "BEGIN IMMEDIATE", query_only=False)
            self.reader = _sqlite_engine(parsed, "BEGIN", query_only=True)
        elif parsed.get_backend_name() == "postgresql":
            self.writer = _postgres_engine(parsed)
            self.reader = self.writer.execution_options(postgresql_readonly=True)
        else:
            raise Misconfigured("FARMERLINE_DATABASE_URL must begin with sqlite:// or postgresql://.")
        self._writing = sessionmaker(self.writer, expire_on_commit=False)
        self._reading = sessionmaker(self.reader, expire_on_commit=False, autoflush=False)
        self._turn = RLock()
        self._listeners: list[Callable[[frozenset[str]], None]] = []
        event.listen(self._writing, "after_flush", _note_added)

    def on_write(self, listener: Callable[[frozenset[str]], None]) -> None:
        """Call this after each transaction that was kept, with the tables whose new rows it flushed; it may neither wait
        nor fail. What was put in by statements of its own goes to ``told``."""
        self._listeners.append(listener)

    def told(self, *tables: str) -> None:
        """Tell the listeners of new rows in these tables."""
        for listener in self._listeners:
            listener(frozenset(tables))

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that commits at the end of the block, or rolls back."""
        with self._in_turn(), self._writing.begin() as session:
            yield session
        if self._listeners and (added := session.info.get(_ADDED)):
            self.told(*added)

    @contextmanager
    def write_rows(self) -> Iterator[Connection]:
        """The same for plain statements: no session, which costs more than a small row, and no word to listeners."""
        with self._in_turn(), self.writer.begin() as rows:
            yield rows

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """SQLite lets one write at a time, and who finds it taken sleeps and tries again, ever longer. This process's threads
        wait for each other here instead, and go on at once."""
        mine = self.is_sqlite and self._turn.acquire(timeout=_BUSY_MS / 1000)
        try:
            yield
        finally:
            if mine:
                self._turn.release()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent, read-only view; nothing is ever committed."""
        with self._reading() as session:
            yield session

    def durable(self) -> bool:
        """True when an acknowledged write survives a power cut: FULL, or synchronous_commit and fsync on."""
        with self.writer.connect() as connection:
            if self.is_sqlite:
                return bool(connection.execute(text("PRAGMA synchronous")).scalar_one() >= 2)
            return all(
                connection.execute(text(f"SHOW {name}")).scalar_one() == "on"
                for name in ("synchronous_commit", "fsync")
            )

    def close(self) -> None:
        """Give every connection back."""
        self.writer.dispose()
        if self.is_sqlite:
            self.reader.dispose()


def _taken_lock() -> Lock:
    lock = Lock()
    lock.acquire()
    return lock


@dataclass
class _Waiting(Generic[Item, Result]):
    """One thread's item; ``turn`` is let go once it is committed, or once this thread is to write."""

    item: Item
    turn: Lock = field(default_factory=_taken_lock)
    results: Sequence[Result] = ()
    error: Exception | None = None


@dataclass
class Together(Generic[Item, Result]):
    """Puts down in one transaction what several threads bring at once: a commit waits for the disk, and whatever comes
    meanwhile shares the next one. ``put`` gives a result for each item, in order."""

    database: Database
    put: Callable[[Connection, Sequence[Item]], Sequence[Result]]
    _queue: list[_Waiting[Item, Result]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _writing: bool = False

    def __call__(self, item: Item) -> Result:
        """Return once the item is committed; raises what kept it, alone, from being so."""
        mine = _Waiting[Item, Result](item)
        with self._lock:
            self._queue.append(mine)
            others_write, self._writing = self._writing, True
        if others_write:
            mine.turn.acquire()
        if not mine.results and mine.error is None:
            self._write()
        if mine.error is not None:
            raise mine.error
        return mine.results[0]

    @property
    def waiting(self) -> int:
        """How many items the next transaction takes."""
        return len(self._queue)

    def _write(self) -> None:
        """Put down what waits, then let those threads go, and the first of those that came meanwhile write."""
        with self._lock:
            taken, self._queue = self._queue, []
        self._put_down(taken)
        with self._lock:
            self._writing = bool(self._queue)
            following = self._queue[:1]
        for one in (*following, *taken):
            one.turn.release()

    def _put_down(self, taken: list[_Waiting[Item, Result]]) -> None:
        try:
            with self.database.write_rows() as rows:
                results = self.put(rows, [one.item for one in taken])
            for one, result in zip(taken, results, strict=True):
                one.results = [result]
        except Exception as error:
            if len(taken) == 1:
                taken[0].error = error
            else:  # one that cannot be stored keeps no other out
                for one in taken:
                    self._put_down([one])


def _note_added(session: Session, _flush: object) -> None:
    session.info.setdefault(_ADDED, set()).update(row.__tablename__ for row in session.new)


def make_private(file: Path) -> None:
    """Make a file that only its owner may read, where there is none yet; SQLite gives its log the same rights."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.touch(mode=0o600)


def _postgres_engine(url: Any) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10)

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        connection.autocommit = True
        connection.execute(f"SET idle_in_transaction_session_timeout = {_FROZEN_MS}")
        connection.execute(
            "SET random_page_cost = 1.1"
        )  # what is looked up is in memory, or on a disk that does not turn
        connection.autocommit = False

    return engine


def _sqlite_engine(url: Any, begin: str, *, query_only: bool) -> Engine:
    engine = create_engine(url, pool_size=12, max_overflow=12, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _set_up(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        if query_only:
            connection.execute("PRAGMA query_only=ON")
            connection.execute(f"PRAGMA cache_size=-{_READER_CACHE_KB}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
