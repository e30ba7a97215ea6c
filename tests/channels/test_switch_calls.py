"""The bureau's own switch, as far as it can be tried without Asterisk: calls that the service places, and how they end."""

from __future__ import annotations

import socket
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest

from channels.contract import Reason, SendError
from channels.switch.ami import Away, Manager
from channels.switch.causes import dialled, ending
from channels.switch.trunk import Trunk, national
from channels.voice.twilio import TwilioVoice
from farmerline.messages import Channel, Outgoing
from tests.channels.asterisk import Line
from tests.channels.switchboard import FARMER, HOOK, SERVICE, Bench, Switchboard, bench, client

__all__ = ["bench"]


def placed(bench: Bench) -> str:
    voice = TwilioVoice(client(bench), SERVICE, HOOK)
    return voice.send(Outgoing("d" * 32, Channel.VOICE, f"+86{FARMER}", "情报"))


def event(bench: Bench, sid: str, kind: str, **fields: str) -> None:
    named = {"ActionID": sid} if kind == "OriginateResponse" else {"Uniqueid": sid}
    bench.parts.switch.heard({"Event": kind, **named, **fields})


ENDINGS = [
    ({"Cause": "17", "TechCause": "486"}, "4", "busy", "486"),
    ({"Cause": "19"}, "3", "no-answer", None),
    ({"Cause": "20", "TechCause": "480"}, "1", "failed", "480"),
    ({"Cause": "1", "TechCause": "404"}, "0", "failed", "404"),
    ({"Cause": "21", "TechCause": "603"}, "5", "busy", "603"),
    ({"Cause": "34"}, "8", "failed", "503"),
]


@pytest.mark.parametrize(("hung", "reason", "status", "sip"), ENDINGS)
def test_a_call_that_nobody_took_ends_with_twilios_word(
    bench: Bench, hung: dict[str, str], reason: str, status: str, sip: str | None
) -> None:
    sid = placed(bench)
    assert bench.placed[0]["words"][1] == f"PJSIP/{FARMER}@trunk"
    event(bench, sid, "Newstate", ChannelStateDesc="Ringing")
    until = monotonic() + 5
    while not bench.service.posts and monotonic() < until:
        sleep(0.005)
    event(bench, sid, "OriginateResponse", Response="Failure", Reason=reason)
    event(bench, sid, "Hangup", **hung)
    bench.parts.switch._pool.shutdown(wait=True)
    told = [fields for path, fields in bench.service.posts if "/status" in path]
    assert [fields["CallStatus"] for fields in told] == ["ringing", status]
    assert told[-1].get("SipResponseCode") == sip
    assert client(bench).calls(sid).fetch().status == status


def test_a_call_that_is_answered_runs_and_its_length_is_told(bench: Bench) -> None:
    bench.service.documents = {f"/hooks/twilio/voice/outbound?delivery={'d' * 32}": "<Say>情报。</Say>"}
    sid = placed(bench)
    event(bench, sid, "Newstate", ChannelStateDesc="Ringing")
    line = Line(facts={"network_script": "out", "uniqueid": sid, "channel": "PJSIP/trunk-1"})
    line.run(bench.parts.switch.serve)
    bench.parts.switch._pool.shutdown(wait=True)
    assert {fields["CallStatus"] for path, fields in bench.service.posts if "/status" in path} >= {
        "completed",
        "in-progress",
    }
    listening = bench.placed[1]
    assert listening["words"][1] == "Local/listen@farmerline-machine/n"
    assert listening["variables"]["__FARMERLINE_CHANNEL"] == "PJSIP/trunk-1"


@pytest.mark.parametrize(
    ("status", "cause", "told"),
    [
        ("HUMAN", "HUMAN", "human"),
        ("MACHINE", "LONGGREETING", "machine_start"),
        ("MACHINE", "INITIALSILENCE", "unknown"),  # somebody who listens
        ("NOTSURE", "TOOLONG", "unknown"),
    ],
)
def test_a_machine_is_told_and_somebody_who_only_listens_is_none(
    bench: Bench, status: str, cause: str, told: str
) -> None:
    sid = placed(bench)
    line = Line(facts={"network_script": "machine", "arg_1": sid, "arg_2": status, "arg_3": cause})
    line.run(bench.parts.switch.serve)
    path = f"/hooks/twilio/voice/amd?delivery={'d' * 32}"
    assert bench.service.of(path)["AnsweredBy"] == told


