"""Written words made fit for the ear."""

from __future__ import annotations

from pathlib import Path

import pytest

from farmerline.domain import keys
from farmerline.domain.spoken import spoken
from farmerline.render.speech import Speech, is_voice_installed
from farmerline.words import say


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("已记下:卖 葡萄苗 2000株 3元/株 杨高村。", "已记下:卖,葡萄苗,两千株,三元一株,杨高村。"),
        ("0.8元/斤", "八毛一斤"),
        ("1.8元/斤", "一块八毛一斤"),
        ("1.42元/斤 便宜0.05元", "一块四毛二分,一斤,便宜五分"),
        ("1.05元", "一块零五分"),
        ("1.805元/斤", "一点八零五元一斤"),
        ("2吨 12000斤 10500株", "两吨,一万两千斤,一万零五百株"),
        ("100000斤", "十万斤"),
        ("横河镇沈**卖", "横河镇姓沈的卖"),
        ("出价低12%", "出价低百分之十二"),
        ("编号1143,挂15天", "编号幺 幺 4 3,挂十五天"),
        ("电话13900000021。3天后问您", "电话幺 3 9 0 0 0 0 0 0 2 幺。三天后问您"),
        ("电话1 3 9 1 2 3", "电话幺 3 9 幺 2 3"),
        ("急事打110,问农技打12316", "急事打幺 幺 0,问农技打幺 2 3 幺 6"),
        ("打0574-00002169按0", "打0 5 7 4 0 0 0 0 2 幺 6 9按0"),
        ("8:05到10:30,2026-12-01前", "八点零五分到十点三十分,二零二六年十二月一日前"),
        ("查2026-12", "查2 0 2 6杠幺 2"),
        ("2块5一斤,3毛,8毛5", "两块五一斤,三毛,八毛五"),
        ("2.5块,12元5角,2角", "两块五毛,十二元五角,两角"),
        ("1.5 亩,50 斤,2亩半", "一点五亩,五十斤,两亩半"),
        ("11月22日,2026年2月2日", "十一月二十二日,二零二六年二月二日"),
        ("7月5日-9日,8:00-17:00", "七月五日到九日,八点到十七点"),
        ("7月5-9日,10~15天", "七月五到九日,十到十五天"),
        ("户太8号,2号,第2代,2026-Y3号", "户太八号,二号,第二代,2 0 2 6-Y三号"),
        ("25℃,-5℃,25kg/亩,0.2mg/kg", "二十五度,零下五度,二十五公斤一亩,零点二毫克每公斤"),
        ("1:1000,1000倍液,每亩20ml", "一比一千,一千倍液,每亩二十毫升"),
        ("1/3,2/3", "三分之一,三分之二"),
        ("要价0.5到2元/斤", "要价零点五到两元一斤"),
    ],
)
def test_amounts_prices_and_numbers_are_said_as_people_say_them(written: str, heard: str) -> None:
    assert spoken(written) == heard
    assert spoken(heard) == heard


@pytest.mark.parametrize(
    "phrase", ["要卖东西请按1。", "再听一遍请按9,找人请按0。", "", "请输六位密码,按井号。"]
)
def test_a_fixed_phrase_stays_as_it_is_so_that_its_recording_is_found(phrase: str) -> None:
    assert spoken(phrase) == phrase


def test_english_keeps_its_numbers_and_spells_telephones() -> None:
    assert spoken("Ring 13900000021, 2 t at 3 yuan", "en") == "Ring 1 3 9 0 0 0 0 0 0 2 1, 2 t at 3 yuan"


@pytest.mark.skipif(not is_voice_installed(), reason="no voice: espeakng-loader is not installed")
def test_advice_begins_at_once_and_the_keys_take_no_longer_than_twenty_seconds(tmp_path: Path) -> None:
    """M03: the season's sentence, then who speaks, then what there is to press; a key cuts all of it."""
    speech = Speech(tmp_path)
    name = speech.seconds("农信通达·慈溪") or 0
    menu = sum(speech.seconds(say("zh", each)) or 0 for each in keys.MAIN_HEARD.values())
    boxes = sum(speech.seconds(say("zh", each)) or 0 for each in keys.LISTEN_HEARD.values())
    assert 0 < name < 3
    assert name + menu < 20
    assert boxes < 20
