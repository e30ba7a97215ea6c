"""The commands that set up a county, take in people, and look at the record."""

from __future__ import annotations

import re
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, text

from farmerline import vault
from farmerline.cli import COMMANDS, LateGroup, main
from farmerline.cli.language import language
from farmerline.config import Module, read_settings
from farmerline.db import Database
from farmerline.domain import access, accounts, credentials, signin
from farmerline.migrations import is_current
from farmerline.models import Account, AccountState, Area, Role
from tests.factories import YANGGAO


class Program:
    """The whole command line, as the entry point runs it."""

    name = "farmerline"
    main = staticmethod(main)


def run(*arguments: str, typed: str = "", english: bool = True, **environment: str) -> Result:
    values = {"LC_ALL": "en_US.UTF-8" if english else "C.UTF-8", **environment}
    return CliRunner().invoke(Program(), list(arguments), input=typed, env=values)  # type: ignore[arg-type]


ANSWERS = """
county = "慈溪"
service_name = "农信通达·慈溪"
gateway = "twilio"
twilio_account_sid = "AC0123"
twilio_auth_token = "it's a secret"
twilio_number = "+8657400002169"
line_number = "0574-0000-2169"
first_person = "沈秋月 139 0000 0001"
second_person = "胡一刀,13900000002"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A county set up by an answers file."""
    folder = tmp_path_factory.mktemp("county")
    (folder / "answers.toml").write_text(
        ANSWERS.replace("139 0000 0001", "13900000001").replace("it's a secret", "it's-a-secret")
    )
    result = run(
        "init", "--answers", str(folder / "answers.toml"), "--settings", str(folder / "settings.env")
    )
    return folder, result


def county(folder: Path) -> tuple[Any, Database]:
    settings = read_settings({"FARMERLINE_SETTINGS": str(folder / "settings.env")})
    vault.install(settings.vault())
    return settings, Database(settings.database_url)


def test_init_makes_a_county_that_two_people_can_sign_in_to(made: tuple[Path, Result]) -> None:
    folder, result = made
    assert result.exit_code == 0, result.output
    settings, database = county(folder)
    assert (settings.county, settings.mode, settings.gateway) == ("330282", "production", "twilio")
    assert settings.twilio_auth_token.get_secret_value() == "it's-a-secret"
    assert settings.service_name == "农信通达·慈溪"
    assert settings.has(Module.VOICE)
    assert stat.S_IMODE((folder / "settings.env").stat().st_mode) == 0o600
    assert sorted(path.name for path in folder.iterdir()) == ["answers.toml", "data", "settings.env"]
    assert settings.backups.is_dir()
    assert is_current(database)
    passwords = re.findall(r"one use (\S+)", result.output)
    secrets = re.findall(r"second factor (\S+)", result.output)
    assert len(passwords) == len(secrets) == 2
    now = datetime.now(UTC)
    with database.write() as session:
        assert session.scalar(select(func.count()).select_from(Area).where(Area.level == "village")) == 406
        for number, password, secret, second in zip(
            (1, 2), passwords, secrets, (Role.OFFICER, Role.SIGNER), strict=True
        ):
            phone = f"+8613900000{number:03d}"
            code = pyotp.TOTP(secret).at(now)
            account = credentials.find_by_password(
                session, phone=phone, password=password, code=code, now=now
            )
            assert account is not None
            token = signin.open_session(session, account, settings=settings, now=now)
            actor = signin.load_session(session, token, now=now)
            assert actor is not None
            assert actor.has(Role.ADMIN)
            assert actor.has(second)
            assert actor.must_change
    database.close()


def test_init_never_overwrites_settings(made: tuple[Path, Result]) -> None:
    folder, _ = made
    before = (folder / "settings.env").read_bytes()
    result = run(
        "init", "--answers", str(folder / "answers.toml"), "--settings", str(folder / "settings.env")
    )
    assert result.exit_code == 1
    assert "never overwrites" in result.output
    again = run(
        "init",
        "--answers",
        str(folder / "answers.toml"),
        "--settings",
        str(folder / "other.env"),
        "--home",
        str(folder / "data"),
    )
    assert again.exit_code == 1
    assert "holds a county already" in again.output
    assert (folder / "settings.env").read_bytes() == before
    assert not (folder / "other.env").exists()


