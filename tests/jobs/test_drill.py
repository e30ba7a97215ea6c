"""The restore drill: a county with everything in it is backed up, changed, restored, and works on; on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from farmerline import vault
from farmerline.cli.recovery import finish_restore
from farmerline.clock import FixedClock
from farmerline.domain import audit, erasure, mailbox, outbox
from farmerline.messages import Channel, Incoming
from farmerline.models import Account, Base, Call, Delivery, Letter, Photo, Post, Purpose, Recording
from farmerline.runtime import Runtime
from jobs.backup import back_up, restore
from tests import postgres
from tests.factories import NOW, fill_county, make_account, make_database, make_test_settings

SOUND, PICTURE = b"RIFF" + bytes(range(256)) * 50, b"\xff\xd8" + bytes(range(256))


def find(program: str) -> str | None:
    """The programs of the tests' own PostgreSQL; nothing where it brings none."""
    server = postgres.find()
    return shutil.which(program, path=str(server.programs)) if server else None


@contextmanager
def open_runtime(url: str, home: Path) -> Iterator[Runtime]:
    database = make_database(url, fill_county)
    settings = make_test_settings(home, database_url=url)
    vault.install(settings.vault())
    runtime = Runtime(settings=settings, database=database, clock=FixedClock(NOW))
    runtime.prepare()
    yield runtime
    database.close()


@pytest.fixture
def county(database_url: str, tmp_path: Path) -> Iterator[Runtime]:
    if database_url.startswith("postgresql") and not all(
        find(program) for program in ("pg_dump", "pg_restore", "psql")
    ):
        pytest.skip("this PostgreSQL brings no pg_dump, pg_restore and psql")
    with open_runtime(database_url, tmp_path) as runtime:
        yield runtime


def text(runtime: Runtime, account: Account, words: str, ref: str) -> Any:
    incoming = Incoming(
        channel=Channel.SMS, gateway="sms", ref=ref, sender=account.phone or "", text=words, received_at=runtime.now(), raw=words
    )  # fmt: skip
    return runtime.accept(incoming)


def fill(runtime: Runtime) -> tuple[Account, Account]:
    """People, a post, a letter, a call with its recording, a picture, messages on their way."""
    with runtime.database.write() as session:
        yang, mei = (
            make_account(session, "杨大山", reviewed=True),
            make_account(session, "岑小梅", reviewed=True),
        )
        mailbox.send(
            session,
            sender=mei,
            to=yang,
            body="苗到了，来拿",
            subject="葡萄苗",
            channel="web",
            now=runtime.now(),
        )
        call = Call(
            gateway="voice",
            ref="c1",
            caller=yang.phone,
            account_id=yang.id,
            data={},
            started_at=runtime.now(),
        )
        call.said = [["say", "老岑要您的葡萄苗"]]
        session.add_all([call, Photo(kind="image/jpeg", body=PICTURE, at=runtime.now())])
        session.flush()
        session.add(
            Recording(
                call_id=call.id, account_id=yang.id, use="sell", seconds=3, sound=SOUND, at=runtime.now()
            )
        )
    asked = text(runtime, yang, "供应葡萄苗2000株3元一株", "m1")
    text(runtime, yang, f"1{asked.question_code}", "m2")
    return yang, mei


def contents(runtime: Runtime) -> dict[str, Any]:
    """What can be read, and how many rows each table has but the audit."""
    with runtime.database.read() as session:
        assert audit.verify(session) is None
        tables = [table for table in Base.metadata.sorted_tables if not table.name.startswith("audit")]
        return {
            "names": sorted(one.name for one in session.scalars(select(Account))),
            "phones": sorted(one.phone or "" for one in session.scalars(select(Account))),
            "letters": [(one.subject, one.body) for one in session.scalars(select(Letter))],
            "texts": sorted(one.text for one in session.scalars(select(Delivery))),
            "posts": [(one.number, one.text, one.state) for one in session.scalars(select(Post))],
            "said": [one.said for one in session.scalars(select(Call))],
            "sounds": [one.sound for one in session.scalars(select(Recording))],
            "pictures": [one.body for one in session.scalars(select(Photo))],
            "rows": {table.name: session.scalar(select(func.count()).select_from(table)) for table in tables},
        }


