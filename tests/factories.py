"""Rows for tests: each function makes one thing with everything it needs, and takes what matters to the test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import create_mock_engine
from sqlalchemy.orm import Session

from farmerline import migrations, vault
from farmerline.config import Settings, make_settings
from farmerline.db import Database
from farmerline.domain import access, areas, consent
from farmerline.domain.init_county import ensure_reference_data
from farmerline.ids import new_id
from farmerline.messages import Channel
from farmerline.migrations import guards
from farmerline.models import Account, AccountKind, AccountState, Base, Organisation, Role
from farmerline.places import place_row
from farmerline.vault import Vault
from tests import postgres

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # a Friday, ten in the morning in China
COUNTY, TOWN, OTHER_TOWN = "330282", "330282123", "330282112"
YANGGAO, XINDONG, SHUIXIANG = "330282123222", "330282123227", "330282112209"
PLACES = {
    "31": "上海市", "3101": "市辖区", "310118": "青浦区", "310118102": "朱家角镇",
    "33": "浙江省", "3302": "宁波市", "330282": "慈溪市", "330282123": "龙山镇", "330282112": "新浦镇",
    "330282123222": "杨高村委会", "330282123227": "新东村委会", "330282112209": "水湘村委会", "330282112230": "新东村委会",
}  # fmt: skip
_numbers = itertools.count(1)


def install_vault() -> Vault:
    """A vault with fixed keys, for the process of the tests."""
    made = Vault({"t": bytes(range(32))}, "t", bytes(range(32, 64)))
    vault.install(made)
    return made


def make_database(url: str, fill: Callable[[Session], object] | None = None) -> Database:
    """A database with all tables and the audit's guards, and a vault installed; empty but for what ``fill`` writes, a
    function of a module: the first of a kind is made, the others are copies, which is much quicker."""
    install_vault()
    database = Database(url)
    if database.is_sqlite:
        assert database.url.database
        Path(database.url.database).write_bytes(_file(fill))
    else:
        postgres.replace(url, like=_model(postgres.server_of(url), fill))
    return database


@cache
def _file(fill: Callable[[Session], object] | None) -> bytes:
    """The bytes of an SQLite database."""
    with TemporaryDirectory() as folder, closing(Database(f"sqlite:///{folder}/made.db")) as database:
        _make_tables(database, "sqlite", fill)
        database.close()
        return Path(folder, "made.db").read_bytes()


@cache
def _model(server: str, fill: Callable[[Session], object] | None) -> str:
    """The address of a PostgreSQL database to be copied."""
    url = postgres.make(server)
    with closing(Database(url)) as database:
        _make_tables(database, "postgresql", fill)
    return url


def upgrade(database: Database) -> None:
    """Bring an empty database that nobody has opened to the newest shape, step by step once and then as a copy."""
    if database.is_sqlite:
        assert database.url.database
        Path(database.url.database).write_bytes(_upgraded_file())
    else:
        migrations.upgrade(database)


@cache
def _upgraded_file() -> bytes:
    with TemporaryDirectory() as folder, closing(Database(f"sqlite:///{folder}/made.db")) as database:
        migrations.upgrade(database)
        database.close()
        return Path(folder, "made.db").read_bytes()


def _make_tables(database: Database, dialect: str, fill: Callable[[Session], object] | None) -> None:
    with database.writer.begin() as connection:
        for statement in _statements(dialect):
            connection.exec_driver_sql(statement)
    if fill is not None:
        with database.write() as session:
            fill(session)


def _statements(dialect: str) -> tuple[str, ...]:
    """What makes the tables, as the models say, and the guards."""
    said: list[str] = []
    engine = create_mock_engine(
        "sqlite://" if dialect == "sqlite" else "postgresql+psycopg://",
        lambda sql, *_values, **_more: said.append(str(sql.compile(dialect=engine.dialect))),
    )
    Base.metadata.create_all(engine, checkfirst=False)
    return (*said, *(guards.SQLITE if dialect == "sqlite" else guards.POSTGRESQL))


def fill_county(session: Session) -> None:
    """Two towns with two villages each, one place in Shanghai, and the kinds of people and posts."""
    areas.load(session, [place_row(code, name) for code, name in PLACES.items()])
    ensure_reference_data(session)


def make_test_settings(home: Path, **values: Any) -> Settings:
    """Settings of a demo county in a folder."""
    key = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
    return make_settings(
        {
            "mode": "demo", "gateway": "simulator", "database_url": f"sqlite:///{home / 'farmerline.db'}", "home": home,
            "county": COUNTY, "service_name": "农信通达·慈溪", "line_number": "0574-00002169", "vault_keys": f"k1:{key}",
            "index_key": key, "web_key": "w" * 40, "simulator_path": home / "carrier.db", **values,
        }
    )  # fmt: skip


def phone(number: int | None = None) -> str:
    """An E.164 mobile number that no other call gave."""
    return f"+86139{(next(_numbers) if number is None else number):08d}"


def make_account(
    session: Session,
    name: str = "杨大山",
    *,
    area_code: str = YANGGAO,
    state: AccountState = AccountState.VERIFIED,
    kinds: Iterable[str] = ("farmer",),
    tips: bool = False,
    now: datetime = NOW,
    **values: Any,
) -> Account:
    """A person; verified ones come with the consents of an enrolment."""
    number = values.pop("phone", None) or phone()
    account = Account(
        name=name, phone=number, phone_index=vault.phone_index(number), area_code=area_code, state=state,
        origin=values.pop("origin", "contact"), created_at=now, language=values.pop("language", "zh"),
        preferred=values.pop("preferred", Channel.SMS), **values,
    )  # fmt: skip
    account.kinds = [AccountKind(account_id=account.id, kind=kind) for kind in kinds]
    if state is not AccountState.PENDING:
        account.id_seen_on, account.verified_at, account.verified_where = date(2026, 11, 2), now, area_code
    session.add(account)
    session.flush()
    if state is AccountState.VERIFIED:
        purposes = consent.ENROLLED + (consent.UNASKED if tips else ())
        consent.grant(session, account, purposes=purposes, proof=consent.enrolment_proof("test"), now=now)
    return account


def make_staff(
    session: Session,
    role: Role,
    area_code: str = COUNTY,
    name: str = "沈秋月",
    *,
    now: datetime = NOW,
    **values: Any,
) -> Account:
    """A verified person with a role in an area; they live in the area's first village."""
    home = values.pop("home", area_code if len(area_code) == 12 else YANGGAO)
    account = make_account(session, name, area_code=home, now=now, **values)
    access.grant_role(session, account, role=role, area_code=area_code, by=None, now=now)
    return account


def make_organisation(
    session: Session, *, state: AccountState = AccountState.PENDING, now: datetime = NOW
) -> Organisation:
    """A buying firm in Shanghai."""
    row = Organisation(
        credit_code=f"TEST{new_id()[-14:].upper()}", name="青浦果品有限公司", kind="buyer", area_code="310118102",
        contact="陆文彬", phone=phone(), state=state, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
