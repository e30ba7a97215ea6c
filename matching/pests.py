"""Sightings: pests and diseases by name, and the crop or animal they are on."""

from __future__ import annotations

import re
from functools import lru_cache
from operator import add

from matching.lexicon import Lexicon
from matching.spans import Span

SYMPTOM = re.compile(
    r"(?:叶|茎|根|果|穗|苗|杆|秆|花|芽|梢|枝|皮|瓜|藤|蔓|块|心|身上|背上|嘴|蹄|腿|肚|鳃|鳞|毛|眼|菌棒|棒上|田里|地里|棚里|圈里|塘里|一片片|全).{0,8}(?:虫|斑|洞|孔|烂|枯|黄|黑|霉|卷|蔫|锈|白毛|绿毛|长毛|死|腐|萎|霜|蛀|咬|流(?:胶|水|脓)|起泡|肿|掉|发白|发红|发紫|发焦|软|瘸|疮|瘤|裂|缩|畸|焦|脱|粉)|"
    r"(?:有|好多|很多|长|生|起|闹|爬满|发现|全是|都是|不少|爬|钻)(?:了|着|起)?.{0,5}(?:虫|蚜|螨|虱|霉|斑|病|蛾|螟|蛆|蜘蛛|蝗|象甲|蚧|蓟马|绿毛|白毛)|"
    r"(?:死|病|倒|蔫|瘫|烂|掉)了.{0,4}(?:[\d一二两三四五六七八九十几好半多]|大片|一片|不少|一半)|(?:拉稀|发烧|咳嗽|不吃食|不吃料|口吐白沫|打摆子|浮头|翻白|翻肚|趴窝|喘|腹泻|拉血|流鼻涕|不反刍|胀肚|抽搐|发抖|跛|口蹄|软脚)|(?:发|得|染|犯)(?:了)?(?:病|瘟)|"
    r"(?:被虫|虫(?:吃|咬|蛀|害)|发黄|枯死|蔫了|烂根|烂心|卷叶|黄叶|落果|落叶|掉果|裂果|死苗|死棵|倒苗|烂果|黑斑|白粉|生虫|长虫|起虫|有虫|遭虫|招虫|烂秆|枯心|白穗)"
)
"""What people see on crops and animals that are not well."""

_MILDEW = re.compile(r"(?:叶|嫩梢|藤|蔓).{0,6}(?<![蛋漂])白粉(?![虱蝶])")
"""White powder is no pest by itself (corn gluten is 蛋白粉); on leaves and shoots it is what growers call 白粉病."""
_LIVING = frozenset(
    "grain cash veg fruit nut tea herb mushroom tree livestock poultry aquatic bee feed straw".split()
)


def find_pest(text: str, spans: list[Span], lexicon: Lexicon) -> tuple[str, str]:
    """The pest named (longest name first) and the crop spoken of; each empty where none is."""
    table = _by_beginning(lexicon)
    found = [word for pair in set(map(add, text, text[1:])) for word in table.get(pair, ()) if word in text]
    named = max(found, key=lambda word: (len(word), -text.index(word)), default="")
    pest = lexicon.pest_words.get(named or ("白粉病" if _MILDEW.search(text) else ""), "")
    crop = next((span.concept for span in spans if lexicon.category(span.concept) in _LIVING), "")
    if pest and not crop:
        crops = lexicon.pests[pest].crops
        crop = crops[0] if len(crops) == 1 else ""
    return pest, crop


@lru_cache(maxsize=4)
def _by_beginning(lexicon: Lexicon) -> dict[str, list[str]]:
    """The pests' names by their first two signs, so that a text is not searched for each of thousands."""
    table: dict[str, list[str]] = {}
    for word in lexicon.pest_words:
        table.setdefault(word[:2], []).append(word)
    return table
