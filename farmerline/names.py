"""People's names as people say them: does 老杨, 杨师傅, 小梅 or yangdashan mean this person?

Used where few people can be meant: the members of one phone, the people of one village. A yes here never
proves who somebody is. Readings of surnames that differ from the everyday reading stand in a table below; all
else by pypinyin.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice, product
from types import ModuleType

# Surnames of two and more characters.
_COMPOUND_TABLE = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠
公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 令狐 呼延 东郭 南门 西门 第五 百里 轩辕 拓跋
单于 淳于 左丘 东门 纳兰 欧侯 完颜 爱新觉罗
"""
# The reading as a surname first, then others that people type all the same.
_SURNAME_TABLE = """
单 shan dan|曾 zeng ceng|解 xie jie|仇 qiu chou|任 ren|区 ou qu|查 zha cha|盖 ge gai|华 hua|黑 he hei
朴 piao pu|翟 zhai di|缪 miao mou|乐 yue le|覃 qin tan|种 chong zhong|冼 xian|洗 xian xi|员 yun yuan
召 shao zhao|折 she zhe|秘 bi mi|祭 zhai ji|牟 mou mu|隗 kui wei|车 che|郗 xi chi|郇 xun huan|訾 zi
幺 yao|燕 yan|应 ying|宁 ning|宿 su|逄 pang|能 nai neng|葛 ge|卜 bu|贾 jia gu|石 shi|沈 shen|瞿 qu
繁 po fan|那 na|谌 chen shen|宓 mi fu|郝 hao|阚 kan|尹 yin|吕 lv lu lyu|尉迟 yuchi weichi
万俟 moqi wansi|单于 chanyu shanyu|澹台 tantai|长孙 zhangsun changsun|鲜于 xianyu|令狐 linghu
"""
_TITLE_TABLE = """ 师傅 大哥 大姐 大嫂 大叔 大伯 大爷 大妈 大娘 大婶 阿姨 阿婆 阿公 阿叔 阿伯 阿哥 阿姐 老板
老板娘 老师 书记 主任 会计 经理 社长 村长 队长 组长 站长 厂长 医生 先生 女士 小姐 技术员 联络员 老伯 老头 老爹
家 哥 姐 嫂 叔 伯 爷 婶 姨 婆 公 总 工 头
"""

_COMPOUND = frozenset(_COMPOUND_TABLE.split())
_SURNAMES = {
    surname: tuple(readings.split())
    for entry in re.split(r"[|\n]", _SURNAME_TABLE.strip())
    for surname, readings in [entry.split(" ", 1)]
}
_TITLES = sorted(_TITLE_TABLE.split(), key=len, reverse=True)
_FAMILIAR = ("老", "小", "大", "阿")
_FAMILIAR_PINYIN = ("lao", "xiao", "da", "a")
_MOST_READINGS = 64
_LEADS = re.compile(r"^(?:我是|我叫|本人|这是|这里是)")
_EDGES = " \t\r\n,，.。!！;；:：、-—()（）[]【】\"'“”‘’·"


def split_name(full_name: str) -> tuple[str, str]:
    """Surname and given name: 岑大山 → (岑, 大山), 欧阳小梅 → (欧阳, 小梅). A name with a dot splits
    there.
    """
    name = _plain(full_name)
    if "·" in full_name:
        first, _, rest = full_name.strip().partition("·")
        return first, rest
    size = next((size for size in (4, 2) if name[:size] in _COMPOUND and len(name) > size), 1)
    return name[:size], name[size:]


def pinyin_of(name: str) -> str:
    """A person's name in toneless pinyin, the surname read as a surname: 单大山 → shandashan, 吕小梅 →
    lvxiaomei.
    """
    surname, given = split_name(name)
    return _readings_of_surname(surname)[0] + _squeeze(_pinyin().lazy_pinyin(given))


