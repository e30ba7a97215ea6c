"""The five boxes under key 5, each within two keys, and the number that tells whether an alert is real."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from farmerline.domain import access, alert_control, campaigns
from farmerline.messages import Ask, Record
from farmerline.models import Account, Campaign, CampaignState, Colour, Purpose, Role
from tests import factories
from tests.domain.alerting import Bureau
from tests.domain.ringing import Switchboard
from tests.domain.talking import Village, open_village
from tests.factories import COUNTY, SHUIXIANG, YANGGAO


@pytest.mark.parametrize(
    ("key", "words", "waits_for"),
    [
        ("1", "没有病虫情报", Ask), ("2", "", Ask), ("3", "还没有新品种", Ask), ("4", "还没有技术", Ask),
        ("5", "还没有人发信息", Ask), ("0", "请说您的姓名", Record), ("*", "要卖东西请按1", Ask), ("9", "听病虫情报请按1", Ask),
        ("", "要卖东西请按1", Ask), ("7", "这个键没有用", Ask),
    ],
)  # fmt: skip
def test_each_box_is_within_two_keys(sqlite_village: Village, key: str, words: str, waits_for: type) -> None:
    """M03."""
    line = sqlite_village.ring(sqlite_village.person())
    assert words in line.press("5", key)
    assert line.waits_for is waits_for


def test_advice_of_the_season_comes_first_then_who_speaks_then_the_keys(sqlite_village: Village) -> None:
    words = sqlite_village.ring("+8613800001111").words.split("\n")
    assert words[0] == sqlite_village.ring("+8613800001112").press("5", "2").split("\n")[0]
    assert words[1] == sqlite_village.settings.service_name
    assert words[2] == "要卖东西请按1。"


def test_a_county_without_alerts_has_no_box_for_them(tmp_path: Path, sqlite_url: str) -> None:
    with open_village(sqlite_url, tmp_path, modules="voice") as small:
        line = small.ring(small.person())
        assert "听病虫情报" not in line.press("5")
        assert "这个键没有用" in line.press("1")


def tip(
    village: Village, text: str, area_code: str = COUNTY, state: CampaignState = CampaignState.DONE
) -> None:
    with village.session() as session:
        writer = factories.make_staff(session, Role.PUBLISHER, COUNTY, "采编员", now=village.now)
        session.add(
            Campaign(
                purpose=Purpose.TIPS, text=text, area_code=area_code, state=state, created_by=writer.id,
                created_at=village.now,
            )
        )  # fmt: skip


def test_farm_work_is_the_season_and_the_newest_tips_of_the_place(village: Village) -> None:
    """M16: five things at most."""
    tip(village, "太早的提示")
    village.wait(days=15)
    for number in range(1, 6):
        tip(village, f"第{number}条提示")
        village.wait(hours=1)
    tip(village, "别村的提示", SHUIXIANG[:9])
    tip(village, "没开始的提示", state=CampaignState.PLANNED)
    tip(village, "本村的提示", YANGGAO)
    words = village.ring(village.person()).press("5", "2").split("\n")
    assert words[1:5] == ["本村的提示", "第五条提示", "第四条提示", "第三条提示"]
    assert words[5].startswith("想再听哪一条")


def told(bureau: Bureau, person: Account, *keys: str) -> str:
    return Switchboard(bureau).dial(person).press(*keys)


def test_alerts_in_force_are_told_most_urgent_first_with_their_numbers(bureau: Bureau) -> None:
    farmer, stranger = bureau.person(), bureau.person("陈小梅", area_code=COUNTY)
    bureau.issue(colour=Colour.YELLOW, voice_text="黄色的事。")
    red = bureau.issue(colour=Colour.RED, voice_text="红色的事。")
    words = told(bureau, farmer, "1", "1", "5", "1")
    assert words.index("红色的事") < words.index("黄色的事")
    number = " ".join(f"{red.year}") + "杠" + f"{red.serial}"
    assert f"{number}号情报:红色的事" in words
    assert "红色的事" in told(bureau, stranger, "5", "1")
    bureau.do(alert_control.cancel, red, actor=bureau.actor(bureau.officer), settings=bureau.settings)
    assert "红色的事" not in told(bureau, stranger, "5", "1")
    bureau.wait(days=60)
    assert "没有病虫情报" in told(bureau, stranger, "5", "1")


@pytest.mark.parametrize(
    ("keyed", "heard"),
    [
        ("{year}{serial}#", "真的"),
        ("{serial}#", "真的"),
        ("{year}77#", "没有发过"),
        ("777", "没有发过"),
        ("#", "要卖东西"),
    ],
)
def test_a_number_keyed_in_tells_whether_the_alert_is_real(bureau: Bureau, keyed: str, heard: str) -> None:
    stranger = bureau.person("陈小梅", area_code=COUNTY)
    bureau.person()
    for _ in range(2):
        alert = bureau.issue()
    digits = keyed.format(year=alert.year, serial=alert.serial)
    assert heard in told(bureau, stranger, "5", "1", digits)


def test_a_tip_that_is_sent_can_be_heard_at_once(village: Village) -> None:
    """M03: text entered on the web is hearable at once."""
    with village.session() as session:
        writer = factories.make_staff(session, Role.PUBLISHER, COUNTY, "采编员", now=village.now)
        factories.make_account(session, tips=True, now=village.now - timedelta(days=1))
        plan = campaigns.plan(
            session,
            actor=access.actor_of(session, writer),
            text="今晚收谷",
            area_code=COUNTY,
            now=village.now,
        )
        campaigns.start(session, plan, actor=access.actor_of(session, writer), now=village.now)
    assert "今晚收谷" in village.ring("+8613800001111").press("5", "2")
