"""Prices as files: a market's list as CSV or XLSX; good rows are kept, the others come back with a reason each."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline.domain import access, prices, table_file, vocabulary
from farmerline.domain.table_file import Columns, Line, NoHeadings, Table
from farmerline.errors import Absent, Invalid, Refusal
from farmerline.models import Good, Market, PriceState
from farmerline.words import say
from matching import Lexicon

MOST_ROWS = 1000
"""Rows of one file: 30 goods at a market for a month."""
COLUMNS = Columns(
    {
        "day": "日期 报价日期 采集日期 date day",
        "market": "市场 批发市场 市场名称 采集点 market",
        "product": "品种 品名 产品 商品 名称 product",
        "grade": "等级 规格 grade",
        "price": "价格 均价 平均价 批发价 单价 price",
        "unit": "单位 计价单位 unit",
    },
    needed=tuple(frozenset({one}) for one in ("day", "market", "product", "price")),
)
_DAY = re.compile(r"(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: ``kept`` rows, ``held`` of them for a second look, ``rejects`` with the reason."""

    table: Table
    kept: int
    held: int
    rejects: tuple[tuple[Line, str], ...]

    def to_fix(self) -> bytes:
        """The rows to mend as a CSV, each with its reason; sent again once mended."""
        return table_file.write_rejects(self.table, self.rejects, COLUMNS)


def read(content: bytes) -> Table:
    """The list in a file's bytes; raises ``Invalid`` when it is none, a column is missing, or it is too long."""
    try:
        table = table_file.read_table(content, COLUMNS)
    except NoHeadings as error:
        raise Invalid(
            "prices_columns", "The list needs the columns 日期, 市场, 品种 and 价格; found: {found}.", field="file",
            found=error.found,
        ) from error  # fmt: skip
    if len(table.lines) > MOST_ROWS:
        raise Invalid(
            "roster_rows", "The list has too many rows: at most {count} in one file.", count=MOST_ROWS
        )
    return table


def take(session: Session, table: Table, *, actor: access.Actor, language: str, now: datetime) -> Taken:
    """Note down every row that can be. The same file twice changes nothing."""
    lexicon = vocabulary.lexicon(session)
    markets = {row.name: row for row in session.scalars(select(Market))}
    goods = {(row.product, row.grade): row for row in session.scalars(select(Good))}
    kept = held = 0
    rejects: list[tuple[Line, str]] = []
    for line in table.lines:
        try:
            market, good = _market(markets, line), _good(goods, lexicon, line)
            yuan, unit = prices.read_yuan(line.fields.get("price", ""))
            row = prices.enter(
                session, market=market, good=good, day=_day(line.fields.get("day", "")), yuan=yuan,
                unit=line.fields.get("unit", "").removeprefix("元/") or unit, actor=actor, now=now,
            )  # fmt: skip
        except Refusal as refusal:
            rejects.append((line, say(language, refusal.sentence, **refusal.values)))
            continue
        kept += 1
        held += row.state is PriceState.HELD
    return Taken(table, kept, held, tuple(rejects))


def _market(markets: dict[str, Market], line: Line) -> Market:
    said = line.fields.get("market", "")
    if said not in markets:
        raise Absent("market_unknown", "No market is called {name}.", name=said[:20] or "?")
    return markets[said]


def _good(goods: dict[tuple[str, str], Good], lexicon: Lexicon, line: Line) -> Good:
    said, grade = line.fields.get("product", ""), line.fields.get("grade", "")
    product, variety = prices.read_product(lexicon, said) or (said, "")
    found = goods.get((product, grade)) or goods.get((product, variety))
    if found is None:
        raise Absent(
            "good_missing", "{name} is not on the list of goods.", name=f"{said} {grade}".strip()[:20] or "?"
        )
    return found


def _day(said: str) -> date:
    found = _DAY.match(unicodedata.normalize("NFKC", said))
    try:
        return date(*(int(part) for part in found.groups())) if found else date.fromisoformat(said)
    except ValueError as error:
        raise Invalid(
            "day_unread", "The day cannot be read: write it like 2026-11-20.", field="day"
        ) from error
