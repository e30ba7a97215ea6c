"""Prices: noted down day by day, held where they are far from the usual, asked for by text, heard, taken in as a file."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from openpyxl import Workbook

from farmerline.clock import local
from farmerline.domain import access, price_file, prices
from farmerline.domain.init_county import ensure_reference_data
from farmerline.errors import Conflict, Invalid, Refusal
from farmerline.models import Account, Good, Market, Price, PriceState, Role
from farmerline.queries import prices as shown
from matching import Lexicon
from tests import factories
from tests.domain.talking import Village
from tests.factories import COUNTY, NOW, OTHER_TOWN, SHUIXIANG, TOWN

TODAY = local(NOW).date()


class Stall:
    """A county's publisher, two markets, one good; ``note`` enters prices of days gone by."""

    def __init__(self, village: Village) -> None:
        self.village = village
        with village.session() as session:
            ensure_reference_data(session)
            self.writer = factories.make_staff(session, Role.PUBLISHER, COUNTY, "采编员")
            self.other = factories.make_staff(session, Role.OFFICER, COUNTY, "植保员")
            actor = access.actor_of(session, self.writer)
            self.near = prices.add_market(session, name="龙山市场", area_code=TOWN, actor=actor, now=NOW)
            self.far = prices.add_market(session, name="新浦市场", area_code=OTHER_TOWN, actor=actor, now=NOW)
            self.grapes = prices.add_good(
                session, product="提子", grade="", unit="斤", county=COUNTY, actor=actor, now=NOW
            )

    def note(
        self,
        yuan: float,
        *,
        back: int = 0,
        market: Market | None = None,
        unit: str = "",
        by: Account | None = None,
    ) -> Price:
        with self.village.session() as session:
            actor = access.actor_of(session, session.get_one(Account, (by or self.writer).id))
            return prices.enter(
                session, market=market or self.near, good=session.get_one(Good, self.grapes.id), day=TODAY - timedelta(days=back),
                yuan=yuan, unit=unit, actor=actor, now=self.village.now,
            )  # fmt: skip

    def settle(self, price: Price, by: Account, *, right: bool = True) -> None:
        with self.village.session() as session:
            actor = access.actor_of(session, session.get_one(Account, by.id), second_factor=True)
            prices.settle(
                session, session.get_one(Price, price.id), right=right, actor=actor, now=self.village.now
            )

    def take(self, content: bytes) -> price_file.Taken:
        with self.village.session() as session:
            actor = access.actor_of(session, session.get_one(Account, self.writer.id))
            table = price_file.read(content)
            return price_file.take(session, table, actor=actor, language="zh", now=self.village.now)


def test_a_text_and_a_call_tell_what_a_product_fetches_at_the_nearest_market(village: Village) -> None:
    """M01, M16."""
    stall = Stall(village)
    farmer = village.person()
    assert "还没有" in village.told(farmer, "价 葡萄") or "没" in village.told(farmer, "价 葡萄")
    stall.note(4.0, back=7)
    stall.note(4.2)
    assert village.told(farmer, "价 葡萄") == "葡萄11月20日：龙山市场4.2元/斤，比上周贵0.2元"
    assert "4.2" not in village.told(farmer, "价 葡萄苗")  # a seedling is no grape
    stall.note(3.9, market=stall.far)
    told = village.told(farmer, "葡萄多少钱一斤")
    assert told == "葡萄11月20日：龙山市场4.2元/斤，新浦市场3.9元/斤" and len(told) <= 58
    assert "十一月二十日行情：葡萄,龙山市场四块两毛一斤。" in village.ring(farmer).press("5", "5")
    village.now += timedelta(days=15)
    assert "4.2" not in village.told(farmer, "价 葡萄")


def test_a_price_far_from_the_usual_waits_for_somebody_else(village: Village) -> None:
    stall = Stall(village)
    for back in range(8, 2, -1):
        assert stall.note(4.2, back=back).state is PriceState.SHOWN
    slip = stall.note(8.4)
    assert (slip.state, slip.usual) == (PriceState.HELD, 4.2)
    assert "8.4" not in village.told(village.person(), "价 葡萄")
    with pytest.raises(Conflict, match="price_own"):
        stall.settle(slip, stall.writer)
    stall.settle(slip, stall.other, right=False)
    with pytest.raises(Conflict, match="price_settled"):
        stall.settle(slip, stall.other)
    assert stall.note(4.4).state is PriceState.SHOWN  # entered again, right
    dear = stall.note(7.5, market=stall.far)
    stall.settle(dear, stall.other)
    assert "7.5" in village.told(village.person("陈小梅"), "价 葡萄")


