"""Subscriptions by words: 订, 退订 and a product; what was noted is said, and how it is ended."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from farmerline.domain import accounts, consent, erasure, posts, subscriptions
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    CaseKind,
    Consent,
    Inbound,
    PostState,
    Purpose,
    Role,
    Subscription,
    WatchCursor,
)
from tests import factories
from tests.domain.talking import SEEDLINGS, Village, sms_parts

SHANGHAI = "310118102"


def held(village: Village, *who: Account) -> list[Subscription]:
    with village.database.read() as session:
        return subscriptions.held(session, who)


def what(village: Village, who: Account) -> list[tuple[str, str, str, str]]:
    return [(row.key, row.form, row.variety, row.area_code) for row in held(village, who)]


@pytest.mark.parametrize(
    ("words", "kept", "told"),
    [
        ("订 葡萄苗", ("葡萄·supply", "seedling", "", "33"), "有人卖葡萄苗(浙江省)"),
        ("订葡萄", ("葡萄·supply", "fresh", "", "33"), "有人卖葡萄("),
        ("订 夏黑葡萄", ("葡萄·supply", "fresh", "夏黑", "33"), "夏黑葡萄"),
        ("有葡萄苗卖就告诉我", ("葡萄·supply", "seedling", "", "33"), "有人卖葡萄苗"),
        ("订 求购西兰花", ("西兰花·demand", "fresh", "", "33"), "有人收西兰花"),
        ("订 收购西兰花的", ("西兰花·demand", "fresh", "", "33"), "有人收西兰花"),
        ("订谁收西兰花", ("西兰花·demand", "fresh", "", "33"), "有人收西兰花"),
        ("以后有人收购西兰花通知我", ("西兰花·demand", "fresh", "", "33"), "有人收西兰花"),
        ("订 葡萄苗 慈溪", ("葡萄·supply", "seedling", "", "330282"), "(慈溪市)"),
        ("订 龙山镇的西瓜", ("西瓜·supply", "fresh", "", factories.TOWN), "(龙山镇)"),
        ("订 葡萄苗 全国", ("葡萄·supply", "seedling", "", ""), "(全国)"),
        ("订 葡萄 什么都行", ("葡萄·supply", "", "", "33"), "各种葡萄"),
        ("谁收西兰花就告诉我", ("西兰花·demand", "fresh", "", "33"), "有人收西兰花"),
        ("SUBSCRIBE 葡萄", ("葡萄·supply", "fresh", "", "33"), "有人卖葡萄("),
    ],
)
def test_a_product_is_subscribed_and_the_answer_says_what_was_noted_and_how_it_ends(
    sqlite_village: Village, words: str, kept: tuple[str, ...], told: str
) -> None:
    person = sqlite_village.person()
    answer = sqlite_village.told(person, words)
    assert what(sqlite_village, person) == [kept]
    assert told in answer
    assert "退订" in answer
    assert sms_parts(answer) == 1
    name = answer.rpartition("退订")[2]
    assert "退了" in sqlite_village.told(person, f"退订{name}")  # as it was said, so it works
    assert what(sqlite_village, person) == []


def test_the_same_again_says_that_it_is_there_and_another_place_takes_its_place(village: Village) -> None:
    person = village.person()
    village.say(person, "订 葡萄苗 慈溪")
    assert "早订了葡萄苗(慈溪市)" in village.told(person, "订葡萄苗")
    assert "(全国)" in village.told(person, "订葡萄苗 全国")
    assert what(village, person) == [("葡萄·supply", "seedling", "", "")]
    assert len(village.all(Subscription)) == 2  # the first one ended and stays on record


def test_who_lives_in_another_province_is_told_from_everywhere(sqlite_village: Village) -> None:
    buyer = sqlite_village.person("陆文彬", area_code=SHANGHAI)
    assert "(全国)" in sqlite_village.told(buyer, "订 西兰花")


def test_a_subscription_is_itself_a_yes_with_its_proof(village: Village) -> None:
    person = village.person()
    assert not allowed(village, person)
    accepted = village.say(person, "订 葡萄苗")
    assert allowed(village, person)
    (yes,) = village.all(Consent, Consent.purpose == Purpose.WATCH)
    assert (yes.granted, yes.proof) == (True, f"inbound:{accepted.inbound_id}")


@pytest.mark.parametrize("words", ["TD", "退订", "别再给我发了"])
def test_a_stop_rests_all_of_them_and_resume_brings_them_back(village: Village, words: str) -> None:
    person = village.person()
    village.say(person, "订 葡萄苗")
    assert "您订的消息" in village.told(person, words)
    assert not allowed(village, person)
    assert "停着" in village.told(person, "我的订阅")
    assert "已恢复" in village.told(person, "恢复")
    assert allowed(village, person)
    assert len(held(village, person)) == 1


def test_subscribing_after_a_stop_brings_the_others_back_and_says_so(sqlite_village: Village) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, "订 葡萄苗")
    sqlite_village.say(person, "TD")
    assert "以前订的也恢复了" in sqlite_village.told(person, "订 西兰花")
    assert allowed(sqlite_village, person)


@pytest.mark.parametrize(
    ("words", "ended"),
    [
        ("退订葡萄苗", ["葡萄苗"]),
        ("退订葡萄", ["葡萄"]),
        ("TD 西瓜", ["西瓜"]),
        ("退订求购西兰花", ["求购西兰花"]),
        ("取消订阅 西瓜和葡萄", ["葡萄", "西瓜"]),
        ("UNSUBSCRIBE 西瓜", ["西瓜"]),
        ("西瓜不订了", ["西瓜"]),
        ("不要再订西瓜了", ["西瓜"]),
        ("不想再收西瓜的信息了", ["西瓜"]),
    ],
)
def test_a_stop_with_a_product_ends_that_one_and_leaves_the_rest(
    sqlite_village: Village, words: str, ended: list[str]
) -> None:
    person = sqlite_village.person()
    for each in ("订 葡萄苗", "订 葡萄", "订 西瓜", "订 求购西兰花", "订 卖西兰花的"):
        sqlite_village.say(person, each)
    answer = sqlite_village.told(person, words)
    for name in ended:
        assert name in answer.partition("。")[0]
    assert len(held(sqlite_village, person)) == 5 - len(ended)
    assert allowed(sqlite_village, person)
    assert sms_parts(answer) == 1


@pytest.mark.parametrize("words", ["退订火星果", "退订葡萄架", "TD 苹果", "退订 苗木"])
def test_what_nobody_subscribed_to_is_answered_with_what_there_is(
    sqlite_village: Village, words: str
) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, "订 葡萄")
    answer = sqlite_village.told(person, words)
    assert "没订" in answer
    assert "您订着:葡萄" in answer
    assert len(held(sqlite_village, person)) == 1


def test_a_stop_with_a_product_and_nothing_subscribed_stops_nothing(sqlite_village: Village) -> None:
    person = sqlite_village.person(tips=True)
    assert "没有订" in sqlite_village.told(person, "退订 葡萄")
    assert "已停" in sqlite_village.told(
        "+8613800001111", "退订 葡萄"
    )  # a stranger's number has nothing else to end
    with sqlite_village.session() as session:
        assert consent.allows(session, account=person, purpose=Purpose.TIPS, channel=Channel.SMS)


def test_words_with_an_amount_are_an_offer_and_no_subscription(sqlite_village: Village) -> None:
    person = sqlite_village.person()
    assert sqlite_village.say(person, "卖西瓜2000斤1块一斤,有人要告诉我").question_code
    assert sqlite_village.say(person, "桃子不订了,要2000斤葡萄1块").question_code
    assert held(sqlite_village, person) == []


@pytest.mark.parametrize(
    "words", ["订", "我的订阅", "订阅列表", "查订阅", "我订了什么", "有哪些订阅", "subscriptions"]
)
def test_they_are_listed(sqlite_village: Village, words: str) -> None:
    person = sqlite_village.person()
    assert "还没订" in sqlite_village.told(person, words)
    for each in ("葡萄苗", "求购西兰花", "苹果", "梨", "西瓜", "桃", "玉米"):
        sqlite_village.say(person, f"订 {each}")
    answer = sqlite_village.told(person, words)
    assert "葡萄苗、求购西兰花、苹果、梨、西瓜等,还有2样" in answer
    assert sms_parts(answer) == 1
    assert sqlite_village.cases() == []


def test_several_products_are_noted_at_once(sqlite_village: Village) -> None:
    person = sqlite_village.person()
    assert "苹果、梨" in sqlite_village.told(person, "订 苹果 梨")
    assert [key for key, *_rest in what(sqlite_village, person)] == ["苹果·supply", "梨·supply"]


def test_nobody_has_more_than_the_limit(sqlite_village: Village) -> None:
    sqlite_village.settings = sqlite_village.settings.model_copy(update={"subscriptions_each": 2})
    person = sqlite_village.person()
    sqlite_village.say(person, "订 苹果 梨")
    assert "订满" in sqlite_village.told(person, "订 西瓜")
    assert len(held(sqlite_village, person)) == 2
    assert "早订了" in sqlite_village.told(person, "订 梨")


def test_what_cannot_be_read_as_a_product_goes_to_a_person(sqlite_village: Village) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, "订 天气")
    assert [case.kind for case in sqlite_village.cases()] == [CaseKind.UNCLEAR]
    assert held(sqlite_village, person) == []


def test_two_on_one_phone_are_asked_who_subscribes_and_a_stop_ends_it_for_both(
    sqlite_village: Village,
) -> None:
    yang = sqlite_village.person()
    mei = sqlite_village.person("李小梅", phone=yang.phone)
    assert "您是" in sqlite_village.told(yang, "订 葡萄苗")
    sqlite_village.say(yang, "2")
    assert what(sqlite_village, mei) == [("葡萄·supply", "seedling", "", "33")]
    assert "退了" in sqlite_village.told(yang, "退订葡萄苗")
    assert held(sqlite_village, yang, mei) == []


def test_a_spoken_wish_is_noted_as_a_text_is(sqlite_village: Village) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, "订葡萄苗", channel=Channel.VOICE, gateway="voice")
    assert [row.channel for row in held(sqlite_village, person)] == ["voice"]


def test_while_a_draft_is_changed_a_subscription_is_no_change(sqlite_village: Village) -> None:
    person = sqlite_village.person()
    sqlite_village.say(person, SEEDLINGS)
    sqlite_village.say(person, "2")
    assert "订好了" in sqlite_village.told(person, "订 西瓜")


def test_who_leaves_or_is_erased_is_subscribed_to_nothing(village: Village, tmp_path: Any) -> None:
    gone, erased, by = village.person(), village.person("李小梅"), village.contact()
    for one in (gone, erased):
        village.say(one, "订 葡萄苗")
    with village.session() as session:
        accounts.leave(session, session.merge(gone), by=session.merge(by), now=village.now)
        erasure.erase(
            session,
            session.merge(erased),
            by=session.merge(by),
            reason="wish",
            home=tmp_path,
            now=village.now,
        )
    assert held(village, gone, erased) == []


def test_an_end_can_be_taken_back(village: Village) -> None:
    person = village.person()
    village.say(person, "订 葡萄苗")
    with village.session() as session:
        (row,) = subscriptions.held(session, [person])
        subscriptions.end(row, now=village.now)
        subscriptions.bring_back(
            session, row, proof="page:subscriptions", settings=village.settings, now=village.now
        )
    assert what(village, person) == [("葡萄·supply", "seedling", "", "33")]


def test_a_new_post_is_one_row_when_it_is_released_and_no_earlier(village: Village) -> None:
    seller = village.person(origin="sms", reviewed=False)
    held_back = village.publish(seller, SEEDLINGS)
    assert held_back.state is PostState.HELD
    with village.database.read() as session:
        assert list(session.scalars(select(WatchCursor.post_id))) == []
    helper = village.contact()
    with village.session() as session:
        post = session.get_one(type(held_back), held_back.id)
        posts.release(session, post, by=session.merge(helper), channel=Channel.CONTACT, now=village.now)
        posts.release(session, post, by=session.merge(seller), channel=Channel.SMS, now=village.now)
    with village.database.read() as session:
        assert list(session.scalars(select(WatchCursor.post_id))) == [held_back.id]


def test_the_contact_point_subscribes_for_a_person_with_both_names_on_record(village: Village) -> None:
    person = village.person()
    with village.session() as session:
        helper = factories.make_staff(session, Role.CONTACT, factories.YANGGAO, "沈秋月")
    accepted = village.say(
        person,
        "订 葡萄苗",
        channel=Channel.CONTACT,
        gateway="web",
        operator_id=helper.id,
        account_id=person.id,
    )
    assert "订好了" in village.answers(accepted.inbound_id)[0]  # on the person's own phone
    row = village.get(Inbound, accepted.inbound_id)
    assert (row.account_id, row.operator_id) == (person.id, helper.id)
    (yes,) = village.all(Consent, Consent.purpose == Purpose.WATCH)
    assert yes.by_id == helper.id


def allowed(village: Village, person: Account) -> bool:
    with village.session() as session:
        return consent.allows(session, account=person, purpose=Purpose.WATCH, channel=Channel.SMS)
