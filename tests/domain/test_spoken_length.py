"""How long words take to be said: an estimate without a voice, held to the voice where there is one."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from farmerline.domain.seasons import TERMS, sentence, sentences
from farmerline.domain.spoken import seconds_of, spoken
from farmerline.render.speech import Speech, is_voice_installed

voiced = pytest.mark.skipif(not is_voice_installed(), reason="no voice: espeakng-loader is not installed")
ALERTS = [
    (
        "zh",
        (
            "慈溪市植保站橙色情报：早稻二化螟偏重发生，七月五日到九日用药。先到田里看枯心，每百丛有五丛以上就要防治。"
            "选用氯虫苯甲酰胺，收割前七天停药。"
        ),
    ),
    (
        "zh",
        "红色情报。稻飞虱大发生，今天起三天内全部防治。先排水后用药，喷到稻株下部。用吡蚜酮，收割前十四天停用。",
    ),
    (
        "zh",
        "演练。植保站黄色情报2026-Y3号:葡萄霜霉病中等发生,10月5日到9日用药,重点喷叶背,隔7天再看一次,有病叶剪下带走。",
    ),
    (
        "zh",
        "情报作废。前天发的早稻二化螟情报发错了,不要照它做。已经打了药的,收割前停药14天。不清楚的请打电话问。",
    ),
    (
        "en",
        (
            "Orange alert of the plant protection station: striped rice borer is worse than usual. Spray from the fifth to "
            "the ninth of July. Look for dead hearts first: treat where five of a hundred hills have them."
        ),
    ),
]


@voiced
@pytest.mark.parametrize(("language", "text"), ALERTS)
def test_the_length_of_an_alert_is_known_within_a_tenth_before_it_is_spoken(
    tmp_path: Path, language: str, text: str
) -> None:
    real = Speech(tmp_path).seconds(spoken(text, language), language)
    assert real
    assert seconds_of(text, language) == pytest.approx(real, rel=0.1)


@voiced
def test_slow_words_take_longer_by_as_much_as_the_voice_slows_down(tmp_path: Path) -> None:
    text = spoken(ALERTS[0][1])
    real = Speech(tmp_path).seconds(text, slow=True)
    assert real
    assert seconds_of(text, slow=True) == pytest.approx(real, rel=0.1)


@pytest.mark.parametrize("text", ["", " ", "。"])
def test_nothing_takes_no_time(text: str) -> None:
    assert seconds_of(text) == 0


def test_every_term_has_a_sentence_of_at_most_ten_seconds() -> None:
    assert set(sentences()) == set(TERMS.values())
    for chinese, english in sentences().values():
        assert seconds_of(chinese) < 10
        assert seconds_of(english, "en") < 10
        assert len(chinese) < 40


def test_the_sentence_of_the_day_follows_the_calendar() -> None:
    heard = {sentence(date(2026, 1, 1) + timedelta(days=day), "zh") for day in range(365)}
    assert len(heard) == 24
    assert sentence(date(2026, 10, 12), "zh").startswith("寒露")
    assert sentence(date(2026, 10, 12), "en").startswith("Cold")
