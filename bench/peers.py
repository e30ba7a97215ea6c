"""The other engines: they search the words of the same texts and give ten answers, asking nothing of side, form or place.

Each gets words cut beforehand when it is built; the cut of a query, and of a post put in, is part of its time.
"""

from __future__ import annotations

import json
import os
import sqlite3
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from bench import cuts
from bench.records import Post

TEN = 10
_GROUP = 5_000
_HEAP = 256_000_000


class Missing(Exception):
    """An engine that cannot be had here; the text says why."""


class Peer:
    """A store of posts that answers a text with ten of them, in a folder of its own; `open` comes before the rest."""

    name = note = ""
    version = "1"
    """Raised when it is to be built anew."""
    appends = True
    in_place = False
    """Whether posts are put in and taken out again (`forget`) rather than put into a copy of the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def build(self, posts: Iterable[Post], tick: Callable[[int], None]) -> None:
        """Put all posts in, so that a later process can open the folder."""
        raise NotImplementedError

    def open(self) -> None:
        """Make ready to answer."""
        raise NotImplementedError

    def cut(self, text: str) -> list[str]:
        """A text as words of this engine."""
        return cuts.cut(text)

    def words(self, post: Post) -> list[str]:
        """A stored post's words, cut beforehand."""
        return post.tokens.split(" ")

    def extract(self, query: Post) -> list[str]:
        """The words of a text."""
        return self.cut(query.text)

    def search(self, query: Post) -> Sequence[Any]:
        """The ten best for a text, with its cut."""
        return self.find(self.extract(query))

    def search_product(self, query: Post) -> Sequence[Any]:
        """The same with the words of the product's name alone."""
        return self.find(self.cut(query.name))

    def find(self, words: list[str]) -> Sequence[Any]:
        """Numbers of the ten posts that fit the words best."""
        raise NotImplementedError

    def begin(self) -> None:
        """Begin the transaction that a post is put in with anyway; not timed."""

    def insert(self, post: Post) -> None:
        """What it takes to have a post found, beside that transaction."""
        raise NotImplementedError

    def commit(self) -> None:
        """End that transaction."""

    def forget(self, posts: list[Post]) -> None:
        """Take out what was put in, where that is done in place."""

    def close(self) -> None:
        """Let everything go."""


class Fts5(Peer):
    """SQLite's full-text index, without the texts. With positions: without them and the texts it cannot rank."""

    name = "SQLite FTS5 + jieba"
    version = "2"
    note = "insert inside the post's own transaction"

    def build(self, posts: Iterable[Post], tick: Callable[[int], None]) -> None:
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(
                "CREATE VIRTUAL TABLE post USING fts5(words, content='', tokenize='unicode61')"
            )
            connection.execute("BEGIN")
            for group in grouped(posts):
                rows = ((post.number, " ".join(map(quoted, self.words(post)))) for post in group)
                connection.executemany("INSERT INTO post (rowid, words) VALUES (?, ?)", rows)
                tick(len(group))
            connection.execute("COMMIT")
            connection.execute("INSERT INTO post (post) VALUES ('optimize')")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def open(self) -> None:
        self._connection = self._connect()

    def find(self, words: list[str]) -> Sequence[Any]:
        if not words:
            return ()
        asked = " OR ".join(f'"{quoted(word)}"' for word in words)
        return self._connection.execute(
            "SELECT rowid FROM post WHERE post MATCH ? ORDER BY rank LIMIT ?", (asked, TEN)
        ).fetchall()

    def begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def insert(self, post: Post) -> None:
        words = " ".join(map(quoted, self.cut(post.text)))
        self._connection.execute("INSERT INTO post (rowid, words) VALUES (?, ?)", (post.number, words))

    def commit(self) -> None:
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.folder / "fts5.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute("PRAGMA mmap_size=4294967296")
        return connection


class Fts5Bigrams(Fts5):
    """The same over pairs of signs, as is done where there is no cutter."""

    name = "SQLite FTS5, bigrams"

    def cut(self, text: str) -> list[str]:
        return cuts.bigrams(text)

    def words(self, post: Post) -> list[str]:
        return cuts.bigrams(post.text)


class Tantivy(Peer):
    """The search library in Rust, one thread; its segments merged as it does by itself."""

    name = "Tantivy"
    note = "insert with its commit: only then is a post found"

    def build(self, posts: Iterable[Post], tick: Callable[[int], None]) -> None:
        index = self._index()
        writer = index.writer(heap_size=_HEAP, num_threads=1)
        for group in grouped(posts):
            for post in group:
                writer.add_document(self._document(post.number, self.words(post)))
            tick(len(group))
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> None:
        self._opened, self._writer = self._index(), cast(Any, None)
        self._opened.config_reader(reload_policy="manual")
        self._opened.reload()
        self._searcher = self._opened.searcher()

    def find(self, words: list[str]) -> Sequence[Any]:
        library, schema = self._library, self._schema
        terms = [
            (library.Occur.Should, library.Query.term_query(schema, "words", word, "freq")) for word in words
        ]
        found = self._searcher.search(library.Query.boolean_query(terms), TEN, count=False)
        numbers: Sequence[Any] = self._searcher.fast_field_values(
            "number", [address for _, address in found.hits]
        )
        return numbers

    def begin(self) -> None:
        if self._writer is None:
            self._writer = self._opened.writer(heap_size=_HEAP, num_threads=1)

    def insert(self, post: Post) -> None:
        self._writer.add_document(self._document(post.number, self.cut(post.text)))
        self._writer.commit()
        self._opened.reload()
        self._searcher = self._opened.searcher()

    def _document(self, number: int, words: list[str]) -> Any:
        made = self._library.Document()
        made.add_unsigned("number", number)
        made.add_text("words", " ".join(words))
        return made

    def _index(self) -> Any:
        self._library = needed("tantivy")
        build = self._library.SchemaBuilder()
        build.add_unsigned_field("number", fast=True)
        build.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
        self._schema = build.build()
        path = self.folder / "tantivy"
        path.mkdir(exist_ok=True)
        return self._library.Index(self._schema, path=str(path))


