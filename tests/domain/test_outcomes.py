"""How a match ended, in conversation: yes, a part and how much of it, no and why."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from farmerline.domain import deals, posts
from farmerline.messages import Channel
from farmerline.models import (
    Account,
    AuditRow,
    Deal,
    Delivery,
    Match,
    MatchState,
    NoReason,
    Outcome,
    Post,
    PostState,
    Question,
    QuestionKind,
    QuestionState,
)
from tests.domain.talking import SEEDLINGS, WANTED, Line, Village, sms_parts
from tests.domain.test_deals import agreed

RICE = "卖稻谷3000斤1块3一斤杨高村"
RICE_WANTED = "收稻谷2000斤"


def asked(village: Village, *texts: str, day: int = 3) -> tuple[Account, Account]:
    """A seller and a buyer who have each other's number and are asked how it ended."""
    seller, buyer = agreed(village, *texts)
    village.wait(days=3)
    village.do(deals.ask_due, days=(3, 10))
    if day == 10:
        village.wait(days=7)
        village.do(deals.ask_due, days=(3, 10))
    return seller, buyer


def lots_left(village: Village) -> list[float | None]:
    return [post.items[0].qty_left for post in village.all(Post)]


def test_a_part_is_asked_how_much_and_the_rest_stays_open(village: Village) -> None:
    """M06."""
    _, buyer = asked(village, RICE, RICE_WANTED)
    told = village.told(buyer, "3")
    assert "比如500斤" in told and sms_parts(told) == 1
    noted = village.told(buyer, "500斤")
    assert "500斤" in noted and "1500斤" in noted
    (deal,) = village.all(Deal)
    assert (deal.outcome, deal.qty, deal.unit) == (Outcome.PARTLY, 250, "kg")
    assert lots_left(village) == [1250, 750]
    assert all(post.items[0].live and post.state is PostState.MATCHED for post in village.all(Post))
    assert "没有等您回的事" in village.told(buyer, "1")


AMOUNTS = [
    # offered, wanted, what is said, quantity, left of the lot
    (SEEDLINGS, WANTED, "200", 200, 1800),
    (SEEDLINGS, WANTED, "200{code}", 200, 1800),
    (SEEDLINGS, WANTED, "{code} 两百株", 200, 1800),
    (SEEDLINGS, WANTED, "买了大概200株", 200, 1800),
    (SEEDLINGS, WANTED, "3{code}", 3, 1997),
    (RICE, RICE_WANTED, "1500", 750, 750),
    (RICE, RICE_WANTED, "1000斤左右", 500, 1000),
    (RICE, RICE_WANTED, "半吨", 500, 1000),
    (RICE, RICE_WANTED, "一半", 750, 750),
    ("卖稻谷", RICE_WANTED, "800", 400, None),
]


@pytest.mark.parametrize(("offered", "wanted", "said", "qty", "left"), AMOUNTS)
def test_an_amount_is_read_in_the_measure_of_the_lot(
    sqlite_village: Village, offered: str, wanted: str, said: str, qty: float, left: float | None
) -> None:
    _, buyer = asked(sqlite_village, offered, wanted)
    code = sqlite_village.say(buyer, "3").question_code
    sqlite_village.say(buyer, said.format(code=code))
    (deal,) = sqlite_village.all(Deal)
    assert deal.qty == qty
    assert lots_left(sqlite_village)[0] == left


@pytest.mark.parametrize("said", ["3{code}", "200株{code}", "很多{code}"])
def test_what_is_no_amount_of_the_lot_is_asked_again(sqlite_village: Village, said: str) -> None:
    _, buyer = asked(sqlite_village, RICE, RICE_WANTED)
    code = sqlite_village.say(buyer, "3").question_code
    assert "直接回数量" in sqlite_village.told(buyer, said.format(code=code))
    assert sqlite_village.all(Deal)[0].qty is None
    assert "记下了:500斤" in sqlite_village.told(buyer, "500斤")


