"""Lists of people as files: their columns."""

from __future__ import annotations

from collections.abc import Iterable

from farmerline.domain import table_file
from farmerline.domain.table_file import MOST_BYTES, Columns, Line, NoHeadings, Table
from farmerline.errors import Invalid

__all__ = ["MOST_BYTES", "Line", "Table", "read_table", "write_rejects"]

_COLUMNS = Columns(
    {
        "name": "姓名 真实姓名 名字 name",
        "phone": "手机 手机号 手机号码 电话 电话号码 联系电话 phone mobile",
        "village": "村 村名 村庄 所在村 行政村 村(社区) 村社区 village",
        "village_code": "村代码 村编码 区划代码 villagecode",
        "town": "镇 乡镇 镇街 镇街道 街道 town",
        "kinds": "身份 人员类型 类型 类别 kind kinds",
        "crops": "作物 种植作物 主要作物 主营 crop crops",
        "resident": "身份证 身份证号 身份证号码 公民身份号码 residentnumber idnumber",
        "seen": "证件已看 看证 idseen",
        "seen_by": "看证人 证件查看人 核验人 idseenby",
        "seen_on": "看证日期 查看日期 核验日期 idseenon",
        "tips": "农事提示 农技短信 同意短信 同意收短信 tips",
    },
    needed=(frozenset({"name"}), frozenset({"phone"}), frozenset({"village", "village_code"})),
)


def read_table(content: bytes) -> Table:
    """The list of people in a file's bytes; raises ``Invalid`` when it is no list, or a column is missing."""
    try:
        return table_file.read_table(content, _COLUMNS)
    except NoHeadings as error:
        raise Invalid(
            "roster_columns",
            "The list needs the columns 姓名, 手机 and 村 (or 村代码); found: {found}.",
            found=error.found,
        ) from error


def write_rejects(table: Table, rejects: Iterable[tuple[Line, str]]) -> bytes:
    """The rows to mend as a CSV, each with its reason in the last column."""
    return table_file.write_rejects(table, rejects, _COLUMNS)
