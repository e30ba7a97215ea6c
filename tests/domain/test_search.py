"""Open posts are found by their words, sign for sign; and by like words where no product was read. On both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from farmerline.db import Database
from farmerline.domain import matching_desk, post_words, posts
from farmerline.messages import Channel
from farmerline.models import Account, Delivery, Post, PostState
from farmerline.models.search import all_phrases, split_signs, stored_signs
from farmerline.queries import search
from tests import factories
from tests.domain.talking import Village
from tests.factories import NOW


def put_up(session: Session, words: str, *, kind: str = "supply", number: int = 0) -> Post:
    """An open post of these words in which nothing was read."""
    owner = session.scalar(select(Account)) or factories.make_account(session)
    post = Post(
        kind=kind, account_id=owner.id, area_code=owner.area_code, channel=Channel.WEB, text=words,
        state=PostState.PENDING, created_at=NOW, number=number or 1001 + (session.query(Post).count()),
    )  # fmt: skip
    session.add(post)
    session.flush()
    posts.release(session, post, by=owner, channel=Channel.WEB, now=NOW)
    return post


def found(session: Session, words: str) -> set[int]:
    condition = search.holding(session, words)
    assert condition is not None
    return {post.number or 0 for post in session.scalars(select(Post).where(condition))}


@pytest.fixture
def county(database: Database) -> Database:
    with database.write() as session:
        factories.fill_county(session)
        for words in (
            "卖葡萄架用的水泥桩", "自家種的土豆，粉糯", "夏黑葡萄苗2000株，3.2元一株", "Kubota 拖拉机 M704", "收100只老母鸡、10只鸭",
        ):  # fmt: skip
            put_up(session, words)
    return database


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("葡萄", {1001, 1003}),
        ("萄葡", set()),
        ("葡萄架", {1001}),
        ("葡萄 水泥", {1001}),
        ("水泥桩 葡萄架", {1001}),
        ("自家种", {1002}),
        ("自家種", {1002}),
        ("土　豆", {1002}),
        ("３.２元", {1003}),
        ("2元", {1003}),
        ("00株", set()),
        ("kubota", {1004}),
        ("KUBOTA m704", {1004}),
        ("kubo", set()),
        ("10只", {1005}),
        ("100只", {1005}),
        ("只老", {1005}),
    ],
)
def test_words_are_found_as_phrases_of_signs_and_all_of_them(
    county: Database, words: str, numbers: set[int]
) -> None:
    with county.read() as session:
        assert found(session, words) == numbers


@pytest.mark.parametrize(
    "words", ["葡\"萄' OR *", "NEAR(葡 萄)", "葡萄 AND", "number:1001", "-葡萄", "''; DROP TABLE post", "葡" * 1000, "𠮷野", "a\0b"]
)  # fmt: skip
def test_no_sign_that_is_typed_is_an_error(county: Database, words: str) -> None:
    with county.read() as session:
        condition = search.holding(session, words)
        if condition is not None:
            session.scalars(select(Post).where(condition)).all()
        search.similar(session, words)


@pytest.mark.parametrize("words", ["", "   ", "！？。", "\"'*", "\U0001f33e"])
def test_nothing_typed_looks_for_nothing(county: Database, words: str) -> None:
    with county.read() as session:
        assert search.holding(session, words) is None
        assert search.similar(session, words) == []


def test_a_post_is_found_while_it_is_open_and_no_longer(county: Database) -> None:
    with county.write() as session:
        post = session.scalars(select(Post).where(Post.number == 1001)).one()
        owner = session.get_one(Account, post.account_id)
        posts.end(session, post, PostState.DONE, by=owner, channel=Channel.WEB, now=NOW)
        assert found(session, "水泥") == set()
        posts.renew(session, post, by=owner, channel=Channel.WEB, now=NOW + timedelta(hours=1))
        assert found(session, "水泥") == {1001}
        post_words.keep(session, post)
        rows = session.scalar(text("SELECT count(*) FROM post_search WHERE number = 1001"))
        assert rows == 1


def test_a_post_held_back_is_not_found(village: Village) -> None:
    seller = village.person(origin="web", reviewed=False)
    village.say(seller, "卖葡萄苗2000株3元一株杨高村")
    village.say(seller, "1")
    with village.database.read() as session:
        assert session.scalars(select(Post)).one().state is PostState.HELD
        assert found(session, "葡萄") == set()


@pytest.mark.parametrize(
    ("words", "side", "numbers"),
    [
        ("求购青花瓷碗10只", "demand", [1006]),
        ("青花瓷碗", "", [1007, 1006]),
        ("求购青花瓷碗", "supply", [1007]),
        ("瓷碗", "demand", [1006]),
        ("求购紫砂壶", "demand", []),
        ("长期求购，质量好，价格面议，上门收", "demand", []),
        ("花", "", []),
        ("瓷砖", "", []),
    ],
)
def test_like_words_are_answered_and_strange_ones_are_not(
    county: Database, words: str, side: str, numbers: list[int]
) -> None:
    with county.write() as session:
        put_up(session, "出售青花瓷碗一批，质量好，上门看货")
        put_up(session, "长期求购青花瓷的碗和盘子，青花瓷碗都要", kind="demand")
        put_up(session, "卖瓷做的摆件，面议")
        assert [post.number for post in search.similar(session, words, side)] == numbers


def test_nobody_is_told_of_their_own_post_or_of_one_that_is_over(county: Database) -> None:
    with county.write() as session:
        mine = put_up(session, "出售青花瓷碗")
        assert search.similar(session, "青花瓷碗", "demand", without=mine.account_id) == []
        assert search.similar(session, "青花瓷碗", "demand") == [mine]
        posts.end(session, mine, PostState.EXPIRED, by=None, channel="", now=NOW)
        assert search.similar(session, "青花瓷碗", "demand") == []


def test_signs_stand_alone_and_latin_words_and_figures_are_whole() -> None:
    assert split_signs("夏黑2000株,3.2元abc型") == [*"夏黑", "2000", "株", "3", "2", "元", "abc", "型"]
    assert stored_signs("土豆", postgresql=False) == "土 豆"
    assert stored_signs("土豆", postgresql=True) == "'土':1 '豆':2"
    assert all_phrases([["土", "豆"], ["苗"]], postgresql=False) == '"土 豆" AND "苗"'
    assert all_phrases([["土", "豆"], ["苗"]], postgresql=True) == "('土' <-> '豆') & ('苗')"
    assert all_phrases([[], []], postgresql=True) == ""


def test_the_owner_of_a_post_in_which_nothing_was_read_is_told_of_like_ones(county: Database) -> None:
    settings = factories.make_test_settings(Path("/nowhere"))
    with county.write() as session:
        put_up(session, "出售青花瓷碗一批")
        buyer = factories.make_account(session, "陈小梅")
        wanted = put_up(session, "求购青花瓷碗10只", kind="demand")
        wanted.account_id = buyer.id
        assert matching_desk.meet(session, wanted, settings=settings, now=NOW) == []
        told = [row.text for row in session.scalars(select(Delivery).where(Delivery.account_id == buyer.id))]
    assert len(told) == 1
    assert told[0].startswith("1007号也许合适:1006 出售青花瓷碗一批")
