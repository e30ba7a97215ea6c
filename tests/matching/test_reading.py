"""What a post offers: products, forms, varieties, amounts, prices, places and who speaks."""

from __future__ import annotations

import pytest

import matching
from matching import Matcher, Place


@pytest.mark.parametrize(
    ("text", "direction", "product", "form"),
    [
        ("葡萄苗两百株", "supply", "葡萄", "seedling"),
        ("求购葡萄架用的水泥桩三百根", "demand", "水泥柱", "input"),
        ("葡萄专用纸袋便宜卖", "supply", "纸袋", "input"),
        ("养牛场求购青贮两百吨", "demand", "青贮玉米", "feed"),
        ("羊肉馆收活羊", "demand", "羊", "live"),
        ("罐头厂收黄桃", "demand", "桃", "fresh"),
        ("梨、桃、李子树苗各两百棵", "supply", "梨", "seedling"),
        ("卖种兔二十只", "supply", "兔", "breed"),
        ("荸荠种一千斤两块", "supply", "荸荠", "seed"),
        ("收番茄，不要西红柿苗", "demand", "番茄", "fresh"),
        ("收新鲜香菇", "demand", "香菇", "fresh"),
        ("香菇菌棒五千个三块", "supply", "香菇", "seed"),
        ("猪粪便宜处理", "supply", "猪粪", "manure"),
        ("鲜鸡蛋一百斤五块", "supply", "鸡蛋", "egg"),
        ("转让玉米收割机一台", "supply", "玉米收割机", "machine"),
        ("要巨峰两百株", "demand", "葡萄", "seedling"),
        ("我种了十亩平菇，缺菌棒三千个", "demand", "平菇", "seed"),
        ("招摘苹果工二十名", "demand", "采摘工", "labour"),
        ("想租一百亩地种土豆", "demand", "土地", "land"),
        ("找人帮我割十亩稻子", "demand", "收割", "service"),
        ("葡桃苗五百株", "supply", "葡萄", "seedling"),
        ("出羊角密三千斤一块八", "supply", "甜瓜", "fresh"),
    ],
)
def test_the_head_and_its_form_are_read(text: str, direction: str, product: str, form: str) -> None:
    reading = matching.read(text)
    assert reading.direction == direction
    assert (reading.items[0].concept, reading.items[0].form) == (product, form)


@pytest.mark.parametrize(
    "text",
    [
        "枇杷都卖完了，谢谢大家",
        "请问枇杷什么时候打药",
        "昨日黄瓜批发价一块二，仅供参考",
        "小心，收大蒜的那个是骗子",
        "镇上周六办杨梅节，大家来玩",
        "鲫鱼身上长白毛，死了好几条",
    ],
)
def test_what_offers_nothing_is_read_as_nothing(text: str) -> None:
    assert matching.read(text).direction == "none"


@pytest.mark.parametrize(
    ("text", "qty", "unit", "price", "price_unit", "qty_said", "price_said"),
    [
        ("葡萄苗2000株3元一株", 2000, "株", 3, "株", "2000株", "3元/株"),
        ("翠冠梨三千来斤块八一斤", 1500, "kg", 3.6, "kg", "3000斤", "1.8元/斤"),
        ("橘子一万五千斤8毛5", 7500, "kg", 1.7, "kg", "15000斤", "0.85元/斤"),
        ("尿素两吨半 1950一吨", 2500, "kg", 1.95, "kg", "2.5吨", "1950元/吨"),
        ("黑山羊五十只十八块一斤", 50, "只", 36, "kg", "50只", "18元/斤"),
        ("甘蓝苗１０万棵，一毛二一棵", 100000, "株", 0.12, "株", "100000棵", "0.12元/棵"),
        ("湿辣椒 3.5元/公斤 两千斤", 1000, "kg", 3.5, "kg", "2000斤", "3.5元/公斤"),
        ("小羊八十只六百一只", 80, "只", 600, "只", "80只", "600元/只"),
        ("苹果一箱20斤，现有300箱，65一箱", 300, "箱", 65, "箱", "300箱", "65元/箱"),
        ("收猪两三百头", 200, "头", None, None, "200头", ""),
    ],
)
def test_amounts_and_prices_are_converted_and_kept_as_said(
    text: str,
    qty: float,
    unit: str,
    price: float | None,
    price_unit: str | None,
    qty_said: str,
    price_said: str,
) -> None:
    item = matching.read(text).items[0]
    assert (item.qty, item.unit, item.qty_said) == (qty, unit, qty_said)
    assert item.unit_price == (pytest.approx(price) if price is not None else None)
    assert (item.price_unit, item.price_said) == (price_unit, price_said)


