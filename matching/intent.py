"""What a message wants: one of the intents, with what it says (slots). Pure: text and open questions in, value out."""

from __future__ import annotations

import re

from matching.lexicon import Lexicon
from matching.measures import find_measures
from matching.normalize import clean
from matching.pests import SYMPTOM
from matching.quantities import fill_item
from matching.reading import Matcher
from matching.symptoms import is_extent
from matching.values import Item, Reading, Understood

_YES = frozenset(
    "y yes ok okay k 好 好的 好嘞 好勒 好啊 好吧 好滴 好咧 要得 可以 可以的 行 行的 行啊 行吧 对 对的 对头 对啊 是 是的 是嘞 中 得 得行 系 没错 确认 同意 发布 发 发吧 嗯 嗯嗯 成 没问题 可得 "
    "妥 妥了 准 登吧 发出去 就这样 没得问题 好的好的 对对 是啊 要的 莫问题 hao haode shi 1y 同意的 认可 没意见 弄吧 要得要得 好哇 好呀 阔以 确定 收到确认 👍".split()
)
_NO = frozenset(
    "n no 不 不是 不对 错 错了 不行 否 改 改一下 修改 要改 不好 不同意 不可以 不得行 不中 不成 有误 不正确 莫 不要发 不发 弄错了 写错了 说错了 记错了 搞错了 不是的 不对头 唔系 唔得 bu bushi no! 不系".split()
)
_STOP = frozenset(
    "r t td 退订 退 取消 停止 取消订阅 全部退订 stop quit unsubscribe tuiding 拒收 退订全部 停发 取消短信 tdd".split()
)
_HELP = frozenset(
    "? ?? ??? help h 帮助 帮忙 菜单 说明 使用说明 怎么用 咋用 咋个用 怎么使用 bz bangzhu 功能 指令 命令 用法 求助".split()
)
_STOPPING = re.compile(
    r"(?:莫|别|不要|不用|勿|甭|唔好|白)(?:再|要)?(?:给我|跟我|老|总)?(?:再)?(?:发(?!布|货|芽)|短信|推送|来信|打扰|骚扰)|不想(?:再)?收(?:到)?(?:短信|信息|消息|你们|了|这)|停止(?:发送|接收|推送)|"
    r"^(?:我要|给我|帮我|请)?(?:退订|取消订阅|退掉)(?:吧|了|短信|信息|所有|全部)?$|拒收|拉黑|不收短信|短信停"
)
_RESUME = re.compile(
    r"^恢复|^start$|^hf$|还是发吧|(?:再|重新|继续|接着)(?:给我|跟我)?(?:发|收|订)(?:.{0,6}(?:吧|行不|短信|预警|信息|消息|了)|$)|又想收|想恢复|恢复(?:接收|短信|发送|订阅)|重新(?:开通|接收|订阅)|退订(?:搞|弄|按|发)错|"
    r"(?:之前|上次|以前).{0,4}(?:停了|退了|退订).{0,8}(?:想|要|再|恢复|开)|取消退订|把.{0,6}(?:开回来|打开)"
)
_HELPING = re.compile(
    r"格式(?:是啥|是什么|怎么|咋|如何)|怎么(?:用|发信息|发布|操作|使用)|咋(?:个)?(?:用|发信息|发布|操作|弄这个)|点样用|啥功能|什么功能|哪些功能|能干(?:啥|什么|嘛)|能做(?:啥|什么)|有啥子?用|如何(?:使用|发布|操作)|(?:不会|教我)(?:用|发|弄|操作)|使用方法|人工(?:服务)?$"
)
_RENEW = re.compile(
    r"^(?:续|延|xu)(?:期|订|费|一下|挂|展)?|延期|续期|展期|顺延|接着挂|继续挂|再挂|再(?:给)?(?:我)?(?:挂|登|延|续|留|放)|(?:到期|过期|快到)了?.{0,8}(?:再|续|延|继续|接着)|还没(?:卖|买|收|租|转).{0,6}(?:再|接着|继续|续|延|挂)|重新(?:挂|登|上架)|多挂"
)
_DONE = re.compile(
    r"^(?:停|tz|已卖|已买|已售|已租|成交|撤)(?:\W|\d|$|了|单|下|掉)|^停(?!水|电|发|止|车)|卖完|卖光|卖掉了|卖出去了|都卖了|全卖|已卖|已售|售完|售罄|买好了|买到了|买着了|买齐|收够|收齐|收满|收足|收好了|搞定|成交了|撤了?吧|撤掉|撤下|下架|取消发布|"
    r"找到(?:买家|人|车|了)|租出去|转出去|转让出去|转掉|招满|招到|不卖了|不收了|不买了|不要了|处理完|清完|被(?:人)?(?:拉|订|买|收)(?:走|完)了?|(?:都|全)?(?:拉|发|运)走(?:了|完)|没货了|卖得差不多|完事了"
)
_SUBSCRIBE = re.compile(
    r"^(?:订阅|订|dy|dingyue|ding|关注)(?!购|单|货|金|婚)|(?:一)?有.{1,12}(?:就)?(?:告诉|通知|提醒|发给|喊)我|(?:消息|信息|行情|供应|求购).{0,6}(?:发给|告诉|通知|提醒)我|(?:帮我|给我|我想)(?:订阅|订个|订一下|关注)|以后.{0,12}(?:告诉|通知|提醒|发)"
)
_UNSUBSCRIBE = re.compile(r"^(?:退订|td|取消订阅|取消关注|退|tuiding|取消)\W*(?P<what>.+)")
_PRICE = re.compile(
    r"^(?:价|价格|查价|jia|chajia|行情|报价|问价)(?!钱合|优)|(?:什么|啥|好多|几多|多少)(?:子)?(?:价|钱)|价格(?:多少|咋样|怎么样|怎样|如何|好多|是)|行情(?:怎么|咋|如何|好|多)|(?:几|多少)(?:块|毛)?钱|市场价|卖(?:得)?到?几(?:多|块|毛)|涨(?:价)?(?:了)?(?:没|吗)|跌(?:了)?(?:没|吗)|(?:现在|今天|如今).{0,8}价(?:格)?$|收购价|(?:价格|价钱|行情|[菜猪粮果肉蛋牛羊鸡]价)\??$"
)
_LOOKUP = re.compile(
    r"^(?:查|cha|搜|找一下|看看|搜索|查询)|谁(?:在)?(?:收|卖|买)(?!苗|.{0,4}联系)|哪(?:里|个|儿|家)(?:在)?(?:有)?(?:卖|收|买)|(?:有没有|有无)(?:人)?(?:在)?(?:收|卖|买).{0,10}|有(?:人)?(?:卖|收).{1,8}(?:吗|不|没)|附近(?:有|谁)|有哪些|(?:收|卖).{1,8}的(?:有没有|有吗|有不)"
)
_ALERT = re.compile(
    r"(?<!\d)(?:20\d{2}(?:-|年第?)?y?\d{1,4}|\d{2}-y?\d{1,4})(?!\d)|(?:预警|情报|警报).{0,8}(?:真|假|是不是|吗|核实|查)|(?:查|核实).{0,4}(?:预警|情报|警报)"
)
_LETTER = re.compile(
    r"^(?:写信|信给|寄信|发信|回信|信|xin|看信|我的信|收信|读信)(?!用|息|号|丰|阳|任|宜)|(?:捎|带|转|递)(?:个|句)?(?:话|信)给|给.{1,6}(?:写|捎|带|发)(?:封|个)?信|有我的信"
)
_ASK_HEAD = re.compile(r"^(?:问|请问|咨询|想问|请教)")
_PEST_HEAD = re.compile(
    r"^(?:报虫|报病|虫情|病情|上报|报|虫|病|bao|baochong|bc)(?!名|价|销|案|道|纸|告会)\W*"
)
_ASKING = re.compile(
    r"^(?:问|请问|咨询|wen|求教|请教|想问|问下|问一下)|怎么|咋|怎样|如何|啥时候|什么时候|几时|多久|为什么|为啥|是不是|会不会|能不能|可不可以|行不行|好不好|哪个好|哪种|啥药|什么药|什么肥|啥肥|原因|怎办|有没有补贴|补贴|吗\??$|"
    r"吗|么\??$|注意啥|注意什么|啥$|什么$|几回|几次|几天|几遍|多少(?!钱)|要带|要啥|需要什么|\?$|不\?$|哪里办|在哪|好种不|得不得|用不用|要不要|该不该|区别|正常不|合适不|死不|管用不|咩|点解|点算|点样"
)
_TROUBLE = re.compile(r"虫|病|斑|霉|烂|枯|黄|蔫|死")
_TRADING = re.compile(r"卖|买|收|售|供应|求购|转让|处理|送|sell|buy|元|块|毛\d")
_CORRECTION = re.compile(
    r"^(?:2\W*)?(?:我要|我想|帮我|请|把)?(?:价格|价钱|单价|数量|重量|品种|地址)?"
    r"(?:不是|不对|错了|写错了|说错了|搞错了|打错了|记错了|弄错了|改一下|改下|改成|改为|改|应该是|更正|不系)\W*(?P<rest>.+)"
)
_NO_MORE = re.compile(
    r"不想(?:再)?(?:收|看).{1,10}(?:信息|消息|短信|通知|推荐)|(?:别|不要|莫)(?:再)?(?:给我)?(?:推荐|推送|发).{1,8}(?:了|信息|消息|的)"
)
_NUMBERED = re.compile(r"(?<!\d)(20\d{2}(?:-|年第?)?y?\d{1,4}|\d{2}-y?\d{1,4})(?!\d)")
_UNDERSTOOD = re.compile(r"(?:我|都)?(?:看懂|听懂|看到|收到|知道|晓得|明白|懂|清楚)(?:了|啦|喽|的)?")
_CODE = re.compile(r"(?<![a-z0-9])(?P<code>[a-z]\d{2})(?![0-9a-z])")
_NUMBER = re.compile(r"(?<![\d.])(\d{1,9})(?![\d.]|\s?(?:斤|公斤|吨|亩|元|块|毛|只|头|株|棵|天|个|号楼))")
_REGISTER = re.compile(r"^(?:我要|我想|申请)?(?:注册|zc|zhuce|登记入网|开户|入网)\W*")


