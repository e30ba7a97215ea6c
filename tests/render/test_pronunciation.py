"""How words are read: by the phonemes that the built-in voice would speak, one process for all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from channels.voice.twiml import Links, render
from farmerline.domain.spoken import spoken
from farmerline.messages import Ask, Say, SpokenScript
from farmerline.render.speech import Speech, is_voice_installed
from farmerline.render.speech.engines import phonemes
from farmerline.render.speech.pronunciation import (
    BUILT_IN,
    BadReading,
    Pronunciation,
    read_rows,
    read_table,
    say_as,
)
from matching.lexicon import read_rows as named

voiced = pytest.mark.skipif(not is_voice_installed(), reason="the optional speech library is not installed")
READ = {
    "粳稻": "jing1 dao4", "籼稻": "xian1 dao4", "二化螟": "er4 hua4 ming2", "蚜虫": "ya2 chong2", "稗草": "bai4 cao3", "稻飞虱": "dao4 fei1 shi1",
    "蓟马": "ji4 ma3", "蛴螬": "qi2 cao2", "蝼蛄": "lou2 gu1", "荸荠": "bi2 qi5", "莴苣": "wo1 ju4", "茼蒿": "tong2 hao1", "豇豆": "jiang1 dou4",
    "分蘖": "fen1 nie4", "行距": "hang2 ju4", "长势": "zhang3 shi4", "播种": "bo1 zhong3", "种植": "zhong4 zhi2", "种菜": "zhong4 cai4",
    "一块地": "yi2 kuai4 di4", "坡地": "po1 di4", "慢慢地": "man4 man4 de5", "西洋参": "xi1 yang2 shen1", "长茄": "chang2 qie2", "番茄": "fan1 qie2",
    "便宜": "pian2 yi2", "寒露": "han2 lu4", "莜麦": "you2 mai4", "大黄米": "da4 huang2 mi3", "羊肚菌": "yang2 du3 jun1", "佛手": "fo2 shou3",
    "吡虫啉": "bi3 chong2 lin2", "噻嗪酮": "sai1 qin2 tong2", "铅山县": "yan2 shan1 xian4", "六安市": "lu4 an1 shi4", "蚌埠": "beng4 bu4",
    "常熟": "chang2 shu2", "嘉兴": "jia1 xing1", "东莞": "dong1 guan3", "歙县": "she4 xian4", "这儿": "zhe4 er2", "渝水区": "yu2 shui3 qu1",
}  # fmt: skip
SPOKEN = {
    "2块5": "两 块 五", "3毛": "三 毛", "1.5 亩": "一 点 五 亩", "11月22日": "十 一 月 二 十 二 日", "110": "腰 腰 零", "0.8元/斤": "八 毛 一 斤",
}  # fmt: skip


def bare(said: str) -> str:
    """Phonemes without stress and pauses; third and second tones, which change into each other, and the neutral one alike."""
    return re.sub(r"214|35|21", "T", re.sub(r"[',|_ ]", "", said))


@voiced
def test_farming_words_places_and_numbers_are_read_rightly() -> None:
    table = Pronunciation()
    rows = {word: pinyin for word, pinyin, _said in read_rows(BUILT_IN)} | READ
    known = sorted({syllable for pinyin in rows.values() for syllable in pinyin.split()})
    words = [table.apply(word) for word in rows] + [table.apply(spoken(one)) for one in SPOKEN]
    told = phonemes([*known, *words, *SPOKEN.values()])
    sounds = dict(zip(known, told, strict=False))
    sounds |= {"qie2": "tS;hiE35", "fo2": "fo35"}  # two that the voice does not read as pinyin
    heard = dict(zip([*rows, *SPOKEN], told[len(known) :], strict=False))
    wrong = {
        word: (pinyin, heard[word])
        for word, pinyin in rows.items()
        if bare(heard[word]) != bare("".join(sounds[one] for one in pinyin.split()))
    }
    assert not wrong
    for written, wanted in zip(SPOKEN, told[-len(SPOKEN) :], strict=True):
        assert bare(heard[written]) == bare(wanted), written


@voiced
def test_no_name_of_ours_is_read_in_english() -> None:
    """The voice spells signs that it lacks in English: 雄 and 胸 were two of them."""
    names = {row[0] for file in ("products.tsv", "pests.tsv") for row in named(file)}
    names |= {row[1] for file in ("varieties.tsv", "places.tsv") for row in named(file)}
    names |= {"猪传染性胸膜肺炎", "琼海市", "一会儿", "哪儿"}
    chinese = sorted(name for name in names if re.fullmatch("[一-鿿]+", name))
    table = Pronunciation()
    told = phonemes([table.apply(name) for name in chinese])
    assert not [name for name, said in zip(chinese, told, strict=True) if "(en)" in said]
    assert len(chinese) > 8000


def test_a_word_is_said_by_everyday_signs_of_the_same_sound() -> None:
    assert Pronunciation().apply("铅山县有铅笔") == "盐山县有铅笔".replace(
        "盐", say_as("铅山", "yan2 shan1")[0]
    )
    for word, pinyin in (
        ("浒山", "xu3"),
        ("浒山", "xu3 shan9"),
        ("Hu", "hu3"),
        ("浒山", "xu3 xqq1"),
        ("", ""),
    ):
        with pytest.raises(BadReading):
            say_as(word, pinyin)


def test_a_countys_own_reading_holds_at_once_and_a_wrong_line_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "pronunciation.tsv"
    table = Pronunciation(file)
    assert table.apply("浒山街道") == "浒山街道"
    file.write_text("# 村名\n浒山\txu3 shan1\n六安\tliu4\n掌起\t\t长起\n", "utf-8")
    assert table.apply("浒山街道") == say_as("浒山", "xu3 shan1") + "街道" != "浒山街道"
    assert table.apply_own("掌起镇,六安") == "长起镇,六安"
    assert set(read_table(file)) == {"浒山", "掌起"}


def test_a_carrier_is_given_the_countys_names_as_they_sound_and_a_screen_as_they_are_written(
    tmp_path: Path,
) -> None:
    table = Pronunciation(tmp_path / "pronunciation.tsv")
    table.keep("浒山", "xu3 shan1")
    speech = Speech(tmp_path, pronunciation=table)
    script = SpokenScript((Say("浒山的地"), Ask("menu", (Say("浒山", slow=True),))))
    told = speech.voiced(script, carrier=True)
    assert told == SpokenScript((Say("许山的地"), Ask("menu", (Say("许山", slow=True),))))
    assert speech.voiced(script, carrier=False) == script
    links = Links(str, str, {"zh": "Google.cmn-CN-Wavenet-A", "en": "Polly.Joanna"})
    assert render(told, links).count('voice="Google.cmn-CN-Wavenet-A"') == 2
