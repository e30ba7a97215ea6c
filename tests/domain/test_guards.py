"""What waits for a person's look before it is public, and what does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from farmerline.domain import guards, posts
from farmerline.messages import Channel
from farmerline.models import Account, CaseKind, Post, PostState
from farmerline.words import say
from matching import Matcher
from tests.domain.talking import Village, sms_parts

LONG = "大量供应优质黄金梨树苗,成活率高,包教技术,每株{}元,量大从优,全国发货"
HELD = [
    ("卖种兔50只,签合同回收", "buy_back"),
    ("供应黄鳝苗,提供技术,回收成品", "buy_back"),
    ("卖土鸡苗500只3元一只,保底收", "buy_back"),
    ("卖中药材种苗,白芨苗2000株,产品包销", "buy_back"),
    ("卖土鸡苗500只3元一只,不包回收", ""),
    ("卖葡萄500斤,旧纸箱回收", ""),
    ("求购鸡苗500只", ""),
    ("卖复合肥20袋120元一袋", "licence"),
    ("卖复合肥20袋,农肥(2018)准字1234号", ""),
    ("卖尿素20袋", ""),
    ("卖土霉素50瓶", "licence"),
    ("卖土霉素50瓶,兽药经营许可证编号(2020)兽药经营证字110号", ""),
    ("卖草甘膦20瓶,PD20151234", ""),
    ("卖草甘膦20瓶,我有农药经营许可证", "licence"),
    ("卖玉米种子100斤", "licence"),
    ("卖玉米种子100斤,种子生产经营许可证B(浙)农种许字(2020)第0001号", ""),
    ("卖玉米500斤1.2元一斤", ""),
    ("卖辣椒种子10斤", ""),
    ("卖百草枯20瓶,农药经营许可证浙001", "forbidden"),
    ("要百草枯20瓶", "forbidden"),
    ("卖农药乙酰甲胺磷20瓶,PD20151234", ""),
    ("卖农药甲胺磷20瓶,PD20151234", "forbidden"),
    ("卖竹鼠20只", "wildlife"),
    ("收娃娃鱼10斤", "wildlife"),
    ("卖鸡20只", ""),
]


@pytest.mark.parametrize(("words", "reason"), HELD)
def test_what_is_promised_or_needs_a_licence_waits(sqlite_village: Village, words: str, reason: str) -> None:
    seller = sqlite_village.person()
    sqlite_village.say(seller, words)
    told = sqlite_village.told(seller, "1")
    (post,) = sqlite_village.all(Post)
    assert (post.held_reason, post.state) == (reason, PostState.HELD if reason else PostState.OPEN), told
    assert bool(sqlite_village.cases(CaseKind.REVIEW)) == bool(reason)


@pytest.mark.parametrize("reason", guards.HELD)
def test_who_is_held_reads_why_and_how_to_appeal_in_one_message(reason: str) -> None:
    told = say("zh", guards.HELD[reason], number=12345, hours=2)
    assert "12345" in told
    assert "申诉" in told
    assert sms_parts(told) == 1, told
    assert "APPEAL 12345" in say("en", guards.HELD[reason], number=12345, hours=2)


def test_the_guarded_goods_are_goods_the_reader_knows() -> None:
    lexicon = Matcher.default().lexicon
    for group, where, name in guards.goods():
        sense = lexicon.resolve(name)
        assert where == "word" or (sense is not None and sense.concept == name), (group, name)


def test_one_text_under_two_names_is_held_and_the_first_is_looked_at_too(village: Village) -> None:
    first, second = village.person("陈小梅"), village.person("马小青")
    open_one = village.publish(first, "卖夏黑葡萄300斤,2.8元一斤,自己来摘")
    assert village.cases(CaseKind.REVIEW) == []
    held = village.publish(second, "卖 夏黑葡萄３００斤，2.8元一斤 自己来摘。")
    assert (held.state, held.held_reason) == (PostState.HELD, "same_text")
    assert village.get(Post, open_one.id).state is PostState.OPEN
    assert {case.post_id for case in village.cases(CaseKind.REVIEW)} == {open_one.id, held.id}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (LONG.format(5), LONG.format("6.5"), True),
        ("卖夏黑葡萄300斤2.8元一斤,自己来摘", "卖夏黑葡萄300斤2.6元一斤,自己来摘", False),
        ("卖夏黑葡萄300斤2.8元一斤,自己来摘", "卖夏黑葡萄３００斤 2.8元一斤 自己来摘!", True),
        ("卖葡萄苗2000株3元一株杨高村", "卖葡萄苗2000株3元一株杨高村", False),
    ],
)
def test_changed_amounts_count_in_short_texts_only(one: str, other: str, same: bool) -> None:
    assert (guards.mark(one) == guards.mark(other) != "") == same


def test_one_household_and_an_old_ended_post_are_no_second_name(sqlite_village: Village) -> None:
    words = "卖夏黑葡萄300斤,2.8元一斤,自己来摘"
    first = sqlite_village.person("陈小梅")
    old = sqlite_village.publish(first, words)
    wife = sqlite_village.person("马小青", phone=first.phone)
    with sqlite_village.session() as session:
        post = session.get_one(Post, old.id)
        twin = Post(text_mark=guards.mark(words), id="x")
        assert post.text_mark == twin.text_mark
        assert guards.twins(session, twin, session.get_one(Account, wife.id), sqlite_village.now) == []
        posts.end(session, post, PostState.DONE, by=None, channel=Channel.SMS, now=sqlite_village.now)
    third = sqlite_village.person("岑利民")
    with sqlite_village.session() as session:
        stranger = session.get_one(Account, third.id)
        later = sqlite_village.now
        assert len(guards.twins(session, twin, stranger, later + timedelta(days=29))) == 1
        assert guards.twins(session, twin, stranger, later + timedelta(days=31)) == []
