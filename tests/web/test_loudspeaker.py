"""An alert as a sound file for the village loudspeaker: who may take it, how it sounds, what is on record."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from farmerline.models import AlertState, AuditRow, Role
from farmerline.render import ffmpeg
from farmerline.render.loudspeaker import announce
from farmerline.render.speech import Speech, seconds_of
from farmerline.render.speech.wav import WIDE, read_wav
from tests.factories import COUNTY, SHUIXIANG, YANGGAO
from tests.render.speaking import Babble
from tests.service import Service
from tests.web.issued import issue

SOUND = "/alerts/2026-12/loudspeaker.wav"


def test_the_contact_point_takes_the_sound_of_an_alert_that_holds_and_that_is_on_record(
    service: Service,
) -> None:
    issue(service, [service.person()], voice_text="今天打药。")
    service.runtime.speech.engine = Babble()
    contact = service.client(service.staff(Role.CONTACT, YANGGAO))
    assert 'href="/alerts/2026-12/read#loudspeaker"' in contact.get("/desk/alerts").text
    assert f'href="{SOUND}"' in contact.get("/alerts/2026-12/read").text
    taken = contact.get(SOUND)
    assert taken.headers["Content-Disposition"] == "attachment; filename=alert-2026-12.wav"
    assert seconds_of(taken.data) > 10 and read_wav(taken.data)[1] == WIDE
    with service.rows() as rows:
        assert [row.detail for row in rows.query(AuditRow).filter_by(act="alert.loudspeaker")] == [
            {"kind": "wav"}
        ]


def test_the_announcement_is_as_loud_as_it_says_and_is_said_twice(tmp_path: Path) -> None:
    made = announce("今天打药。看稻丛基部。", Speech(tmp_path, Babble()))
    samples, rate = read_wav(made.wav)
    assert made.loudness == pytest.approx(-16, abs=0.3) and made.peak <= -0.9
    once = (len(samples) - 2 * rate) // 2
    assert samples[:once] == samples[-once:]
    if ffmpeg.find():
        (tmp_path / "said.wav").write_bytes(made.wav)
        heard = ffmpeg.run(["-i", str(tmp_path / "said.wav"), "-af", "ebur128", "-f", "null", "-"])
        told = float(heard[heard.rfind("Summary:") :].split("I:")[1].split("LUFS")[0])
        assert told == pytest.approx(made.loudness, abs=0.3)


def test_nobody_else_takes_it_and_none_of_what_is_over(service: Service) -> None:
    alert = issue(service, [service.person()])
    for other in (
        service.person("陈小梅"),
        service.staff(Role.CONTACT, SHUIXIANG, "马月琴"),
        service.staff(Role.EXPERT, COUNTY, "孙建波"),
    ):
        assert service.client(other).get(SOUND).status_code == 404
        assert "loudspeaker" not in service.client(other).get("/alerts/2026-12/read").text
    assert service.client().get(SOUND).status_code == 303
    publisher = service.client(service.staff(Role.PUBLISHER, COUNTY, "岑秀英"))
    assert publisher.get(SOUND.replace(".wav", ".ogg")).status_code == 404
    assert publisher.get(SOUND.replace("12", "13")).status_code == 404
    for change in (
        {"state": AlertState.CANCELLED},
        {"state": AlertState.RUNNING, "valid_until": service.now - timedelta(1)},
    ):
        with service.write() as rows:
            row = rows.get_one(type(alert), alert.id)
            for name, value in change.items():
                setattr(row, name, value)
        assert publisher.get(SOUND).status_code == 409
        assert "loudspeaker" not in publisher.get("/alerts/2026-12/read").text
