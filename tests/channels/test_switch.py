"""The bureau's own switch, as far as it can be tried without Asterisk: what a caller hears, presses and says."""

from __future__ import annotations

from typing import Any

import pytest

from channels.transport import Answer, ProviderHttp, WsgiTransport
from channels.voice.recogniser import Command
from channels.voice.sound import hum
from channels.voice.twilio import TwilioRecordings
from tests.channels.asterisk import Line
from tests.channels.switchboard import ACCOUNT, FARMER, MENU, SERVICE, TOKEN, Bench, bench

__all__ = ["bench"]

TURNS = [
    # what it shows, the document, the keys, what the service is told next
    ("a key cuts the prompt", MENU, "1", {"Digits": "1"}),
    ("silence is an answer", MENU, "--", {"Digits": ""}),
    ("keys up to #", MENU.replace('numDigits="1" ', ""), "123#", {"Digits": "123", "FinishedOnKey": "#"}),
    ("a key in a pause", MENU.replace("<Say", '<Pause length="1"/><Say'), "7", {"Digits": "7"}),
    ("keys of two prompts", MENU.replace('numDigits="1"', 'numDigits="2"'), "12", {"Digits": "12"}),
]


@pytest.mark.parametrize(("_shows", "document", "keys", "told"), TURNS, ids=[turn[0] for turn in TURNS])
def test_keys_reach_the_service_as_twilio_hands_them_on(
    bench: Bench, _shows: str, document: str, keys: str, told: dict[str, str]
) -> None:
    bench.service.documents = {"/hooks/twilio/voice": document, "/menu": "<Hangup/>"}
    line = bench.call(Line(keys))
    assert told.items() <= bench.service.of("/menu").items()
    first = bench.service.posts[0][1]
    assert (first["From"], first["To"], first["Direction"]) == (f"+86{FARMER}", SERVICE, "inbound")
    assert line.asked[0] == "ANSWER" and line.asked[-1].startswith('EXEC "Hangup"')
    assert bench.service.of("/hooks/twilio/voice/status")["CallStatus"] == "completed"


def test_keys_pressed_while_the_service_thinks_are_kept_for_the_next_question(bench: Bench) -> None:
    bench.service.documents = {
        "/hooks/twilio/voice": MENU,
        "/menu": MENU.replace("/menu", "/next"),
        "/next": "",
    }
    line = Line("5", ends="")
    slow = bench.service.send

    def think(method: str, url: str, **rest: Any) -> Answer:
        if url.endswith("/menu"):
            waited = len(line.asked)
            line._said = _pressed_once("1", line._said)  # type: ignore[method-assign]
            while len(line.asked) < waited + 3:
                pass
        return slow(method, url, **rest)

    bench.service.send = think  # type: ignore[method-assign]
    bench.call(line)
    assert bench.service.of("/next")["Digits"] == "1"


def _pressed_once(key: str, usual: Any) -> Any:
    left = [key]

    def said(words: str) -> str:
        if words == 'WAIT FOR DIGIT "20"' and left:
            return f"200 result={ord(left.pop())}"
        return str(usual(words))

    return said


@pytest.mark.parametrize(
    ("prints", "ends", "told"),
    [
        ("printf '卖 葡萄苗'", "", {"SpeechResult": "卖 葡萄苗"}),
        ("printf '卖'", "#", {"SpeechResult": "卖"}),  # "then press hash" is a habit
        ("printf '卖'", "4", {"Digits": "4"}),  # a key in its place
        ("false", "", {"Digits": ""}),  # a recogniser that fails is silence
    ],
)
def test_words_are_an_answer_where_a_recogniser_is_plugged_in(
    bench: Bench, prints: str, ends: str, told: dict[str, str]
) -> None:
    bench.parts.switch.ear = Command(["sh", "-c", prints])
    spoken = MENU.replace('numDigits="1"', 'numDigits="1" input="dtmf speech" language="cmn-Hans-CN"')
    bench.service.documents = {"/hooks/twilio/voice": spoken, "/menu": "<Hangup/>"}
    bench.call(Line("-", spoken=2.0, ends=ends))
    assert told.items() <= bench.service.of("/menu").items()


RECORDED = [
    ("#", 3.0, {"Digits": "#", "RecordingDuration": "3"}),
    ("h", 3.0, {"Digits": "hangup", "RecordingDuration": "3"}),
    ("", 2.0, {"Digits": "", "RecordingDuration": "2"}),
]


@pytest.mark.parametrize(("ends", "seconds", "told"), RECORDED)
def test_what_was_said_is_kept_however_the_recording_ends_and_given_to_the_token_alone(
    bench: Bench, ends: str, seconds: float, told: dict[str, str]
) -> None:
    bench.service.documents = {
        "/hooks/twilio/voice": '<Record action="/said" finishOnKey="#" maxLength="60"/><Hangup/>'
    }
    bench.call(Line(ends=ends, spoken=seconds))
    fields = bench.service.of("/said")
    assert told.items() <= fields.items()
    sid = fields["RecordingSid"]
    there = ProviderHttp(WsgiTransport(bench.parts.app))
    assert TwilioRecordings(there, ACCOUNT, TOKEN).fetch(sid) == hum(seconds)
    for account, token in ((ACCOUNT, "wrong"), ("AC" + "6" * 32, TOKEN)):
        answer = bench.parts.app.test_client().get(
            f"/2010-04-01/Accounts/{account}/Recordings/{sid}.wav", auth=(account, token)
        )
        assert answer.status_code == 401
    assert (
        bench.parts.app.test_client().get(f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}.wav").status_code
        == 401
    )
    assert not list(bench.parts.switch.folder.iterdir()), "Asterisk's own copy is gone"


