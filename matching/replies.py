"""Replies to a question: 1, 2 or 3, yes or no in any dialect, and corrections that say what is right instead."""

from __future__ import annotations

import re

from matching.measures import find_measures
from matching.normalize import clean
from matching.quantities import fill_item
from matching.values import Item, Understood

_YES = (
    "y yes ok okay k 1 好 行 对 是 是滴 嗯 恩 哦了 中 成 得 要得 要 系 可以 可得 阔以 可 使得 没错 不错 没有错 没得错 没问题 没得问题 莫问题 没意见 同意 确认 确定 认可 答应 妥 准 愿意 正确 无误 晓得 "
    "发布 发出去 发 登 照发 就这样 就这 就这么 这么 就是 照办 照这个 按这个 照这样 莫得错 冇错 没毛病 嗯呐 嗯啊 中嘞 正是 没事发吧 意思 能行 搞得 管 搁得 对头 来吧 hao haode shi dui xing keyi 👍"
).split()
_YES_BESIDE = (
    "这个 那个 的 啊 呀 吧 了 嘞 勒 咧 滴 哈 哒 噢 哦 呢 嘛 哇 个 着 喽 咯 噻 啦 嘚 诶 哎 哩 撒 哟 唷 我 就 都 这 那 也 都是 这样子 这样 这个 那样 弄 办 挂 谢谢 多谢 老板 师傅 麻烦你 麻烦您 麻烦 辛苦你 辛苦 按你说的 照你说的 按你们说的 说的 按 收到 回 选 按 帮我 给我 请"
).split()
_NO = (
    "n no bu bushi 不 否 莫 不是 不对 不行 不好 不要 不用 不需要 不可以 不得行 不中 不成 不系 不得 不同意 不正确 不愿意 不发 不发布 不卖 不想 不干 不对头 不准 勿 勿对 勿是 勿要 勿来事 莫发 先莫发 先不发 先不要发 先别发 别发布 不要发布 "
    "不要发 错 错误 有误 有错 弄错 写错 说错 搞错 记错 听错 读错 登错 写得不对 错得 算了 没有 没得 改 修改 要改 改一下 改下 更正 重来 重新来 重新来过 从头来 重写 重新写 重新弄 再改 x"
).split()
_NO_BESIDE = "的 啊 呀 吧 了 嘞 哈 噢 哦 呢 嘛 哇 个 啦 诶 哎 哩 喽 我 你 你们 这 那 也 都 就 要 得 还 又 全 是 这样 这个 那个 意思 信息 内容 帮我 给我 请 一下 回 选 按".split()
_CHOICE = re.compile(
    r"(?:我|就)?(?:回复?|选|按|要|填|发)?\W{0,2}第?([123]|[一二三])[个号]?(?:吧|的|啊|了|哈)?"
)
_DIGIT = {"一": "1", "二": "2", "三": "3"}
_JOINED = re.compile(r"(?:回复?|选|按)?\W{0,2}([123])\s*([a-z]\d{2})")
_CODE = re.compile(r"(?<![a-z0-9])(?P<code>[a-z]\d{2})(?![0-9a-z])")
_INTENTS = {"1": "confirm", "2": "deny", "3": "list_only"}
_UNDERSTOOD = re.compile(r"(?:我|都)?(?:看懂|听懂|看到|收到|知道|晓得|明白|懂|清楚)(?:了|啦|喽|的)?")


def _scanner(cores: list[str], beside: list[str]) -> tuple[re.Pattern[str], frozenset[str]]:
    words = sorted({*cores, *beside}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)) + r"|[\s,.。!~、]+"), frozenset(cores)


_YES_WORDS = _scanner(_YES, _YES_BESIDE)
_NO_WORDS = _scanner(_NO, _NO_BESIDE)