def test_init_asks_again_where_an_answer_will_not_do(tmp_path: Path) -> None:
    typed = [
        "火星", "朝阳区", "360502",  # no such county; several; its code
        "农", "农信通达·新余",
        "pigeon", "simulator",
        "line", "0790-16822169",
        "沈秋月", "沈秋月 12", "沈秋月 13900000001",
        "沈秋月 13900000001", "胡一刀 13900000002",
        "/proc/nowhere", str(tmp_path / "elsewhere"),
    ]  # fmt: skip
    result = run("init", "--settings", str(tmp_path / "settings.env"), typed="\n".join(typed) + "\n")
    assert result.exit_code == 0, result.output
    for said in (
        "no county 火星",
        "Several counties fit",
        "2 to 30",
        "twilio, pbx or simulator",
        "telephone number",
        "another person",
    ):
        assert said in result.output
    settings, database = county(tmp_path)
    assert (settings.county, settings.mode, settings.backups) == ("360502", "demo", tmp_path / "elsewhere")
    database.close()


@pytest.mark.parametrize(
    ("change", "said", "code"),
    [
        (("慈溪", "火星"), "There is no county 火星", 1),
        (('county = "慈溪"', ""), "The answer county is missing", 1),
        (("county =", "country ="), "country is not an answer", 2),
        (('"慈溪"', "330282"), "county is not an answer", 2),
        (("county", "county ="), "is not a TOML file", 2),
    ],
)
def test_answers_from_a_file_are_refused_and_nothing_is_left(
    tmp_path: Path, change: tuple[str, str], said: str, code: int
) -> None:
    (tmp_path / "answers.toml").write_text(ANSWERS.replace(*change, 1))
    result = run(
        "init", "--answers", str(tmp_path / "answers.toml"), "--settings", str(tmp_path / "settings.env")
    )
    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert [path.name for path in tmp_path.iterdir()] == ["answers.toml"]


def test_the_audit_is_walked_and_a_broken_row_named(made: tuple[Path, Result]) -> None:
    folder, _ = made
    named = {"FARMERLINE_SETTINGS": str(folder / "settings.env")}
    result = run("audit", "verify", **named)
    assert result.exit_code == 0
    assert re.fullmatch(r"OK: \d+ rows, head [0-9a-f]{64}\n", result.output)
    _, database = county(folder)
    with database.writer.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_no_update"))
        connection.execute(text("UPDATE audit SET act = act || 'x' WHERE number = 3"))
    result = run("audit", "verify", **named)
    assert (result.exit_code, result.output) == (1, "BROKEN: Row 3 was changed.\n")
    assert "第3行被改动过" in run("audit", "verify", english=False, **named).output
    with database.writer.begin() as connection:
        connection.execute(text("UPDATE audit SET act = substr(act, 1, length(act) - 1) WHERE number = 3"))
    assert run("audit", "verify", **named).exit_code == 0
    database.close()


def test_a_list_is_tried_taken_in_and_repeated(made: tuple[Path, Result], tmp_path: Path) -> None:
    """M14."""
    folder, _ = made
    named = {"FARMERLINE_SETTINGS": str(folder / "settings.env")}
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "姓名,手机,村,看证人,看证日期\n杨大山,13957400001,杨高村,沈秋月,2026-01-02\n岑小梅,1395740,杨高村,,\n=虞,13957400003,杨高,,\n",
        encoding="gb18030",
    )
    tried = run("accounts", "import", str(roster), "--dry-run", **named)
    assert tried.exit_code == 1
    assert "3 rows: 1 new, 0 here already, 2 to mend." in tried.output
    assert "Row 3: A mobile number has 11 digits" in tried.output
    assert "nothing was written" in tried.output
    assert [path.name for path in tmp_path.iterdir()] == ["roster.csv"]
    taken = run("accounts", "import", str(roster), **named)
    assert taken.exit_code == 1
    assert taken.output.splitlines()[0] == tried.output.splitlines()[0]
    mend = tmp_path / "roster-to-fix.csv"
    assert stat.S_IMODE(mend.stat().st_mode) == 0o600
    lines = mend.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "姓名,手机,村,看证人,看证日期,原因"
    assert lines[2].startswith("'=虞,13957400003,杨高,")
    _, database = county(folder)
    with database.read() as session:
        person = accounts.by_phone(session, "+8613957400001")[0]
        assert (person.state, person.area_code) == (AccountState.VERIFIED, YANGGAO)
    mend.write_text("姓名,手机,村\n岑小梅,13957400002,杨高村\n杨大山,13957400001,杨高村\n", encoding="utf-8")
    mended = run("accounts", "import", str(mend), **named)
    assert (mended.exit_code, mended.output) == (0, "2 rows: 1 new, 1 here already, 0 to mend.\n")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 4
    database.close()


