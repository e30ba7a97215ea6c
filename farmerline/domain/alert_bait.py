"""What an alert never says, so that whoever imitates one is known by it: no links, no secrets, no money, no answer codes."""

from __future__ import annotations

import re
import unicodedata

from farmerline.errors import Invalid

_UNSEEN = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe0f\ufeff]+")
_LINK = re.compile(r"https?:|www\.|[a-z0-9-]\.(?:com|cn|net|org|top|xyz|cc|vip|info|shop|site)(?![a-z0-9])")
_CODE = re.compile(r"[\[【(〔{][a-z][0-9]{2,3}[\]】)〕}]")
_SECRETS = re.compile(
    "密码|口令|验证码|校验码|身份证|银行卡|卡号|账号|帐号|转账|转帐|汇款|打款|付款|缴费|交费|扫码|二维码|中奖|退款|password"
)


def refuse(name: str, said: str) -> None:
    """Raise ``Invalid`` for the field ``name`` where its words ask for what swindlers ask for, or look like a code."""
    bare = _UNSEEN.sub("", unicodedata.normalize("NFKC", said)).lower()
    if _LINK.search(bare):
        raise Invalid("alert_link", "An alert holds no links: people are told not to trust them.", field=name)
    if found := _SECRETS.search(bare):
        raise Invalid(
            "alert_secret",
            "An alert never speaks of passwords, ID numbers or payments ({word}): that is how swindlers write.",
            field=name,
            word=found[0],
        )
    if _CODE.search(bare):
        raise Invalid(
            "alert_code", "Signs like [A12] look like the code of an answer: leave them out.", field=name
        )
