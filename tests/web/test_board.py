"""The public board and a post's own page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from farmerline.models import Role
from tests import factories
from tests.service import Service


@pytest.fixture
def board(service: Service) -> Service:
    """Four posts: seedlings far and near, broccoli offered and wanted; the first of them nine days old."""
    far = service.person("岑利民", area_code=factories.SHUIXIANG, kinds=("large_grower",))
    near = service.person("杨阿毛")
    service.publish(far, "卖 夏黑葡萄苗 2000株 3.2元/株")
    service.clock.advance(timedelta(days=9))
    service.publish(near, "卖 巨峰葡萄苗 500株 2.5元/株")
    service.publish(near, "卖 西兰花 3000斤 1.5元/斤")
    service.publish(far, "求购 西兰花 5000斤")
    return service


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("", {1001, 1002, 1003, 1004}),
        ("kind=supply", {1001, 1002, 1003}),
        ("kind=demand", {1004}),
        ("kind=supply&kind=demand", {1001, 1002, 1003, 1004}),
        ("kind=job", set()),
        ("product=葡萄·seedling", {1001, 1002}),
        ("product=葡萄·fresh", set()),
        ("product=veg", {1003, 1004}),
        (f"far={factories.TOWN}", {1002, 1003}),
        ("days=3", {1002, 1003, 1004}),
        ("days=3&kind=supply&product=fruit", {1002}),
        ("kind=nonsense&days=7777&far=99", {1001, 1002, 1003, 1004}),
    ],
)
def test_the_list_shows_what_was_chosen(board: Service, question: str, shown: set[int]) -> None:
    text = board.client().get(f"/?{question}").text
    assert {number for number in range(1001, 1005) if f'href="/posts/{number}"' in text} == shown


def test_a_signed_in_reader_can_keep_to_the_own_village_or_town(board: Service) -> None:
    browser = board.client(board.person())
    for far in ("village", "town"):
        text = browser.get(f"/?far={far}").text
        assert "/posts/1002" in text
        assert "/posts/1001" not in text
    assert "本村" in browser.get("/").text


def test_a_post_that_ended_leaves_the_list_and_says_so_on_its_page(board: Service) -> None:
    board.clock.advance(timedelta(days=16))
    with board.write() as session:
        from farmerline.domain import posts

        posts.expire_due(session, now=board.now)
    browser = board.client()
    assert "/posts/1003" not in browser.get("/").text
    assert "到期了" in browser.get("/posts/1003").text


def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_the_post(board: Service) -> None:
    assert "/signin?next=%2Fposts%2F1001" in board.client().get("/posts/1001").text


def test_the_life_of_a_post_is_for_its_owner_and_who_looks_after_the_village(service: Service) -> None:
    owner = service.person("杨阿毛")
    service.publish(owner, "卖 西兰花 3000斤 1.5元/斤")
    contact = service.staff(Role.CONTACT, factories.TOWN)
    seen = {
        name: "一路怎么走的" in service.client(who).get("/posts/1001").text
        for name, who in (
            ("owner", owner),
            ("contact", contact),
            ("other", service.person()),
            ("stranger", None),
        )
    }
    assert seen == {"owner": True, "contact": True, "other": False, "stranger": False}


def test_a_held_post_is_not_there_for_others(service: Service) -> None:
    owner = service.person("杨阿毛", origin="web")
    service.publish(owner, "卖 西兰花 3000斤 1.5元/斤")
    assert service.client(owner).get("/posts/1001").status_code == 200
    assert service.client(service.person()).get("/posts/1001").status_code == 404
    assert "/posts/1001" not in service.client().get("/").text


def test_who_wants_it_writes_their_own_post_with_the_thing_named(board: Service) -> None:
    browser = board.client(board.person())
    assert "/me/write?use=buy&amp;like=1003" in browser.get("/posts/1003").text
    assert "西兰花，3000斤</textarea>" in browser.get("/me/write?use=buy&like=1003").text
    assert "/me/letters/new?post=1003" in browser.get("/posts/1003").text


def test_many_posts_come_in_pages_of_twenty_under_fifty_kilobytes(service: Service) -> None:
    owner = service.person("杨阿毛")
    for number in range(23):
        service.publish(owner, f"卖 西兰花 {100 + number}斤 1.5元/斤")
    first, second = service.client().get("/"), service.client().get("/?page=2")
    assert (first.text.count('href="/posts/'), second.text.count('href="/posts/')) == (20, 3)
    assert "/?page=2" in first.text
    assert len(first.data) < 50_000


def test_the_board_speaks_both_languages(board: Service) -> None:
    text = board.client().get("/?lang=en").text
    for words in ("Supply and demand", "Somebody sells", "Vegetables", "large grower", "Everywhere"):
        assert words in text
