"""Matches: who meets whom, what they are told, and whose number is shown to whom."""

from __future__ import annotations

import threading

import pytest

from farmerline.domain import accounts, matching_desk
from farmerline.errors import Absent
from farmerline.messages import Channel
from farmerline.models import (
    AuditRow,
    Delivery,
    Match,
    MatchState,
    Post,
    PostState,
    Purpose,
    Question,
    QuestionKind,
    QuestionState,
    Reveal,
)
from tests.domain.talking import SEEDLINGS, WANTED, Village, sms_parts
from tests.factories import SHUIXIANG


@pytest.mark.parametrize(
    ("offered", "matched"),
    [
        (SEEDLINGS, True),
        ("卖巨峰葡萄苗800株2元一株", True),
        ("卖葡萄500斤3元一斤", False),
        ("卖旧葡萄架10亩", False),
        ("卖草莓苗500株1元一株", False),
        ("要葡萄苗300株", False),
    ],
)
def test_only_the_same_thing_in_the_same_form_is_matched(
    sqlite_village: Village, offered: str, matched: bool
) -> None:
    """M13: neither the fruit nor the trellis."""
    sqlite_village.publish(sqlite_village.person(), offered)
    sqlite_village.publish(sqlite_village.person("陈小梅"), WANTED)
    assert sqlite_village.count(Match) == int(matched)


def test_both_sides_are_told_once_with_a_reason_and_no_number(village: Village) -> None:
    """M13, M16."""
    seller, buyer = village.person(area_code=SHUIXIANG), village.person("陈小梅")
    village.publish(seller, SEEDLINGS)
    village.publish(buyer, WANTED)
    for who, other, words in ((seller, buyer, "要500株"), (buyer, seller, "卖2000株")):
        (told,) = village.heard(who)
        assert told.startswith("对上了:")
        assert words in told
        assert "都是葡萄苗" in told
        assert other.name not in told
        assert other.phone[3:] not in told
        assert sms_parts(told) <= 2


def test_nobody_meets_their_own_household_or_somebody_suspended(village: Village) -> None:
    seller, gone = village.person(), village.person("孙长河")
    officer = village.contact()
    village.publish(seller, SEEDLINGS)
    village.publish(gone, SEEDLINGS)
    with village.session() as session:
        accounts.suspend(
            session,
            session.merge(gone, load=False),
            by=session.merge(officer, load=False),
            reason="x",
            now=village.now,
        )
    mei = village.person("李小梅", phone=seller.phone)
    drafted = village.say(seller, WANTED + " 小梅")
    village.say(seller, f"1{drafted.question_code}")
    assert village.get(Post, drafted.post_id).account_id == mei.id
    assert village.published() == 3
    assert village.count(Match) == 0


def test_a_person_without_a_phone_is_met_too(sqlite_village: Village) -> None:
    seller = sqlite_village.person()
    sqlite_village.publish(seller, SEEDLINGS)
    with sqlite_village.session() as session:
        row = session.merge(seller)
        row.phone, row.phone_index, row.preferred = None, None, Channel.MAILBOX
    sqlite_village.publish(sqlite_village.person("陈小梅"), WANTED)
    assert sqlite_village.count(Match) == 1


def test_at_most_three_a_side_and_a_code_for_each(village: Village) -> None:
    """M16."""
    for name in ("王一一", "王二二", "王三三", "王四四"):
        village.publish(village.person(name), SEEDLINGS)
    buyer = village.person("陈小梅")
    village.publish(buyer, WANTED)
    assert village.count(Match) == 3
    (told,) = village.heard(buyer)
    asked = village.all(Question, Question.account_id == buyer.id, Question.kind == QuestionKind.MATCH)
    assert len(asked) == 3
    assert all(question.code in told for question in asked)
    for name in ("周一一", "周二二", "周三三", "周四四"):
        village.publish(village.person(name), WANTED)
    for seller in {row.account_id for row in village.all(Post, Post.kind == "supply")}:
        mine = (
            Question.account_id == seller, Question.kind == QuestionKind.MATCH, Question.state == QuestionState.OPEN,
        )  # fmt: skip
        assert village.count(Question, *mine) <= 3


SHARES = [
    # seller's answer, buyer's answer, who says yes first, buyer sees, seller sees
    ("1", "1", "buyer", True, False),
    ("3", "1", "buyer", False, False),
    ("3", "3", "seller", False, False),
    ("1", "1", "seller", False, True),
]


