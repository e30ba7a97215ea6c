"""Places by name: provinces, cities and counties of China, and whatever towns and villages are handed in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from matching.lexicon import read_rows
from matching.values import Place

_ETHNIC = (
    "汉族 满族 回族 藏族 羌族 苗族 彝族 壮族 侗族 瑶族 白族 傣族 黎族 佤族 畲族 水族 土族 蒙古族 哈尼族 傈僳族 土家族 仡佬族 布依族 朝鲜族 拉祜族 纳西族 "
    "景颇族 哈萨克族 仫佬族 毛南族 撒拉族 保安族 东乡族 各族 裕固族 独龙族 怒族 普米族 布朗族 锡伯族 塔吉克族 鄂温克族 鄂伦春族 达斡尔族 俄罗斯族 "
    "蒙古 哈萨克 柯尔克孜 锡伯 塔吉克 维吾尔 回 黎"
).split()
_SUFFIX = re.compile(
    r"(?:特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|自治县|自治旗|地区|林区|新区|街道|省|市|州|盟|县|区|旗|镇|乡|村)$"
)
_ALIAS = {"科尔沁左翼后旗": "科左后旗", "科尔沁左翼中旗": "科左中旗", "科尔沁右翼前旗": "科右前旗", "科尔沁右翼中旗": "科右中旗",
          "内蒙古自治区": "内蒙", "巴音郭楞蒙古自治州": "巴州", "恩施土家族苗族自治州": "恩施州", "大理白族自治州": "大理州"}  # fmt: skip
COMMON = frozenset(
    "和平 新华 城区 郊区 矿区 东区 西区 南区 北区 中心 向阳 前进 东风 红旗 长安 永定 安定 永平 新城 大同区 平原 兴隆 东方 红星 青山 东山 "
    "南山 西山 江南 江北 河东 河西 海港 港口 桥东 桥西 桥西区 站前 振兴 四方 友好 五营 爱民 阳明 解放 胜利 光明 建设 青年 大观 市中 中区 城关 "
    "城中 安全 开发 高新 中原 管城 东港 南湖 梅花 苹果 荔枝 红花 翠屏 花山 博爱 文化 开平 宝山 金山 白云 花都 龙湖 金牛 青羊 武侯 天桥 历下 "
    "通道 方正 大安 双阳 长顺 勐海 新兴 和顺 安乡 清水 会同 保靖 天心 雨花 高坪 大通 金平 大厂 金口河 水城 大方 大田 古城 会宁 宁陵 来安 大化 "
    "合作 达日 特克斯 桃城 昌江 礼县 唐山路 米东 桂平路 枣强路 丰满 船营 昌邑区 龙潭 甘井子 富平路 市辖区 大关 双江 香坊 松北 上街 山阳 解放区".split()
)
"""Names that are everyday words: read as a place only with their suffix, or as the text's last word."""


def short_name(name: str) -> str:
    """A place without its suffix, as people say it: 慈溪 for 慈溪市, 阿坝 for 阿坝藏族羌族自治州."""
    short = _SUFFIX.sub("", name)
    if (
        short != name and name.endswith(("自治州", "自治县", "自治区", "自治旗", "族乡", "族镇", "族区"))
    ) or "族" in short:
        cut = True
        while cut:
            cut = False
            for people in _ETHNIC:
                if short.endswith(people) and len(short) - len(people) >= 2:
                    short, cut = short[: -len(people)], True
                    break
    return short if len(short) >= 2 else name


