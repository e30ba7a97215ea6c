"""What is offered to whom: three answers at a time, nothing that is over, what is left of a lot; told in one message."""

from __future__ import annotations

from datetime import timedelta

import pytest

from farmerline.domain import accounts, candidates, deals, matching_desk
from farmerline.messages import Channel
from farmerline.models import Match, MatchState, Outcome, Post, PostState, Reveal
from tests.domain.talking import SEEDLINGS, WANTED, Village, sms_parts
from tests.factories import SHUIXIANG


def test_a_post_never_waits_for_more_than_three_answers_at_once(village: Village) -> None:
    """M16: looked for again, it gets only what is missing."""
    buyers = [village.person(name) for name in ("周一一", "周二二", "周三三", "周四四", "周五五")]
    for buyer in buyers:
        village.publish(buyer, WANTED)
    post = village.publish(village.person(), SEEDLINGS)
    (refused, *_) = village.all(Match)
    village.say(
        next(one for one in buyers if one.id == village.get(Match, refused.id).demand_post.account_id), "2"
    )
    assert village.count(Match, Match.state == MatchState.OFFERED) == 2
    for more in (1, 0):
        with village.session() as session:
            row = session.get_one(Post, post.id)
            met = matching_desk.meet(session, row, settings=village.settings, now=village.now)
            assert len(met) == more
    assert village.count(Match, Match.state == MatchState.OFFERED) == 3


def test_a_side_that_waits_for_three_answers_is_asked_when_a_fourth_says_yes(village: Village) -> None:
    """M16: "the other side is asked" is true."""
    seller = village.person()
    village.publish(seller, SEEDLINGS, "3")
    for name in ("周一一", "周二二", "周三三"):
        village.publish(village.person(name), WANTED)
    fourth = village.person("周四四")
    village.publish(fourth, WANTED)
    before = len(village.heard(seller))
    assert before == 3
    assert "去问对方" in village.told(fourth, "1")
    (asked,) = village.heard(seller, since=before)
    assert asked.startswith("对上了:")
    code = asked[asked.index("[") + 1 : asked.index("]")]
    assert fourth.phone[3:] in village.told(seller, f"1{code}")
    assert village.count(Reveal) == 2
    village.say(fourth, "1")
    assert len(village.heard(seller)) == before + 1


@pytest.mark.parametrize("over", ["expired", "sold out", "withdrawn", "blocked"])
def test_what_is_over_is_met_by_nobody(village: Village, over: str) -> None:
    """Also where the job that ends posts has not run yet."""
    seller, officer = village.person(), village.contact()
    post = village.publish(seller, SEEDLINGS)
    with village.session() as session:
        row = session.get_one(Post, post.id)
        if over == "expired":
            row.expires_at = village.now + timedelta(seconds=1)
        elif over == "sold out":
            row.items[0].qty_left = 0.0
        elif over == "withdrawn":
            row.state = PostState.WITHDRAWN
        else:
            accounts.suspend(
                session, session.merge(seller), by=session.merge(officer), reason="x", now=village.now
            )
    village.wait(seconds=5)
    village.publish(village.person("陈小梅"), WANTED)
    assert village.count(Match) == 0


def test_the_next_best_is_found_behind_many_that_may_not_be_met(village: Village) -> None:
    """More of them than are looked at in one go."""
    far = village.person("陆文彬", area_code="310118102")
    village.publish(far, "卖葡萄苗2000株3元一株")
    officer = village.contact()
    for number in range(candidates.WANTED + 2):
        gone = village.person(f"沈甲{'一二三四五六七八九十甲乙'[number]}")
        village.publish(gone, SEEDLINGS)
        with village.session() as session:
            accounts.suspend(
                session, session.merge(gone), by=session.merge(officer), reason="x", now=village.now
            )
    village.publish(village.person("陈小梅"), WANTED)
    (match,) = village.all(Match)
    assert village.get(Match, match.id).supply_post.account_id == far.id


def test_a_lot_sold_in_part_is_offered_with_what_is_left(village: Village) -> None:
    """M06: the next one is told of the rest, not of what there was."""
    seller, buyer = village.person(), village.person("陈小梅")
    village.publish(seller, SEEDLINGS)
    village.publish(buyer, WANTED)
    village.say(buyer, "1")
    (match,) = village.all(Match)
    with village.session() as session:
        deals.record(
            session, session.get_one(Match, match.id), outcome=Outcome.SOLD, by=session.merge(buyer), teller=session.merge(buyer),
            channel=Channel.SMS, qty=1700.0, now=village.now,
        )  # fmt: skip
    next_buyer = village.person("孙长河")
    village.publish(next_buyer, WANTED)
    (told,) = village.heard(next_buyer)
    assert "卖300株" in told
    assert "量不够" in told


@pytest.mark.parametrize(
    ("offered", "wanted"),
    [
        ("卖猪20头8块一斤", "求购肥猪10头2000元一头"),
        ("收割机出租收稻子70元一亩", "求收割机来收50亩稻子80元一亩"),
        ("卖苹果100箱50元一箱", "要苹果1000斤3元一斤"),
        ("卖土鸡蛋500个12元一斤", "收土鸡蛋1元一个"),
        ("卖羊3只1500元一只", "要羊10只30元一斤"),
        ("我们5个人会采茶160元一天", "招10个采茶工150元一天"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_match_of_odd_measures_is_told_in_one_message(
    sqlite_village: Village, offered: str, wanted: str, language: str
) -> None:
    seller = sqlite_village.person("欧阳建国", area_code=SHUIXIANG, language=language)
    buyer = sqlite_village.person("陈小梅", language=language)
    sqlite_village.publish(seller, offered)
    sqlite_village.publish(buyer, wanted)
    for who in (seller, buyer):
        (told,) = sqlite_village.heard(who)
        assert sms_parts(told) <= (1 if language == "zh" else 2)