def test_a_silent_caller_goes_on_with_the_next_verb(bench: Bench) -> None:
    bench.service.documents = {
        "/hooks/twilio/voice": '<Record action="/said"/><Redirect>/again</Redirect>',
        "/again": "",
    }
    bench.call(Line(ends="", spoken=0.0))
    assert [path for path, _ in bench.service.posts][1] == "/again"


@pytest.mark.parametrize(
    ("document", "cause", "status"),
    [('<Reject reason="busy"/>', '"17"', "busy"), ("<Reject/>", '"21"', "no-answer")],
)
def test_a_refused_call_is_never_answered(bench: Bench, document: str, cause: str, status: str) -> None:
    bench.service.documents = {"/hooks/twilio/voice": document}
    line = bench.call(Line())
    assert line.asked == [f'EXEC "Hangup" {cause}']
    assert bench.service.of("/hooks/twilio/voice/status")["CallStatus"] == status


def test_play_redirect_and_pause_are_heard_in_order(bench: Bench) -> None:
    bench.service.documents = {
        "/hooks/twilio/voice": '<Play>/kept.wav</Play><Pause length="1"/><Redirect>/next</Redirect>',
        "/next": "<Say>好。</Say>",
    }
    line = bench.call(Line())
    kinds = [verb for verb in line.verbs if not verb.startswith("WAIT")]
    assert kinds == ["ANSWER", "STREAM FILE", "STREAM FILE", "EXEC"]


def test_a_service_that_fails_is_asked_at_its_fallback_then_an_apology_is_said(bench: Bench) -> None:
    bench.service.documents = {
        "/hooks/twilio/voice": "fail",
        "/hooks/twilio/voice/fallback": "<Say>对不起。</Say>",
    }
    assert bench.call(Line()).verbs.count("STREAM FILE") == 1
    bench.service.documents["/hooks/twilio/voice/fallback"] = "fail"
    assert bench.call(Line()).verbs.count("STREAM FILE") == 1, "the apology"


def test_no_address_but_the_services_own_is_ever_asked(bench: Bench) -> None:
    bench.service.documents = {"/hooks/twilio/voice": "<Redirect>https://elsewhere.example/x</Redirect>"}
    bench.call(Line())
    assert {path for path, _ in bench.service.posts} <= {
        "/hooks/twilio/voice",
        "/hooks/twilio/voice/fallback",
        "/hooks/twilio/voice/status",
    }


DIALS = [
    # DIALSTATUS, key at the screen ("" none asked), Twilio's word, whether the two could talk
    ("ANSWER", "", "completed", "true"),
    ("BUSY", "", "busy", "false"),
    ("NOANSWER", "", "no-answer", "false"),
    ("CHANUNAVAIL", "", "failed", "false"),
    ("CANCEL", "", "canceled", "false"),
    ("ANSWER", "1", "completed", "true"),
    ("ANSWER", "2", "completed", "false"),
    ("ANSWER", "h", "completed", "false"),
]


@pytest.mark.parametrize(("status", "key", "told", "talked"), DIALS)
def test_another_phone_is_rung_asked_and_joined(
    bench: Bench, status: str, key: str, told: str, talked: str
) -> None:
    screen = ' url="/screen"' if key else ""
    bench.service.documents = {
        "/hooks/twilio/voice": f'<Dial action="/after" timeout="20"><Number{screen}>+8613900000099</Number></Dial>',
        "/screen": MENU.replace("/menu", "/key"),
        "/key": "<Hangup/>" if key == "2" else "",
    }

    def ask(words: str) -> None:
        if key:
            token = words.split("farmerline-screen^")[1].split(")")[0]
            other = Line(key, facts={"network_script": "screen", "arg_1": token})
            other.run(bench.parts.switch.serve)
            assert ("GOSUB_RESULT" in "".join(other.asked)) is (key == "2")

    line = bench.call(Line(dialstatus=status, during_dial=ask))
    (dialling,) = [words for words in line.asked if words.startswith('EXEC "Dial"')]
    assert "PJSIP/13900000099@trunk,20,g" in dialling
    fields = bench.service.of("/after")
    assert (fields["DialCallStatus"], fields["DialBridged"]) == (told, talked)


def test_a_screen_that_nobody_asked_for_joins_nobody(bench: Bench) -> None:
    line = Line(facts={"network_script": "screen", "arg_1": "made-up"})
    line.run(bench.parts.switch.serve)
    assert line.asked == ['SET VARIABLE "GOSUB_RESULT" "CONTINUE"']


def test_more_callers_than_the_switch_holds_hear_that_it_is_busy(bench: Bench) -> None:
    for _ in range(4):
        bench.parts.switch._room.acquire()
    assert bench.call(Line()).asked == ['EXEC "Hangup" "17"'] and not bench.rows
