"""Asking for advice, or telling of a trouble that is seen: how questions are formed, and how sick plants and animals look."""

from __future__ import annotations

import re

ASK_HEAD = re.compile(
    r"(?:我想|想|要)?(?:问(?!题|世)|请问|咨询|想问|请教|求教|wen(?![a-z])|讨教|打听)(?:一下|下|个|你们|一哈|哈|老师|专家)?\W*"
)
PEST_HEAD = re.compile(
    r"(?:报虫|报病|虫情|病情|上报|报|虫|病|bao|baochong|bc)(?!名|价|销|案|道|纸|告会|个|酬)\W*"
)

_HOW = r"(?:怎么|怎样|怎|咋|如何|啷个|哪能|点样|点算|点解|点办|么样|安怎|哪么)"
_WHAT = r"(?:什么|啥子|啥|么子|么事|什哩|甚么|什嘢|哪种|哪个品种|哪样|哪些)"
TERMS = re.compile(
    r"(?<!能)(?<!可以)(?<!会)收(?!割|成|获|到|入|益|拾|尾)|求购|(?:厂|店|馆|场|公司|坊|户|贩|食堂|我|俺|先|每天|想)(?:要|来)(?=[^不]|$)|要(?=[\d一二两三四五六七八九十百千几半点些])|(?:不|莫|别|勿)(?:要|收|来|拖来?|拿来?|送来?)(?=\W|$)|(?:也|都)(?:要|收)|直出|直销|管饭|出售|供应|卖|要的(?:联系|来|私|打)"
)
"""The terms of a trade: with goods and a side, a fault named beside them is one of the goods (霉的不要)."""
REMEDY = re.compile(
    rf"{_HOW}(?!卖|联系|收的|个?价)|为(?:什么|啥|何|么)|{_WHAT}(?:原因|毛病|回事|药|肥|好|办法|方法|品种|疫苗|饲料|东西|时候|季节|条件|手续|材料|技术|证|价值)|"
    rf"(?:打|用|喂|喷|撒|施|灌|上|加|拌|治|防|涂|灭|治疗|缺|种|养|吃|补|带|要|需要|注意|选|买|栽|浇|消毒)(?:点|些|个|几种)?{_WHAT}|救(?:得|不)|有(?:没有|没|得)救|有救(?:没|吗|不)"
)
"""Asks what to do or why."""
TIMING = re.compile(
    rf"几月|几时|{_WHAT}(?:时候|时间|时辰|季节)|多久|多长时间|(?<![好十])几天|几点(?!钟)|哪(?:天|个月|几天)|多少天|(?<![好十])几个(?:月|小时|枝|头|人)(?!前|了)|(?:时间|方法|技术|办法|技术要点|注意事项|条件|标准)$|(?:要|需|挖|盖|栽|种|浇|埋|留|放).{{0,3}}多(?:厚|深|高|宽|重|稠|密|大|长|远)|(?<![好十])几(?:次|遍|回|倍|度|公分|厘米|米|寸|克|毫升|片|年|层|茬|季|代|种|样)(?!都)|"
    r"(?<!要)(?<!有)(?<!几)(?<!拿)(?<!收)多少(?!钱|价|块|都|也|收|要|有|一|给|不管)|多(?:厚|深|高|宽|重|稠|密|大|长|远|浓)(?!的|点|些)|留几|放几|栽几|种几|打几|喂几|隔几|兑几|哪里办|去哪|到哪|在哪(?:里|儿)?(?:办|领|买|报|交|盖)|找谁办"
)
"""Asks when, how often, how much of something to give or do."""
WHETHER = re.compile(
    r"(?:吗|么|咩|不|没|没有|嘛)\W*$|(?:吗|么)(?=\W)|能不能|会不会|可不可以|行不行|好不好|中不中|得不得|用不用|该不该|是不是|有没有(?!人|哪)|要不要(?=[一-鿿])|打不打|能否|可否|是否|应不应|划不划|合不合|要紧(?:不|吗)|区别|哪个好|哪种好|好种|正常|管用|合适|有补贴|补贴"
)
GENERAL = re.compile(
    rf"{_HOW}(?:个)?(?:预防|防治|防|治|打|办|整|弄|搞|救|回事|处理)|{_WHAT}时候(?:打|防|治)|打{_WHAT}药|防治方法"
)
_IDENTITY = re.compile(r"是不是|是(?:不是)?.{1,8}(?:吧|吗|么|不)\W*$|会不会是|怕是|像是|莫不是|该不会")

