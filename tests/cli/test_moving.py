"""A county moves from its file into PostgreSQL whole, or not at all; afterwards it answers as before."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    LargeBinary,
    Table,
    func,
    insert,
    select,
    text,
)

from farmerline import migrations
from farmerline.cli import moving as command
from farmerline.db import Database
from farmerline.domain import audit, moving
from farmerline.errors import Conflict
from farmerline.models import Account, AuditRow, Base, post_search
from tests import factories
from tests.cli.test_people_commands import run
from tests.service import Service, make_template, open_service

pytestmark = pytest.mark.postgres
_SIGNS = "农信通达 卖葡萄苗𠮷'\"\\\n" + string.ascii_letters
_SCALES = {"degree": 5, "in_ten": 5, "weekday": 5, "choice": 4}
_HOURS = {"starts": (0, 720), "ends": (721, 1440)}
"""Minutes of a day, in their order."""
_MARK = re.compile(r'value="[^"]*"|nonce-[^\'" ]*')


@pytest.fixture
def target(postgres_url: str) -> Iterator[Database]:
    """A PostgreSQL database with all tables, empty."""
    database = factories.make_database(postgres_url)
    yield database
    database.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    yield from open_service(make_template(tmp_path), tmp_path)


class Filler:
    """Rows of every table, with values of every kind that fit its columns."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._made: dict[Column[Any], list[Any]] = {}

    def fill(self, database: Database) -> None:
        with database.writer.begin() as connection:
            for table in Base.metadata.sorted_tables:
                for _ in range(4):
                    row = {column.name: self._value(table, column) for column in table.columns}
                    connection.execute(insert(table), row)
                    for column in table.columns:
                        self._made.setdefault(column, []).append(row[column.name])

    def _value(self, table: Table, column: Column[Any]) -> Any:
        for key in column.foreign_keys:
            known = [value for value in self._made.get(key.column, []) if value is not None]
            if not known or (column.nullable and self._chance.random() < 0.3):
                return None
            used = self._made.get(column, [])
            return next((value for value in known if value not in used), known[0])
        if column.nullable and self._chance.random() < 0.3:
            return None
        return self._plain(table, column)

    def _plain(self, table: Table, column: Column[Any]) -> Any:
        chance, kind = self._chance, column.type
        kind = getattr(kind, "impl_instance", kind)
        if table is post_search and column.name == "signs":
            return " ".join(chance.choices("葡萄苗卖好" + "哈", k=300))
        if isinstance(kind, Enum):
            value = chance.choice(kind.enums)
            return kind.enum_class(value) if kind.enum_class else value
        if isinstance(kind, Boolean):
            return chance.random() < 0.5
        if isinstance(kind, DateTime):
            return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=chance.randrange(10**15))
        if isinstance(kind, Date):
            return date(1990, 1, 1) + timedelta(days=chance.randrange(20_000))
        if isinstance(kind, JSON):
            return {"b": [None, 1.5, {"名": "杨大山"}], "a": chance.random()}
        if isinstance(kind, LargeBinary):
            return chance.randbytes(300)
        if isinstance(kind, Float):
            return chance.choice([0.1 + 0.2, 3.0, 1e-9, chance.random() * 1e6])
        if isinstance(kind, Integer):
            if column.name in _HOURS:
                return chance.randrange(*_HOURS[column.name])
            return chance.randrange(1, _SCALES.get(column.name, 10**6) + 1)
        length = getattr(kind, "length", None) or 40
        return "".join(chance.choices(_SIGNS, k=length))


def test_every_kind_of_value_arrives_in_every_table(sqlite_url: str, target: Database) -> None:
    source = factories.make_database(sqlite_url)
    Filler(7).fill(source)
    told: list[int] = []
    with source.writer.begin() as here, target.writer.begin() as there:
        there.execute(text("INSERT INTO person_kind (code, name_zh, name_en) VALUES ('x', 'x', 'x')"))
        moving.demand_empty(there)  # the kinds that a migration brings do not count
        moved = moving.move(here, there, advance=told.append)
        assert moved == [moving.measure(here, one) for one in Base.metadata.sorted_tables]
        assert {one.rows for one in moved} == {4}
        assert sum(told) == 2 * 4 * len(moved)
        with pytest.raises(Conflict, match="not_empty"):
            moving.demand_empty(there)
    assert migrations.differences(target) == []  # its references stand again
    for one in Base.metadata.sorted_tables:
        if (counting := one.autoincrement_column) is not None:
            assert next_number(target, counting) > highest(target, counting), one.name
    source.close()


