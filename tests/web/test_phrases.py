"""The line in the county's own voice: recordings of phrases, and how its names are read; heard by callers, on record."""

from __future__ import annotations

from array import array
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from channels.simulator import caller
from farmerline.errors import Invalid
from farmerline.models import AuditRow, Role
from farmerline.render import ffmpeg
from farmerline.render.speech.loudness import loudness, peak
from farmerline.render.speech.recordings import Dialect, Recordings
from farmerline.render.speech.takes import accept
from farmerline.render.speech.wav import FULL, TELEPHONE, make_wav, read_wav, seconds_of
from farmerline.words import say
from tests.factories import COUNTY, SHUIXIANG, YANGGAO, phone
from tests.render.speaking import Babble, spoken_like
from tests.service import Service, mark

START = "/publish/phrases"
SELL = f"{START}/main/main-1"
"""The phrase 要卖东西请按1, about three seconds long."""


def wav(
    seconds: float = 2.5, level: float = 0.2, *, before: float = 0.0, after: float = 0.0, rate: int = 16000
) -> bytes:
    return make_wav(spoken_like(seconds, level, before=before, after=after, rate=rate), rate)


def send(browser: FlaskClient, address: str, sound: bytes) -> TestResponse:
    fields = {"act": "keep", "csrf_token": mark(browser, address), "sound": (BytesIO(sound), "said.wav")}
    return browser.post(address, data=fields, content_type="multipart/form-data")


def test_a_recording_is_heard_by_callers_in_place_of_the_voice_and_can_be_taken_back(
    service: Service,
) -> None:
    """M03: the first menu in the words of a person of the county."""
    browser = service.client(service.staff(Role.PUBLISHER))
    assert "还差" in browser.get(START).text and "要卖东西请按1" in browser.get(SELL).text
    kept = send(browser, SELL, wav(before=1.0, after=0.8))
    assert (kept.status_code, kept.location) == (303, f"{START}/main/main-2")
    page = browser.get(SELL)
    assert "来电听到您的录音" in page.text
    played = browser.get(f"{SELL}.wav").data
    assert read_wav(played)[1] == TELEPHONE and seconds_of(played) == pytest.approx(2.8, abs=0.15)
    service.runtime.speech.engine = Babble()
    simulator = service.runtime.simulator
    assert simulator is not None and service.app
    number = phone()

    def heard() -> list[float]:
        told = caller.play(simulator.exchange, number, "", "", "")
        return [line.seconds for line in told.lines if line.what == "play"]

    assert heard() == [pytest.approx(seconds_of(played), abs=0.1)]
    assert send(browser, SELL, wav(3.5)).status_code == 303
    assert heard() == [pytest.approx(3.5, abs=0.15)]
    assert service.post(browser, SELL, act="put_back").status_code == 303
    assert heard() == [pytest.approx(seconds_of(played), abs=0.1)]
    assert service.post(browser, SELL, act="remove").status_code == 303
    assert heard() == []
    assert service.post(browser, SELL, act="remove").status_code == 409
    with service.rows() as rows:
        acts = [
            row.act
            for row in rows.query(AuditRow).filter(AuditRow.act.like("voice.%")).order_by(AuditRow.number)
        ]
    assert acts == ["voice.keep", "voice.keep", "voice.put_back", "voice.remove"]


@pytest.mark.parametrize(
    ("sound", "said"),
    [
        (wav(level=0.006), "声音太小"),
        (make_wav(array("h", bytes(32000)), 16000), "里面没有声音"),
        (make_wav(array("h", (max(-32767, min(32767, one * 9)) for one in spoken_like(2.5, 0.3))), 16000), "声音爆了"),
        (wav(12.0), "大约只要"),
        (wav(0.4), "没念完"),
        (b"RIFFnothing", "读不了"),
        (b"", "请先录音"),
        (b"\x1aE\xdf\xa3" + bytes(500), "读不了" if ffmpeg.find() else "请用WAV"),
    ],
    ids=["quiet", "silent", "clipped", "long", "short", "broken", "none", "another kind"],
)  # fmt: skip
def test_a_bad_recording_is_refused_with_what_to_do(service: Service, sound: bytes, said: str) -> None:
    browser = service.client(service.staff(Role.PUBLISHER))
    answer = send(browser, SELL, sound)
    assert answer.status_code == 422 and said in answer.text
    assert browser.get(f"{SELL}.wav").status_code == 404


