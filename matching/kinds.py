"""A kind nobody listed, known by its last sign: 泥藕 is lotus root, 铁板椒 a pepper. Heads stand last in Chinese."""

from __future__ import annotations

import re
from collections.abc import Container

from matching.lexicon import Lexicon
from matching.spans import Span

_HEADS = {
    "椒": "辣椒", "梨": "梨", "桃": "桃", "李": "李子", "杏": "杏", "枣": "枣", "柿": "柿子", "橘": "蜜桔", "桔": "蜜桔", "柑": "蜜桔",
    "橙": "橙", "柚": "柚子", "米": "大米", "茶": "茶叶", "藕": "莲藕", "芋": "芋头", "葱": "大葱", "蒜": "大蒜", "姜": "生姜", "薯": "红薯",
    "鸡": "鸡", "鸭": "鸭", "鹅": "鹅", "猪": "猪", "牛": "牛", "羊": "羊", "兔": "兔", "麦": "小麦", "稻": "水稻", "谷": "水稻", "菇": "食用菌",
    "笋": "竹笋", "茧": "蚕茧", "蜜": "蜂蜜", "葡": "葡萄", "莓": "草莓", "蟹": "大闸蟹", "虾": "对虾", "鳝": "黄鳝", "鳅": "泥鳅", "鳖": "甲鱼",
    "豆": "大豆", "瓜": "西瓜", "茄": "茄子", "菜": "蔬菜", "鱼": "杂鱼", "竹": "竹子", "薯苗": "红薯",
}  # fmt: skip
_LEFT = r"(?:^|(?<=[ ,。;:!?\d])|(?<=[卖收售求购要买有出供找订]))"
_NO_KIND = "的了个只头斤吨箱袋车一二两三四五六七八九十百千万半几多来卖收售求购要买有没不是和跟都也还在到我你他家这那哪谁啥能会可想就又再好很太天年月日元块毛摘采挖拔掰捡剪割砍拾种养喂做用去出"
_KIND = re.compile(
    rf"{_LEFT}(?P<kind>[^{_NO_KIND}\W\da-z_]{{1,3}}?)(?P<head>[{''.join(head for head in _HEADS if len(head) == 1)}])(?=$|[ ,。;:!?\d一两二三四五六七八九十百千几半的卖有苗种子])"
)


def find_by_head(text: str, lexicon: Lexicon, places: Container[str] = ()) -> list[Span]:
    """The kinds that are named by their last sign, each with its own name as the variety; never sure."""
    found = []
    for match in _KIND.finditer(text):
        concept = _HEADS[match["head"]]
        if concept in lexicon.concepts and not (
            (name := match["kind"] + match["head"]) in lexicon.forbidden or name in places
        ):
            form = next(
                (
                    given
                    for reach in (2, 1)
                    if (
                        given := lexicon.form_by(
                            lexicon.suffixes, text[match.end() : match.end() + reach], concept
                        )
                    )
                ),
                None,
            )
            found.append(Span(match.start(), match.end(), concept, form, name))
    return found