_ABOUT = r"(?:价格|价钱|价|单价|数量|数目|单位|规格|等级|日期|时间|电话|公母|大小|重量|斤数|品种|名字|东西|产品|地址|地方|地点|位置|村名|方向|意思|信息|内容|前面|上面|刚才|刚刚|那条|我|俺|你们|你|全|都|也|把|帮|给|请|想|要|的)"
_WRONG = r"(?:不对|勿对|莫对|不正确|有误|有错|[写说搞弄记听读登打数报看]错(?:了)?|[写说报记听看弄搞]成(?:了)?|[写说搞弄]反(?:了)?|[说写报记听打](?:少|多)了|(?:太)?(?:多|少)了(?=[\s,])|不是这个?(?:价|数|量|品种|东西|地方|意思)[格目]?|(?<!不)(?<!没)错(?:了|啦|的)?(?=[\s,.。!]|$|是|应)|改成|改为|改一下|改下|改(?=[\s,.:]|$|价|数|[\d一二两三四五六七八九十半块])|应该是|应为|更正(?:为|成)?|修改(?:为|成)?|[多少](?:[写打说报记])(?:了)?(?:一个|个|1个|几个|一)?[零0位斤]?|[多少]了?(?:一个|个|1个|两个)?[零0](?=\W|了|$)|(?:价格?|价钱)?(?:高|低|贵|便宜)了[\s,]?(?=改)|没(?:有)?(?:那么|这么)(?:多|少|高|贵|便宜|大|重|远))"
_HEAD = re.compile(
    rf"(?:2\W{{1,3}}|n\W{{1,3}}|no\W{{1,3}})?(?:{_ABOUT}{{0,4}}|\d[^\s,。?]{{0,8}}|[^\s,。?]{{1,3}})\s?{_WRONG}(?:了|啦|哈|啊|呀|吧|哦|的|嘛)?[\s,.。:!~]*"
    r"|(?:价格|价钱|单价|数量|重量|斤数|地址|地点|品种)(?:应该|其实)?是(?!多少|几|什么|啥|怎|好多|咋|不是)"
)
_REFUSED = re.compile(
    r"(?:2|no?|不|否|不是|没有|没得|不对|不行|不可以|不同意|不好)[\s,.。:!~]+(?=.{0,40}(?:是|改|说的))"
)
_NOT = r"(?:(?:谁|哪个|哪)(?:个)?说(?:了)?(?:我)?要?|不是|不系|勿是|勿系|没有说|没说|没讲)"
_FIGURE = r"[\d一二两三四五六七八九十百千万半]{1,8}"
_NOT_BUT = re.compile(
    rf"(?:我)?(?:说的|讲的|要的|卖的|写的|报的)?{_NOT}[^,。?]{{1,14}}?[\s,]?(?:我)?(?:而是|是|要|改成)[^?]"
)
_BUT_NOT = re.compile(
    rf"[^,。?]{{0,12}}?(?:是|说的?|讲的?)[^,。?]{{1,14}}?[\s,]*(?:{_NOT}|[\s,]不要)[^,。?]{{1,12}}|\S{{0,3}}?{_FIGURE}\S{{0,3}}[\s,]*{_NOT}\S{{0,3}}{_FIGURE}\S{{0,3}}"
)
_BUT = re.compile(rf"{_NOT}\s?{_FIGURE}\S{{0,3}}[\s,]+{_FIGURE}\S{{0,4}}$")
"""不是三百斤 三千斤: what is right follows without a word between."""
_OH = re.compile(r"^(?:哎呀?|诶|欸|唉|喂|等一?下|等等|慢着|那个|呃|嗯)[\s,。!]*(?=.*(?:不|错|反|改))")
_NOT_MINE = re.compile(r"不是我(?:\W|$)|(?:这|那)?(?:条|个)?(?:信息)?不是我(?:发|写|登|弄|说|的)")
_SIDE_NOT = re.compile(rf"我?是(?:要|想)?[卖买收求租出][^,。?]{{0,6}}{_NOT}[^,。?]{{1,8}}")
_NEGATIVE = re.compile(rf"{_NOT}\s?[^\s,。]{{1,14}}?(?=[\s,。]|而?是|$)")
_POSITIVE = re.compile(r"而是|应该是|应为|改成|改为|说的是|讲的是|卖的是|要的是|就是|要是|只有|是")
_EACH = re.compile(r"(?:一|每|1)(?:斤|公斤|吨|亩|头|只|株|棵|箱|袋|个|车)$")


