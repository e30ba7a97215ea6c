"""``farmerline voice``: which phrases lack a recording, and an alert's file for the loudspeaker."""

from __future__ import annotations

from pathlib import Path

from channels.voice.sound import hum
from farmerline.config import read_settings
from farmerline.db import Database
from farmerline.demo import county
from tests.cli.test_people_commands import run
from tests.factories import upgrade


def test_phrases_are_listed_by_dialect_with_what_is_missing_and_an_unknown_alert_makes_no_file(
    tmp_path: Path,
) -> None:
    file = county.write_settings(tmp_path / "demo")
    settings = read_settings({"FARMERLINE_SETTINGS": str(file)})
    database = Database(settings.database_url)
    upgrade(database)
    database.close()
    folder = settings.home / "voice"
    (folder / "main").mkdir(parents=True)
    (folder / "dialects.tsv").write_text("main\t普通话\nwest\t西乡话\t330282123\n", "utf-8")
    (folder / "main" / "main-1.wav").write_bytes(hum(1))
    (folder / "main" / "main-2.wav").write_bytes(b"RIFF")
    place = {"FARMERLINE_SETTINGS": str(file)}
    listed = run("voice", "phrases", **place).stdout.splitlines()
    assert listed[0] == "main 普通话" and "west 西乡话 330282123" in listed
    assert [line[0] for line in listed[1:4]] == ["+", "!", "-"]
    missing = run("voice", "phrases", "--missing", **place).stdout.splitlines()
    assert len(missing) == len(listed) - 1
    for number, out in (("2026-99", "a.wav"), ("2026-99", "a.ogg")):
        ended = run("voice", "loudspeaker", number, "--out", str(tmp_path / out), **place)
        assert ended.exit_code != 0 and not (tmp_path / out).exists()