def understand(
    text: str, open_kinds: frozenset[str] = frozenset(), *, matcher: Matcher | None = None
) -> Understood:
    """What a message wants. `open_kinds` names the kinds of question open with this phone (empty: none is known to
    be open). Never raises, whatever the text."""
    words = matcher or Matcher.default()
    said = clean(text)
    bare = said.strip(" ,.。!~、;:'\"()")
    answer = _answer(bare)
    if answer:
        return answer
    if "alert" in open_kinds and _UNDERSTOOD.fullmatch(bare):
        return Understood("confirm", reply="1")
    if not bare:
        return Understood("help" if "?" in said or "?" in text or "?" in text else "other")
    if bare in _HELP:
        return Understood("help")
    if _NO_MORE.search(bare):
        unwanted = words.read(text)
        product = unwanted.crop or (unwanted.items[0].concept if unwanted.items else "")
        if product:
            return Understood("unsubscribe", {"product": product}, reading=unwanted)
    if bare in _STOP or _STOPPING.search(bare):
        return Understood("stop")
    registering = _REGISTER.match(bare)
    if registering:
        return Understood("register", _registration(bare[registering.end() :], words))
    reading = words.read(text)
    intent = _intent(bare, reading, open_kinds, words)
    if intent == "deny":
        corrected = _CORRECTION.match(bare)
        rest = corrected["rest"] if corrected else bare
        rest = re.split(r"(?:,|\s)?(?:是|要|改成|改为|应该是)", rest)[-1] or rest
        fixed = words.read(rest)
        item = fixed.items[0] if fixed.items else _amount_only(rest)
        slots = _item_slots(item, explicit=bool(fixed.items)) if item else {}
        if fixed.place_text:
            slots["place"] = fixed.place_text
        return Understood("deny", slots, reply="2", reading=fixed)
    return Understood(intent, _slots(intent, bare, reading, words.lexicon), reading=reading)