def change(runtime: Runtime, yang: Account) -> None:
    with runtime.database.write() as session:
        row = session.get_one(Account, yang.id)
        row.name = "杨小山"
        for voice in session.scalars(select(Recording)):
            session.delete(voice)
        make_account(session, "陆文彬")


def test_a_county_comes_back_whole_and_works_on(county: Runtime) -> None:
    yang, _mei = fill(county)
    before = contents(county)
    assert before["names"] == ["岑小梅", "杨大山"] and before["sounds"] == [SOUND]
    file = county.settings.backups / back_up(county.context, find=find)
    county.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    change(county, yang)
    assert contents(county) != before
    aside = restore(county.context, file, force=True, find=find)
    assert aside is not None and aside.exists()
    finish_restore(county, file)
    assert contents(county) == before
    work_on(county, yang)


def work_on(county: Runtime, yang: Account) -> None:
    """The service takes words, answers them and keeps its audit on what was restored."""
    accepted = text(county, yang, "供应鲜桃300斤2元一斤", "m3")
    assert accepted.question_code
    assert text(county, yang, f"1{accepted.question_code}", "m4").post_id
    with county.database.write() as session:
        told = outbox.tell(
            session,
            account=session.get_one(Account, yang.id),
            text="您好",
            purpose=Purpose.SERVICE,
            now=county.now(),
        )
        assert told is not None
    with county.database.read() as session:
        assert audit.verify(session) is None
        assert session.scalar(select(func.count()).select_from(Post)) == 2


def test_who_was_erased_since_the_backup_stays_erased(county: Runtime) -> None:
    yang, mei = fill(county)
    file = county.settings.backups / back_up(county.context, find=find)
    with county.database.write() as session:
        row = session.get_one(Account, yang.id)
        erasure.erase(session, row, by=None, reason="本人要求", home=county.settings.home, now=county.now())
    restore(county.context, file, force=True, find=find)
    with county.database.read() as session:
        assert session.get_one(Account, yang.id).name == "杨大山"
    assert finish_restore(county, file) == 1
    with county.database.read() as session:
        assert session.get_one(Account, yang.id).name == erasure.NAME
        assert session.get_one(Account, yang.id).phone is None
        assert session.get_one(Account, mei.id).name == "岑小梅"
        assert audit.verify(session) is None


def test_a_service_started_on_a_copy_put_back_by_hand_erases_them_too(
    sqlite_url: str, tmp_path: Path
) -> None:
    with open_runtime(sqlite_url, tmp_path) as county:
        yang, _mei = fill(county)
        file = county.settings.backups / back_up(county.context)
        with county.database.write() as session:
            row = session.get_one(Account, yang.id)
            erasure.erase(
                session, row, by=None, reason="本人要求", home=county.settings.home, now=county.now()
            )
        county.database.close()
        place = Path(str(county.database.url.database))
        shutil.copyfile(file, place)
        county.prepare()
        with county.database.read() as session:
            assert session.get_one(Account, yang.id).name == erasure.NAME


def test_the_list_survives_a_host_that_lost_it(sqlite_url: str, tmp_path: Path) -> None:
    with open_runtime(sqlite_url, tmp_path) as county:
        yang, _mei = fill(county)
        file = county.settings.backups / back_up(county.context)
        with county.database.write() as session:
            row = session.get_one(Account, yang.id)
            erasure.erase(
                session, row, by=None, reason="本人要求", home=county.settings.home, now=county.now()
            )
        (tmp_path / "erased.tsv").unlink()
        restore(county.context, file, force=True)
        assert finish_restore(county, file) == 1
