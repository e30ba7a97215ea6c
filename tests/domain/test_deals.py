"""How matches end: asked on day 3 and 10, a deal is a row, and lots never go below nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from farmerline.domain import deals
from farmerline.errors import Conflict, Invalid
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AuditRow,
    Deal,
    Match,
    MatchState,
    Outcome,
    Post,
    PostState,
    Question,
    QuestionKind,
    QuestionState,
)
from tests.domain.talking import SEEDLINGS, WANTED, Village, open_village
from tests.domain.test_matching_desk import _at_once


def agreed(village: Village, offered: str = SEEDLINGS, wanted: str = WANTED) -> tuple[Account, Account]:
    seller, buyer = village.person(), village.person("陈小梅")
    village.publish(seller, offered)
    village.publish(buyer, wanted)
    village.say(buyer, "1")
    with village.session() as session:  # the seller needs not answer: the buyer has the number
        for question in session.query(Question).filter(Question.account_id == seller.id):
            question.state = QuestionState.ANSWERED
    return seller, buyer


def test_both_sides_are_asked_on_day_3_and_day_10(village: Village) -> None:
    """M06, M13: down to "did you buy?"."""
    seller, buyer = agreed(village)
    for days, due in ((2, 0), (1, 1), (1, 0), (5, 0), (1, 1), (20, 0)):
        village.wait(days=days)
        assert village.do(deals.ask_due, days=(3, 10)) == due
    assert village.count(Question, Question.kind == QuestionKind.OUTCOME) == 4
    assert any("买到了吗" in text for text in village.heard(buyer))
    assert any("卖了吗" in text for text in village.heard(seller))


def test_a_late_job_asks_once(sqlite_village: Village) -> None:
    agreed(sqlite_village)
    sqlite_village.wait(days=30)
    assert sqlite_village.do(deals.ask_due, days=(3, 10)) == 1
    assert sqlite_village.do(deals.ask_due, days=(3, 10)) == 0
    assert sqlite_village.count(Question, Question.kind == QuestionKind.OUTCOME) == 2


ENDS = [
    # offered, wanted, who tells, what, deal's quantity, left of the lot, lot open, wish open
    (SEEDLINGS, WANTED, "buyer", "1", 500, 1500, True, False),
    (SEEDLINGS, WANTED, "seller", "1", 500, 1500, True, False),
    (SEEDLINGS, WANTED, "buyer", "3", None, 2000, True, True),
    ("卖葡萄苗300株3元一株", WANTED, "buyer", "1", 300, 0, False, False),
    (SEEDLINGS, "要葡萄苗", "buyer", "1", None, 2000, True, False),
    (SEEDLINGS, "要葡萄苗", "seller", "1", None, 2000, False, False),
    ("卖葡萄苗", WANTED, "buyer", "1", 500, None, True, False),
    ("卖葡萄苗", WANTED, "seller", "1", 500, None, False, False),
    ("卖葡萄苗", WANTED, "buyer", "3", None, None, True, True),
]


@pytest.mark.parametrize(("offered", "wanted", "who", "answer", "qty", "left", "lot_open", "wish_open"), ENDS)
def test_a_lot_sold_in_part_stays_with_what_is_left(
    sqlite_village: Village, offered: str, wanted: str, who: str, answer: str, qty: float | None, left: float | None,
    lot_open: bool, wish_open: bool,
) -> None:  # fmt: skip
    """M06."""
    seller, buyer = agreed(sqlite_village, offered, wanted)
    sqlite_village.wait(days=3)
    sqlite_village.do(deals.ask_due, days=(3, 10))
    sqlite_village.say(buyer if who == "buyer" else seller, answer)
    (found,) = sqlite_village.all(Deal)
    assert (found.qty, found.told_by) == (qty, (buyer if who == "buyer" else seller).id)
    assert (found.concept, found.form) == ("葡萄", "seedling")
    lot, wish = sqlite_village.all(Post)
    assert lot.items[0].qty_left == left
    assert (lot.state is not PostState.DONE, wish.state is not PostState.DONE) == (lot_open, wish_open)
    assert lot.items[0].live is lot_open
    other = seller if who == "buyer" else buyer
    assert "没有等您回的事" in sqlite_village.told(other, "1")


def test_a_no_on_day_3_may_only_be_not_yet(village: Village) -> None:
    """M06: a second no ends it."""
    seller, buyer = agreed(village)
    village.wait(days=3)
    village.do(deals.ask_due, days=(3, 10))
    assert "第10天再问" in village.told(buyer, "2")
    assert village.all(Match)[0].state is MatchState.AGREED
    village.wait(days=7)
    assert village.do(deals.ask_due, days=(3, 10)) == 1
    assert "接着给您找" in village.told(buyer, "2")
    assert village.all(Match)[0].state is MatchState.REFUSED
    assert "没有等您回的事" in village.told(seller, "1")
    assert [post.state is not PostState.DONE for post in village.all(Post)] == [True, True]
    assert village.count(Deal) == 0
    with village.session() as session:
        rows = session.scalars(select(AuditRow.detail).where(AuditRow.act == "deal.record"))
        assert sorted(row["outcome"] for row in rows) == ["no", "not yet"]


def test_the_other_side_may_tell_of_a_deal_after_a_no(sqlite_village: Village) -> None:
    seller, buyer = agreed(sqlite_village)
    sqlite_village.wait(days=3)
    sqlite_village.do(deals.ask_due, days=(3, 10))
    sqlite_village.say(buyer, "2")
    sqlite_village.say(seller, "1")
    assert sqlite_village.count(Deal) == 1


def test_two_sides_that_tell_at_once_make_one_deal(village: Village) -> None:
    """R-08."""
    seller, buyer = agreed(village)
    village.wait(days=3)
    village.do(deals.ask_due, days=(3, 10))
    _at_once([lambda: village.say(seller, "1"), lambda: village.say(buyer, "1")])
    assert village.count(Deal) == 1
    assert village.all(Post)[0].items[0].qty_left == 1500
    assert village.all(Match)[0].state is MatchState.DONE


@pytest.mark.parametrize("qty", [0, -5, float("inf"), float("nan")])
def test_an_amount_that_is_none_is_refused(sqlite_village: Village, qty: float) -> None:
    _, buyer = agreed(sqlite_village)
    with sqlite_village.session() as session:
        match = session.get_one(Match, sqlite_village.all(Match)[0].id)
        person = session.get_one(Account, buyer.id)
        values = {"by": person, "teller": person, "channel": Channel.SMS, "now": sqlite_village.now}
        with pytest.raises(Invalid):
            deals.record(session, match, outcome=Outcome.SOLD, qty=qty, **values)  # type: ignore[arg-type]
        deals.record(session, match, outcome=Outcome.PARTLY, qty=20, **values)  # type: ignore[arg-type]
        with pytest.raises(Conflict):
            deals.record(session, match, outcome=Outcome.SOLD, qty=None, **values)  # type: ignore[arg-type]


def test_no_deal_makes_a_lot_negative(tmp_path: Path) -> None:
    with open_village(f"sqlite:///{tmp_path / 'lots.db'}", tmp_path) as small:

        @settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(
            st.sampled_from([None, 1.0, 499.5, 500.0, 1e9]), st.sampled_from([Outcome.SOLD, Outcome.PARTLY])
        )
        def check(qty: float | None, outcome: Outcome) -> None:
            amount = 2000 + small.count(Post)  # one text under several names would be held
            _, buyer = agreed(small, f"卖葡萄苗{amount}株3元一株杨高村")
            match = small.all(Match, Match.state == MatchState.AGREED)[-1]
            with small.session() as session:
                person = session.get_one(Account, buyer.id)
                deals.record(
                    session, session.get_one(Match, match.id), outcome=outcome, by=person, teller=person,
                    channel=Channel.SMS, qty=qty, now=small.now,
                )  # fmt: skip
            assert all(
                item.qty_left is None or item.qty_left >= 0 for post in small.all(Post) for item in post.items
            )
            for post in small.all(Post, Post.state != PostState.DONE):
                small.say(small.get(Account, post.account_id), f"停{post.number}")

        check()


def test_day_10_asks_anew_what_day_3_asked_so_that_one_question_is_open(village: Village) -> None:
    """M06."""
    _, buyer = agreed(village)
    for days in (3, 7):
        village.wait(days=days)
        village.do(deals.ask_due, days=(3, 10))
    assert "成交" in village.told(buyer, "1")
    assert village.count(Deal) == 1