def slots_json(understood: Understood) -> dict[str, str | float]:
    """The slots as a command prints them: product, form, qty, unit, price, place, pest, crop, number, name."""
    names = ("product", "form", "qty", "unit", "price", "place", "pest", "crop", "number", "name")
    return {name: understood.slots[name] for name in names if name in understood.slots}


def _answer(bare: str) -> Understood | None:
    """A reply to a question: 1, 2, 3, yes or no, with or without the question's code (1 A12, A12 1, 1A12)."""
    joined = re.fullmatch(r"(?:回复?|选|按)?\W*([123])\s*([a-z]\d{2})", bare) or None
    if joined:
        reply, code = joined[1], joined[2]
    else:
        found = _CODE.search(bare)
        code = found["code"] if found else None
        rest = (bare[: found.start()] + " " + bare[found.end() :] if found else bare).strip(" ,.。!:、")
        rest = re.sub(r"^(?:回复?|选|按)\s?(?=[123]$)", "", rest)
        if re.fullmatch(r"[123]", rest):
            reply = rest
        elif (
            rest in _YES
            or (rest and all(word in _YES for word in re.split(r"[\s,]+", rest)))
            or re.fullmatch(r"(?:好|行|对|是|嗯|可以|要得)+(?:的|啊|嘞|呀|吧|了|哈|哒|噢|哦|呢)*", rest)
        ):
            reply = "1"
        elif rest in _NO:
            reply = "2"
        else:
            return None
    intent = {"1": "confirm", "2": "deny", "3": "list_only"}[reply]
    return Understood(intent, {}, reply=reply, code=code.upper() if code else None)