def read_reply(bare: str, open_kinds: frozenset[str]) -> Understood | None:
    """A reply to a question: 1, 2, 3, yes or no, with or without the question's code (1 A12, A12 1, 1A12)."""
    joined = _JOINED.fullmatch(bare)
    if joined:
        return Understood(_INTENTS[joined[1]], {}, reply=joined[1], code=joined[2].upper())
    found = _CODE.search(bare)
    rest = (bare[: found.start()] + " " + bare[found.end() :] if found else bare).strip(" ,.。!:、")
    reply = _choice(rest)
    if reply is None and "alert" in open_kinds and _UNDERSTOOD.fullmatch(rest):
        reply = "1"
    if reply is None:
        return None
    return Understood(_INTENTS[reply], {}, reply=reply, code=found["code"].upper() if found else None)


def _choice(rest: str) -> str | None:
    picked = _CHOICE.fullmatch(rest)
    if picked:
        return _DIGIT.get(picked[1], picked[1])
    if len(rest) > 24 or not rest:
        return None
    if _made_of(rest, *_YES_WORDS):
        return "1"
    return "2" if _made_of(rest, *_NO_WORDS) else None


def _made_of(rest: str, words: re.Pattern[str], cores: frozenset[str]) -> bool:
    """Whether a text is nothing but these words, one of the cores among them."""
    at, meant = 0, False
    while at < len(rest):
        found = words.match(rest, at)
        if found is None:
            return False
        meant = meant or found[0] in cores
        at = found.end()
    return meant


def correction_of(bare: str) -> str | None:
    """What should stand instead, where a text corrects what was understood (不是两百斤是两千斤, 价不对 是八毛); "" where
    it denies and says nothing more; None where it is no correction."""
    if len(bare) > 60:
        return None
    bare = _OH.sub("", bare, count=1)
    head = _HEAD.match(bare) or _REFUSED.match(bare)
    if head:
        return _right(bare[head.end() :])
    if _NOT_MINE.match(bare):
        return ""
    if _BUT.match(bare) or _NOT_BUT.match(bare) or _BUT_NOT.fullmatch(bare) or _SIDE_NOT.fullmatch(bare):
        return _right(bare)
    return None


def _right(text: str) -> str:
    """The words that are right, without those that are said to be wrong."""
    kept = _NEGATIVE.sub(" ", text)
    parts = [part.strip(" ,。") for part in _POSITIVE.split(kept)]
    said = [part for part in parts if part.strip("的我要")]
    if not said:
        return ""
    each = _EACH.search(parts[0]) if len(parts) > 1 and parts[0] != said[-1] else None
    return f"{each[0]}{said[-1]}" if each else said[-1]


def read_amount(text: str) -> Item | None:
    """A quantity or a price said alone, as in a correction (3000斤, 2块5): an item without a concept, or None."""
    return amount_only(re.split(r"(?:不是|不对|错了).*?(?:是|要|改成|改为)", clean(text))[-1])


def amount_only(rest: str, *, unit_said: bool = False) -> Item | None:
    """A quantity or price without a product, as in a correction. With ``unit_said``, a price without its unit stays
    as it was said and has none."""
    measures = find_measures(rest)
    item = fill_item(Item("", "", category="fruit"), measures)
    if item.qty is None and item.unit_price is None:
        return None
    price = next((measure for measure in measures if measure.kind == "price"), None)
    if unit_said and item.qty is None and price is not None and price.unit is None:
        return Item("", "", category="fruit", unit_price=price.value, price_said=price.said)
    return item
