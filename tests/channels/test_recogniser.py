"""Recognisers of the operator's own: what they answer is taken for words only where it is words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from channels.contract import Heard, NotHeard
from channels.http.wire import Wire
from channels.voice.recogniser import Command, Places, build
from channels.voice.recogniser import Service as Recogniser
from channels.voice.sound import hum
from farmerline.config.voice import VoiceSettings
from farmerline.errors import Misconfigured
from tests.channels.loop import CLOSE, DRIP, Service, open_service, reply

WAV = hum(1)
DEEP = Places("result.0.text", "result.0.sure")


@pytest.fixture
def service() -> Iterator[Service]:
    with open_service() as made:
        yield made


def taken_for(listen: Callable[[], Heard]) -> Heard | str:
    """What an answer is taken for: words, or why it is none."""
    try:
        return listen()
    except NotHeard as error:
        return error.why


ANSWERS = [
    ("卖 葡萄苗\n2000株\r\n".encode(), Places(), Heard("卖 葡萄苗 2000株")),
    (b'{"result": [{"text": "hi", "sure": 0.7}]}', DEEP, Heard("hi", 0.7)),
    (b'{"result": [{"text": "hi"}]}', DEEP, Heard("hi", 0.0)),  # says nothing of being sure: it is not
    (b'{"result": [{"text": "hi", "sure": 97}]}', DEEP, Heard("hi", 0.0)),
    (b"", Places(), "no words"),
    (b" \n", Places(), "no words"),
    (b'{"result": []}', DEEP, "no words"),
    (b'{"result": [{"text": {"a": 1}}]}', DEEP, "no words"),
    (b"<html>", DEEP, "not JSON"),
    (b"[" * 60_000, DEEP, "not JSON"),
    ("卖".encode("gbk"), Places(), "not UTF-8"),
    (b"sell\x07\x1b[2J", Places(), "control signs"),
    ("卖\u202e葡萄".encode(), Places(), "control signs"),
    (b"sell " * 300, Places(), "too long"),
    (b"x" * 70_000, Places(), "too large"),
]


@pytest.mark.parametrize(("answer", "places", "taken"), ANSWERS, ids=range(len(ANSWERS)))
def test_only_words_are_taken_for_words(answer: bytes, places: Places, taken: Heard | str) -> None:
    assert taken_for(lambda: places.read(answer)) == taken


COMMANDS = [
    # what runs, what it is taken for
    ('wc -c | tr -d " "; printf "%s" "$0"', Heard(f"{len(WAV)} zh")),  # sound on its input, the language last
    ("exit 3", "exit 3"),
    ("exec sleep 20", "too slow"),
    ("sleep 20 & exec sleep 20", "too slow"),
    ("yes 卖", "too large"),
    ("kill -9 $$", "exit -9"),
]


@pytest.mark.parametrize(("runs", "taken"), COMMANDS)
def test_a_command_that_fails_hangs_or_floods_is_no_words(runs: str, taken: Heard | str) -> None:
    began = time.monotonic()
    heard = taken_for(lambda: Command(["sh", "-c", runs], seconds=0.5).hear(WAV, "zh"))
    assert heard == taken
    assert time.monotonic() - began < 5


def test_a_command_may_want_a_file() -> None:
    heard = Command(["sh", "-c", 'cmp -s "$0" - && printf "%s" "$0"', "{file}"]).hear(WAV, "en")
    assert heard.text.endswith(".wav")
    with pytest.raises(NotHeard, match="FileNotFoundError"):
        Command(["/nowhere/listener"]).hear(WAV, "zh")


def test_a_service_gets_the_sound_and_its_answer_is_read(service: Service) -> None:
    service.answer = lambda asked: reply(200, {"result": [{"text": "卖葡萄", "sure": 0.91}]})
    recogniser = Recogniser(f"{service.url}/asr?model=a", "secret", places=DEEP)
    assert recogniser.hear(WAV, "zh") == Heard("卖葡萄", 0.91)
    (asked,) = service.asked
    assert (asked.method, asked.target, asked.body) == ("POST", "/asr?model=a", WAV)
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert (headers["authorization"], headers["content-language"]) == ("Bearer secret", "zh")
    assert "secret" not in repr(recogniser)
    Recogniser(service.url, form_field="file", places=DEEP).hear(WAV, "zh")
    assert WAV in service.asked[1].body and b'name="file"' in service.asked[1].body


FAULTS = [
    (reply(500), True),
    (reply(429), True),
    (reply(401), False),
    (reply(302), False),
    (CLOSE, True),
    (DRIP, True),
]


@pytest.mark.parametrize(("answer", "later"), FAULTS)
def test_a_service_that_is_away_is_asked_later_and_one_that_refuses_is_not(
    service: Service, answer: bytes | str, later: bool
) -> None:
    service.answer = lambda asked: answer
    with pytest.raises(NotHeard) as refused:
        Recogniser(service.url, wire=Wire(connections=1, read=0.5)).hear(WAV, "zh")
    assert refused.value.later is later


SETTINGS: list[tuple[dict[str, Any], bool, str]] = [
    ({"recogniser": "command"}, False, "RECOGNISER_COMMAND is empty"),
    ({"recogniser": "command", "recogniser_command": "sh 'x"}, False, "is not a command"),
    ({"recogniser": "http"}, False, "https:// address"),
    ({"recogniser": "http", "recogniser_url": "http://asr.example.org/a"}, False, "https:// address"),
    ({"recogniser": "http", "recogniser_url": "https://asr.example.org/a"}, True, "on this machine"),
    (
        {"recogniser": "command", "recogniser_command": "x", "recogniser_text": "re:("},
        False,
        "RECOGNISER_TEXT",
    ),
]


@pytest.mark.parametrize(("given", "stays_here", "said"), SETTINGS)
def test_wrong_settings_stop_the_start_with_one_line(
    given: dict[str, Any], stays_here: bool, said: str
) -> None:
    with pytest.raises(Misconfigured, match=said):
        build(VoiceSettings(**given), stays_here=stays_here)


def test_right_settings_make_a_recogniser_or_none() -> None:
    assert build(VoiceSettings(), stays_here=False) is None
    assert build(VoiceSettings(recogniser="carrier"), stays_here=True) is None
    command = build(VoiceSettings(recogniser="command", recogniser_command="asr -f {file}"), stays_here=True)
    assert isinstance(command, Command) and command.words == ["asr", "-f", "{file}"]
    url = "http://127.0.0.1:9/a"
    assert isinstance(
        build(VoiceSettings(recogniser="http", recogniser_url=url), stays_here=True), Recogniser
    )
