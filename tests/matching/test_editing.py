"""What an editor changes in the vocabulary reaches the reading, and only there."""

from __future__ import annotations

import matching
from matching import Lexicon, Matcher, Sense
from matching.editing import Edit, edited, plain_word


def reader(*edits: Edit) -> Matcher:
    return Matcher.default().with_lexicon(edited(Lexicon.default(), edits))


def things(text: str, *edits: Edit) -> list[tuple[str, str, str | None]]:
    return [(item.concept, item.form, item.variety) for item in reader(*edits).read(text).items]


def test_an_added_word_is_read_as_its_product() -> None:
    add = Edit("add", "奶奶草", "艾草")
    assert things("卖奶奶草一百斤块八") == []
    assert things("卖奶奶草一百斤块八", add) == [("艾草", Lexicon.default().default_form("艾草"), None)]
    item = reader(add).read("卖奶奶草一百斤块八").items[0]
    assert (item.qty, item.unit_price, item.text) == (50, 3.6, "奶奶草")


def test_an_added_word_is_cut_as_one_though_it_holds_another_product() -> None:
    assert things("卖红灯笼葡萄五十斤")[0][0] == "葡萄"
    assert things("卖红灯笼葡萄五十斤", Edit("add", "红灯笼葡萄", "辣椒"))[0][0] == "辣椒"


def test_a_form_and_a_variety_come_with_the_word() -> None:
    assert things("收瓜子苗片三百斤", Edit("add", "瓜子苗片", "西瓜", "seed")) == [("西瓜", "seed", None)]
    add = Edit("add", "慈香一号", "葡萄", "", "慈香一号")
    assert things("卖慈香一号苗两千株", add) == [("葡萄", "seedling", "慈香一号")]
    assert "慈香一号" in (edited(Lexicon.default(), [add]).concepts["葡萄"].varieties or {})


def test_a_forbidden_word_names_no_product_nor_does_what_stands_in_it_or_sounds_like_it() -> None:
    assert things("卖苹果电脑壳三十个")[0][0] == "苹果"
    assert things("卖苹果电脑壳三十个", Edit("forbid", "苹果电脑壳")) == []
    assert things("卖洋芋三十斤", Edit("forbid", "洋芋")) == []
    assert things("卖葡桃五十斤")[0][0] == "葡萄"
    assert things("卖葡桃五十斤", Edit("forbid", "葡桃")) == []
    assert things("卖羊角密三十斤") != []
    assert things("卖羊角密三十斤", Edit("forbid", "羊角密")) == []


def test_a_forbidden_variety_is_not_read_beside_its_product_either() -> None:
    assert things("卖葡萄五百斤，夏黑的") == [("葡萄", "fresh", "夏黑")]
    assert things("卖葡萄五百斤，夏黑的", Edit("forbid", "夏黑")) == [("葡萄", "fresh", None)]


def test_a_word_forbidden_and_added_again_counts() -> None:
    edits = (Edit("forbid", "洋芋"), Edit("add", "洋芋", "马铃薯"))
    assert things("卖洋芋三十斤", *edits) == [("马铃薯", "fresh", None)]
    assert things("卖洋芋三十斤", *reversed(edits)) == []


def test_merged_products_share_all_their_names_varieties_and_pests() -> None:
    shipped = Lexicon.default()
    made = edited(shipped, [Edit("merge", "黄皮", "葡萄")])
    assert "黄皮" not in made.concepts and "黄皮" in made.concepts["葡萄"].synonyms
    for word in ("黄皮", *shipped.concepts["黄皮"].synonyms):
        assert made.resolve(word) == Sense("葡萄")
    assert set(shipped.concepts["黄皮"].varieties or {}) <= set(made.concepts["葡萄"].varieties or {})
    assert not [pest.name for pest in made.pests.values() if "黄皮" in pest.crops]
    assert things("卖黄皮果500斤3元一斤", Edit("merge", "黄皮", "葡萄")) == [("葡萄", "fresh", None)]


def test_what_was_traded_in_a_form_of_its_own_keeps_it_when_merged() -> None:
    shipped = Lexicon.default()
    dried = next(one for one in shipped.concepts.values() if one.form == "dried")
    made = edited(shipped, [Edit("merge", dried.name, "葡萄")])
    assert made.resolve(dried.name) == Sense("葡萄", "dried")


def test_merges_in_a_row_lead_to_the_last_product_and_never_in_a_circle() -> None:
    row = [Edit("merge", "黄皮", "葡萄"), Edit("merge", "葡萄", "桃")]
    made = edited(Lexicon.default(), row)
    assert {made.senses[word].concept for word in ("黄皮", "葡萄", "桃")} == {"桃"}
    circle = edited(Lexicon.default(), [Edit("merge", "黄皮", "葡萄"), Edit("merge", "葡萄", "黄皮")])
    assert {circle.senses[word].concept for word in ("黄皮", "葡萄")} == {"葡萄"}
    assert {"黄皮", "葡萄"} & set(circle.concepts) == {"葡萄"}


def test_an_edit_of_a_product_that_is_gone_changes_nothing() -> None:
    shipped = Lexicon.default()
    made = edited(shipped, [Edit("add", "奶奶草", "没有这种东西"), Edit("merge", "没有这种东西", "桃")])
    assert made.senses == shipped.senses and made.concepts == shipped.concepts
    by_name = edited(shipped, [Edit("add", "奶奶草", "洋芋")])
    assert by_name.resolve("奶奶草") == Sense("马铃薯")


def test_the_shipped_vocabulary_stays_as_it_is() -> None:
    shipped = Lexicon.default()
    before = (dict(shipped.senses), dict(shipped.concepts), dict(shipped.pests), shipped.short_varieties)
    edited(
        shipped,
        [
            Edit("merge", "黄皮", "葡萄"),
            Edit("forbid", "桃"),
            Edit("add", "慈香一号", "葡萄", "", "慈香一号"),
        ],
    )
    assert (shipped.senses, shipped.concepts, shipped.pests, shipped.short_varieties) == before
    assert shipped.forbidden == frozenset() and matching.read("卖桃子五百斤").items


def test_words_are_kept_as_texts_are_read() -> None:
    assert plain_word(" 夏 黑ＰＬＵＳ ") == "夏黑plus"
    assert plain_word("蘿蔔") == "萝卜"
