"""What is told without being said: a side by the goods alone, a word by its province, what only describes the goods."""

from __future__ import annotations

import pytest

import matching


@pytest.mark.parametrize(
    ("text", "direction", "sure", "inferred"),
    [
        ("山药 铁棍的 600公斤", "supply", True, True),
        ("三七鲜的 今天才挖 一百多公斤 砚山", "supply", True, False),
        ("高笋 一天五百斤 成都菜场", "demand", True, True),
        ("草鱼寸片 5000尾 放稻田", "demand", True, True),
        ("猪饲料 育肥料 40包", "demand", True, True),
        ("桑苗 两万棵 沙县", "supply", False, False),
        ("跑山鸡120只 25一斤 过来抓也可以", "supply", True, False),
        ("微耕机有转让的没 石柱", "demand", True, False),
        ("红薯500斤 沙瓤的 有的回我", "demand", True, False),
        ("卖烤鱼的 要草鱼一天一百斤", "demand", True, False),
        ("我有40亩地想租出去 太康", "supply", True, False),
        ("不要打电话了 羊卖完了", "none", True, False),
        ("昨天武鸣这边沃柑掉到一块八了", "none", True, False),
        ("我那个鱼塘今天缺氧翻了好多鱼", "none", False, False),
        ("我的柿子有一千来斤 你看一块二一斤能不能要", "supply", True, False),
        ("旱地三十亩 租三年起 一亩500", "supply", True, False),
        ("想租旱地三十亩 三年以上", "demand", True, False),
        ("葡萄疏果要人 8个女工 一天150", "demand", True, False),
        ("三千斤洋芋装车走了 别打电话了", "none", True, False),
        ("镇上开桃子节 有抽奖", "none", True, False),
        ("西瓜三千斤 三毛 现钱装车走", "supply", True, False),
        ("猪瘟来了 大家莫乱买小猪", "none", True, False),
        ("谢谢昨天来拉橙子的师傅", "none", True, False),
        ("发一条卖东西的要钱不", "none", True, False),
    ],
)
def test_a_side_without_a_verb_is_told_by_what_is_named(
    text: str, direction: str, sure: bool, inferred: bool
) -> None:
    reading = matching.read(text)
    assert (reading.direction, reading.sure, reading.inferred) == (direction, sure, inferred)


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("谷子晒干了 靖州 五千斤", "水稻"),
        ("黄金苗谷子六千斤 武安", "谷子"),
        ("收谷子 做小米的 敖汉", "谷子"),
        ("要茭瓜三百斤 宁波", "茭白"),
        ("要茭瓜三百斤 寿光", "西葫芦"),
        ("虾子三千斤 湛江徐闻", "对虾"),
        ("虾子三百斤 潜江", "小龙虾"),
    ],
)
def test_a_word_means_what_it_means_where_it_is_said(text: str, concept: str) -> None:
    assert matching.read(text).items[0].concept == concept


@pytest.mark.parametrize(
    ("text", "goods"),
    [
        ("买荸荠种 大红袍 三亩地用的", [("荸荠", "seed")]),
        ("鱼塘转让 三口共45亩 有电有增氧机 800一亩", [("鱼塘", "land")]),
        ("种粮大户找水田 100亩以上 能进收割机", [("土地", "land")]),
        ("收番薯 做番薯干用 一万斤", [("红薯", "fresh")]),
        ("收土狗鱼 就是塘角鱼 50斤", [("鲶鱼", "live")]),
        ("求购虾苗 南美白 50万尾", [("对虾", "young")]),
        ("汉川藕带没得了 现在挖的是粉藕 一天能出两千斤 1块8一斤", [("莲藕", "fresh")]),
        ("意蜂80箱 赶完油菜不干了 六百一箱", [("蜜蜂", "live")]),
        ("白茶采摘要人 30个女工 包吃住 一天200", [("采茶工", "labour")]),
        ("收白竹个子货 三百斤", [("白术", "dried")]),
        ("香樟苗 一米高 三万棵 一块二", [("香樟", "seedling")]),
        ("稻草打捆 三百捆 五块一捆", [("稻草", "straw")]),
        ("皇冠套袋的 冷库剩三万斤 晋州", [("梨", "fresh")]),
        ("水稻烘干 30吨 谁家有塔子", [("烘干", "service")]),
        ("老母羊下了六个羔 有没有人要小羊 五百一个", [("羊", "young")]),
        ("烤鸭档要活鸭 一日20只", [("鸭", "live")]),
        ("枸杞头茬600公斤 中宁", [("枸杞", "dried")]),
        ("拖拉机带旋耕机 一起5万2", [("拖拉机", "machine")]),
        ("荔枝还有十棵树没摘 包园卖", [("荔枝", "fresh")]),
        ("带一班人 套袋卸袋都会 12个人 170一天", [("套袋工", "labour")]),
        ("收红缨子 我酒坊自己烧酒用", [("高粱", "grain")]),
    ],
)
def test_what_only_tells_of_the_goods_is_none_of_them(text: str, goods: list[tuple[str, str]]) -> None:
    assert [(item.concept, item.form) for item in matching.read(text).items] == goods


@pytest.mark.parametrize(
    ("text", "qty", "price"),
    [
        ("苞米两万斤 14个水 1块零3", 10_000, 2.06),
        ("洋芋一万斤 八角一斤", 5_000, 1.6),
        ("久保田988收割机一台 2021年的 1500小时 9万8", 1, 98_000),
        ("奇异果卖300箱 10斤装", 300, None),
        ("黑皮果蔗 一捆18 有两百捆", 200, 18),
    ],
)
def test_sizes_and_models_are_no_amounts(text: str, qty: float, price: float | None) -> None:
    item = matching.read(text).items[0]
    assert (item.qty, item.unit_price) == (qty, price)


def test_a_name_may_stand_before_the_place() -> None:
    reading = matching.read("桔子 三十筐 老杨 石门")
    assert (reading.name, reading.place_text) == ("老杨", "石门")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("不是三百斤 三千斤", "deny"),
        ("梨还有一半 帖子别撤 再放几天", "renew"),
        ("茶树冬肥施多少一亩", "question"),
        ("咋收不到消息了 我又想要了", "resume"),
        ("退定", "stop"),
        ("籽棉今年收到多少了 库尔勒", "price_query"),
        ("花椒价格 韩城", "price_query"),
        ("来了鹅苗通知我 高邮", "subscribe"),
    ],
)
def test_wishes_are_told_in_more_ways(text: str, intent: str) -> None:
    assert matching.understand(text).intent == intent