def next_number(target: Database, counting: Column[Any]) -> int:
    with target.writer.begin() as connection:
        sequence = func.pg_get_serial_sequence(counting.table.name, counting.name)
        return connection.scalar(select(func.nextval(sequence))) or 0


def highest(target: Database, counting: Column[Any]) -> int:
    with target.read() as session:
        return session.scalar(select(func.max(counting))) or 0


def test_a_county_that_moved_answers_as_before(service: Service, target: Database, tmp_path: Path) -> None:
    far = service.person("岑利民", area_code=factories.SHUIXIANG)
    near = service.person("杨阿毛")
    for who, words in (
        (far, "卖 夏黑葡萄苗 2000株 3.2元/株"),
        (near, "卖 洋芋 800斤 1.2元/斤 自家种的"),
        (near, "求购 土豆 5吨"),
    ):
        service.publish(who, words)
    pages = [
        "/", "/?q=土豆", "/?q=自家种的", f"/?place={factories.YANGGAO}&far=50&sort=nearest", "/?kind=demand", "/feed",
        "/posts/1001", "/posts/1002",
    ]  # fmt: skip
    before = [shown(service, page) for page in pages]
    with service.rows() as session:
        end = audit.head(session)
    command.move(service.runtime, target)
    moved = Service(settings=service.settings, database=target, clock=service.clock)
    for page, seen in zip(pages, before, strict=True):
        assert shown(moved, page) == seen, page
    assert numbers(before[2]) == {"1002"} and len(numbers(before[0])) == 3
    with moved.rows() as session:
        assert audit.verify(session) is None
        assert audit.head(session).number == end.number + 1
        newest = session.scalars(select(AuditRow).order_by(AuditRow.number.desc())).first()
        assert newest is not None and newest.act == "county.move"
        people = {row.name for row in session.scalars(select(Account))}
    assert people == {"岑利民", "杨阿毛"}
    moved.publish(moved.person("陆文彬"), "卖 甘蓝 300斤 0.8元/斤")  # the numbers go on
    assert numbers(shown(moved, "/?q=甘蓝")) == {"1004"}


def numbers(page: str) -> set[str]:
    return set(re.findall(r'href="/posts/(\d+)"', page))


def shown(service: Service, page: str) -> str:
    """A page without what is new each time."""
    return _MARK.sub("", service.client().get(page).text)


def test_what_differs_or_does_not_fit_moves_nothing(sqlite_url: str, target: Database) -> None:
    source = factories.make_database(sqlite_url)
    with source.write() as session:
        factories.fill_county(session)
        factories.make_account(session, "杨大山")

    def refused() -> str:
        with (
            pytest.raises(Conflict) as refusal,
            source.writer.begin() as here,
            target.writer.begin() as there,
        ):
            there.execute(text(trick))
            moving.move(here, there)
        with target.read() as session:
            assert session.scalar(select(func.count()).select_from(Account)) == 0
        return str(refusal.value)

    trick = (
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.origin = 'x'; RETURN NEW; END $$; "
        "CREATE TRIGGER spoil BEFORE INSERT ON account FOR EACH ROW EXECUTE FUNCTION spoil()"
    )
    assert "account is not the same" in refused()
    trick = "ALTER TABLE account ALTER origin TYPE varchar(2)"
    assert "does not take a row of table account: value too long" in refused()
    source.close()


def test_the_command_moves_once_and_says_what_it_did(
    tmp_path: Path, sqlite_url: str, postgres_url: str
) -> None:
    settings = factories.make_test_settings(tmp_path, database_url=sqlite_url)
    hosts = {f"FARMERLINE_{name.upper()}": value for name, value in plain(settings).items()}
    source = Database(sqlite_url)
    migrations.upgrade(source)
    factories.install_vault()
    with source.write() as session:
        factories.fill_county(session)
    serving = source.writer.connect()
    busy = run("move-to", postgres_url, **hosts)
    assert (busy.exit_code, "stop it first" in busy.stderr) == (1, True)
    serving.close()
    source.close()
    assert "PostgreSQL only" in run("move-to", sqlite_url, **hosts).stderr
    assert "does not answer" in run("move-to", "postgresql://nobody@127.0.0.1:1/x", **hosts).stderr
    done = run("move-to", postgres_url, **hosts)
    assert done.exit_code == 0, done.output
    assert re.search(r"^area +13 +[0-9a-f]{16}$", done.stdout, re.MULTILINE)
    assert "counts and digests agree, the audit holds" in done.stdout
    again = run("move-to", postgres_url, **hosts)
    assert (again.exit_code, "not empty" in again.stderr) == (1, True)


def plain(settings: Any) -> dict[str, str]:
    values = settings.model_dump(exclude_defaults=True)
    return {
        name: str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)
        for name, value in values.items()
    }
