"""Varieties known by a breeder's code: 陇薯7号, 济麦22, 郑单958, 烟富3. Lists of them are never complete; their signs are."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

_CROP_OF = {
    "薯": "马铃薯", "麦": "小麦", "单": "玉米", "玉": "玉米", "优": "水稻", "占": "水稻", "粳": "水稻", "稻": "水稻", "豆": "大豆",
    "油": "油菜籽", "棉": "棉花", "谷": "谷子", "椒": "辣椒", "富": "苹果", "桑": "桑树", "茄": "茄子", "葱": "大葱", "蔗": "甘蔗",
}  # fmt: skip
"""The sign before the number tells the crop: what breeders in China name their varieties by."""
_SWEET = frozenset("徐商烟龙济苏心广普鄂渝川宁浙绵冀秦")
"""Stations that breed sweet potatoes, where others breed potatoes."""
_POTATO = frozenset("陇冀张青晋中云克东坝鄂马铃")
_CODE = re.compile(
    rf"(?P<head>[一-鿿]{{1,2}}?)(?P<crop>[{''.join(_CROP_OF)}])(?P<number>\d{{1,4}})(?!\d|\.\d)(?P<end>号?)"
)
_NUMBERED = re.compile(rf"[{''.join(_CROP_OF)}]\d")
_AMOUNT = re.compile(
    r"\s?(?:斤|公斤|千克|kg|吨|t|担|亩|元|块|毛|角|分|株|棵|苗|万|千|百|袋|箱|筐|包|车|头|只|个|多|来|余|%|-|~|到|至)"
)
_PLAIN = frozenset("的有卖收要求购好新老大小干鲜种买出供红白黄绿青个点些湿生熟")


def speaks_in_codes(text: str) -> bool:
    """Whether any variety can stand in the text by its code."""
    return _NUMBERED.search(text) is not None


def coded_varieties(text: str, taken: Container[int]) -> Iterator[tuple[int, int, str, str]]:
    """Where a code stands, the crop and the code: (start, end, crop, variety). What is an amount (小麦20吨) is none; signs at
    positions in `taken` are read already."""
    for found in _CODE.finditer(text):
        if any(position in taken for position in range(found.start(), found.end())):
            continue
        if set(found["head"]) & _PLAIN or (not found["end"] and _AMOUNT.match(text, found.end())):
            continue
        crop = _CROP_OF[found["crop"]]
        if found["crop"] == "薯" and found["head"][-1] in _SWEET and found["head"][-1] not in _POTATO:
            crop = "红薯"
        yield found.start(), found.end(), crop, found[0]