_PART = r"(?:叶|茎|根|果|穗|苗|杆|秆|花|芽|梢|枝|皮|瓜|藤|蔓|心|荚|铃|桃|秧|树|蔸|蔓|头|芯|籽|薯|豆|壳|棒|包|袋|身|背|嘴|蹄|腿|肚|鳃|鳞|毛|眼|耳朵|鼻|脚|脖|翅|尾|舌|奶|乳|屁股|田里|地里|棚里|圈里|塘里|池里|园里|林子|草场|一片片|全)"
_ENDS_IN_PART = re.compile(rf"{_PART}子?$")
_STATE = (
    r"(?:虫|斑|洞|孔|烂|枯|黄(?!豆|瓜|芪|精|桃|花|牛|鳝|金|连|柏)|黑(?!豆|猪|山羊|木耳|芝麻|米)|霉|卷|蔫|锈|白毛|绿毛|长毛|死|(?<!豆)腐(?!竹|乳)|萎|霜|蛀|咬|啃|吃光|流(?:胶|水|脓|血|黄)|起(?:泡|包|疙瘩|皮|粉)|肿|掉|落(?!户|地)|白粉|发(?:白|红|紫|焦|软|黑|黄|霉|硬|臭|乌|绿|暗|蓝)|"
    r"红点|黑点|白点|黄点|瘸|疮|瘤|裂|缩|畸|焦|脱|断|倒|钻|秃|眼(?!下|看)|干(?:枯|尖|死)|白(?:了|掉|化|一片)|僵|穿孔|花叶|小叶|鼓|歪|软(?:了|趴)|粉(?:了|一层))"
)
_MANY = r"(?:好多|很多|到处|遍地|全|都|成片|一片|成群|成堆|密密麻麻|不少|多得很|多得|许多|满|一堆|厉害|起来|又来|越来越|爬|飞|闹|生|长|起|招|遭|有|发现|是|见|出(?:现)?)"
_BUG = r"(?:虫(?!草|子?酒)|蚜|螨|虱|霉(?!豆)|斑|病|蛾|螟|蛆|蜘蛛|蝗|蚂蚱|象甲|蚧|蓟马|飞虱|跳甲|叶蝉|地老虎|蝼蛄|蛴螬|腻|钻心|绿毛|白毛|线虫|老鼠|田鼠|鼠害|野猪|麻雀|福寿螺|蜗牛|鼻涕虫|杂草|瘟)"
SEEN = re.compile(
    rf"{_PART}.{{0,8}}?{_STATE}|{_MANY}(?:了|着|得)?.{{0,5}}?{_BUG}|{_BUG}.{{0,6}}?(?:好多|很多|到处|都是|成片|厉害|多得|起来|又来|严重|咬|啃|吃|钻|爬|来了|爆发|几[十百]|不少|多|凶)|"
    r"(?:死|病|倒|蔫|瘫|烂|掉|枯)(?:了|掉|得|好|一|十|去).{0,4}?(?:[\d一二两三四五六七八九十几好半多了]|大片|一片|不少|一半)|死(?:猪|鸡|鸭|鹅|羊|牛|鱼|虾|苗|树|蜂|蚕|兔)|(?:天天|一直|老是|慢慢|接连|成片|一片片|陆续|一天).{0,3}?(?:死|倒|掉|烂|枯|黄)|黄死|枯死|烂死|病死|"
    r"拉(?:稀|肚|血|痢|绿屎|白屎|黄屎|水)|拉.{0,2}?[白黄绿红黑]?[屎粪便]|发烧|高烧|发热|咳嗽|(?:不|没|没有|不肯|不大|不爱|不怎么)(?:吃|进|采)(?:食|料|草|叶|奶|东西|了|饲料|桑|\W|$)|口吐白沫|打摆子|浮头|翻(?:白|肚)|趴(?:窝|边|着|在)|喘|腹泻|流(?:鼻涕|口水|眼泪|涎)|不反刍|胀(?:肚|气)|鼓(?:肚|气|胀|起)|"
    r"抽(?:搐|筋)|发抖|跛|口蹄|软脚|缩脖|歪(?:脖|头|嘴)|站不(?:起|稳)|瘫(?:了|痪|在)|没(?:得)?精神|(?:掉|脱)毛|(?:发|得|染|犯|闹|遭)(?:了)?(?:病|瘟)|被虫|虫(?:吃|咬|蛀|害)|发黄|蔫了|烂(?:根|心|秆|果|头|梢|皮|脚|茎|薯)|卷叶|黄叶|落(?:果|叶|花)|掉(?:果|花|了一地)|裂果|死(?:苗|棵|秧|藤)|倒(?:苗|伏)|"
    r"[黑褐红]斑|白粉|(?:生|长|起|有|遭|招)了?虫|瘸|跛|疙瘩|化脓|溃烂|肿块|水泡|不(?:灌浆|出苗|发芽|抽穗|坐果|转色|走动|愿走|站)|打喷嚏|(?:裂|烂|蔫|枯|萎|瘪|霉|焦|卷|秃|僵)(?:了|得|掉|完|光|成片)|枯心|白穗|空壳|畸形|不(?:坐|结)(?:果|瓜|籽|荚)|起(?:泡|疙瘩)|流(?:脓|胶)"
)
"""What people see on crops and animals that are not well."""

