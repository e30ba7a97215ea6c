"""No alert speaks as swindlers do, however it is spelt; what alerts do say is let through."""

from __future__ import annotations

import pytest

from farmerline.domain import alert_bait
from farmerline.errors import Invalid

BAD = {
    "alert_link": (
        "详情看http://a.cn/x", "详情看 HTTPS：//x", "打开www.nongye", "点t.cn看", "看ｔ．ｃｎ/a1", "看t.\u200bcn看药", "看 nong ye . com",
    ),
    "alert_secret": ("回复身份证号", "请报密 码", "验\u200b证码发来", "转账200元", "请扫二维码", "补贴退款", "YOUR PASSWORD"),
    "alert_code": ("打药[A12]", "打药【b12】", "打药［Ｚ１１］", "打药 ( C 99 )"),
}  # fmt: skip


@pytest.mark.parametrize(("code", "words"), [(code, one) for code, many in BAD.items() for one in many])
def test_what_a_swindler_would_write_is_refused(code: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        alert_bait.refuse("short_text", words)
    assert (refused.value.code, refused.value.field) == (code, "short_text")


@pytest.mark.parametrize(
    "words",
    [
        "早稻稻飞虱偏重,13至15日打药,先看稻丛基部",
        "百丛1500头以上打药,25%吡蚜酮20-30克/亩,隔7天再看",
        "二化螟3.5头/盏,有事打12316",
        "用5%甲维盐(A型喷头),不要用敌敌畏。详情问镇农技站0574-63780000",
        "亩用50%吡蚜酮WG 20g, look at the base. Company advice does not count.",
    ],
)
def test_what_alerts_say_is_let_through(words: str) -> None:
    alert_bait.refuse("full_text", words)