def _intent(bare: str, reading: Reading, open_kinds: frozenset[str], words: Matcher) -> str:
    numbered = any(item.qty is not None or item.unit_price is not None for item in reading.items)
    if _RESUME.search(bare):
        return "resume"
    if _UNSUBSCRIBE.match(bare) and reading.items:
        return "unsubscribe"
    if _LETTER.search(bare):
        return "letter"
    if _HELPING.search(bare) and not reading.items:
        return "help"
    if re.match(r"^(?:查|cha)", bare) and not re.match(r"^查?价", bare):
        return "alert_check" if _ALERT.search(bare) else "price_query" if "价" in bare else "lookup"
    if _ALERT.search(bare) and not reading.items and not numbered:
        return "alert_check"
    if _SUBSCRIBE.search(bare):
        return "subscribe"
    if _RENEW.search(bare):
        return "renew"
    correction = _CORRECTION.match(bare)
    if (
        correction
        and re.match(r"^(?:2\W|.{0,6}(?:不是.{1,10}是|改|应该是|更正|不对|错了))", bare)
        and (numbered or _amount_only(correction["rest"]) or reading.items or open_kinds)
    ):
        return "deny"
    if _ASK_HEAD.match(bare):
        return "price_query" if _PRICE.search(bare) and reading.items else "question"
    if (reading.pest or _TROUBLE.search(bare)) and is_extent(bare) and not _TRADING.search(bare):
        return "question" if _general(bare) else "pest_report"
    if (
        _PEST_HEAD.match(bare)
        and (not numbered or reading.pest)
        and (reading.pest or reading.crop or SYMPTOM.search(bare) or re.match(r"^报", bare))
    ):
        return "pest_report"
    shown = bare
    if reading.pest:
        known = words.lexicon.pests[reading.pest]
        for name in sorted((known.name, *known.synonyms), key=len, reverse=True):
            shown = shown.replace(name, " ")
    observed = SYMPTOM.search(shown)
    asking = _ASKING.search(bare)
    if observed and not (reading.direction != "none" and numbered):
        if reading.crop or reading.pest or not asking:
            return "question" if _general(bare) else "pest_report"
    if _DONE.search(bare) and not (numbered and reading.direction in {"supply", "demand"}):
        return "done"
    priced = any(item.unit_price is not None for item in reading.items)
    if _PRICE.search(bare) and (
        not numbered or (re.search(r"(?:多少|几多|好多|什么|啥)(?:钱|价)", bare) and not priced)
    ):
        return "price_query"
    if _LOOKUP.search(bare) and not numbered and reading.items:
        return "lookup"
    if reading.pest and not numbered:
        return "question" if asking else "pest_report"
    if (
        asking
        and (reading.items or len(bare) > 3)
        and not numbered
        and not (
            reading.direction != "none"
            and reading.sure
            and not re.search(
                r"怎么|咋|如何|几回|能不能|补贴|(?<!要)(?<!有)多少|注意|啥$|什么$|(?<!的)(?<!要)(?<!收)吗",
                bare,
            )
        )
    ):
        return "question"
    if reading.items and reading.direction in {"supply", "demand"}:
        return "sell" if reading.direction == "supply" else "buy"
    if asking and (reading.items or len(bare) > 5) and not re.search(r"吃饭|回来|在家|到家|睡", bare):
        return "question"
    return "other"