class Gazetteer:
    """Places by code and by name. Rows are (code, name, level, parent code); the level is not needed where the
    length of the code gives it (2 province, 4 city, 6 county, 9 town, 12 village)."""

    def __init__(self, rows: Iterable[tuple[str, str, str, str]] = ()) -> None:
        self.names: dict[str, str] = {}
        self.words: dict[str, tuple[str, ...]] = {}
        self._places: dict[str, Place] = {}
        for code, name, _level, _parent in rows:
            self._add(code, name)

    def _add(self, code: str, name: str) -> None:
        for ending in ("村民委员会", "社区居民委员会", "社区居委会", "居民委员会", "村委会", "居委会"):
            if name.endswith(ending) and len(name) > len(ending):
                name = name[: -len(ending)]
                kind = "村" if ending.startswith("村") else "社区"
                name += "" if name.endswith(("村", "社区")) else kind
                break
        self.names[code] = name
        if name in {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}:
            return
        words = {name, _ALIAS.get(name, name)}
        if len(code) <= 9:
            short = short_name(name)
            if short not in COMMON:
                words.add(short)
        for word in words:
            known = self.words.get(word, ())
            if code not in known:
                self.words[word] = (*known, code)

    @classmethod
    @lru_cache(maxsize=1)
    def default(cls) -> Gazetteer:
        """Provinces, cities and counties of the whole country."""
        return cls((code, name, "", "") for code, name in read_rows("places.tsv"))

    def with_rows(self, rows: Iterable[tuple[str, str, str, str]]) -> Gazetteer:
        """A new gazetteer with more places, such as a county's towns and villages."""
        wider = Gazetteer()
        wider.names, wider.words = dict(self.names), dict(self.words)
        for code, name, _level, _parent in rows:
            wider._add(code, name)
        return wider

    def place(self, code: str) -> Place:
        """The place of a code, with the names above it."""
        known = self._places.get(code)
        if known is None:
            known = self._places[code] = self._named(code)
        return known

    def _named(self, code: str) -> Place:
        part = [
            self.names.get(code[:length], "") if len(code) >= length else "" for length in (2, 4, 6, 9, 12)
        ]
        city = part[1]
        if city in {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}:
            city = part[0] if part[0].endswith("市") else ""
        shorts = [short_name(name) if name else "" for name in (part[0], city, part[2])]
        return Place(shorts[0], shorts[1], shorts[2], part[3], part[4], code)

    def code_of(self, province: str = "", city: str = "", county: str = "") -> str:
        """The longest code that fits the names given; empty where none does."""
        best = ""
        for name in (province, city, county):
            if not name:
                continue
            codes = self.words.get(name) or self.words.get(short_name(name)) or ()
            codes = tuple(code for code in codes if len(code) <= 6)
            if best and not best.startswith(name):
                inside = tuple(code for code in codes if code.startswith(best))
                if not inside and len(best) == 4:
                    inside = tuple(code for code in codes if code.startswith(best[:2]))
                codes = inside
            if codes:
                best = (
                    min(codes, key=len)
                    if name == province
                    else max(codes, key=lambda code: (len(code) > len(best), -len(code)))
                )
        return best

    def choose(self, words: Iterable[str], near: str = "") -> str:
        """The one code that the words of a text name together, preferring what lies in each other and near a
        code given; empty where they name nothing for certain."""
        chosen = ""
        for word in words:
            codes = self.words.get(word, ())
            if not codes:
                continue
            inside = [
                code
                for code in codes
                if chosen
                and (code.startswith(chosen) or (code.startswith(chosen[:2]) and len(code) > len(chosen)))
            ]
            if inside:
                chosen = min(inside, key=len) if len(inside) > 1 else inside[0]
            elif not chosen:
                ranked = sorted(codes, key=lambda code: (-_shared(code, near), len(code), code))
                best = ranked[0]
                rivals = [
                    code
                    for code in ranked[1:]
                    if len(code) == len(best) and _shared(code, near) == _shared(best, near)
                ]
                if not rivals:
                    chosen = best
                elif near:
                    chosen = ""
        return chosen


def _shared(one: str, other: str) -> int:
    for length in (12, 9, 6, 4, 2):
        if len(one) >= length and len(other) >= length and one[:length] == other[:length]:
            return length
    return 0


_NEIGHBOURS = {
    "11": "12 13", "12": "11 13", "13": "11 12 14 15 21 37 41", "14": "13 15 41 61", "15": "13 14 21 22 23 61 62 64", "21": "13 15 22",
    "22": "15 21 23", "23": "15 22", "31": "32 33", "32": "31 33 34 37", "33": "31 32 34 35 36", "34": "32 33 36 37 41 42", "35": "33 36 44",
    "36": "33 34 35 42 43 44", "37": "13 32 34 41", "41": "13 14 34 37 42 61", "42": "34 36 41 43 50 61", "43": "36 42 44 45 50 52",
    "44": "35 36 43 45 46", "45": "43 44 52 53", "46": "44", "50": "42 43 51 52 61", "51": "50 52 53 54 61 62 63", "52": "43 45 50 51 53",
    "53": "45 51 52 54", "54": "51 53 63 65", "61": "14 15 41 42 50 51 62 64", "62": "15 51 61 63 64 65", "63": "51 54 62 65", "64": "15 61 62",
    "65": "54 62 63",
}  # fmt: skip


@lru_cache(maxsize=64)
def neighbours(province: str) -> frozenset[str]:
    """The provinces (two-digit codes) that border one."""
    return frozenset(_NEIGHBOURS.get(province, "").split())
