"""每日一助: whose day it is, who is told of it, within which rules, and what came of it the day after."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from farmerline.clock import FixedClock, local
from farmerline.domain import audit, deals, outbox
from farmerline.ids import new_id
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AccountCrop,
    Delivery,
    DeliveryState,
    DigestReader,
    DigestSlot,
    Match,
    Outcome,
    Post,
    Purpose,
    Subscription,
)
from jobs.context import Context
from jobs.digest import has_work, make_digest
from jobs.runner import on_timetable
from jobs.schedule import Daily
from tests import factories
from tests.domain.talking import SEEDLINGS, Village, open_village, sms_parts
from tests.domain.test_matching_desk import _at_once
from tests.factories import COUNTY, SHUIXIANG, XINDONG

WANTED = "收葡萄苗500株"


def context(village: Village) -> Context:
    return Context(village.database, FixedClock(village.now), (), village.settings)


def run(village: Village) -> str:
    return make_digest(context(village))


def buyer(village: Village, name: str = "陈小梅", **values: Any) -> Account:
    """Somebody who asked for the digest, looked for seedlings a while ago, and has no open post now."""
    made = village.person(name, **{"tips": True, "area_code": SHUIXIANG, **values})
    post = village.publish(made, WANTED, account_id=made.id)
    village.say(made, f"停{post.number}", account_id=made.id)
    return made


def offer(village: Village, name: str = "杨大山", text: str = SEEDLINGS, **values: Any) -> Account:
    seller = village.person(name, **values)
    village.publish(seller, text)
    village.wait(minutes=1)
    return seller


def told(village: Village) -> list[Delivery]:
    return village.all(Delivery, Delivery.purpose == Purpose.DIGEST)


def names(village: Village) -> list[str]:
    return sorted(village.get(Account, row.account_id).name for row in told(village))


def holders(village: Village) -> list[str]:
    """Whose days they were, in order."""
    slots = sorted(village.all(DigestSlot), key=lambda slot: slot.day)
    return [village.get(Account, slot.account_id).name for slot in slots]


def test_a_seller_is_told_of_to_who_is_likely_to_buy_within_one_message(village: Village) -> None:
    likely = buyer(village)
    village.person("路人甲", tips=True)
    offer(village)
    assert run(village) == "nothing fits"  # open for a day first
    village.wait(days=1)
    assert has_work(context(village))
    number = village.all(Post)[-1].number
    assert run(village) == f"{number}号,告诉了1人"
    (row,) = told(village)
    assert row.account_id == likely.id and sms_parts(row.text) == row.parts == 1
    for words in ("每日一助", "杨**", "葡萄苗", "还剩2000株", "3元/株", "买葡萄苗", "TD"):
        assert words in row.text, row.text
    assert "大山" not in row.text
    (slot,) = village.all(DigestSlot)
    assert (slot.area_code, slot.day, slot.people, slot.qty_then) == (
        COUNTY,
        local(village.now).date(),
        1,
        2000,
    )
    assert [one.delivery_id for one in village.all(DigestReader)] == [row.id]
    assert run(village) == "made before" and len(told(village)) == 1
    assert not has_work(context(village))


def test_two_workers_at_once_make_one_day(village: Village) -> None:
    """R-08."""
    for number in range(3):
        buyer(village, f"陈小{number}")
    offer(village)
    village.wait(days=1)
    done: list[str] = []
    _at_once([lambda: done.append(run(village))] * 3)
    assert sorted(done)[1:] == ["made before", "made before"]
    assert village.count(DigestSlot) == 1 and len(told(village)) == 3 == village.count(DigestReader)


def test_a_worker_that_dies_half_way_leaves_nothing_and_the_next_one_does_it(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer(village)
    offer(village)
    village.wait(days=1)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(audit, "record", _die)
        run(village)
    assert village.count(DigestSlot) == village.count(DigestReader) == len(told(village)) == 0
    assert "告诉了1人" in run(village)


def _die(*_values: Any, **_more: Any) -> None:
    raise KeyboardInterrupt


def test_nobody_is_told_who_did_not_ask_is_near_or_knows_the_post(village: Village) -> None:
    buyer(village, "愿意的")
    buyer(village, "没要的", tips=False)
    seller = village.person("杨大山")
    buyer(village, "同一部电话", phone=seller.phone, area_code=XINDONG)
    village.person("种葡萄的", tips=True)
    with village.session() as session:
        for account in session.query(Account):
            session.add(AccountCrop(account_id=account.id, concept="葡萄"))
    offer_of(village, seller)
    matched = village.person("对上的", tips=True)
    village.publish(matched, WANTED)
    assert village.count(Match) >= 1
    village.wait(days=1)
    run(village)
    assert names(village) == ["愿意的"]


def offer_of(village: Village, seller: Account) -> None:
    """A post of one of two people on a phone."""
    drafted = village.say(seller, SEEDLINGS, account_id=seller.id)
    village.say(seller, f"1{drafted.question_code}", account_id=seller.id)


def test_likely_is_who_bought_looked_subscribed_or_trades_in_it(sqlite_village: Village) -> None:
    village = sqlite_village
    buyer(village, "求购过")
    trader = village.person("收购商", tips=True, kinds=("buyer",))
    subscriber, other = village.person("订阅的", tips=True), village.person("订别的", tips=True)
    offer(village, text="卖葡萄600斤4元一斤杨高村")
    with village.session() as session:
        session.add(AccountCrop(account_id=trader.id, concept="葡萄"))
        for who, key in ((subscriber, "葡萄·supply"), (other, "葡萄·demand")):
            session.add(
                Subscription(
                    id=new_id(), account_id=who.id, key=key, concept="葡萄", direction=key[-6:], name="葡萄", channel="sms",
                    area_code="330282", created_at=village.now,
                )
            )  # fmt: skip
    village.wait(days=1)
    run(village)
    assert names(village) == ["收购商", "订阅的"]  # who looked for seedlings does not want the fruit


def test_who_had_the_day_waits_for_the_others_and_thirty_days(sqlite_village: Village) -> None:
    village = sqlite_village
    for number in range(2):
        buyer(village, f"陈小{number}")
    with village.session() as session:
        firm = factories.make_organisation(session)
    offer(village, "大户", "卖葡萄苗90000株3元一株杨高村")
    offer(village, "公司", "卖葡萄苗900株3元一株杨高村", organisation_id=firm.id)
    offer(village, "晚来的", "卖葡萄苗800株3元一株杨高村")
    offer(village, "更晚的", "卖葡萄苗700株3元一株杨高村")
    village.wait(days=1)
    for _ in range(5):
        run(village)
        village.wait(days=1)
        _forget_tips(village)
    assert holders(village) == ["晚来的", "更晚的", "公司", "大户"]
    village.wait(days=27)
    with village.session() as session:
        session.execute(update(Post).values(expires_at=village.now + timedelta(days=9)))
    assert "告诉了" in run(village)
    assert holders(village)[4:] == ["晚来的"]


def _forget_tips(village: Village) -> None:
    """As if a week had passed for the readers."""
    with village.session() as session:
        session.execute(
            update(Delivery).values(purpose=Purpose.SERVICE).where(Delivery.purpose == Purpose.DIGEST)
        )


def test_what_came_of_the_day_is_published_on_the_next(village: Village) -> None:
    for number in range(2):
        buyer(village, f"陈小{number}")
    seller = offer(village)
    offer(village, "岑利民", "卖葡萄苗700株2.5元一株杨高村")
    village.wait(days=1)
    run(village)
    assert holders(village) == ["杨大山"]
    reader = village.get(Account, told(village)[0].account_id)
    village.publish(reader, WANTED)
    matched = next(
        match for match in village.all(Match) if match.supply_post_id == village.all(DigestSlot)[0].post_id
    )
    with village.session() as session:
        match = session.get_one(Match, matched.id)
        match.state, match.agreed_at, match.asked_times = "agreed", village.now, 0
    village.wait(hours=3)
    with village.session() as session:
        person = session.get_one(Account, seller.id)
        deals.record(
            session, session.get_one(Match, matched.id), outcome=Outcome.PARTLY, by=person, teller=person,
            channel=Channel.SMS, qty=300, now=village.now,
        )  # fmt: skip
    village.wait(hours=21)
    run(village)
    first = village.all(DigestSlot)[0]
    assert (first.result_qty, first.result_at) == (300, village.now)
    latest = told(village)[-1].text
    assert "2.5-3元/株" in latest and "昨天葡萄苗卖了300株" in latest
    assert sms_parts(latest) == 1


def test_a_text_that_did_not_leave_on_its_day_does_not_leave(sqlite_village: Village) -> None:
    buyer(sqlite_village)
    offer(sqlite_village)
    sqlite_village.wait(days=1)
    run(sqlite_village)
    sqlite_village.wait(days=1)
    run(sqlite_village)
    assert [row.state for row in told(sqlite_village)] == [DeliveryState.CANCELLED]


@pytest.mark.parametrize("hours", [10.5, 21.5])
def test_nothing_is_told_in_the_quiet_hours(sqlite_village: Village, hours: float) -> None:
    buyer(sqlite_village)
    offer(sqlite_village)
    sqlite_village.wait(days=1, hours=hours)
    assert run(sqlite_village) == "too late"
    assert sqlite_village.count(DigestSlot) == 0


def test_who_had_three_tips_in_a_week_is_left_alone(sqlite_village: Village) -> None:
    buyer(sqlite_village, "够了的")
    buyer(sqlite_village, "还可以的")
    offer(sqlite_village)
    sqlite_village.wait(days=1)
    with sqlite_village.session() as session:
        full = session.query(Account).all()[0]
        for _ in range(3):
            row = outbox.queue(
                session, channel=Channel.SMS, address=str(full.phone), text="农事", purpose=Purpose.TIPS, now=sqlite_village.now,
                account=full,
            )  # fmt: skip
            assert row is not None
            row.state, row.sent_at = DeliveryState.SENT, sqlite_village.now
    run(sqlite_village)
    assert names(sqlite_village) == ["还可以的"]


def test_a_lot_that_is_sold_or_promised_has_no_day(sqlite_village: Village) -> None:
    buyer(sqlite_village)
    offer(sqlite_village, "卖完的")
    offer(sqlite_village, "约好的", "卖葡萄苗700株2.5元一株杨高村")
    offer(sqlite_village, "没说数的", "卖葡萄苗3元一株杨高村")
    with sqlite_village.session() as session:
        sold, promised, _ = sorted(
            (post for post in session.query(Post) if post.kind == "supply"), key=lambda post: post.number or 0
        )
        sold.items[0].qty_left = 0
        want = next(post for post in session.query(Post) if post.kind == "demand")
        session.add(
            Match(
                supply_post=promised, demand_post=want, supply_item=promised.items[0], demand_item=want.items[0], score=0.9,
                reason_zh="", reason_en="", made_at=sqlite_village.now, state="agreed", agreed_at=sqlite_village.now,
            )
        )  # fmt: skip
    sqlite_village.wait(days=1)
    assert run(sqlite_village) == "nothing fits"


def test_the_county_sets_the_hour(sqlite_url: str, tmp_path: Path) -> None:
    with open_village(sqlite_url, tmp_path, digest_at="09:15") as early:
        when = next(job.when for job in on_timetable(context(early)) if job.name == "digest")
    assert isinstance(when, Daily) and when.at == "09:15"


def test_a_long_name_leaves_out_what_matters_least_and_stays_one_message(sqlite_village: Village) -> None:
    buyer(sqlite_village)
    offer(sqlite_village, "欧阳振华", text="卖夏黑葡萄苗12500株3.85元一株杨高村")
    sqlite_village.wait(days=1)
    run(sqlite_village)
    (row,) = told(sqlite_village)
    assert sms_parts(row.text) == 1 and "还剩12500株" in row.text and "3.85元/株" in row.text
