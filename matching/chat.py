"""Words that ask nothing of the service: greetings, thanks, apologies, and what machines send to every number."""

from __future__ import annotations

import re

_SAID = (
    "谢谢 谢 多谢 感谢 谢了 劳烦 麻烦 辛苦 你好 您好 你们好 大家好 早 早上好 中午好 下午好 晚上好 晚安 早安 再见 拜拜 嗨 喂 在吗 在不 在不在 有人吗 有人不 在没 收到 知道 "
    "晓得 明白 了解 清楚 看到 好久不见 新年快乐 新年好 过年好 春节快乐 节日快乐 中秋快乐 生日快乐 恭喜 发财 生意兴隆 身体健康 万事如意 祝 不好意思 对不起 抱歉 打错 发错 拨错 弄错人 没事 没什么 没啥事 算了没事 hello hi hey bye thanks "
    "吃了吗 吃了没 吃饭了吗 吃饭没 测试"
).split()
_BESIDE = "了 哈哈 呵呵 嘿嘿 啊 呀 吧 啦 哦 噢 呢 嘛 哈 哟 咯 哩 的 你 您 你们 您们 大家 老板 师傅 同志 领导 老师 姑娘 小伙 大哥 大姐 兄弟 们 太 很 非常 真 也 都 是 就 全家 给 人 号 电话 短信 信息 快乐 吗 没 我 拜年 好 嗯".split()
_WORDS = re.compile("|".join(sorted({*map(re.escape, (*_SAID, *_BESIDE))}, key=len, reverse=True)) + r"|\W+")
_CORES = frozenset(_SAID)
_SENT_TO_ALL = re.compile(
    r"验证码|快递|包裹|取件|驿站|派送|您的订单|您的账户|您的话费|余额不足|欠费|流量|套餐|积分|中奖|贷款额度|点击链接|退订回|拒收请回|尊敬的(?:客户|用户|会员)|办理业务|银行卡尾号"
)
_BY_MACHINE = re.compile(
    r"^【|验证码|您?尾号\d|尊敬的(?:客户|用户|会员)|退订回|拒收请回|您的(?:快递|包裹|订单)"
)
_LONGEST = 40


def is_sent_to_all(bare: str) -> bool:
    """Whether a machine wrote this to many numbers: a bank, a parcel, a code."""
    return _BY_MACHINE.search(bare) is not None


def is_chat(bare: str) -> bool:
    """Whether a text that wants nothing known is only politeness or a message sent to everybody."""
    if _SENT_TO_ALL.search(bare):
        return True
    if len(bare) > _LONGEST:
        return False
    at, meant = 0, False
    while at < len(bare):
        found = _WORDS.match(bare, at)
        if found is None or found.end() == at:
            return False
        meant = meant or found[0] in _CORES
        at = found.end()
    return meant
