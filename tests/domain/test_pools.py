"""Pooled offers: small lots of neighbours, each asked, together what a buyer takes."""

from __future__ import annotations

from farmerline import parts
from farmerline.domain import pools
from farmerline.models import (
    Account,
    Match,
    MatchState,
    Pool,
    PoolMember,
    PoolState,
    Question,
    QuestionKind,
    QuestionState,
    Reveal,
)
from tests import factories
from tests.domain.talking import SIGNATURE, Village


def growers(village: Village, *lots: str) -> list[Account]:
    people = [village.person(f"杨{sign}山") for sign in "大二三四五六七"[: len(lots)]]
    for person, lot in zip(people, lots, strict=True):
        village.publish(person, f"卖土豆{lot}杨高村")
    return people


def form(village: Village) -> list[Pool]:
    village.do(pools.form_all, settings=village.settings)
    return village.all(Pool)


def code(village: Village, who: Account, kind: QuestionKind) -> str:
    asked = village.all(
        Question, Question.account_id == who.id, Question.kind == kind, Question.state == QuestionState.OPEN
    )
    assert len(asked) == 1, (who.name, kind)
    return str(asked[0].code)


def settle(village: Village) -> None:
    with village.database.write() as session:
        for pool in pools.due(session, now=village.now):
            pools.settle_due(session, pool, settings=village.settings, now=village.now)


def test_neighbours_who_each_agree_become_one_offer_with_their_names(village: Village) -> None:
    first, second, third = growers(village, "600斤", "500斤", "400斤")
    buyer = village.person("陈收购")
    village.publish(buyer, "收土豆一万斤,1200斤起收")
    [pool] = form(village)
    assert pool.state is PoolState.ASKING
    assert pool.least == 600  # kg
    for person in (first, second, third):
        village.say(person, f"1{code(village, person, QuestionKind.POOL)}")
    [pool] = village.all(Pool)
    assert (pool.state, pool.qty) == (PoolState.OFFERED, 750)
    offered = village.heard(buyer)[-1]
    assert all(person.name in offered for person in (first, second, third))
    assert not any((person.phone or "")[-8:] in offered for person in (first, second, third))
    told = village.told(buyer, f"1{code(village, buyer, QuestionKind.POOLED)}")
    assert all((person.phone or "").removeprefix("+86") in told for person in (first, second, third))
    assert village.all(Pool)[0].state is PoolState.AGREED
    matches = village.all(Match, Match.pool_id == pool.id)
    assert [match.state for match in matches] == [MatchState.AGREED] * 3
    assert village.count(Reveal, Reveal.viewer_id == buyer.id) == 3
    assert all(buyer.name in village.heard(person)[-1] for person in (first, second, third))


def test_who_says_no_or_nothing_is_left_out_and_named_to_nobody(village: Village) -> None:
    first, second, third = growers(village, "700斤", "600斤", "500斤")
    buyer = village.person("陈收购")
    village.publish(buyer, "收土豆一万斤,1200斤起收")
    form(village)
    asked = village.all(PoolMember)
    people = [person for person in (first, second, third) if person.id in {row.account_id for row in asked}]
    village.say(people[0], f"1{code(village, people[0], QuestionKind.POOL)}")
    village.say(people[1], f"2{code(village, people[1], QuestionKind.POOL)}")
    village.wait(hours=49)
    settle(village)
    assert village.all(Pool)[0].state is PoolState.LAPSED
    assert not any(people[0].name in text for text in village.heard(buyer))
    assert "没有办成" in village.heard(people[0])[-1]


def test_silence_counts_as_no_and_the_rest_may_still_be_enough(village: Village) -> None:
    people = growers(village, "500斤", "450斤", "400斤", "350斤")
    buyer = village.person("陈收购")
    village.publish(buyer, "收土豆一万斤,600斤起收")
    form(village)
    members = village.all(PoolMember)
    asked = [person for person in people if person.id in {row.account_id for row in members}]
    assert len(asked) >= 3
    for person in asked[:2]:
        village.say(person, f"1{code(village, person, QuestionKind.POOL)}")
    village.wait(hours=49)
    settle(village)
    [pool] = village.all(Pool)
    assert pool.state is PoolState.OFFERED
    assert asked[2].name not in village.heard(buyer)[-1]


def test_nobody_is_pooled_with_what_is_large_far_of_another_week_or_of_one_household(
    village: Village,
) -> None:
    buyer = village.person("陈收购")
    large = village.person("杨大山")
    village.publish(large, "卖土豆3000斤杨高村")
    old = village.person("杨三山")
    village.publish(old, "卖土豆500斤杨高村")
    village.wait(days=8)
    one = village.person("杨四山")
    village.publish(one, "卖土豆500斤杨高村")
    with village.database.write() as session:
        twin = factories.make_account(session, "杨五山", phone=one.phone, reviewed=True)
    village.say(twin, "卖土豆700斤杨高村", account_id=twin.id)
    village.publish(buyer, "收土豆一万斤,1200斤起收")
    assert form(village) == []


def test_the_texts_of_a_pool_are_short(village: Village) -> None:
    people = growers(village, "600斤", "500斤", "400斤")
    buyer = village.person("陈收购")
    village.publish(buyer, "收土豆一万斤,1200斤起收")
    form(village)
    asked = village.heard(people[0])[-1]
    assert parts.count(asked, SIGNATURE).parts <= 2
    for person in people:
        village.say(person, f"1{code(village, person, QuestionKind.POOL)}")
    assert parts.count(village.heard(buyer)[-1], SIGNATURE).parts <= 2


def test_a_buyer_who_does_not_want_it_leaves_every_post_as_it_was(village: Village) -> None:
    people = growers(village, "600斤", "700斤")
    buyer = village.person("陈收购")
    village.publish(buyer, "收土豆一万斤,少于1200斤不要")
    form(village)
    for person in people:
        village.say(person, f"1{code(village, person, QuestionKind.POOL)}")
    village.say(buyer, f"2{code(village, buyer, QuestionKind.POOLED)}")
    assert village.all(Pool)[0].state is PoolState.REFUSED
    assert village.count(Match, Match.state == MatchState.AGREED) == 0
    assert village.count(Reveal) == 0
    assert village.published() == 3
    assert form(village)[0].state is PoolState.REFUSED  # not asked again within a week


def test_a_lot_under_the_buyers_least_is_no_match_of_its_own(village: Village) -> None:
    small, large = village.person("杨大山"), village.person("杨二山")
    village.publish(small, "卖土豆600斤杨高村")
    village.publish(large, "卖土豆3000斤杨高村")
    buyer = village.person("陈收购")
    wanted = village.publish(buyer, "收土豆一万斤,1200斤起收")
    matches = village.all(Match, Match.demand_post_id == wanted.id)
    assert [village.get(Match, match.id).supply_post.account_id for match in matches] == [large.id]
