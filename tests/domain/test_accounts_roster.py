"""A list of people is taken in: good rows kept, bad rows given back with a reason, a repeat changes nothing."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from datetime import date
from io import BytesIO, StringIO

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from farmerline.db import Database
from farmerline.domain import accounts, audit, consent, roster
from farmerline.domain.roster import Plan
from farmerline.domain.roster_file import read_table, write_rejects
from farmerline.errors import Invalid
from farmerline.identity import resident_check_digit
from farmerline.models import Account, AccountState, Purpose, Role
from farmerline.words import say
from tests.factories import COUNTY, NOW, SHUIXIANG, XINDONG, YANGGAO, fill_county, make_account, make_staff

HEAD = "姓名,手机,镇,村,身份,作物,看证人,看证日期,农技短信"


def listing(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows]).encode()


def sheet(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def county(session: Session) -> Account:
    fill_county(session)
    return make_staff(session, Role.CONTACT, COUNTY, "沈秋月", phone="+8613900000500")


def plan_of(session: Session, content: bytes, *, keep_resident: bool = False) -> Plan:
    return roster.make_plan(session, read_table(content), county=COUNTY, now=NOW, keep_resident=keep_resident)


def import_all(database: Database, content: bytes) -> tuple[int, Plan]:
    with database.read() as session:
        plan = plan_of(session, content)
    added = 0
    for part in roster.parts(plan):
        with database.write() as session:
            added += roster.take(session, part, now=NOW)
    return added, plan


def reasons(plan: Plan) -> list[tuple[int, str]]:
    return [(reject.line.number, reject.reason.code) for reject in plan.rejects]


def test_good_rows_become_people_and_bad_rows_come_back_with_a_reason(database: Database) -> None:
    content = listing(
        "杨大山,13957400001,,杨高村,农户、种养大户,葡萄 提子,沈秋月,2026-11-02,是",
        "岑小梅,13957400001,龙山镇,新东,,,,,",
        "虞有田,1395740000,,杨高,,,,,",
        "马水根,13957400004,,新东村,,,,,",
        "胡一刀,13957400005,,天宫村,,,,,",
        ",13957400006,,杨高,,,,,",
        "沈大妈,13957400007,,水湘,巫师,,,,",
        "沈二妈,13957400008,,水湘,,,王五,2026-11-02,",
        "沈三妈,13957400009,,水湘,,,沈秋月,,",
        "沈四妈,13957400010,,水湘,,,沈秋月,2027-01-01,",
        "",
        "沈五妈,13957400011,,水湘,farmer,番茄,13900000500,2026年11月2日,",
    )
    with database.write() as session:
        contact = county(session)
    added, plan = import_all(database, content)
    assert (added, plan.known) == (3, 0)
    assert reasons(plan) == [
        (4, "phone_length"), (5, "village_several"), (6, "village_unknown"), (7, "name_shape"), (8, "kind_unknown"),
        (9, "seen_unknown"), (10, "seen_half"), (11, "seen_later"),
    ]  # fmt: skip
    with database.read() as session:
        yang, cen = accounts.by_phone(session, "+8613957400001")
        if yang.name != "杨大山":
            yang, cen = cen, yang
        assert (yang.state, yang.area_code, yang.origin) == (AccountState.VERIFIED, YANGGAO, "roster")
        assert (yang.id_seen_by, yang.id_seen_on) == (contact.id, date(2026, 11, 2))
        assert {row.kind for row in yang.kinds} == {"farmer", "large_grower"}
        assert {row.concept for row in yang.crops} == {"葡萄"}
        assert consent.allows(session, account=yang, purpose=Purpose.TIPS)
        assert (cen.name, cen.state, cen.area_code) == ("岑小梅", AccountState.PENDING, XINDONG)
        fifth = accounts.by_phone(session, "+8613957400011")[0]
        assert (fifth.area_code, fifth.id_seen_by, fifth.crops[0].concept) == (SHUIXIANG, contact.id, "番茄")
        assert audit.verify(session) is None


def test_a_repeat_changes_nothing_and_another_name_is_another_member(database: Database) -> None:
    content = listing(
        "杨大山,13957400001,,杨高村,,,,,",
        "岑小梅,139 5740 0001,,杨高村,,,,,",
        "杨大山,+8613957400001,龙山镇,新东,,,,,",
    )
    with database.write() as session:
        county(session)
        make_account(session, "杨大川", phone="+8613957400001")
    added, plan = import_all(database, content)
    assert (added, plan.known, plan.rejects) == (2, 1, [])
    with database.read() as session:
        before = [(row.id, row.area_code) for row in accounts.by_phone(session, "+8613957400001")]
    added, plan = import_all(database, content)
    assert (added, plan.known) == (0, 3)
    with database.read() as session:
        assert [(row.id, row.area_code) for row in accounts.by_phone(session, "+8613957400001")] == before


def test_who_came_between_plan_and_taking_is_passed_over(database: Database) -> None:
    with database.write() as session:
        county(session)
        plan = plan_of(session, listing("杨大山,13957400001,,杨高村,,,,,"))
        make_account(session, "杨大山", phone="+8613957400001")
        assert roster.take(session, plan.newcomers, now=NOW) == 0


def test_a_phone_takes_eight_people(database: Database) -> None:
    rows = [f"杨{sign},13957400001,,杨高村,,,,," for sign in "甲乙丙丁戊己庚辛壬癸"]
    with database.write() as session:
        county(session)
        plan = plan_of(session, listing(*rows))
    assert (len(plan.newcomers), [code for _, code in reasons(plan)]) == (8, ["phone_full", "phone_full"])


@pytest.mark.parametrize("keep", [True, False])
def test_a_resident_number_is_checked_and_kept_only_where_the_setting_says_so(
    database: Database, keep: bool
) -> None:
    body = "33028219570412001"
    number = body + resident_check_digit(body)
    wrong = body + ("1" if number[-1] != "1" else "2")
    content = listing(
        f"杨大山,13957400001,杨高村,{number}", f"杨大川,13957400002,杨高村,{number}", f"杨小山,13957400003,杨高村,{wrong}",
        head="姓名,手机号码,村,身份证号",
    )  # fmt: skip
    with database.write() as session:
        county(session)
        plan = plan_of(session, content, keep_resident=keep)
        expected = [(3, "resident_known"), (4, "resident_check")] if keep else [(4, "resident_check")]
        assert sorted(reasons(plan)) == expected
        roster.take(session, plan.newcomers, now=NOW)
        person = accounts.by_phone(session, "+8613957400001")[0]
        assert person.resident == (number if keep else None)
        again = plan_of(session, content, keep_resident=keep)
        assert (again.known, len(again.newcomers)) == ((1, 0) if keep else (2, 0))


@pytest.mark.parametrize(
    "content",
    [
        "姓名,手机,村\n杨大山,13957400001,杨高村\n".encode(),
        "\ufeff姓名,手机,村\r\n杨大山,13957400001,杨高村\r\n".encode(),
        "姓名,手机,村\n杨大山,13957400001,杨高村\n".encode("gb18030"),
        "姓名\t手机\t村\n杨大山\t13957400001\t杨高村\n".encode("utf-16"),
        "姓名;手机;村\n杨大山;13957400001;杨高村\n".encode(),
        "二〇二六年名册\n\n姓名（必填）,手机号码*,所在村\n杨大山,１３９５７４００００１,杨高村\n".encode(),
        b"Name,Mobile,Village code\n" + f"杨大山,13957400001,{YANGGAO}\n".encode(),
        "原因,姓名,手机,村\n旧的原因,杨大山,'13957400001,杨高村\n".encode(),
        sheet(("姓名", "手机", "村"), ("杨大山", 13957400001, "杨高村")),
        sheet(
            ("名册",),
            (),
            ("姓名", "手机", "村", "看证日期", "看证人"),
            ("杨大山", "13957400001", "杨高村", date(2026, 11, 2), "沈秋月"),
        ),
        "姓名,手机,村,证件已看(人/日期)\n杨大山,13957400001,杨高村,沈秋月 2026-11-02\n".encode(),
    ],
)
def test_a_list_is_read_however_it_was_saved(database: Database, content: bytes) -> None:
    with database.write() as session:
        county(session)
        plan = plan_of(session, content)
    assert reasons(plan) == []
    assert [(person.name, person.phone, person.area_code) for person in plan.newcomers] == [
        ("杨大山", "+8613957400001", YANGGAO)
    ]


def bomb() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"<x>" + b" " * 60_000_000)
    return out.getvalue()


def lying_bomb() -> bytes:
    """The same, with a small size written in the zip's directory and before the part."""
    packed = bytearray(bomb())
    true_size = (60_000_003).to_bytes(4, "little")
    return bytes(packed.replace(true_size, (100).to_bytes(4, "little")))


