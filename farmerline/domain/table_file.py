"""Lists as files: CSV or XLSX in, a table of texts out; and the rows to mend back as a CSV.

A file is looked at before it is opened: its unpacked size, how far its cells reach, its rows and the length of a cell.
"""

from __future__ import annotations

import csv
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from farmerline.errors import Invalid

MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 100_000
_MOST_CELLS = 4_000_000
_MOST_RATIO = 200
_LONGEST_CELL = 500
_HEADING_ROWS = 10
REASON = "原因"
_REASONS = f"{REASON} reason"
_OTHER_KINDS = ("content.xml", "workbook.bin")
"""The heart of an ODS and of an XLSB, whose cells are not looked at here."""


class Columns:
    """Which headings a list may have: a field's name to its headings, by blanks. A row is the row of headings where it
    has one of each set of ``needed``. The last column of the rows to mend, their reason, is known without being named."""

    def __init__(self, headings: Mapping[str, str], needed: Sequence[frozenset[str]]) -> None:
        self._fields = {
            heading: field
            for field, all_of_it in {**headings, "reason": _REASONS}.items()
            for heading in all_of_it.split()
        }
        self._needed = tuple(needed)

    def field(self, heading: str) -> str | None:
        """The field that a heading means; signs and what stands in brackets do not matter."""
        plain = re.sub(r"[\s_*:：]", "", unicodedata.normalize("NFKC", heading)).lower().lstrip("'")
        return self._fields.get(plain) or self._fields.get(re.sub(r"\(.*\)", "", plain))

    def head(self, cells: Sequence[str]) -> bool:
        """Whether a row is the row of headings."""
        found = {self.field(cell) for cell in cells}
        return all(found & one for one in self._needed)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its number in the file (as a spreadsheet counts), its cells, and those cells by field."""

    number: int
    cells: tuple[str, ...]
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A list: the headings as they stand there, and the rows with something in them."""

    headings: tuple[str, ...]
    lines: tuple[Line, ...]


class NoHeadings(Exception):
    """No row of the file has the headings that are needed; ``found`` are those of its first row."""

    def __init__(self, found: str) -> None:
        super().__init__(found)
        self.found = found


def read_table(content: bytes, columns: Columns) -> Table:
    """The list in a file's bytes; raises ``Invalid`` when it is no list, ``NoHeadings`` when a column is missing."""
    if len(content) > MOST_BYTES:
        raise Invalid("roster_size", "The file is too large: at most 50 MB.")
    if content.startswith(b"PK\x03\x04"):
        rows = _read_sheet(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _wrong_kind()
    else:
        rows = _read_text(content)
    place = next((place for place, cells in enumerate(rows[:_HEADING_ROWS]) if columns.head(cells)), None)
    if place is None:
        first = next((cells for cells in rows if any(cells)), [])
        raise NoHeadings(" ".join(cell[:12] for cell in first[:12] if cell) or "—")
    headings = tuple(cell.strip() for cell in rows[place])
    fields = {column: field for column, heading in enumerate(headings) if (field := columns.field(heading))}
    lines = [
        Line(number, tuple(cells), _by_field(cells, fields))
        for number, cells in enumerate(rows[place + 1 :], start=place + 2)
        if any(cell.strip() for cell in cells)
    ]
    if len(lines) > MOST_ROWS:
        raise Invalid(
            "roster_rows", "The list has too many rows: at most {count} in one file.", count=MOST_ROWS
        )
    return Table(headings, tuple(lines))


def write_rejects(table: Table, rejects: Iterable[tuple[Line, str]], columns: Columns) -> bytes:
    """The rows to mend as a CSV (UTF-8 with its mark, as Excel likes it), each with its reason in the last column.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front; reading takes it off again.
    """
    keep = [column for column, heading in enumerate(table.headings) if columns.field(heading) != "reason"]
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*(safe(table.headings[column]) for column in keep), REASON])
    for line, reason in rejects:
        cells = [line.cells[column] if column < len(line.cells) else "" for column in keep]
        writer.writerow([*map(safe, cells), safe(reason)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _by_field(cells: Sequence[str], fields: dict[int, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column, field in fields.items():
        cell = cells[column].strip() if column < len(cells) else ""
        if cell[:1] == "'":
            cell = cell[1:].strip()
        found[field] = found.get(field) or cell[:_LONGEST_CELL]
    return found


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell.lstrip(" ")[:1] in tuple("=+-@\t\r") and cell else cell


def _read_text(content: bytes) -> list[list[str]]:
    text = _decode(content).replace("\0", "")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;", key=first.count)
    try:
        rows: list[list[str]] = []
        for cells in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            rows.append(cells)
            if len(rows) > MOST_ROWS + _HEADING_ROWS:
                raise Invalid(
                    "roster_rows", "The list has too many rows: at most {count} in one file.", count=MOST_ROWS
                )
        return rows
    except csv.Error as error:
        raise Invalid(
            "roster_broken", "The file cannot be read as a list. Save it again as XLSX or CSV."
        ) from error


def _decode(content: bytes) -> str:
    encodings = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("roster_encoding", "The file is not text. Save it as XLSX, or as CSV in UTF-8.")


def _read_sheet(content: bytes) -> list[list[str]]:
    _refuse_bomb(content)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
        rows = book.get_sheet_by_name(names[0]).to_python(skip_empty_area=False) if names else []
    except PasswordError as error:
        raise _wrong_kind() from error
    except (CalamineError, OSError, ValueError) as error:
        raise Invalid(
            "roster_broken", "The file cannot be read as a list. Save it again as XLSX or CSV."
        ) from error
    return [[_text(cell) for cell in row] for row in rows]


def _wrong_kind() -> Invalid:
    return Invalid(
        "roster_kind",
        "This is an old or protected Excel file. Save it as XLSX without a password, or as CSV.",
    )


def _refuse_bomb(content: bytes) -> None:
    """Raise ``Invalid`` for a workbook that unpacks to far more than it should, or whose cells reach absurdly far.

    The sizes written in a zip may lie, so each part is unpacked and counted here, at most to the limit.
    """
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            for part in packed.infolist():
                part.file_size = 1 << 40  # read on to the true end
                with packed.open(part) as file:
                    body = file.read(left + 1)
                left -= len(body)
                if left < 0 or len(body) > max(part.compress_size, 5000) * _MOST_RATIO:
                    raise Invalid("roster_bomb", "The file unpacks to more than a list can hold.")
                if part.filename.lower().endswith(_OTHER_KINDS):
                    raise _wrong_kind()
                _refuse_wide(body)  # whatever it is called: a workbook says itself where its sheets lie
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Invalid(
            "roster_broken", "The file cannot be read as a list. Save it again as XLSX or CSV."
        ) from error


def _refuse_wide(sheet: bytes) -> None:
    widest = deepest = 1
    for letters, digits in re.findall(
        rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']([A-Za-z]{1,4})([0-9]{1,9})["']""", sheet
    ):
        column = 0
        for letter in letters.upper():
            column = column * 26 + letter - 64
        widest, deepest = max(widest, column), max(deepest, int(digits))
    for digits in re.findall(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["']([0-9]{1,9})["']""", sheet):
        deepest = max(deepest, int(digits))
    if deepest > MOST_ROWS * 2 or widest * deepest > _MOST_CELLS:
        raise Invalid("roster_bomb", "The file unpacks to more than a list can hold.")


def _text(cell: Any) -> str:
    """A cell as people see it: whole numbers without a point, days as 2026-11-20."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).replace("\0", "")