def test_wrong_columns_are_one_clear_line(made: tuple[Path, Result], tmp_path: Path) -> None:
    folder, _ = made
    (tmp_path / "x.csv").write_text("甲,乙\n1,2\n")
    result = run(
        "accounts", "import", str(tmp_path / "x.csv"), FARMERLINE_SETTINGS=str(folder / "settings.env")
    )
    assert result.exit_code == 1
    assert (
        result.output
        == "farmerline: The list needs the columns 姓名, 手机 and 村 (or 村代码); found: 甲 乙.\n"
    )


def test_a_role_is_given_and_a_locked_out_person_let_in(made: tuple[Path, Result]) -> None:
    folder, _ = made
    named = {"FARMERLINE_SETTINGS": str(folder / "settings.env")}
    given = run("accounts", "grant", "13900000002", "contact", YANGGAO, **named)
    assert (given.exit_code, given.output) == (0, "Done: contact in 龙山镇杨高村.\n")
    assert run("accounts", "grant", "13900000002", "contact", YANGGAO, **named).exit_code == 1
    assert run("accounts", "grant", "13900000002", "contact", "999", **named).exit_code == 1
    assert run("accounts", "grant", "13900000009", "contact", YANGGAO, **named).exit_code == 1
    let_in = run("accounts", "let-in", "13900000002", "--new-second-factor", **named)
    assert let_in.exit_code == 0
    password = re.findall(r"one use: (\S+)", let_in.output)[0]
    secret = re.findall(r"Second factor: (\S+)", let_in.output)[0]
    _, database = county(folder)
    now = datetime.now(UTC)
    with database.write() as session:
        code = pyotp.TOTP(secret).at(now)
        person = credentials.find_by_password(
            session, phone="+8613900000002", password=password, code=code, now=now
        )
        assert person is not None
        assert {row.role for row in access.roles_of(session, person.id)} == {
            Role.ADMIN,
            Role.SIGNER,
            Role.CONTACT,
        }
    database.close()


def test_places_of_a_file_are_loaded_with_the_places_around_them(
    made: tuple[Path, Result], tmp_path: Path
) -> None:
    folder, _ = made
    named = {"FARMERLINE_SETTINGS": str(folder / "settings.env")}
    again = run("areas", "load", **named)
    assert (again.exit_code, again.output.startswith("Places: 0 added, 0 renamed, ")) == (0, True)
    (tmp_path / "villages.csv").write_text(
        "统计用区划代码,名称\n330281001201,测试村委会\n330282123222,杨高新村委会\n"
    )
    result = run("areas", "load", str(tmp_path / "villages.csv"), "--county", "330282", **named)
    assert result.output.startswith("Places: 0 added, 1 renamed, ")
    (tmp_path / "bad.csv").write_text("统计用区划代码,名称\nabc,测试村委会\n")
    assert run("areas", "load", str(tmp_path / "bad.csv"), **named).exit_code == 1
    assert run("areas", "load", "--county", "999999", **named).exit_code == 1


def test_migrate_brings_an_empty_database_to_the_newest_shape(
    made: tuple[Path, Result], tmp_path: Path
) -> None:
    folder, _ = made
    named = {
        "FARMERLINE_SETTINGS": str(folder / "settings.env"),
        "FARMERLINE_DATABASE_URL": f"sqlite:///{tmp_path / 'empty.db'}",
    }
    early = run("audit", "verify", **named)
    assert (early.exit_code, "farmerline migrate" in early.output) == (2, True)
    assert run("migrate", **named).output == "The database has the newest shape now.\n"
    assert run("migrate", **named).output == "The database has the newest shape already.\n"
    assert run("audit", "verify", **named).output == f"OK: 0 rows, head {'0' * 64}\n"


def test_a_wrong_setting_is_one_line_and_the_end(made: tuple[Path, Result]) -> None:
    folder, _ = made
    result = run("migrate", FARMERLINE_SETTINGS=str(folder / "settings.env"), FARMERLINE_COUNTY="x")
    assert result.exit_code == 2
    assert result.output.startswith("farmerline: FARMERLINE_COUNTY is wrong")
    assert len(result.output.splitlines()) == 1


def test_a_key_is_fresh_and_fits_the_vault() -> None:
    first, second = (run("key").output.strip() for _ in range(2))
    assert first != second
    assert len(vault.read_key(first)) == 32


def test_an_unknown_command_is_told_with_usage() -> None:
    result = run("nonsense")
    assert result.exit_code == 2
    assert "No such command" in result.output
    assert isinstance(LateGroup().list_commands(None), list)  # type: ignore[arg-type]
    assert {"init", "key", "migrate", "areas", "accounts", "audit"} <= set(COMMANDS)


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
    ],
)
def test_the_command_line_speaks_chinese_unless_the_terminal_is_english(
    environment: dict[str, str], spoken: str
) -> None:
    assert language(environment) == spoken