@pytest.mark.parametrize(("seller_says", "buyer_says", "first", "buyer_sees", "seller_sees"), SHARES)
def test_one_yes_shows_the_number_only_where_the_other_side_allowed_it(
    sqlite_village: Village,
    seller_says: str,
    buyer_says: str,
    first: str,
    buyer_sees: bool,
    seller_sees: bool,
) -> None:
    """Z-06: after a yes, logged."""
    seller, buyer = sqlite_village.person(), sqlite_village.person("陈小梅")
    sqlite_village.publish(seller, SEEDLINGS, seller_says)
    sqlite_village.publish(buyer, WANTED, buyer_says)
    told = sqlite_village.told(buyer if first == "buyer" else seller, "1")
    assert (seller.phone[3:] in told) == buyer_sees
    assert (buyer.phone[3:] in told) == seller_sees
    assert sqlite_village.count(Reveal) == int(buyer_sees or seller_sees)
    assert sqlite_village.count(AuditRow, AuditRow.act == "number.reveal") == sqlite_village.count(Reveal)
    second = seller if first == "buyer" else buyer
    before = len(sqlite_village.heard(buyer if first == "buyer" else seller))
    told = sqlite_village.told(second, "1")
    assert (buyer if second is seller else seller).phone[3:] in told
    later = sqlite_village.heard(buyer if first == "buyer" else seller)[before:]
    assert len(later) == int(not (buyer_sees or seller_sees))
    assert sqlite_village.count(Reveal) == 2
    assert sqlite_village.all(Match)[0].state is MatchState.AGREED
    assert {post.state for post in sqlite_village.all(Post)} == {PostState.MATCHED}


def test_a_no_ends_the_match_and_shows_nothing(village: Village) -> None:
    seller, buyer = village.person(), village.person("陈小梅")
    village.publish(seller, SEEDLINGS)
    village.publish(buyer, WANTED)
    assert "这家不要" in village.told(buyer, "2")
    assert village.count(Reveal) == 0
    assert "没有等您回的事" in village.told(seller, "1")
    assert village.all(Match)[0].state is MatchState.REFUSED


def test_a_person_is_shown_thirty_numbers_a_day_and_the_match_waits(sqlite_village: Village) -> None:
    """Z-06: at most so many a day (here one)."""
    sqlite_village.settings = sqlite_village.settings.model_copy(update={"reveals_a_day": 1})
    for name in ("王一一", "王二二"):
        sqlite_village.publish(sqlite_village.person(name), SEEDLINGS)
    buyer = sqlite_village.person("陈小梅")
    sqlite_village.publish(buyer, WANTED)
    codes = [
        row.code for row in sqlite_village.all(Question, Question.account_id == buyer.id) if row.match_id
    ]
    assert "电话139" in sqlite_village.told(buyer, f"1{codes[0]}")
    assert "已看了1个电话" in sqlite_village.told(buyer, f"1{codes[1]}")
    assert sqlite_village.count(Reveal) == 1
    sqlite_village.wait(hours=25)
    assert "电话139" in sqlite_village.told(buyer, f"1{codes[1]}")


def test_the_other_sides_limit_is_not_the_speakers(sqlite_village: Village) -> None:
    seller, buyer = sqlite_village.person(), sqlite_village.person("陈小梅")
    sqlite_village.publish(seller, SEEDLINGS, "3")
    sqlite_village.publish(buyer, WANTED)
    sqlite_village.say(buyer, "1")
    (match,) = sqlite_village.all(Match)
    with sqlite_village.session() as session:
        for _ in range(30):
            session.add(
                Reveal(match_id=match.id, viewer_id=buyer.id, shown_id=seller.id, at=sqlite_village.now)
            )
        session.flush()
        for row in session.query(Reveal).all():  # all of other matches
            row.shown_id = buyer.id
    sqlite_village.settings = sqlite_village.settings.model_copy(update={"reveals_a_day": 5})
    assert buyer.phone[3:] in sqlite_village.told(seller, "1")


def test_only_a_side_answers_a_match(sqlite_village: Village) -> None:
    """Z-01."""
    sqlite_village.publish(sqlite_village.person(), SEEDLINGS)
    sqlite_village.publish(sqlite_village.person("陈小梅"), WANTED)
    third = sqlite_village.person("孙长河")
    with sqlite_village.session() as session, pytest.raises(Absent):
        match = session.get_one(Match, sqlite_village.all(Match)[0].id)
        matching_desk.answer(
            session, match, account=third, yes=True, settings=sqlite_village.settings, now=sqlite_village.now
        )


