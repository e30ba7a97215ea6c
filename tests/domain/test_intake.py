"""The intake: everything is kept as it came, and answered, parked or passed on."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from farmerline.domain import accounts, answers, intake
from farmerline.messages import Channel
from farmerline.models import (
    AccountState,
    Case,
    CaseKind,
    Delivery,
    Inbound,
    InboundState,
    Post,
    PostState,
    Question,
    QuestionKind,
)
from tests.domain.talking import SEEDLINGS, Village, open_village, read

STRANGER = "+8613800001111"


def test_a_strangers_words_wait_until_the_id_was_seen_and_are_read_back_then(village: Village) -> None:
    """M12: no anonymous way to post."""
    helper = village.contact()
    first = village.say(STRANGER, SEEDLINGS)
    assert "还没登记" in first.replies[0]
    assert village.get(Inbound, first.inbound_id).state is InboundState.PARKED
    assert "记下了:王阿五" in village.told(STRANGER, "注册 王阿五 杨高村")
    assert "留着" in village.told(STRANGER, "卖草莓苗500株1元一株")
    assert village.all(Post) == []
    (case,) = village.cases(CaseKind.REGISTER)
    with village.session() as session:
        (person,) = accounts.by_phone(session, STRANGER)
        assert person.state is AccountState.PENDING
        accounts.verify_person(
            session, person, by=session.merge(helper), where=case.area_code, now=village.now
        )
        done = intake.release_parked(
            session, account=person, understand=read, settings=village.settings, now=village.now
        )
        assert [one.replies[0][:4] for one in done] == ["已记下:", "已记下:"]
    assert [post.state for post in village.all(Post)] == [PostState.PENDING, PostState.PENDING]
    told = village.told(STRANGER, f"1{done[0].question_code}")
    assert "联络点先看一眼" in told
    assert village.published() == 0


def test_another_members_words_are_not_taken_for_the_newly_verified_ones(sqlite_village: Village) -> None:
    yang, helper = sqlite_village.person(), sqlite_village.contact()
    sqlite_village.person("李小梅", phone=yang.phone)
    sqlite_village.say(yang, SEEDLINGS)
    sqlite_village.say(yang, "注册 王阿五 杨高村")
    with sqlite_village.session() as session:
        newest = accounts.by_phone(session, yang.phone)[-1]
        accounts.verify_person(
            session, newest, by=session.merge(helper), where=newest.area_code, now=sqlite_village.now
        )
        assert intake.release_parked(
            session, account=newest, understand=read, settings=sqlite_village.settings, now=sqlite_village.now
        ) == []  # fmt: skip


def test_the_same_message_twice_is_one_message_with_the_same_answer(village: Village) -> None:
    """Z-09."""
    seller = village.person()
    first = village.say(seller, SEEDLINGS, ref="SM1")
    second = village.say(seller, SEEDLINGS, ref="SM1")
    assert second.repeated
    assert (second.inbound_id, second.post_id, second.question_code) == (
        first.inbound_id, first.post_id, first.question_code,
    )  # fmt: skip
    assert (village.count(Inbound), village.count(Post), village.count(Delivery)) == (1, 1, 1)


def test_words_that_nobody_acted_on_are_found_and_after_three_tries_go_to_a_person(
    sqlite_village: Village,
) -> None:
    """I-01."""
    seller = sqlite_village.person()
    accepted = sqlite_village.say(seller, "哈哈")
    with sqlite_village.session() as session:
        row = session.get_one(Inbound, accepted.inbound_id)
        row.state, row.attempts = InboundState.RECEIVED, 0
    assert sqlite_village.do(intake.waiting) == []
    sqlite_village.wait(minutes=1)
    assert sqlite_village.do(intake.waiting) == [accepted.inbound_id]
    for _ in range(3):
        sqlite_village.do(intake.give_up, inbound_id=accepted.inbound_id, county="330282")
    assert sqlite_village.get(Inbound, accepted.inbound_id).state is InboundState.FAILED
    assert "机器没办成" in sqlite_village.answers(accepted.inbound_id)[-1]
    assert len(sqlite_village.cases(CaseKind.UNCLEAR)) == 1
    assert sqlite_village.do(intake.waiting) == []


BAD = [
    "", " ", "\n\n", "\0", "卖\0葡萄苗\0 2000株", "\u202e卖葡萄苗", "🍇" * 800, "卖" * 1600, "1" * 1600, "9" * 400 + "斤葡萄苗卖",
    "卖葡萄苗" + "9" * 30 + "株", "卖葡萄苗2000株" + "9" * 40 + "元一株", "卖葡萄苗-5株", "卖葡萄苗0株0元", "'; DROP TABLE post;--", "{name}{}%s",
    "<script>alert(1)</script>", "𠀀𠀁卖葡萄苗500株", "\ufeff卖葡萄苗", "注册", "注册 " + "王" * 1000, "注册 王 杨高村", "停99999999999999999999", "续²",
    "信", "信 给", "A11", "A11 ", "1A11 2A12", "查" * 500, "\x1b[31m", "價格", "卖葡萄苗1e999株",
]  # fmt: skip


@pytest.mark.parametrize("who", ["verified", "stranger", "household"])
def test_no_text_is_lost_or_fails(village: Village, who: str) -> None:
    """I-01: kept byte for byte (NUL as well, for words are sealed), and answered, parked or passed to a person."""
    person = village.person()
    if who == "household":
        village.person("李小梅", phone=person.phone)
    sender = STRANGER if who == "stranger" else person
    for text in BAD:
        accepted = village.say(sender, text)
        row = village.get(Inbound, accepted.inbound_id)
        assert (row.body, row.raw) == (text, text)
        assert row.state in (InboundState.HANDLED, InboundState.PARKED)
        assert village.answers(row.id), text
    assert village.published() == 0
    assert all("\0" not in post.text for post in village.all(Post))


@pytest.mark.parametrize("ranges", [(0, 0x7F), (0, 0xD7FF), (0x4E00, 0x9FFF), (0xE000, 0x10FFFF)])
def test_any_text_is_kept_and_answered_and_publishes_nothing(tmp_path: Path, ranges: tuple[int, int]) -> None:
    """I-01, M13: nothing is published before a yes to its read-back."""
    names = itertools.count()
    with open_village(f"sqlite:///{tmp_path / 'any.db'}", tmp_path) as small:
        person = small.person()
        signs = st.characters(min_codepoint=ranges[0], max_codepoint=ranges[1], exclude_categories=("Cs",))
        shapes = st.one_of(
            st.text(signs, max_size=60), st.text(signs, max_size=40).map(lambda text: f"卖葡萄苗{text}2000株"),
            st.text(signs, min_size=1, max_size=4).map(lambda text: text * 400), st.text(signs, max_size=9).map(lambda text: f"1 {text}"),
        )  # fmt: skip

        @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(shapes)
        def check(text: str) -> None:
            yes_before = small.count(Question, Question.kind == QuestionKind.PUBLISH, Question.answer != "")
            published = small.published()
            accepted = small.say(person, text, ref=f"any{next(names)}")
            assert small.get(Inbound, accepted.inbound_id).body == text
            assert small.answers(accepted.inbound_id)
            yes_after = small.count(Question, Question.kind == QuestionKind.PUBLISH, Question.answer != "")
            assert small.published() - published <= yes_after - yes_before

        check()


WORDS = [
    SEEDLINGS, "卖草莓苗500株1元一株", "要500株葡萄苗", "1", "2", "3", "2 300株", "好", "N", "3000株", "1A11", "3A12", "停", "续1001", "哈哈", "注册",
]  # fmt: skip


def test_whatever_is_said_only_a_yes_to_an_open_read_back_publishes(tmp_path: Path) -> None:
    """M13."""
    with open_village(f"sqlite:///{tmp_path / 'any.db'}", tmp_path) as small:
        numbers = itertools.count(1)

        @settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(st.lists(st.sampled_from(WORDS), max_size=9))
        def check(said: list[str]) -> None:
            person = small.person(f"王{'一二三四五六七八九'[next(numbers) % 9]}大")
            for text in said:
                before = {
                    row.post_id
                    for row in small.all(Question, Question.account_id == person.id, Question.state == "open")
                }
                was = {
                    post.id
                    for post in small.all(Post, Post.account_id == person.id, Post.published_at.is_not(None))
                }
                small.say(person, text)
                now = {
                    post.id
                    for post in small.all(Post, Post.account_id == person.id, Post.published_at.is_not(None))
                }
                if now - was:
                    assert read(text).intent in ("confirm", "list_only"), text
                    assert now - was <= before

        check()


def test_words_of_a_page_belong_to_who_signed_in(sqlite_village: Village) -> None:
    """M02."""
    yang = sqlite_village.person()
    mei = sqlite_village.person("李小梅", phone=yang.phone)
    accepted = sqlite_village.say(mei, SEEDLINGS, channel=Channel.WEB, gateway="web", account_id=mei.id)
    assert sqlite_village.get(Post, accepted.post_id).account_id == mei.id
    sqlite_village.say(mei, "1", channel=Channel.WEB, gateway="web", account_id=mei.id)
    assert sqlite_village.get(Post, accepted.post_id).state is PostState.OPEN


def test_a_pending_person_hears_where_to_go_and_silence_publishes_nothing(sqlite_village: Village) -> None:
    person = sqlite_village.person(state=AccountState.PENDING, origin="sms")
    assert "看过身份证" in sqlite_village.told(person, SEEDLINGS)
    sqlite_village.wait(days=3)
    sqlite_village.do(answers.park_unanswered)
    assert (sqlite_village.count(Post), sqlite_village.count(Case)) == (0, 0)