def test_a_price_by_another_weight_is_converted(sqlite_village: Village) -> None:
    stall = Stall(sqlite_village)
    assert stall.note(8.4, unit="公斤").yuan == 4.2
    assert stall.note(8000, unit="吨", back=1).yuan == 4.0
    with pytest.raises(Invalid, match="price_unit"):
        stall.note(8.4, unit="箱")


@pytest.mark.parametrize(
    ("yuan", "back", "code"),
    [(0, 0, "price_range"), (2e6, 0, "price_range"), (4, -1, "price_day"), (4, 400, "price_day")],
)
def test_what_cannot_be_a_price_is_refused(
    sqlite_village: Village, yuan: float, back: int, code: str
) -> None:
    stall = Stall(sqlite_village)
    with pytest.raises(Invalid, match=code):
        stall.note(yuan, back=back)


def test_another_towns_publisher_enters_nothing_here(sqlite_village: Village) -> None:
    stall = Stall(sqlite_village)
    with sqlite_village.session() as session:
        stranger = factories.make_staff(session, Role.PUBLISHER, SHUIXIANG, "别处")
    with pytest.raises(Refusal, match="absent"):
        stall.note(4.2, by=stranger)


@pytest.mark.parametrize(
    ("said", "read"),
    [("4.2", (4.2, "")), ("４．２元", (4.2, "")), ("3.8-4.6元/公斤", (4.2, "公斤")), ("1,200", (1200, ""))],
)
def test_prices_are_read_as_people_write_them(said: str, read: tuple[float, str]) -> None:
    assert prices.read_yuan(said) == read


@pytest.mark.parametrize(
    ("said", "product"),
    [
        ("提子", ("葡萄", "")),
        ("夏黑", ("葡萄", "夏黑")),
        ("猪肉", ("猪肉", "")),
        ("葡萄干", ("葡萄干", "")),
        ("鸡蛋", ("鸡蛋", "")),
        ("火星果", None),
    ],
)
def test_another_form_of_a_product_is_priced_under_its_own_name(
    said: str, product: tuple[str, str] | None
) -> None:
    assert prices.read_product(Lexicon.default(), said) == product


@pytest.mark.parametrize("said", ["", "面议", "4.2.1", "-3", "4元5角"])
def test_words_that_are_no_price_are_not_guessed_at(said: str) -> None:
    with pytest.raises(Invalid, match="price_unread"):
        prices.read_yuan(said)


def test_a_file_gives_back_what_must_be_mended_and_keeps_the_rest(village: Village) -> None:
    stall = Stall(village)
    content = (
        "日期,市场,品种,价格,单位\n2026-11-19,龙山市场,葡萄,4.1,\n2026年11月20日,龙山市场,葡萄,8.4,公斤\n"
        "2026-11-20,没有的市场,葡萄,4,\n2026-11-20,龙山市场,火星果,4,\n2026-11-20,新浦市场,葡萄,四块,\n下周,新浦市场,葡萄,4,\n"
    ).encode("gb18030")
    taken = stall.take(content)
    assert (taken.kept, len(taken.rejects)) == (2, 4)
    back = taken.to_fix().decode("utf-8-sig").splitlines()
    assert back[0] == "日期,市场,品种,价格,单位,原因" and len(back) == 5
    assert "没有叫没有的市场的市场" in back[1] and "火星果" in back[2]
    mended = "\n".join(back).replace("没有的市场", "新浦市场").encode()
    assert stall.take(mended).kept == 1
    assert stall.take(content).kept == 2 and village.count(Price) == 3  # the same once more: nothing new


def test_a_workbook_is_read_like_a_text_file(sqlite_village: Village) -> None:
    stall = Stall(sqlite_village)
    book = Workbook()
    for row in (
        ("慈溪行情",),
        ("报价日期", "批发市场", "品名", "均价"),
        (date(2026, 11, 20), "龙山市场", "葡萄", 4.2),
    ):
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    assert stall.take(file.getvalue()).kept == 1
    with pytest.raises(Invalid, match="prices_columns"):
        stall.take(b"a,b\n1,2\n")


def test_ninety_days_stand_by_market_and_week(sqlite_village: Village) -> None:
    stall = Stall(sqlite_village)
    for back in range(95, -1, -5):
        stall.note(4 + back / 100, back=back)
    with sqlite_village.session() as session:
        course = shown.course(session, stall.grapes.id, now=NOW)
    ((market, points),) = course.markets
    assert market == "龙山市场" and len(points) == 18 and points[-1] == (TODAY, 4.0)
    assert course.weeks[0] == (TODAY - timedelta(days=6), ((4.0, 4.05),))
