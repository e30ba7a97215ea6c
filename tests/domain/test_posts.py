"""Posts: held and reviewed, with and without items, their days and their end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from farmerline.domain import posts
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    CaseKind,
    Inbound,
    Match,
    Post,
    PostItem,
    PostState,
    Question,
    QuestionKind,
)
from matching import Reading
from tests.domain.talking import SEEDLINGS, WANTED, Village, read

HELD = [
    ({"origin": "sms", "reviewed": False}, SEEDLINGS, "first_post"),
    ({"origin": "web", "reviewed": False}, SEEDLINGS, "first_post"),
    ({}, "卖小鸡苗500只2元一只,包回收", "buy_back"),
    ({}, "卖农药敌敌畏100瓶", "licence"),
    ({}, "卖农药敌敌畏100瓶,农药经营许可证浙001", ""),
    ({}, "要农药100瓶", ""),
    ({"reviewed": False}, SEEDLINGS, ""),
    ({"origin": "sms", "reviewed": True}, SEEDLINGS, ""),
]


@pytest.mark.parametrize(("who", "words", "reason"), HELD)
def test_some_posts_wait_for_the_contact_point_with_their_reason(
    sqlite_village: Village, who: dict[str, object], words: str, reason: str
) -> None:
    """M09."""
    seller = sqlite_village.person(**who)
    sqlite_village.say(seller, words)
    told = sqlite_village.told(seller, "1")
    (post,) = sqlite_village.all(Post)
    assert (post.held_reason, post.state) == (reason, PostState.HELD if reason else PostState.OPEN)
    assert ("联络点先看一眼" in told) == bool(reason)
    reviews = sqlite_village.cases(CaseKind.REVIEW)
    assert len(reviews) == int(bool(reason) or not who.get("reviewed", True))
    assert all(case.post_id == post.id for case in reviews)
    assert all(item.live is (not reason) for item in post.items)


def test_a_held_post_is_let_out_and_only_then_matched(village: Village) -> None:
    seller, buyer, helper = (
        village.person(origin="sms", reviewed=False),
        village.person("陈小梅"),
        village.contact(),
    )
    post = village.publish(seller, SEEDLINGS)
    village.publish(buyer, WANTED)
    assert village.count(Match) == 0
    with village.session() as session:
        row = session.get_one(Post, post.id)
        posts.release(
            session, row, by=session.get_one(Account, helper.id), channel=Channel.CONTACT, now=village.now
        )
    assert village.get(Post, post.id).items[0].live


@pytest.mark.parametrize(
    ("kind", "days"), [("transport", 15), ("job", 30), ("tourism", 60), ("service", 60), ("notice", 30)]
)
def test_kinds_without_items_are_posts_too(sqlite_village: Village, kind: str, days: int) -> None:
    """M17: a new kind needs no code."""
    person = sqlite_village.person()
    words = "龙山到杭州有冷藏车,周三发车"
    accepted = sqlite_village.say(person, "哈哈")
    with sqlite_village.session() as session:
        post = posts.draft(
            session, account=session.merge(person), inbound=session.get_one(Inbound, accepted.inbound_id), text=words,
            reading=read(words).reading or Reading("none", True), now=sqlite_village.now, kind=kind,
        )  # fmt: skip
        assert posts.amend(session, post, Reading("none", True), "周四发车", now=sqlite_village.now)
        posts.publish(
            session,
            post,
            by=session.merge(person),
            channel=Channel.WEB,
            share_phone=True,
            now=sqlite_village.now,
            hold_hours=2,
        )
        assert (post.items, post.state, post.text) == ([], PostState.OPEN, "周四发车")
        assert post.expires_at == sqlite_village.now + timedelta(days=days)
        assert "周四发车" in posts.describe(session, post)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("卖葡萄苗 13912345678 找我", "卖葡萄苗 找我"),
        ("看 https://a.b/c 和 www.x.cn", "看 和"),
        ("+86 139-1234-5678 打来", "打来"),
        ("0574-63001234 打", "打"),
        ("a\0b\u202ec", "abc"),
        ("编号 20261234", "编号 20261234"),
        ("打１３９１２３４５６７８", "打"),
        ("一三九一二三四五六七八打来", "打来"),
        ("电话1 3 9 1 2 3 4 5 6 7 8", "电话"),
        ("139.1234.5678", ""),
        ("加微信yang_888", "加"),
        ("规格15,16,17,18,19,20公分", "规格15,16,17,18,19,20公分"),
    ],
)
def test_a_public_text_shows_no_number_and_no_link(text: str, shown: str) -> None:
    assert posts.without_contacts(text) == shown


def test_produce_stays_15_days_and_seedlings_60_and_silence_ends_them(village: Village) -> None:
    seller = village.person()
    seedlings, fruit = village.publish(seller, SEEDLINGS), village.publish(seller, "卖葡萄500斤3元一斤")
    village.wait(days=14, hours=2)
    assert village.do(posts.ask_renewals) == 1
    assert village.do(posts.ask_renewals) == 0
    (question,) = village.all(Question, Question.kind == QuestionKind.RENEW)
    assert question.post_id == fruit.id
    assert village.do(posts.expire_due) == 0
    village.wait(days=1)
    assert village.do(posts.expire_due) == 1
    assert village.get(Post, fruit.id).state is PostState.EXPIRED
    assert village.get(Post, seedlings.id).state is PostState.OPEN
    assert "没有等您回的事" in village.told(seller, "1")
    assert f"{fruit.number}号再挂15天" in village.told(seller, f"续{fruit.number}")


def test_who_posted_just_after_the_hour_of_asking_has_a_day_for_the_answer(sqlite_village: Village) -> None:
    seller = sqlite_village.person()
    post = sqlite_village.publish(seller, "卖葡萄500斤3元一斤")
    sqlite_village.wait(days=14, minutes=-30)
    assert sqlite_village.do(posts.ask_renewals) == 1
    sqlite_village.wait(days=1)
    assert sqlite_village.do(posts.ask_renewals) == 0
    assert sqlite_village.do(posts.expire_due) == 0
    assert f"{post.number}号再挂15天" in sqlite_village.told(seller, "1")


@pytest.mark.parametrize(("answer", "state"), [("1", PostState.OPEN), ("2", PostState.DONE)])
def test_who_is_asked_before_the_end_keeps_it_or_takes_it_down(
    sqlite_village: Village, answer: str, state: PostState
) -> None:
    seller = sqlite_village.person()
    post = sqlite_village.publish(seller, SEEDLINGS)
    sqlite_village.wait(days=59, hours=2)
    sqlite_village.do(posts.ask_renewals)
    sqlite_village.say(seller, answer)
    after = sqlite_village.get(Post, post.id)
    assert after.state is state
    assert (after.expires_at > post.expires_at) == (state is PostState.OPEN)


def test_a_number_beyond_all_sense_counts_as_not_said(village: Village) -> None:
    seller = village.person()
    village.say(seller, "卖葡萄苗" + "9" * 30 + "株")
    for item in village.all(PostItem):
        assert item.qty is None or item.qty <= 1e9


def test_the_same_offer_twice_is_one_post(village: Village) -> None:
    """M13: who is not sure whether it worked writes again; that is no second lot."""
    seller = village.person()
    post = village.publish(seller, SEEDLINGS)
    assert f"{post.number}号" in village.told(seller, SEEDLINGS)
    assert village.count(Post) == 1
    assert "回1发布" in village.told(seller, SEEDLINGS.replace("2000", "1000"))
