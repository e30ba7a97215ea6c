"""The line by place and season: what holds where, what is refused before it is saved, what can be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from farmerline.domain import access, keys, voice_menus
from farmerline.domain.voice_menus import BUILT_IN, Box, Menu
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.models import Account, AuditRow, Role
from tests import factories
from tests.domain.talking import Village
from tests.factories import COUNTY, SHUIXIANG, YANGGAO

PRICES = Menu(
    "葡萄要套袋了。",
    (Box("posts", words="本周葡萄六元一斤。"), Box("alerts"), Box("work", spoken=False), *map(Box, ("varieties", "techniques"))),
)  # fmt: skip


def publisher(village: Village, area_code: str = COUNTY) -> Account:
    with village.session() as session:
        return factories.make_staff(
            session, Role.PUBLISHER, area_code, f"采编{area_code[-3:]}", now=village.now
        )


def save(
    village: Village, who: Account, menu: Menu = PRICES, area_code: str = COUNTY, season: str = ""
) -> Any:
    village.wait(seconds=1)
    with village.session() as session:
        actor = access.actor_of(session, session.merge(who), second_factor=True)
        return voice_menus.save(
            session, menu, area_code=area_code, season=season, actor=actor, now=village.now
        ).id


def test_what_is_saved_is_heard_at_once_within_the_table_of_keys(village: Village) -> None:
    save(village, publisher(village))
    line = village.ring(village.person())
    assert line.words.startswith("葡萄要套袋了。")
    words = line.press("5").split("\n")
    assert words == ["听供求请按5。", "听病虫情报请按1。", "听新品种请按3。", "听种养技术请按4。"]
    assert line.press("5").startswith("本周葡萄六元一斤。")
    assert line.press("*", "5", "2")  # not spoken, and as good as before
    assert "想再听哪一条" in line.words
    assert village.count(AuditRow, AuditRow.act == "voice_menu.save") == 1


@pytest.mark.parametrize(
    ("saved", "heard"),
    [
        ([(COUNTY, ""), (COUNTY, "winter")], "winter"),
        ([(COUNTY, ""), (COUNTY, "summer")], ""),
        ([(COUNTY, "winter"), (YANGGAO[:9], "")], ""),
        ([(SHUIXIANG, "")], None),
        ([(COUNTY, ""), (COUNTY, "")], ""),
    ],
)
def test_the_narrowest_place_holds_and_there_the_season_before_the_year(
    sqlite_village: Village, saved: list[tuple[str, str]], heard: str | None
) -> None:
    who = publisher(sqlite_village)
    for number, (area_code, season) in enumerate(saved):
        save(
            sqlite_village,
            who,
            replace(PRICES, opening=f"第{number}句{area_code}{season}"),
            area_code,
            season,
        )
    with sqlite_village.session() as session:
        found = voice_menus.in_force(session, YANGGAO, sqlite_village.now).opening
    assert sqlite_village.now.month == 11  # past 立冬
    wanted = [f"第{number}句{code}{one}" for number, (code, one) in enumerate(saved) if one == heard]
    assert found == (wanted[-1] if heard is not None else "")


@pytest.mark.parametrize(
    ("day", "season"),
    [("2026-02-03", "winter"), ("2026-02-04", "spring"), ("2026-05-05", "summer"), ("2026-08-07", "autumn"), ("2026-11-07", "winter")],
)  # fmt: skip
def test_a_season_begins_with_its_solar_term(day: str, season: str) -> None:
    assert voice_menus.season_of(date.fromisoformat(day)) == season


@pytest.mark.parametrize(
    ("menu", "code", "field"),
    [
        (replace(PRICES, opening="长" * 90), "menu_long", "opening"),
        (replace(BUILT_IN, boxes=(Box("alerts", words="长" * 190), *BUILT_IN.boxes[1:])), "menu_long", "alerts"),
        (replace(BUILT_IN, boxes=tuple(Box(box.name, spoken=False) for box in BUILT_IN.boxes)), "menu_empty", "boxes"),
        (replace(BUILT_IN, boxes=BUILT_IN.boxes[1:]), "menu_boxes", "boxes"),
        (replace(BUILT_IN, boxes=(Box("dance"), *BUILT_IN.boxes[1:])), "menu_boxes", "boxes"),
        (replace(BUILT_IN, boxes=(*BUILT_IN.boxes, BUILT_IN.boxes[0])), "menu_boxes", "boxes"),
    ],
)  # fmt: skip
def test_what_is_too_long_or_leaves_the_table_is_refused(menu: Menu, code: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        voice_menus.check(menu)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_the_built_in_menu_is_the_table_and_fits() -> None:
    assert [box.name for box in BUILT_IN.boxes] == [name for name, _module in keys.LISTEN.values()]
    assert voice_menus.check(BUILT_IN)["menu"] <= voice_menus.LONGEST_MENU


def test_an_earlier_version_is_taken_again_and_nothing_is_lost(village: Village) -> None:
    who = publisher(village)
    first = save(village, who)
    save(village, who, replace(PRICES, opening="写错了。"))

    def again(version: str) -> None:
        village.wait(seconds=1)
        with village.session() as session:
            actor = access.actor_of(session, session.merge(who), second_factor=True)
            voice_menus.take_again(
                session, version, area_code=COUNTY, season="", actor=actor, now=village.now
            )

    again(first)
    assert village.ring("+8613800001111").words.startswith("葡萄要套袋了。")
    with pytest.raises(Conflict):
        again(first)
    again("")
    assert "立冬" in village.ring("+8613800001111").words.split("\n")[0]
    with village.session() as session:
        actor = access.actor_of(session, session.merge(who), second_factor=True)
        assert len(voice_menus.versions(session, area_code=COUNTY, season="", actor=actor)) == 4


def test_nobody_changes_the_line_of_another_place(sqlite_village: Village) -> None:
    with pytest.raises(Absent):
        save(sqlite_village, publisher(sqlite_village, YANGGAO), area_code=COUNTY)
    with pytest.raises(Absent):
        save(sqlite_village, sqlite_village.person(), area_code=YANGGAO)
