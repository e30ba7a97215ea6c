"""The crop or animal spoken of where only its sign stands before a part, a place or a trouble: 猪场, 麦叶, 牛身上, 羊嘴."""

from __future__ import annotations

import re

from matching.lexicon import Lexicon
from matching.values import Reading

_LIVING = "猪牛羊鸡鸭鹅兔驴马狗鹿鸽蚕蜂鱼虾蟹鳖蛙麦稻谷玉桃梨李杏枣柿橘橙柚茶藕姜葱蒜薯豆瓜棉蔗竹菇"
_AFTER = "身嘴叶头蹄肚腿眼耳毛鼻脚背尾鳃场圈棚舍栏塘池树园田苗穗秧秆藤根果荚铃群崽娃仔羔犊死瘟不拉发咳瘫站倒箱房怀孕产配吃喝叫要能打"
_CATEGORIES = frozenset(
    "grain cash veg fruit nut tea herb mushroom tree livestock poultry aquatic bee feed".split()
)
_SIGN = re.compile(
    rf"(?P<crop>[{_LIVING}])(?:子|儿|们|只|头)?(?:的|都|就|全|也|家|在|又|老|一直)?(?=[{_AFTER}])"
)
_NAMES = {
    "麦": "小麦",
    "稻": "水稻",
    "谷": "水稻",
    "玉": "",
    "豆": "",
    "瓜": "",
    "薯": "",
    "橘": "柑橘",
    "蒜": "大蒜",
}


def crop_of(text: str, reading: Reading, lexicon: Lexicon) -> str:
    """The crop or animal that a question or a sighting is about; "" where none is told. A pest that is itself a thing
    of the vocabulary (福寿螺) is not the crop it is on."""
    known = lexicon.pests.get(reading.pest)
    itself = known is not None and reading.crop in known.name and reading.crop not in known.crops
    if reading.crop and not itself:
        return reading.crop
    if known:
        for name in sorted((known.name, *known.synonyms), key=len, reverse=True):
            at = text.find(name)
            if at >= 0 and (crop := _named_before(text[:at], name, known.crops, lexicon)):
                return crop
        if len(known.crops) == 1:
            return known.crops[0]
    return crop_beside(text, lexicon)


def _named_before(before: str, pest: str, crops: tuple[str, ...], lexicon: Lexicon) -> str:
    """The crop whose name ends right before a pest's name, or begins it (马铃薯晚疫病)."""
    for length in (4, 3, 2):
        for word in (before[-length:], pest[:length]):
            sense = lexicon.resolve(word) if len(word) == length else None
            if sense and (sense.concept in crops or (word in before and _grows(sense.concept, lexicon))):
                return sense.concept
    return ""


def _grows(concept: str, lexicon: Lexicon) -> bool:
    return lexicon.category(concept) in _CATEGORIES


def crop_beside(text: str, lexicon: Lexicon) -> str:
    """The concept of the first such crop or animal; "" where there is none."""
    for found in _SIGN.finditer(text):
        sense = lexicon.resolve(_NAMES.get(found["crop"], found["crop"]))
        if sense:
            return sense.concept
    young = re.search(r"羔子?|羊娃|犊子?", text)
    if young:
        sense = lexicon.resolve("牛" if young[0].startswith("犊") else "羊")
        return sense.concept if sense else ""
    return ""