def test_a_match_with_a_suspended_side_is_over(sqlite_village: Village) -> None:
    seller, buyer, officer = (
        sqlite_village.person(),
        sqlite_village.person("陈小梅"),
        sqlite_village.contact(),
    )
    sqlite_village.publish(seller, SEEDLINGS)
    sqlite_village.publish(buyer, WANTED)
    with sqlite_village.session() as session:
        accounts.suspend(
            session, session.merge(seller), by=session.merge(officer), reason="x", now=sqlite_village.now
        )
    assert "已经结束" in sqlite_village.told(buyer, "1")
    assert sqlite_village.count(Reveal) == 0


def test_a_post_that_comes_back_meets_again_but_not_who_refused(village: Village) -> None:
    seller, buyer, other = village.person(), village.person("陈小梅"), village.person("孙长河")
    post = village.publish(seller, SEEDLINGS)
    village.publish(buyer, WANTED)
    village.publish(other, WANTED)
    village.say(other, "2")
    village.say(seller, f"停{post.number}")
    assert {match.state for match in village.all(Match)} == {MatchState.LAPSED, MatchState.REFUSED}
    before = len(village.heard(other))
    village.say(seller, f"续{post.number}")
    assert {match.state for match in village.all(Match)} == {MatchState.OFFERED, MatchState.REFUSED}
    assert len(village.heard(other)) == before
    assert seller.phone[3:] in village.told(buyer, "1")


@pytest.mark.parametrize(
    ("preferred", "channel"),
    [(Channel.SMS, Channel.SMS), (Channel.VOICE, Channel.VOICE), (Channel.MAILBOX, Channel.MAILBOX)],
)
def test_a_match_is_told_by_the_channel_a_person_prefers(
    sqlite_village: Village, preferred: Channel, channel: Channel
) -> None:
    buyer = sqlite_village.person("陈小梅", preferred=preferred)
    sqlite_village.publish(buyer, WANTED)
    sqlite_village.publish(sqlite_village.person(), SEEDLINGS)
    rows = sqlite_village.all(Delivery, Delivery.account_id == buyer.id, Delivery.purpose == Purpose.MATCH)
    announced = [Channel.SMS] if channel is Channel.VOICE else []
    assert sorted(row.channel for row in rows) == sorted([channel, *announced])


def test_two_yeses_at_once_act_as_one_after_the_other(village: Village) -> None:
    """R-08: of two answers each sees the other, so the numbers are shown; the same answer twice acts once."""
    seller, buyer = village.person(), village.person("陈小梅")
    village.publish(seller, SEEDLINGS, "3")
    village.publish(buyer, WANTED, "3")
    _at_once(
        [lambda: village.say(seller, "1"), lambda: village.say(buyer, "1"), lambda: village.say(buyer, "1")]
    )
    assert village.count(Reveal) == 2
    assert village.all(Match)[0].state is MatchState.AGREED


def test_one_question_answered_twice_at_once_publishes_once(village: Village) -> None:
    """R-08."""
    seller = village.person()
    village.say(seller, SEEDLINGS)
    _at_once(
        [lambda: village.say(seller, "1"), lambda: village.say(seller, "1"), lambda: village.say(seller, "3")]
    )
    (post,) = village.all(Post)
    assert post.state is PostState.OPEN
    assert [event.state for event in post.history].count(PostState.OPEN) == 1


def test_posts_made_at_once_have_numbers_of_their_own(village: Village) -> None:
    """R-08: the counter is right from its first number on."""
    people = [village.person(name) for name in ("王一一", "王二二", "王三三", "王四四")]
    for one in people:
        village.say(one, "卖草莓苗500株1元一株")
    _at_once([lambda one=one: village.say(one, "1") for one in people])  # type: ignore[misc]
    assert sorted(post.number for post in village.all(Post)) == [1001, 1002, 1003, 1004]


def _at_once(acts: list[object]) -> None:
    wrong: list[BaseException] = []
    gate = threading.Barrier(len(acts))

    def run(act: object) -> None:
        gate.wait()
        try:
            act()  # type: ignore[operator]
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong


def test_who_refuses_all_offers_is_offered_the_next_best_and_never_the_same_again(village: Village) -> None:
    """M13: "we go on looking" is true."""
    sellers = [village.person(f"沈甲{sign}", area_code=SHUIXIANG) for sign in "一二三四五"]
    for seller in sellers:
        village.publish(seller, SEEDLINGS)
    buyer = village.person("陈小梅")
    village.publish(buyer, WANTED)
    met = [match.supply_post_id for match in village.all(Match)]
    assert len(met) == 3
    for question in village.all(
        Question, Question.account_id == buyer.id, Question.kind == QuestionKind.MATCH
    ):
        village.say(buyer, f"2{question.code}")
    later = [match.supply_post_id for match in village.all(Match, Match.state == MatchState.OFFERED)]
    assert len(later) == 2
    assert not set(later) & set(met)