@pytest.mark.skipif(ffmpeg.find() is None, reason="no ffmpeg")
def test_what_a_telephone_recorded_is_taken_too(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav(2.5, 0.1))
    ffmpeg.run(["-i", str(tmp_path / "a.wav"), "-c:a", "libopus", str(tmp_path / "a.webm")])
    take = accept((tmp_path / "a.webm").read_bytes(), 3.0)
    assert take.seconds == pytest.approx(2.6, abs=0.25) and take.loudness == pytest.approx(-18, abs=0.5)


def test_recordings_are_brought_to_the_loudness_of_the_voice() -> None:
    for level in (0.03, 0.2, 0.6):
        samples, rate = read_wav(accept(wav(level=level), 3.0).wav)
        assert (
            loudness(samples, rate) == pytest.approx(-18, abs=0.5)
            and peak(samples) <= -0.9
            and max(samples) < FULL
        )
    with pytest.raises(Invalid):
        accept(wav(70), 60)


def test_a_dialect_is_heard_where_it_is_spoken_and_missing_phrases_fall_back(tmp_path: Path) -> None:
    phrases = {"sell": "要卖东西请按1。", "buy": "要买东西请按2。"}
    recordings = Recordings(tmp_path, phrases)
    assert recordings.find(phrases["sell"]) is None
    recordings.keep("main", "sell", wav(rate=TELEPHONE))
    recordings.add(Dialect("shuixiang", "水乡话", SHUIXIANG[:9]))
    recordings.keep("shuixiang", "sell", wav(1.0, rate=TELEPHONE))
    assert recordings.find(phrases["sell"], YANGGAO) == "phrase:main:sell"
    assert recordings.find(phrases["sell"], SHUIXIANG) == "phrase:shuixiang:sell"
    assert recordings.find(phrases["buy"], SHUIXIANG) is None
    assert Recordings(tmp_path, {"sell": "卖东西请按1。"}).state("main", "sell") == "outdated"
    (tmp_path / "main" / "buy.wav").write_bytes(b"RIFF")
    assert recordings.state("main", "buy") == "unplayable" and recordings.find(phrases["buy"]) is None
    for wrong in ("main", "../x", "Main", "removed", ""):
        with pytest.raises(ValueError):
            recordings.add(Dialect(wrong))
    for wrong in ("phrase:main:../../x", "phrase:none:sell", "r1", "phrase:"):
        assert recordings.get(wrong) is None
    with pytest.raises(LookupError):
        recordings.keep("main", "../../x", b"")


def test_a_publisher_adds_a_dialect_and_a_reading(service: Service) -> None:
    browser = service.client(service.staff(Role.PUBLISHER))
    added = service.post(browser, START, name="水乡话", code="shuixiang", area_code=SHUIXIANG)
    assert added.status_code == 303 and "水乡话" in browser.get(added.location).text
    assert service.post(browser, START, name="x", code="Ä", area_code="").status_code == 422
    assert service.post(browser, START, name="x", code="y", area_code="990000").status_code in (404, 422)
    page = "/publish/readings"
    assert service.post(browser, page, word="浒山", pinyin="xu3 shan1").status_code == 303
    assert "xu3 shan1" in browser.get(page).text
    assert service.runtime.speech.pronunciation.apply("浒山街道") != "浒山街道"
    wrong = service.post(browser, page, word="浒山", pinyin="xu3")
    assert wrong.status_code == 422 and 'value="xu3"' in wrong.text
    assert service.post(browser, page, remove="浒山").status_code == 303
    assert service.runtime.speech.pronunciation.apply("浒山街道") == "浒山街道"
    assert service.post(browser, page, remove="浒山").status_code == 409


@pytest.mark.parametrize("role", [Role.CONTACT, Role.OFFICER, Role.ADMIN, None])
def test_others_do_not_come_in(service: Service, role: Role | None) -> None:
    browser = service.client(service.staff(role) if role else service.person())
    for address in (START, SELL, f"{SELL}.wav", "/publish/readings", "/publish/readings/sound.wav?word=x"):
        assert browser.get(address).status_code == 404
    for address in (START, SELL, "/publish/readings"):
        assert service.post(browser, address, page="/me", act="remove").status_code == 404


def test_a_publisher_of_a_village_changes_nothing_that_all_callers_hear(service: Service) -> None:
    browser = service.client(service.staff(Role.PUBLISHER, YANGGAO))
    assert send(browser, SELL, wav()).status_code == 404
    assert service.post(browser, "/publish/readings", word="浒山", pinyin="xu3 shan1").status_code == 404
    assert (
        browser.get(f"{START}/main/none").status_code == 404
        and browser.get(f"{START}/none/main-1").status_code == 404
    )
    assert service.runtime.speech.recordings.find(say("zh", "To sell press 1."), COUNTY) is None
