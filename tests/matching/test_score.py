"""Which offers fit, in which order, and the line that says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matching import Item, Offer, explain, explain_briefly, keys, rank, score

CIXI, NINGBO, HANGZHOU, SHANGHAI, YUNNAN = "330282100201", "330212", "330106", "310115", "530181"
WANT = Offer("w", "demand", "葡萄", "seedling", "巨峰", 2000, "株", 3.8, "株", CIXI, 100)
HAVE = Offer("h", "supply", "葡萄", "seedling", "巨峰", 3000, "株", 3.0, "株", "330282100202", 100)


def value(have: Offer, want: Offer = WANT) -> float:
    found = score(want, have, 100)
    assert found is not None
    return found.value


def test_fruit_and_trellis_never_answer_a_want_of_seedlings() -> None:
    assert score(WANT, replace(HAVE, form="fresh"), 100) is None
    assert score(WANT, replace(HAVE, concept="葡萄架材", form="equipment"), 100) is None
    assert score(WANT, replace(HAVE, direction="demand"), 100) is None


def test_ones_own_household_is_never_offered() -> None:
    assert score(replace(WANT, household="x"), replace(HAVE, household="x"), 100) is None
    assert score(replace(WANT, household="x"), replace(HAVE, household="y"), 100) is not None


@pytest.mark.parametrize(
    "worse",
    [
        {"variety": None},
        {"variety": "夏黑"},
        {"area": NINGBO},
        {"area": YUNNAN},
        {"area": ""},
        {"qty": 100},
        {"unit_price": 9.0},
        {"day": 20},
    ],
)
def test_each_thing_that_does_not_fit_lowers_the_score(worse: dict[str, object]) -> None:
    assert value(replace(HAVE, **worse)) < value(HAVE)  # type: ignore[arg-type]


def test_nearer_places_score_higher_step_by_step() -> None:
    steps = [value(replace(HAVE, area=code)) for code in (CIXI, NINGBO, HANGZHOU, SHANGHAI, YUNNAN)]
    assert steps == sorted(steps, reverse=True)
    assert len(set(steps)) == len(steps)


def test_the_best_three_come_first_and_ties_go_to_the_newer() -> None:
    pool = [replace(HAVE, id=f"n{day}", day=day) for day in (90, 100, 95, 80)] + [
        replace(HAVE, id="far", area=YUNNAN)
    ]
    assert [found.offer.id for found in rank(WANT, pool, today=100)] == ["n100", "n95", "n90"]
    assert [found.offer.id for found in rank(HAVE, [WANT], today=100)] == ["w"]
    assert rank(WANT, [replace(HAVE, form="fresh")], today=100) == []


def test_the_keys_to_look_up_are_of_the_other_side_and_of_near_forms() -> None:
    assert keys(Item("葡萄", "seedling"), "demand") == ("葡萄·seedling·supply",)
    assert keys(Item("香菇", "fresh"), "demand")[:2] == ("香菇·fresh·supply", "香菇·dried·supply")
    assert keys(Item("香菇", "fresh"), "none") == ()


@pytest.mark.parametrize(
    ("have", "zh", "en"),
    [
        (HAVE, "都是葡萄苗(巨峰) 2000株够 便宜0.8元 同在慈溪", "both 葡萄苗(巨峰), enough for 2000株, 0.8 yuan below your bid, both in 慈溪"),
        (replace(HAVE, qty=500), "都是葡萄苗(巨峰) 只有500株 便宜0.8元 同在慈溪", None),
        (replace(HAVE, unit_price=4.56), "都是葡萄苗(巨峰) 2000株够 贵20% 同在慈溪", None),
        (replace(HAVE, area=YUNNAN, unit_price=None), "都是葡萄苗(巨峰) 2000株够 外省(云南)", None),
        (replace(HAVE, variety=None, area=NINGBO), "都是葡萄苗 没说品种,要巨峰 2000株够 便宜0.8元 同在宁波", None),
    ],
)  # fmt: skip
def test_the_reason_names_what_fits_and_what_does_not(have: Offer, zh: str, en: str | None) -> None:
    said = explain(WANT, have, score(WANT, have, 100))
    assert said == zh
    assert len(said) <= 58
    if en:
        assert explain(WANT, have, score(WANT, have, 100), "en") == en


@pytest.mark.parametrize(
    ("query", "candidate", "zh"),
    [
        (WANT, HAVE, ("都是葡萄苗(巨峰)", "2000株够", "便宜0.8元")),
        (WANT, replace(HAVE, qty=500, variety="夏黑"), ("都是葡萄苗(是夏黑)", "量不够", "便宜0.8元")),
        (WANT, replace(HAVE, variety=None), ("都是葡萄苗(没说品种)", "2000株够", "便宜0.8元")),
        (replace(HAVE, variety="夏黑"), WANT, ("都是葡萄苗(要巨峰)", "2000株够", "出价高0.8元")),
    ],
)
def test_beside_the_others_offer_the_reason_leaves_out_what_the_reader_knows(
    query: Offer, candidate: Offer, zh: tuple[str, ...]
) -> None:
    assert explain_briefly(query, candidate) == zh


PIGS = Offer("w", "demand", "猪", "live", None, 10, "头", 2000, "头", CIXI, 100)
ODD = [
    # wanted, offered, what the buyer reads, what the seller reads
    (PIGS, {"qty": 20, "unit": "头", "unit_price": 16.0, "price_unit": "kg"}, "都是猪 10头够 按斤计价 同在慈溪", "都是猪 10头够 按头计价 同在慈溪"),
    (PIGS, {"qty": 3, "unit_price": None}, "都是猪 只有3头 同在慈溪", "都是猪 要10头,您有3头 同在慈溪"),
    (PIGS, {"qty": 1000.0, "unit": "kg"}, "都是猪 价钱合 同在慈溪", "都是猪 价钱合 同在慈溪"),
    (PIGS, {"area": ""}, "都是猪 10头够 价钱合", "都是猪 10头够 价钱合"),
    (PIGS, {"area": "99"}, "都是猪 10头够 价钱合 外省", "都是猪 10头够 价钱合 外省(浙江)"),
    (PIGS, {"area": "33"}, "都是猪 10头够 价钱合 同省(浙江)", "都是猪 10头够 价钱合 同省(浙江)"),
    (replace(PIGS, concept="收割", form="service", qty=50, unit="亩", unit_price=80.0, price_unit="亩"), {"qty": None, "unit": None, "unit_price": 70.0},
     "都是收割 便宜10元 同在慈溪", "都是收割 出价高10元 同在慈溪"),
    (replace(PIGS, concept="采茶工", form="labour", qty=10, unit="人", unit_price=150.0, price_unit="天"), {"qty": 5, "unit_price": 160.0},
     "都是采茶工 只有5人 贵7% 同在慈溪", "都是采茶工 要10人,您有5人 出价低6% 同在慈溪"),
    (replace(PIGS, concept="香菇", form="dried", qty=100, unit="kg", unit_price=80.0, price_unit="kg"), {"form": "fresh", "unit_price": 12.0},
     "是香菇,不是干香菇 200斤够 同在慈溪", "是香菇,不是干香菇 200斤够 同在慈溪"),
    (replace(PIGS, unit_price=0.004), {"unit_price": 0.001}, "都是猪 10头够 价钱合 同在慈溪", "都是猪 10头够 价钱合 同在慈溪"),
]  # fmt: skip


@pytest.mark.parametrize(("want", "differs", "buyer_reads", "seller_reads"), ODD)
def test_what_cannot_be_compared_is_told_or_left_out_but_never_made_up(
    want: Offer, differs: dict[str, object], buyer_reads: str, seller_reads: str
) -> None:
    have = replace(want, id="h", direction="supply", **differs)  # type: ignore[arg-type]
    assert explain(want, have) == buyer_reads
    assert explain(have, want) == seller_reads
    for query, other in ((want, have), (have, want)):
        assert len(explain(query, other)) <= 58
        english = explain(query, other, language="en")
        assert len(english.split(", ")) >= len(explain(query, other).split(" "))
        assert not {"元", "够", "同", "是"} & set(english.replace("同省", ""))