def fits(said: str, full_name: str) -> bool:
    """True when what a person calls himself (or is called by) may mean ``full_name``.

    Understood: the full name, the given name, the surname or a part of the given name with 老 小 大 阿 or a
    title (老杨, 杨师傅, 小梅, 梅姐, 梅梅), the surname alone, pinyin of these with or without spaces, and
    initials (yds). Nothing else: a near miss is not a name.
    """
    heard, name = _plain(said), _plain(full_name)
    if not heard or not name:
        return False
    if heard == name:
        return True
    surname, given = split_name(full_name)
    surname, given = _plain(surname), _plain(given)
    if re.fullmatch(r"[a-zü]+", heard):
        return heard.replace("ü", "v") in _forms_in_pinyin(surname, given)
    return any(_fits_core(core, name, surname, given) for core in _cores(heard))


def signed_as(text: str, full_names: Sequence[str]) -> tuple[int, ...]:
    """Which of these people the text names as its writer, by their place in ``full_names``.

    A name stands at the end (…三千斤 老杨), or at the beginning before a mark or after 我是. The longest name
    that fits somebody decides; more than one place means that the name does not tell them apart. Empty when
    nobody is named.
    """
    words = unicodedata.normalize("NFKC", text).strip().strip(_EDGES)
    lead = _LEADS.sub("", words)
    first = re.split(r"[,，.。;；:：!！\s]", lead, maxsplit=1)[0]
    candidates = [first] if first != lead or lead != words else []
    if lead != words:
        candidates += [first[:size] for size in (4, 3, 2)]
    latin = re.search(r"[A-Za-z]{3,}$", words)
    candidates += [latin[0]] if latin else [words[-size:] for size in (5, 4, 3, 2)]
    for candidate in candidates:
        if len(candidate) > 1 and (
            found := tuple(i for i, name in enumerate(full_names) if fits(candidate, name))
        ):
            return found
    return ()


def _cores(heard: str) -> Iterable[str]:
    """What is left when familiar words are taken off: 老杨 → 杨, 杨师傅 → 杨, 小梅姐 → 梅. The whole
    comes first.
    """
    bare = [heard]
    bare += [
        heard.removesuffix(title) for title in _TITLES if heard.endswith(title) and len(heard) > len(title)
    ]
    for core in bare:
        yield core
        if core.startswith(_FAMILIAR) and len(core) > 1:
            yield core[1:]


def _fits_core(core: str, name: str, surname: str, given: str) -> bool:
    if core in (name, surname, given):
        return True
    doubled = len(core) == 2 and core[0] == core[1]
    return (len(core) == 1 or doubled) and core[0] in given


def _forms_in_pinyin(surname: str, given: str) -> frozenset[str]:
    """Every spelling that means the person; at most 64 readings of the given name are tried."""
    forms: set[str] = set()
    surnames = _readings_of_surname(surname)
    readings = [_pinyin().pinyin(sign, style=_pinyin().NORMAL, heteronym=True)[0] for sign in given]
    for pieces in islice(product(*readings), _MOST_READINGS):
        first = "".join(pieces)
        forms.add(first)
        forms.update(prefix + piece for prefix in _FAMILIAR_PINYIN for piece in pieces)
        for last in surnames:
            forms.update((last + first, first + last, last[0] + "".join(piece[:1] for piece in pieces)))
    for last in surnames:
        forms.add(last)
        forms.update(prefix + last for prefix in _FAMILIAR_PINYIN)
        forms.update(last + title for title in _titles_in_pinyin())
    return frozenset(form for form in forms if len(form) > 1)


def _readings_of_surname(surname: str) -> tuple[str, ...]:
    return _SURNAMES.get(surname) or (_squeeze(_pinyin().lazy_pinyin(surname)),)


@cache
def _titles_in_pinyin() -> tuple[str, ...]:
    return tuple("".join(_pinyin().lazy_pinyin(title)) for title in _TITLES)


def _pinyin() -> ModuleType:
    """Loaded when a name is first asked for: it takes a third of a second."""
    import pypinyin

    return pypinyin


def _squeeze(pieces: Iterable[str]) -> str:
    return re.sub(r"[^a-z]", "", "".join(pieces).lower().replace("ü", "v"))


def _plain(text: str) -> str:
    """Full-width to plain, tone marks off letters, lower case, without spaces and marks."""
    letters = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).lower().replace("ü", "v"))
    bare = "".join(sign for sign in letters if unicodedata.category(sign) != "Mn")
    return "".join(sign for sign in bare if sign.isalpha())