TRADING = re.compile(
    r"卖|出售|求购|收购|供应|转让|便宜|批发|需要|急需|想要|要货|[\d一二两三四五六七八九十半](?:元|块(?:钱)?|毛)(?:\d|[一二三四五六七八九](?!块|片)|[一/每]?(?:公?斤|头|只|吨|亩))|sell|buy|(?:收|要|买)(?=[\d一二两三四五六七八九十])|^(?:收(?!割)|要|买|求)|想买|想收|找(?!到)|请(?!问|教)"
)
"""Words of trade: who says them offers or wants, even where a trouble is named."""
FARMING = re.compile(r"补贴|保险|社保|农保|贷款|合同|手续|政策|执照|土地|[肥药虫病地田棚塘圈苗种养浇水草]")
_CHAT = re.compile(
    r"赶集|吃啥|吃什么|喝酒|打牌|吃饭|晚饭|午饭|早饭|来家|回家|回来|在家|到家|睡|家长会|快递|验证码|干嘛|在干|身体|过年|孩子|学校|到哪了|吃了|吃没"
)


_DEAD = re.compile(
    r"死(?:猪|鸡|鸭|鹅|羊|牛|鱼|虾|蟹|苗|树|蜂|蚕|兔)|[猪鸡鸭鹅羊牛鱼虾蟹蜂蚕兔苗秧树](?:都|全|又|也|子|儿|仔|崽)?(?:死|倒)(?:了|掉|得|光)"
)


def tells_death(bare: str) -> bool:
    """Whether animals or plants are said to have died."""
    return _DEAD.search(bare) is not None


def trailing_part(name: str) -> str:
    """The part of a plant or animal with which a name ends (土豆秧子, 桃树); "" where it ends with none."""
    found = _ENDS_IN_PART.search(name)
    return found[0] if found else ""


def asks_advice(bare: str, *, traded: bool, known: bool) -> bool:
    """Whether a text asks for advice. ``traded`` says whether an amount for sale or wanted stands in it, ``known``
    whether a crop, a pest or a product does."""
    if _CHAT.search(bare) and not known:
        return False
    if REMEDY.search(bare):
        return not traded and (known or len(bare) > 3)
    if TIMING.search(bare):
        return not traded and (known or bool(FARMING.search(bare)))
    return bool(WHETHER.search(bare)) and not traded and (known or bool(FARMING.search(bare)))


def tells_trouble(shown: str, *, named: bool) -> bool:
    """Whether a text tells of a trouble that is seen, rather than asking what to do about it. ``shown`` is the text
    without the names of products and pests, ``named`` whether a pest was named."""
    if not named and not SEEN.search(shown):
        return False
    if not (REMEDY.search(shown) or TIMING.search(shown) or GENERAL.search(shown)):
        return bool(SEEN.search(shown)) or not WHETHER.search(shown) or bool(_IDENTITY.search(shown))
    return False