def far_cell() -> bytes:
    packed = sheet(("姓名", "手机", "村"))
    source, out = zipfile.ZipFile(BytesIO(packed)), BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as changed:
        for part in source.infolist():
            body = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                body = body.replace(
                    b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                )
            changed.writestr(part.filename, body)
    return out.getvalue()


def renamed(packed: bytes, old: str, new: str) -> bytes:
    """The workbook with its parts elsewhere, or of another kind, and each reference to them changed."""
    source, out = zipfile.ZipFile(BytesIO(packed)), BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as changed:
        for part in source.infolist():
            body = source.read(part).replace(f"{old}/".encode(), f"{new}/".encode())
            changed.writestr(part.filename.replace(old, new), body)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "roster_columns"),
        (b"a,b,c\n1,2,3\n", "roster_columns"),
        ("姓名,村\n杨大山,杨高\n".encode(), "roster_columns"),
        ("姓名,手机\n杨大山,13957400001\n".encode(), "roster_columns"),
        (b"PK\x03\x04 and nothing more", "roster_broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "roster_kind"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(128, 256)) * 9, "roster_encoding"),
        (b'name,phone,village\n"' + b"x" * 200_000, "roster_broken"),
        (b"name,phone,village\n" + b"x,1,y\n" * 100_011, "roster_rows"),
        (b"\0" * (50 * 1024 * 1024 + 1), "roster_size"),
        (bomb(), "roster_bomb"),
        (lying_bomb(), "roster_bomb"),
        (far_cell(), "roster_bomb"),
        (renamed(far_cell(), "worksheets", "elsewhere"), "roster_bomb"),
        (renamed(sheet(("姓名", "手机", "村")), "workbook.xml", "workbook.bin"), "roster_kind"),
        (renamed(sheet(("姓名", "手机", "村")), "workbook.xml", "content.xml"), "roster_kind"),
        (sheet(("甲", "乙")), "roster_columns"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_list_is_answered_in_one_sentence(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_table(content)
    assert caught.value.code == code


def test_missing_columns_are_named_with_what_was_found() -> None:
    with pytest.raises(Invalid) as caught:
        read_table("姓名,地址\n杨大山,杨高\n".encode())
    said = say("en", caught.value.sentence, **caught.value.values)
    assert said == "The list needs the columns 姓名, 手机 and 村 (or 村代码); found: 姓名 地址."


def test_rows_to_mend_come_back_safe_for_a_spreadsheet_and_can_be_read_again(database: Database) -> None:
    content = listing(
        '"=HYPERLINK(""http://x"",""y"")",13957400001,杨高',
        "杨大山,+86139,杨高",
        "@虞,-1,杨高",
        head="姓名,手机,村",
    )
    with database.write() as session:
        county(session)
        table = read_table(content)
        plan = roster.make_plan(session, table, county=COUNTY, now=NOW)
        back = write_rejects(
            table,
            [
                (reject.line, say("zh", reject.reason.sentence, **reject.reason.values))
                for reject in plan.rejects
            ],
        )
        assert back.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(StringIO(back.decode("utf-8-sig"))))
        assert rows[0] == ["姓名", "手机", "村", "原因"]
        assert [row[0] for row in rows[1:]] == ['\'=HYPERLINK("http://x","y")', "杨大山", "'@虞"]
        assert [row[1] for row in rows[1:]] == ["13957400001", "'+86139", "'-1"]
        assert all(row[3] for row in rows[1:])
        mended = back.decode("utf-8-sig").replace("'+86139", "'+8613957400002").encode()
        again = plan_of(session, mended)
        assert [person.phone for person in again.newcomers] == ["+8613957400002"]


def big_list(count: int) -> Iterator[str]:
    signs = "大小春秋山水田园金玉文武明亮"
    for number in range(count):
        name = "杨岑虞马沈胡"[number % 6] + signs[number % 14] + signs[number // 14 % 14]
        yield f"{name},{13000000000 + number},龙山镇,杨高村,农户,葡萄、番茄,沈秋月,2026-11-02,是"


def test_two_thousand_people_are_taken_in_two_seconds(database: Database) -> None:
    import time

    with database.write() as session:
        county(session)
    content = listing(*big_list(2000))
    begin = time.process_time()
    added, plan = import_all(database, content)
    assert (added, plan.rejects) == (2000, [])
    assert time.process_time() - begin < 6  # room for a slow machine; about a second on two cores
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 2001
