"""Who speaks and where: trailing self-names (老杨, 杨师傅) and places with the town or village behind them."""

from __future__ import annotations

import re

from matching.direction import MASK
from matching.measures import Measure
from matching.place import Gazetteer
from matching.spans import Span
from matching.values import Place

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史"
    "顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文岑虞施毕裘竺应楼诸章俞"
)
_TITLES = "师傅|老板|大哥|大姐|大嫂|大爷|大叔|大妈|大娘|阿姨|叔|婶|哥|姐|嫂|伯|女士|先生|同志|经理|总|支书|书记|队长|主任|老师|婆婆|爷爷|老汉"
_NAME = re.compile(
    rf"(?:^|.)(?P<name>[老小阿大][{_SURNAMES}](?:头|哥|师傅)?|[{_SURNAMES}](?:{_TITLES})|我叫(?P<own>[{_SURNAMES}]\w{{1,2}}))[,。.!~ ]*$"
)
_SIGNED = re.compile(
    rf"(?:^|[ ,。])(?P<name>[老小][{_SURNAMES}]|[老阿][{_SURNAMES}覃韦莫农柯樊凌温关祝左邢蒲耿聂符游欧申涂景柴路向冉瞿古丘巫练简甘盘蓝骆牟佟于贺炳明强华军]|[{_SURNAMES}](?:{_TITLES}))[ ,]+[一-鿿]{{2,8}}[,。.!~ ]*$"
)
"""The name before the place with which a text ends: 老杨 石门."""
_VILLAGE = re.compile(
    r"(?P<town>[一-鿿]{2,3}[镇乡])?(?P<village>[一-鿿]{2,4}?(?:村|屯|镇|乡|街道|农场|林场))(?!里|上人|口|民)"
)
_NOT_TAIL = re.compile(
    r"附近|种|养|了|这|做|打|周边|本地|当地|那边|这边|边上|市场|果批|批发|自提|自己|现货|质量|价格|电话|联系|老板|可以|都行|都去|需要|收|卖|要|买|送|货|的|有|在|来|跑|厂|店|行|馆|场|公司|"
    r"散养|春|夏|秋|冬|大量|长期|左右|以上|一带|周围|谁|哪|车|到|能|包|急|新|好|自家|不|发|拉|去|上门|出|就|也|和|县城|城里|城区|全|各|农户|合作社|地区|产|人|优质|正宗|专业|最|超"
)
_STOP = re.compile(rf"[^一-鿿]|{MASK}|[\d一二三四五六七八九十百千万两半]")


def find_name(text: str) -> str:
    """The name with which the speaker signs, at the text's end; empty where there is none."""
    found = _NAME.search(text[-12:]) or _SIGNED.search(text[-16:])
    if not found:
        return ""
    if found.re is _SIGNED:
        return found["name"]
    return found["own"] or found["name"]


def find_place(
    masked: str,
    words: list[tuple[str, int, int]],
    measures: list[Measure],
    gazetteer: Gazetteer,
    area: Place | None,
    *,
    said: str,
    spans: list[Span],
) -> tuple[Place | None, str]:
    """The place a text names and the words that name it. A place right in front of a product (盘锦稻草) counts only
    where no other is named."""
    signs = list(masked)
    for measure in measures:
        signs[measure.start : measure.end] = MASK * (measure.end - measure.start)
    quiet = "".join(signs)
    name = find_name(quiet)
    if name and quiet.rstrip(" ,。.!~").endswith(name):
        cut = quiet.rstrip(" ,。.!~")
        quiet = cut[: -len(name)] + MASK * (len(quiet) - len(cut) + len(name))
    chains: list[tuple[int, int, list[str]]] = []
    for word, start, end in words:
        if word not in gazetteer.words or MASK in quiet[start:end]:
            continue
        if chains and not quiet[chains[-1][1] : start].strip(" ,的省市县"):
            first, _last, parts = chains[-1]
            if quiet[chains[-1][1] : start].strip(" ") == "" and start - chains[-1][1] <= 1:
                chains[-1] = (first, end, [*parts, word])
                continue
        chains.append((start, end, [word]))
    starts = {span.start for span in spans}
    free = [chain for chain in chains if chain[1] not in starts] or chains
    near = area.code if area else ""
    if not free:
        village = _VILLAGE.search(quiet)
        return (None, village[0]) if village else (None, "")
    chosen = max(free, key=lambda chain: (len(chain[2]), chain[0]))
    parts = [word for chain in free for word in chain[2]] if len(free) == 1 else chosen[2]
    code = gazetteer.choose(parts, near)
    if not code and len(free) > 1:
        code = gazetteer.choose([word for chain in free for word in chain[2]], near)
    text = said[chosen[0] : chosen[1]]
    rest = quiet[chosen[1] :]
    stop = _STOP.search(rest)
    tail = rest[: stop.start()] if stop else rest
    village = _VILLAGE.match(tail)
    if village:
        tail = village[0]
    elif not 2 <= len(tail) <= 4 or _NOT_TAIL.search(tail):
        tail = ""
    return (gazetteer.place(code) if code else None), (text + tail).replace(" ", "")
