"""Places of China as plain values: the vendored codes, files of codes, short names and search keys.

Codes are the statistics bureau's, normalised to 2, 4, 6, 9 or 12 digits (province, city, county, town,
village); a code begins with its parent's code. Source and date: ``farmerline/data/areas/README.md``. Nothing
here knows a database.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from farmerline.errors import Absent, Invalid

FOLDER = Path(__file__).parent / "data" / "areas"
LONGEST_NAME = 60
_LONGEST_LINE = 1000


class Level(StrEnum):
    """The five levels, from the widest to the narrowest."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"


_LENGTHS = {2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWN, 12: Level.VILLAGE}
_PARENT_LENGTH = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}
_DEPTH = {level: depth for depth, level in enumerate(Level)}
# Cities without counties: their six digits stand for a county of the same name, so that each town has one.
_CITIES_AS_COUNTIES = frozenset({"441900", "442000", "460400"})
_HEADINGS = {"code": 0, "代码": 0, "区划代码": 0, "统计用区划代码": 0, "name": 1, "名称": 1}


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place. ``parent_code`` is None for a province."""

    code: str
    name: str
    level: Level
    parent_code: str | None


def place_row(code: str, name: str) -> PlaceRow:
    """The row of a normalised code; level and parent follow from the code alone."""
    return PlaceRow(code, name, _LENGTHS[len(code)], code[: _PARENT_LENGTH[len(code)]] or None)


def normalise_code(text: str) -> str:
    """A code in 2, 4, 6, 9 or 12 digits, without the zeros that only fill it up.

    ``330282000000`` and ``330282`` are the same county. Raises ``Invalid`` for anything that is not a code.
    """
    code = unicodedata.normalize("NFKC", text).strip()
    if re.fullmatch(r"[1-9][0-9]+", code, re.ASCII) and len(code) in _LENGTHS:
        if len(code) == 12:  # not for nine digits as given: one town of the country truly ends in 000
            code = code.removesuffix("000").removesuffix("000")
        if len(code) == 6 and code not in _CITIES_AS_COUNTIES:
            code = code.removesuffix("00")
            code = code.removesuffix("00") if len(code) == 4 else code
        return code
    raise Invalid(
        "place_code",
        "“{given}” is not a place code: it has 2, 4, 6, 9 or 12 digits.",
        given=text.strip()[:20],
    )


def read_vendored(county: str | None = None, *, through: Level = Level.VILLAGE) -> Iterator[PlaceRow]:
    """The places that come with the package, parents before children.

    Without ``county``: the whole country down to ``through`` (villages only of the counties that
    ``vendored_counties`` names). With ``county`` (six digits): that county, its province and city above it,
    its towns and, where they are there, its villages. Raises ``Absent`` when there is no such county.
    """
    rows = _country()
    if county is not None:
        rows = tuple(row for row in rows if county.startswith(row.code) or row.code.startswith(county))
        if not any(row.code == county and row.level is Level.COUNTY for row in rows):
            raise Absent("county_absent", "There is no county {county} in the list of places.", county=county)
    yield from (row for row in rows if _DEPTH[row.level] <= _DEPTH[through])
    if through is Level.VILLAGE:
        for code in vendored_counties():
            if county in (None, code):
                yield from _read_pairs((FOLDER / f"villages-{code}.tsv").read_text(encoding="utf-8"))


def vendored_counties() -> tuple[str, ...]:
    """The counties whose villages come with the package."""
    return tuple(sorted(path.stem.removeprefix("villages-") for path in FOLDER.glob("villages-*.tsv")))


def read_file(path: Path) -> list[PlaceRow]:
    """The places of a file of codes, parents before children, each once.

    CSV or tab-separated, UTF-8 or GB18030, code and name in the first two columns or under a heading; further
    columns are passed over. Raises ``Invalid`` with the first line that cannot be used; ``check_file`` gives
    all of them.
    """
    rows, problems = check_file(path)
    if problems:
        raise problems[0]
    return rows


def check_file(path: Path) -> tuple[list[PlaceRow], list[Invalid]]:
    """The usable places of a file, and what is wrong with the others, each with its line number in
    ``values``.
    """
    lines = _decode(path.read_bytes()).splitlines()
    tabs = any("\t" in line for line in lines[:5])
    found: dict[str, PlaceRow] = {}
    line_of: dict[str, int] = {}
    problems: list[Invalid] = []
    columns = (0, 1)
    for number, line in enumerate(lines, start=1):
        # Each line by itself: a quotation mark left open spoils one line, not the rest of the file.
        read = csv.reader([line[:_LONGEST_LINE]], delimiter="\t" if tabs else ",")
        cells = [cell.strip() for cell in next(read, [])]
        if not any(cells):
            continue
        headings = {
            _HEADINGS[cell.lower()]: place for place, cell in enumerate(cells) if cell.lower() in _HEADINGS
        }
        if not found and not problems and len(headings) == 2:
            columns = (headings[0], headings[1])
            continue
        try:
            row = _read_line(number, cells, columns)
            if row.code in found:
                raise Invalid(
                    "place_twice",
                    "Line {line}: code {place} already stands in line {first}.",
                    line=number,
                    place=row.code,
                    first=line_of[row.code],
                )
        except Invalid as problem:
            problems.append(problem)
            continue
        found[row.code], line_of[row.code] = row, number
    known = found.keys() | {row.code for row in _country()}
    for code, row in list(found.items()):
        if row.parent_code and row.parent_code not in known:
            problems.append(
                Invalid(
                    "place_parent",
                    "Line {line}: {place} lies in {parent}, which is not in the file nor known.",
                    line=line_of[code],
                    place=code,
                    parent=row.parent_code,
                )
            )
            del found[code]
    if not found and not problems:
        problems.append(Invalid("places_empty", "The file holds no places: each line is a code and a name."))
    return sorted(found.values(), key=lambda row: (len(row.code), row.code)), problems


def _read_line(number: int, cells: list[str], columns: tuple[int, int]) -> PlaceRow:
    if len(cells) <= max(columns):
        raise Invalid("place_columns", "Line {line}: a code and a name are needed.", line=number)
    try:
        code = normalise_code(cells[columns[0]])
    except Invalid as problem:
        raise Invalid(
            "place_code",
            "Line {line}: “{given}” is not a place code: it has 2, 4, 6, 9 or 12 digits.",
            line=number,
            given=cells[columns[0]][:20],
        ) from problem
    name = cells[columns[1]]
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid("place_name", "Line {line}: the name is missing or is not a place's name.", line=number)
    return place_row(code, name)


def _decode(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with its mark, else GB18030 (what Excel saves in China)."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding).replace("\0", "")
        except UnicodeDecodeError:
            continue
    raise Invalid("places_encoding", "The file is not text: save it as CSV in UTF-8.")


@cache
def _country() -> tuple[PlaceRow, ...]:
    return tuple(_read_pairs(gzip.decompress((FOLDER / "places.tsv.gz").read_bytes()).decode()))


def _read_pairs(text: str) -> Iterator[PlaceRow]:
    for line in text.splitlines():
        code, _, name = line.partition("\t")
        yield place_row(code, name)


_PEOPLES = """
维吾尔 蒙古 回 藏 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西
景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安
裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺 各
"""
_PEOPLE = "(?:" + "|".join(sorted(_PEOPLES.split(), key=len, reverse=True)) + ")族?"
_SELF_RULED = re.compile(f"(?P<base>.{{2,}}?)(?:{_PEOPLE})+(?:自治[区州县旗]|民族乡|(?<=族)[区乡])$")
_WIDER = re.compile(
    r"(?P<base>.{2,}?)"
    r"(?:特别行政区|自治[区州县旗]|地区|盟|省|市|县|(?<![园发矿新林社业理验范护活])区|(?<![中前后左右])旗"
    r"|街道办事处|街道|镇|乡|苏木)$"
)
_WHOLE = re.compile(r"^(?:市辖区|县|.*直辖县级行政区划)$")


def short_name(name: str) -> str:
    """The name as people say it: 慈溪市 → 慈溪, 庵东镇 → 庵东, 杨高村民委员会 and 杨高村委会 → 杨高村.

    A residents' committee keeps what tells it from the village of the same name: 曙光社区居民委员会 →
    曙光社区, 马家路居民委员会 → 马家路居委会. Names that say nothing when cut (赵县, 市辖区, 经济开发区) stay
    whole.
    """
    name = unicodedata.normalize("NFKC", name).strip()
    for ending in ("村民委员会", "村委会"):
        if name.endswith(ending) and (base := name.removesuffix(ending)):
            return base if base.endswith(("村", "嘎查", "社区")) and len(base) > 1 else base + "村"
    for ending in ("居民委员会", "居委会"):
        if name.endswith(ending) and (base := name.removesuffix(ending)):
            return base if base.endswith("社区") else base + "居委会"
    if name.endswith(("村", "社区", "嘎查")) or _WHOLE.match(name):
        return name
    found = _SELF_RULED.match(name) or _WIDER.match(name)
    return found["base"] if found else name


def search_key(name: str) -> tuple[str, str]:
    """A place's name for search by keys: toneless pinyin and initials, lower case, nothing else.

    杨高村委会 → (yanggaocun, ygc); 慈溪市 → (cixishi, cxs), so that what people type first matches its
    beginning.
    """
    said = short_name(name) if name.endswith(("委会", "委员会")) else name
    from pypinyin import Style, lazy_pinyin  # when first needed: it takes a third of a second

    pieces = [re.sub(r"[^a-z0-9]", "", piece.lower()) for piece in lazy_pinyin(said, style=Style.NORMAL)]
    return "".join(pieces), "".join(piece[:1] for piece in pieces)