def _general(bare: str) -> bool:
    """A question about a trouble in general, not one that is seen."""
    return bool(
        re.search(
            r"怎么防|如何防|咋防|怎么预防|防治|预防|什么时候打|啥时候打|打什么药好|会不会|会死不|能不能|是不是|几回|几次",
            bare,
        )
    ) and not re.search(r"了|发现|今天|昨天|死|好多", bare)


def _amount_only(rest: str) -> Item | None:
    """A quantity or price without a product, as in a correction."""
    item = fill_item(Item("", "", category="fruit"), find_measures(rest), demand=False)
    return item if item.qty is not None or item.unit_price is not None else None


def _item_slots(item: Item, *, explicit: bool) -> dict[str, str | float]:
    slots: dict[str, str | float] = {}
    if item.concept:
        slots["product"] = item.concept
        if explicit:
            slots["form"] = item.form
    if item.qty is not None:
        slots["qty"] = item.qty
    unit = item.unit or (item.price_unit if item.unit_price is not None else None)
    if unit:
        slots["unit"] = unit
    if item.unit_price is not None:
        slots["price"] = round(item.unit_price, 4)
    return slots


def _slots(intent: str, bare: str, reading: Reading, lexicon: Lexicon) -> dict[str, str | float]:
    slots: dict[str, str | float] = {}
    item = reading.items[0] if reading.items else None
    if item and intent in {"sell", "buy"}:
        slots = _item_slots(item, explicit=True)
    elif item and intent in {"price_query", "lookup", "done", "renew", "subscribe", "unsubscribe"}:
        slots["product"] = item.concept
        if (
            item.form != lexicon.default_form(item.concept)
            or item.category == "machine"
            or re.search(r"谁|哪|有没有|有人", bare)
        ):
            slots["form"] = item.form
    if intent in {"pest_report", "question"}:
        if reading.pest and intent == "pest_report":
            slots["pest"] = reading.pest
        if reading.crop:
            slots["crop"] = reading.crop
    if reading.place_text and intent in {
        "sell",
        "buy",
        "pest_report",
        "price_query",
        "lookup",
        "subscribe",
        "question",
    }:
        slots["place"] = reading.place_text
    if reading.name and intent in {"sell", "buy", "pest_report"}:
        slots["name"] = reading.name
    if intent == "alert_check":
        found = _NUMBERED.search(bare)
        if found:
            slots["number"] = found[1]
    elif intent in {"renew", "done", "letter", "lookup"}:
        number = _NUMBER.search(bare)
        if number:
            slots["number"] = number[1]
    return slots


def _registration(rest: str, matcher: Matcher) -> dict[str, str | float]:
    """注册 姓名 村名 (and, if said, what is grown)."""
    slots: dict[str, str | float] = {}
    parts = [part for part in re.split(r"[\s,;、/+:]+", rest) if part]
    if not parts:
        return slots
    if len(parts) == 1:
        whole = re.fullmatch(r"([一-鿿]{2,3}?)([一-鿿]{2,}(?:村|镇|乡|屯|寨|社区|县|市).*)", parts[0])
        parts = [whole[1], whole[2]] if whole else parts
    parts = [re.sub(r"^(?:我叫|我是|姓名|名字|村名?|住)", "", part) or part for part in parts]
    slots["name"] = parts[0]
    if len(parts) > 1:
        slots["place"] = parts[1]
    for part in parts[2:]:
        sense = matcher.lexicon.resolve(part)
        if sense:
            slots["product"] = sense.concept
    return slots