def test_more_than_was_left_is_asked_once_more_and_then_believed(sqlite_village: Village) -> None:
    _, buyer = asked(sqlite_village, RICE, RICE_WANTED)
    sqlite_village.say(buyer, "3")
    assert "只剩3000斤" in sqlite_village.told(buyer, "5000斤")
    sqlite_village.say(buyer, "5000斤")
    assert sqlite_village.all(Deal)[0].qty == 2500
    assert [post.state for post in sqlite_village.all(Post)] == [PostState.DONE, PostState.DONE]


def test_silence_after_a_part_leaves_a_deal_without_amount(village: Village) -> None:
    _, buyer = asked(village, RICE, RICE_WANTED)
    village.say(buyer, "3")
    village.wait(days=3)
    assert [deal.qty for deal in village.all(Deal)] == [None]
    assert lots_left(village) == [1500, 1000]
    drafted = village.told(buyer, "卖土豆500斤")
    assert "已记下" in drafted


AT_ONCE = [
    # said to "did you buy?", outcome, quantity, left of the lot
    ("3 500斤", Outcome.PARTLY, 250, 1250),
    ("1,1800斤", Outcome.SOLD, 900, 600),
    ("买了500斤", Outcome.PARTLY, 250, 1250),
    ("2000斤", Outcome.SOLD, 1000, 500),
]


@pytest.mark.parametrize(("said", "outcome", "qty", "left"), AT_ONCE)
def test_an_amount_may_come_with_the_first_answer(
    sqlite_village: Village, said: str, outcome: Outcome, qty: float, left: float
) -> None:
    _, buyer = asked(sqlite_village, RICE, RICE_WANTED)
    assert "记下了" in sqlite_village.told(buyer, said)
    (deal,) = sqlite_village.all(Deal)
    assert (deal.outcome, deal.qty, lots_left(sqlite_village)[0]) == (outcome, qty, left)
    assert sqlite_village.count(Question, Question.kind == QuestionKind.AMOUNT) == 0


REASONS = [
    ("1", NoReason.PRICE),
    ("2", NoReason.QUALITY),
    ("3", NoReason.NOT_REACHED),
    ("4", NoReason.GONE),
    ("4{code}", NoReason.GONE),
    ("{code} 1", NoReason.PRICE),
    ("太贵了", NoReason.PRICE),
    ("价格谈不拢", NoReason.PRICE),
    ("电话打不通", NoReason.NOT_REACHED),
    ("质量不好", NoReason.QUALITY),
    ("卖给别人了", NoReason.GONE),
    ("路太远了", NoReason.OTHER),
    ("好的", NoReason.UNSAID),
]


@pytest.mark.parametrize(("said", "reason"), REASONS)
def test_the_last_no_is_asked_for_its_reason(sqlite_village: Village, said: str, reason: NoReason) -> None:
    seller, _ = asked(sqlite_village, day=10)
    told = sqlite_village.told(seller, "2")
    assert "1价钱" in told and "4跟别家成了" in told and sms_parts(told) == 1
    code = told[-4:-1]
    assert "谢谢" in sqlite_village.told(seller, said.format(code=code))
    (match,) = sqlite_village.all(Match)
    assert (match.state, match.no_reason) == (MatchState.REFUSED, reason)
    assert not sqlite_village.cases()
    assert "没有等您回的事" in sqlite_village.told(seller, "1")


def test_a_reason_is_on_record_on_both_databases(village: Village) -> None:
    seller, _ = asked(village, day=10)
    village.say(seller, "2")
    village.say(seller, "4")
    assert [match.no_reason for match in village.all(Match)] == [NoReason.GONE]
    with village.session() as session:
        rows = session.scalars(select(AuditRow.detail).where(AuditRow.act == "deal.reason")).all()
    assert [row["outcome"] for row in rows] == ["gone"]


def test_a_key_that_is_no_reason_is_asked_again_and_silence_is_fine(sqlite_village: Village) -> None:
    seller, _ = asked(sqlite_village, day=10)
    sqlite_village.say(seller, "2")
    assert "请回1价钱" in sqlite_village.told(seller, "7")
    sqlite_village.wait(days=3)
    assert sqlite_village.all(Match)[0].no_reason is NoReason.UNSAID
    assert "已记下" in sqlite_village.told(seller, "卖土豆500斤")


