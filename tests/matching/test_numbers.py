"""Numbers, units and money as people say them."""

from __future__ import annotations

import pytest

from matching.measures import find_measures
from matching.numerals import parse_number


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("2000", 2000), ("两千三", 2300), ("一万五", 15000), ("5千", 5000), ("1.2万", 12000), ("1万5", 15000), ("三百八", 380),
        ("两三千", 2000), ("三四十", 30), ("十几", 10), ("廿一", 21), ("一万零五百", 10500), ("十", 10), ("百", 100), ("半", 0.5),
        ("2w", 20000), ("一百零五", 105), ("三五百", 300), ("亿", None), ("", None), ("半半", None),
    ],
)  # fmt: skip
def test_numbers_are_read(said: str, value: float | None) -> None:
    assert parse_number(said) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("五十只十八块一斤", [("qty", 50, "只"), ("price", 36, "kg")]),
        ("三块一毛一斤", [("price", 6.2, "kg")]),
        ("三块一毛五一斤", [("price", 6.3, "kg")]),
        ("一斤以上的四千斤四块五", [("spec", 0.5, "kg"), ("qty", 2000, "kg"), ("price", 4.5, None)]),
        ("120只一斤,55元每斤", [("spec", 120, "只"), ("price", 110, "kg")]),
        ("50吨一千八一吨", [("qty", 50000, "kg"), ("price", 1.8, "kg")]),
        ("三百个二十五眉山", [("qty", 300, "个"), ("price", 25, None)]),
        ("水分12,1.22", [("price", 1.22, None)]),
        ("8到12万", [("price", 120000, None)]),
        ("500-1000斤", [("qty", 250, "kg")]),
        ("18年的,干了八百个小时,六万五", [("price", 65000, None)]),
        ("四两公三两母,65一斤", [("spec", 0.2, "kg"), ("spec", 0.15, "kg"), ("price", 130, "kg")]),
        ("公5母50,一千八一只", [("qty", 55, "只"), ("price", 1800, "只")]),
        ("3毛一株", [("price", 0.3, "株")]),
        ("4元一斤", [("price", 8, "kg")]),
        ("10人150元一天", [("qty", 10, "人"), ("price", 150, "天")]),
        ("三块五分钟热度", [("price", 3.5, None)]),
    ],
)
def test_quantities_prices_and_sizes_are_told_apart(
    text: str, expected: list[tuple[str, float, str | None]]
) -> None:
    found = [(measure.kind, measure.value, measure.unit) for measure in find_measures(text)]
    assert found == [(kind, pytest.approx(value), unit) for kind, value, unit in expected]