def test_a_call_that_waits_can_be_taken_back(bench: Bench) -> None:
    board = Switchboard(bench.placed, ended=lambda sid: bench.parts.switch._unanswered(sid, False))
    bench.parts.switch.manager = board  # type: ignore[assignment]
    sid = placed(bench)
    event(bench, sid, "Hangup", Cause="16")  # what the network says comes at once
    assert client(bench).calls(sid).update(status="canceled").status == "canceled"
    assert bench.placed[-1] == {"end": (sid,)}
    late = Line(facts={"network_script": "out", "uniqueid": sid})
    late.run(bench.parts.switch.serve)
    assert late.asked == ['EXEC "Hangup" "16"'], "answered in the same moment: nothing is said"


def test_without_asterisk_a_call_is_refused_as_for_now(bench: Bench) -> None:
    bench.parts.switch.manager = Switchboard([], there=False)  # type: ignore[assignment]
    with pytest.raises(SendError) as refused:
        placed(bench)
    assert refused.value.reason is Reason.UNAVAILABLE


def test_calls_that_a_former_process_took_with_it_are_over(bench: Bench) -> None:
    sid = placed(bench)
    bench.parts.switch.end_lost()
    assert client(bench).calls(sid).fetch().status == "failed"


@pytest.mark.parametrize(
    ("number", "dialled_as"),
    [
        ("+8613900000021", "13900000021"), ("+8657463000001", "057463000001"), ("+861088886666", "01088886666"),
        ("+8612316", "12316"), ("12316", "12316"), ("+85223456789", "0085223456789"),
    ],
)  # fmt: skip
def test_numbers_are_dialled_as_in_china(number: str, dialled_as: str) -> None:
    assert national(number) == dialled_as
    assert Trunk("PJSIP/{e164}@t", "").channel(number) == f"PJSIP/{number}@t"


def test_what_the_network_said_goes_before_the_cause() -> None:
    assert ending(17, "480").status == "failed" and ending(0).status == "failed"
    assert ending(16, rang_out=True).status == "no-answer"
    assert dialled("SOMETHING NEW") == "failed"


def test_a_line_end_never_gets_into_a_command() -> None:
    with Line().open() as leg, pytest.raises(ValueError):
        leg.put("CALLERID(num)", '1"\nEXEC System "x')
    manager = Manager(("127.0.0.1", 1), "s", heard=lambda event: None)
    with pytest.raises(ValueError):
        manager.hang_up("x\r\nAction: Originate")


def test_the_manager_signs_in_hears_events_and_is_away_when_the_line_is() -> None:
    heard: list[Any] = []
    server = socket.create_server(("127.0.0.1", 0))
    manager = Manager(server.getsockname(), "secret", heard=heard.append)
    Thread(target=_ami, args=(server,), daemon=True).start()
    manager.start()
    try:
        assert manager.is_there(5)
        manager.originate("CA1", "PJSIP/1@trunk", "farmerline-out", caller="2169", seconds=20)
        until = monotonic() + 5
        while len(heard) < 2 and monotonic() < until:
            sleep(0.01)
        assert [one["Event"] for one in heard] == ["Hangup", "Refused"]
        assert heard[1]["ActionID"] == "CA1"
    finally:
        manager.stop()
        server.close()
    with pytest.raises(Away):
        manager.hang_up("CA1")


def _ami(server: socket.socket) -> None:
    line, _ = server.accept()
    with line, line.makefile("rb") as reader:
        line.sendall(b"Asterisk Call Manager/9.0.0\r\n")
        login = _block(reader)
        assert login["Secret"] == "secret"
        line.sendall(b"Response: Success\r\nActionID: login\r\n\r\nEvent: Hangup\r\nUniqueid: CA0\r\n\r\n")
        asked = _block(reader)
        assert (asked["Channel"], asked["Timeout"], asked["CallerID"]) == ("PJSIP/1@trunk", "20000", "<2169>")
        line.sendall(b"Response: Error\r\nActionID: CA1\r\n\r\n")
        reader.read()


def _block(reader: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    while words := reader.readline().decode().strip():
        name, _, value = words.partition(": ")
        found[name] = value
    return found