@pytest.mark.parametrize("said", ["没谈成", "没买成", "没买", "黄了"])
def test_a_plain_no_on_day_3_ends_it(sqlite_village: Village, said: str) -> None:
    _, buyer = asked(sqlite_village)
    assert "为啥没成" in sqlite_village.told(buyer, said)
    assert sqlite_village.all(Match)[0].state is MatchState.REFUSED


def test_the_reason_question_takes_nothing_that_is_a_matter_of_its_own(sqlite_village: Village) -> None:
    seller, _ = asked(sqlite_village, day=10)
    sqlite_village.say(seller, "2")
    assert "已记下" in sqlite_village.told(seller, "卖红薯4000斤")
    assert sqlite_village.all(Match)[0].no_reason is NoReason.UNSAID


def test_a_household_phone_answers_without_a_name(sqlite_village: Village) -> None:
    seller, _ = asked(sqlite_village, day=10)
    sqlite_village.person("杨小山", phone=seller.phone)
    code = sqlite_village.told(seller, "2")[-4:-1]
    assert code[0].isalpha()
    sqlite_village.say(seller, "4")
    assert sqlite_village.all(Match)[0].no_reason is NoReason.GONE


def test_by_call_the_amount_is_keyed_in(village: Village) -> None:
    """M06: one key, then the number."""
    seller = village.person(preferred=Channel.VOICE)
    buyer = village.person("陈小梅")
    village.publish(seller, RICE)
    village.publish(buyer, RICE_WANTED)
    village.say(buyer, "1")
    village.wait(days=3)
    village.do(deals.ask_due, days=(3, 10))
    line = Line(village, seller.phone, called(village, seller))
    assert "请按1" in line.words and "请按3" in line.words
    assert "多少斤" in line.press("3")
    assert "一千六百斤" in line.press("1400#") and "再见" in line.words
    assert village.all(Deal)[0].qty == 700
    assert lots_left(village) == [800, 300]


def test_by_call_the_reason_is_one_key(sqlite_village: Village) -> None:
    _, buyer = agreed(sqlite_village)
    with sqlite_village.session() as session:
        session.get_one(Account, buyer.id).preferred = Channel.VOICE
    sqlite_village.wait(days=10)
    sqlite_village.do(deals.ask_due, days=(3, 10))
    line = Line(sqlite_village, buyer.phone, called(sqlite_village, buyer))
    assert "为啥没成" in line.press("2") and "按4" in line.words
    assert "谢谢" in line.press("4") and "再见" in line.words
    assert sqlite_village.all(Match)[0].no_reason is NoReason.GONE


def test_who_rings_in_hears_what_is_still_asked(sqlite_village: Village) -> None:
    seller, _ = asked(sqlite_village, RICE, RICE_WANTED)
    sqlite_village.say(seller, "3")
    line = sqlite_village.ring(seller)
    assert "多少斤" in line.press("6")
    assert "记下了" in line.press("600#")
    assert sqlite_village.all(Deal)[0].qty == 300


def test_a_renewal_is_one_key_once_a_term(sqlite_village: Village) -> None:
    seller = sqlite_village.person()
    post = sqlite_village.publish(seller, RICE)
    sqlite_village.wait(days=14, hours=1)
    assert sqlite_village.do(posts.ask_renewals) == 1
    assert sqlite_village.do(posts.ask_renewals) == 0
    assert "再挂15天" in sqlite_village.told(seller, "1")
    kept = sqlite_village.get(Post, post.id)
    assert kept.state is PostState.OPEN and (kept.expires_at - sqlite_village.now).days >= 14
    with sqlite_village.session() as session:
        states = session.scalars(select(Question.state).where(Question.kind == QuestionKind.RENEW)).all()
    assert states == [QuestionState.ANSWERED]


def called(village: Village, who: Account) -> str:
    """The call that asks this person how it ended."""
    rows = village.all(Delivery, Delivery.account_id == who.id, Delivery.question_id.is_not(None))
    kinds = {row.id: village.get(Question, row.question_id).kind for row in rows}
    found: list[str] = [row.id for row in rows if kinds[row.id] is QuestionKind.OUTCOME]
    return found[-1]