class Bm25s(Peer):
    """Scores reckoned beforehand, in arrays."""

    name = "bm25s"
    note = "takes no single post: all is built anew"
    appends = False

    def build(self, posts: Iterable[Post], tick: Callable[[int], None]) -> None:
        vocabulary: dict[str, int] = {}
        texts: list[list[int]] = []
        for group in grouped(posts):
            texts += (
                [vocabulary.setdefault(word, len(vocabulary)) for word in self.words(post)] for post in group
            )
            tick(len(group))
        made = needed("bm25s").BM25(method="lucene")
        made.index((texts, vocabulary), show_progress=False)
        made.save(str(self.folder / "bm25s"))
        (self.folder / "words.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")

    def open(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._made = needed("bm25s").BM25.load(str(self.folder / "bm25s"))
        self._words: dict[str, int] = json.loads((self.folder / "words.json").read_text(encoding="utf-8"))

    def find(self, words: list[str]) -> Sequence[Any]:
        known = [word for word in words if word in self._words]
        if not known:
            return ()
        numbers, _ = self._made.retrieve(
            [known], k=min(TEN, self._made.scores["num_docs"]), show_progress=False
        )
        return list(map(int, numbers[0]))


class Postgres(Peer):
    """PostgreSQL's text search with a GIN index, where a server is given; its own memory is not counted."""

    name = "PostgreSQL GIN"
    note = "insert inside the post's own transaction; the server's memory is not counted"
    in_place = True

    def build(self, posts: Iterable[Post], tick: Callable[[int], None]) -> None:
        with closing(self._connect()) as connection:
            connection.execute(f"DROP TABLE IF EXISTS {self._table}")
            connection.execute(f"CREATE TABLE {self._table} (number bigint, words tsvector)")
            for group in grouped(posts):
                with connection.cursor() as cursor, cursor.copy(f"COPY {self._table} FROM STDIN") as copy:
                    for post in group:
                        copy.write_row((post.number, vector(self.words(post))))
                tick(len(group))
            connection.execute(f"CREATE INDEX ON {self._table} USING gin (words)")
            connection.execute(f"VACUUM ANALYZE {self._table}")
            (self.folder / "bytes").write_text(str(self._bytes(connection)))

    def open(self) -> None:
        self._connection = self._connect()

    def find(self, words: list[str]) -> Sequence[Any]:
        asked = " | ".join(lexeme(word) for word in words)
        rows: Sequence[Any] = self._connection.execute(
            f"SELECT number FROM {self._table}, to_tsquery('simple', %s) asked WHERE words @@ asked "
            "ORDER BY ts_rank(words, asked) DESC LIMIT %s",
            (asked, TEN),
        ).fetchall()
        return rows

    def begin(self) -> None:
        self._connection.execute("BEGIN")

    def insert(self, post: Post) -> None:
        row = (post.number, vector(self.cut(post.text)))
        self._connection.execute(f"INSERT INTO {self._table} VALUES (%s, %s::tsvector)", row)

    def commit(self) -> None:
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def forget(self, posts: list[Post]) -> None:
        numbers = [post.number for post in posts]
        self._connection.execute(f"DELETE FROM {self._table} WHERE number = ANY(%s)", (numbers,))
        self._connection.execute(f"VACUUM {self._table}")

    @property
    def _table(self) -> str:
        return "bench_" + "".join(sign if sign.isalnum() else "_" for sign in self.folder.name)

    def _bytes(self, connection: Any) -> int:
        row = connection.execute("SELECT pg_total_relation_size(%s)", (self._table,)).fetchone()
        return int(row[0])

    def _connect(self) -> Any:
        address = os.environ.get("FARMERLINE_BENCH_POSTGRES", "")
        if not address:
            raise Missing("no server given: set FARMERLINE_BENCH_POSTGRES or --postgres")
        library = needed("psycopg")
        try:
            return library.connect(address, autocommit=True)
        except library.Error as error:
            raise Missing(f"the server does not answer: {error}") from error


PEERS: dict[str, type[Peer]] = {
    "fts5-jieba": Fts5,
    "fts5-bigrams": Fts5Bigrams,
    "tantivy": Tantivy,
    "bm25s": Bm25s,
    "postgres-gin": Postgres,
}


def needed(package: str) -> Any:
    """An optional package, or `Missing`."""
    from importlib import import_module

    try:
        return import_module(package)
    except ImportError as error:
        raise Missing(f"{package} is not installed ({error}); see bench/requirements.txt") from error


def grouped(posts: Iterable[Post]) -> Iterable[list[Post]]:
    """The posts in groups."""
    group: list[Post] = []
    for post in posts:
        group.append(post)
        if len(group) == _GROUP:
            yield group
            group = []
    if group:
        yield group


def quoted(word: str) -> str:
    """A word that FTS5's own tokenizer leaves whole."""
    return "".join(sign for sign in word if sign.isalnum())


def lexeme(word: str) -> str:
    """A word as PostgreSQL's text search takes it."""
    return "'" + word.replace("\\", "").replace("'", "") + "'"


def vector(words: list[str]) -> str:
    """Words as a value of PostgreSQL's own type."""
    return " ".join(map(lexeme, words))
