"""What hangs on a village's wall today: alerts in force, what the bureau says, the village's own posts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from farmerline.domain import alert_words, areas
from farmerline.errors import Absent
from farmerline.models import Alert, AlertArea, Area, AreaLevel
from farmerline.places import short_name
from farmerline.queries import articles, board, prices
from farmerline.queries.board import BoardRow
from farmerline.queries.board_filters import Wanted
from farmerline.queries.prices import Now

ALERTS, ARTICLES, PRICES, POSTS = 3, 4, 8, 14
"""How many of each there is room for on one sheet."""
_LIKE = 50


@dataclass(frozen=True, slots=True)
class Sheet:
    """``alerts`` and ``articles`` are (number, title or head, words); ``prices`` at the
    nearest markets, ``offers`` and ``wants`` posts of the village, and of
    its town where the village has few."""

    village: str
    name: str
    alerts: tuple[tuple[str, str], ...]
    articles: tuple[tuple[str, str, str], ...]
    prices: tuple[Now, ...]
    offers: tuple[BoardRow, ...]
    wants: tuple[BoardRow, ...]


def sheet(session: Session, village: str, *, now: datetime) -> Sheet:
    """The sheet of a village (its code, or its name where only one has it). ``Absent`` where there is none."""
    area = _village(session, village)
    said = articles.in_force(session, place=area.code, now=now, most=ARTICLES)
    kinds = {kind.code: kind for kind in board.kinds(session)}
    return Sheet(
        village=area.code,
        name=areas.path_name(session, area.code),
        alerts=tuple((one.number, alert_words.head(one) + one.short_text) for one in _alerts(session, area.code, now)),
        articles=tuple((str(one.number), one.title, one.short_text) for one in said),
        prices=_prices(session, area.code, now),
        offers=_posts(session, area.code, [code for code, kind in kinds.items() if kind.side == "offer"], now),
        wants=_posts(session, area.code, [code for code, kind in kinds.items() if kind.side == "want"], now),
    )  # fmt: skip


def _village(session: Session, said: str) -> Area:
    found = session.get(Area, said) if said.isdecimal() else None
    if found is None:
        named = select(Area).where(
            Area.level == AreaLevel.VILLAGE, Area.name.startswith(said, autoescape=True)
        )
        rows = session.scalars(named.limit(_LIKE)).all() if said else []
        same = [row for row in rows if short_name(row.name) in {said, f"{said}村", f"{said}社区"}]
        found = same[0] if len(same) == 1 else None
    if found is None or found.level is not AreaLevel.VILLAGE:
        raise Absent("village_unknown", "No single village is called that: give its code of 12 digits.")
    return found


def _alerts(session: Session, village: str, now: datetime) -> list[Alert]:
    here = exists().where(AlertArea.alert_id == Alert.id, AlertArea.area_code.in_(areas.prefixes(village)))
    found = session.scalars(
        select(Alert).where(
            here,
            Alert.holds(now),
            Alert.kind.in_(alert_words.SAY_SOMETHING),
            Alert.exercise.is_(False),
            Alert.issued_at.is_not(None),
        )
    )
    return sorted(found, key=lambda alert: (-alert.colour.urgency, -alert.serial))[:ALERTS]


def _prices(session: Session, village: str, now: datetime) -> tuple[Now, ...]:
    """What goods fetch, each at the market nearest to the village."""
    nearest: dict[str, Now] = {}
    for one in prices.newest(session, now=now, place=village):
        nearest.setdefault(one.good_id, one)
    return tuple(nearest.values())[:PRICES]


def _posts(session: Session, village: str, kinds: list[str], now: datetime) -> tuple[BoardRow, ...]:
    """The village's own posts, filled up with those of its town."""
    wanted = Wanted(kinds=tuple(kinds), area_code=village)
    found = board.newest(session, wanted, most=POSTS // 2, now=now)
    near = board.newest(session, replace(wanted, area_code=village[:9]), most=POSTS // 2, now=now)
    return tuple({row.id: row for row in (*found, *near)}.values())[: POSTS // 2]
