"""The shipped vocabulary is whole, sourced and consistent."""

from __future__ import annotations

from pathlib import Path

import pytest

import matching
from matching import Concept, Lexicon, Matcher, Sense
from matching.lexicon import read_rows
from tests.rules.soundalikes import soundalikes

DATA = Path(matching.__file__).parent / "data"
CATEGORIES = {
    "grain", "cash", "veg", "fruit", "nut", "tea", "herb", "mushroom", "tree", "livestock", "poultry", "aquatic", "bee", "feed", "manure",
    "input", "machine", "equipment", "land", "labour", "service", "straw", "processed",
}  # fmt: skip


@pytest.mark.parametrize("table", sorted(DATA.glob("*.tsv")), ids=lambda path: path.name)
def test_each_table_says_where_it_comes_from_and_under_what_licence(table: Path) -> None:
    first = table.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert any(licence in first for licence in ("Apache-2.0", "MIT", "WTFPL"))


def test_every_product_has_a_known_category() -> None:
    lexicon = Lexicon.default()
    assert {concept.category for concept in lexicon.concepts.values()} <= CATEGORIES
    assert len(lexicon.concepts) > 1000


def test_no_name_is_shared_by_two_products() -> None:
    owner: dict[str, str] = {}
    for concept in Lexicon.default().concepts.values():
        for name in (concept.name, *concept.synonyms):
            assert owner.setdefault(name, concept.name) == concept.name


def test_every_pest_names_crops_we_know() -> None:
    lexicon = Lexicon.default()
    unknown = [
        (pest.name, crop)
        for pest in lexicon.pests.values()
        for crop in pest.crops
        if crop not in lexicon.concepts
    ]
    assert unknown == []


def test_a_dialect_name_and_a_variety_lead_to_the_product() -> None:
    lexicon = Lexicon.default()
    assert lexicon.resolve("洋芋") == Sense("马铃薯")
    assert lexicon.resolve("夏黑") == Sense("葡萄", None, "夏黑")
    assert lexicon.resolve("没有这种东西") is None


def test_another_vocabulary_can_be_used_without_touching_the_shipped_one() -> None:
    own = Lexicon([Concept("雪莲子", "herb", "dried", ("皂角米子",))], {}, [], [])
    item = Matcher.default().with_lexicon(own).read("收皂角米子三十斤").items[0]
    assert (item.concept, item.form, item.qty) == ("雪莲子", "dried", 15)
    assert Lexicon.default().resolve("皂角米子") is None


def test_everyday_words_that_sound_like_goods_are_all_kept_from_mending() -> None:
    kept = {row[0] for row in read_rows("soundalikes.tsv")}
    assert set(soundalikes(Lexicon.default())) <= kept, "run: python -m tests.rules.soundalikes"