def test_a_message_without_spaces_is_read_whole() -> None:
    reading = matching.read("有翠冠梨三千来斤块八一斤杨高村老杨")
    item = reading.items[0]
    assert (reading.direction, reading.sure, reading.place_text, reading.name) == (
        "supply",
        True,
        "杨高村",
        "老杨",
    )
    assert (item.concept, item.form, item.variety, item.name) == ("梨", "fresh", "翠冠", "翠冠梨")


def test_a_list_gives_an_item_each() -> None:
    items = matching.read("鸡苗2块5，鸭苗4块，鹅苗15块").items
    assert [(item.concept, item.form, item.unit_price) for item in items] == [
        ("鸡", "young", 2.5),
        ("鸭", "young", 4),
        ("鹅", "young", 15),
    ]


def test_names_are_shown_as_people_say_them() -> None:
    shown = [matching.read(text).items[0].name for text in ("葡萄苗", "收翠冠两百斤", "要巨峰", "买小牛三头")]
    assert shown == ["葡萄苗", "翠冠梨", "巨峰葡萄", "小牛"]


def test_a_place_inside_a_product_is_no_place_where_another_is_named() -> None:
    reading = matching.read("出新余蜜桔五万斤，江西抚州的")
    assert reading.place is not None
    assert (reading.place.city, reading.place.code) == ("抚州", "3610")


def test_a_name_that_many_places_bear_is_settled_by_where_the_poster_is() -> None:
    area = Place("江苏", "南京", code="3201")
    reading = matching.read("收大蒜，鼓楼区", area=area)
    assert reading.place is not None
    assert reading.place.code == "320106"


def test_villages_handed_in_are_known_and_the_shipped_matcher_stays_as_it_was() -> None:
    rows = [
        ("330282100", "横河镇", "town", "330282"),
        ("330282100201", "杨高村村民委员会", "village", "330282100"),
    ]
    wider = Matcher.default().with_places(rows)
    reading = wider.read("卖葡萄苗两百株杨高村")
    assert reading.place is not None
    assert (reading.place.village, reading.place.town, reading.place.county) == ("杨高村", "横河镇", "慈溪")
    assert matching.read("卖葡萄苗两百株杨高村").place is None


def test_a_guess_by_sound_is_never_sure() -> None:
    reading = matching.read("卖西洪柿三百斤")
    assert reading.items[0].concept == "番茄"
    assert matching.read("mai da suan 300 jin").sure is False


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("鸡苗五百羽,一周龄,5块一羽,打过疫苗", ["鸡苗"]),
        ("套袋阳光玫瑰800斤8块一斤", ["阳光玫瑰葡萄"]),
        ("南美白对虾2000斤,26一斤,自家鱼塘", ["南美白对虾"]),
        ("葡萄、梨各500斤,3元一斤", ["葡萄", "梨"]),
        ("葡萄500斤,纸袋200个", ["葡萄", "纸袋"]),
        ("葡萄袋2000个", ["纸袋"]),
    ],
)
def test_what_is_only_told_about_the_goods_is_no_offer_of_its_own(text: str, names: list[str]) -> None:
    assert [item.name for item in matching.read(text).items] == names
