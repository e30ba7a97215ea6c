"""What is rendered is checked against the twilio package's own classes; what is run follows Twilio's rules."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from twilio.twiml import voice_response
from twilio.twiml.voice_response import VoiceResponse

from channels.voice.program import APOLOGY, CallError, Connect, Joined, Sound
from channels.voice.runner import Awaits, Runner
from channels.voice.twiml import SAY_LIMIT, Links, cut, render
from farmerline.messages import Ask, HangUp, PlayRecording, Record, Say, SpokenScript, SpokenStep, Transfer

LINKS = Links(
    lambda step: f"https://line.example/turn?step={quote(step)}&x=1",
    lambda kept: f"https://line.example/r/{kept}",
)


@cache
def children(verb: type) -> dict[str, tuple[type, set[str]]]:
    """Verbs that may stand inside a verb, with their attributes, read from the package's methods."""
    found = {}
    for _, method in inspect.getmembers(verb, inspect.isfunction):
        made = re.search(r"self\.nest\(\s*(\w+)\(", inspect.getsource(method))
        if made is None or method.__qualname__.split(".")[0] != verb.__name__:
            continue
        inner = getattr(voice_response, made.group(1))
        wanted = [
            p
            for p in list(inspect.signature(inner).parameters.values())
            if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD
        ]
        tag = (inner("x") if wanted else inner()).name
        names = {
            re.sub(r"_(.)", lambda sign: sign.group(1).upper(), name.rstrip("_"))
            for name in inspect.signature(method).parameters
        }
        found[tag] = (inner, names)
    return found


def faults(markup: str) -> list[str]:
    root = fromstring(markup)
    found = [] if root.tag == "Response" else [f"root is {root.tag}"]

    def walk(element: Element, verb: type) -> None:
        for inner in element:
            if inner.tag not in children(verb):
                found.append(f"{inner.tag} in {element.tag}")
                continue
            kind, names = children(verb)[inner.tag]
            found.extend(f"{inner.tag} {name}" for name in inner.attrib if name not in names)
            if inner.tag == "Say" and len(quote("".join(inner.itertext()))) > 4500:
                found.append("Say is too long")
            walk(inner, kind)

    walk(root, VoiceResponse)
    return found


def test_the_check_itself_finds_faults() -> None:
    assert faults("<Response><Say>x</Say></Response>") == []
    assert faults("<Response><say>x</say></Response>") == ["say in Response"]
    assert faults('<Response><Gather numdigits="1"><Record/></Gather></Response>') == [
        "Gather numdigits",
        "Record in Gather",
    ]


SCRIPTS: list[tuple[SpokenStep, ...]] = [
    (),
    (Say("您好"), Ask("menu", (Say("卖请按1"), PlayRecording("r1")))),
    (Say("杨永根", slow=True), Say("13800000001", slow=True), HangUp()),
    (Say("请说"), Record("spoken", 60, 4)),
    (Say("请稍等"), Transfer("+8613800000009", "after")),
    (Transfer("+8613800000009", "after", screen="ask:1", shown="+8657400002169"),),
    (Ask("pin", (Say("请按密码，按井号结束"),), count=0, seconds=10),),
    (Ask("said:sell", (Say("请说"),), speech=True),),
    (Say("稻" * 2000), Ask("a&b", (Say("长。" * 800),))),
    (Say("]]></Say><Dial>110</Dial> & \"'\0\x07\ud800🍇"),),
]


@pytest.mark.parametrize("steps", SCRIPTS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_script_becomes_a_document_the_package_knows(steps: tuple[SpokenStep, ...], language: str) -> None:
    assert faults(render(SpokenScript(steps, language), LINKS)) == []


def test_a_farmers_words_never_become_markup() -> None:
    """I-07."""
    root = fromstring(render(SpokenScript(SCRIPTS[-1]), LINKS))
    assert [element.tag for element in root.iter()] == ["Response", "Say"]


@pytest.mark.parametrize(
    "said", ["", "110", "+86138<Number>", "sip:a@b", "+86138 0000", "＋8613800000009", "+8613800000009\n"]
)
def test_only_a_number_is_dialled(said: str) -> None:
    with pytest.raises(ValueError, match="is dialled"):
        Transfer(said, "after")


def test_prompts_before_a_question_can_be_cut_short_by_a_key() -> None:
    root = fromstring(render(SpokenScript(SCRIPTS[1]), LINKS))
    (gather,) = root
    assert [(inner.tag, inner.text) for inner in gather] == [
        ("Say", "您好"), ("Say", "卖请按1"), ("Play", "https://line.example/r/r1"),
    ]  # fmt: skip
    wanted = {
        "input": "dtmf",
        "numDigits": "1",
        "finishOnKey": "#",
        "timeout": "6",
        "actionOnEmptyResult": "true",
    }
    assert wanted.items() <= gather.attrib.items()


@pytest.mark.parametrize(("language", "code"), [("zh", "cmn-Hans-CN"), ("en", "en-US")])
def test_a_question_that_listens_names_its_language_and_leaves_the_model_to_the_carrier(
    language: str, code: str
) -> None:
    script = SpokenScript((Ask("said:sell", (Say("Speak."),), speech=True),), language)
    gather = fromstring(render(script, LINKS))[0].attrib
    assert (gather["input"], gather["language"], gather["speechTimeout"]) == ("dtmf speech", code, "3")
    assert "speechModel" not in gather
    plain = fromstring(render(SpokenScript((Ask("menu"),)), LINKS))[0].attrib
    assert plain["input"] == "dtmf" and "speechTimeout" not in plain and "language" not in plain


def test_a_recording_always_has_its_end() -> None:
    record = fromstring(render(SpokenScript(SCRIPTS[3]), LINKS)).find("Record")
    assert record is not None
    assert (record.get("finishOnKey"), record.get("maxLength"), record.get("timeout")) == ("#", "60", "4")


@pytest.mark.parametrize(("language", "code"), [("zh", "cmn-CN"), ("en", "en-US"), ("xx", "cmn-CN")])
def test_words_are_spoken_in_their_language(language: str, code: str) -> None:
    say = fromstring(render(SpokenScript((Say("x"),), language), LINKS)).find("Say")
    assert say is not None
    assert say.get("language") == code


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("", []),
        ("好" * SAY_LIMIT, [SAY_LIMIT]),
        ("好" * (SAY_LIMIT + 1), [SAY_LIMIT, 1]),
        ("好" * 300 + "。" + "坏" * 300, [301, 300]),
        ("好" * 300 + "，" + "坏" * 300, [301, 300]),
        ("价3.5元" * 200, [450, 450, 100]),
    ],
)
def test_long_words_are_cut_where_a_sentence_ends(text: str, lengths: list[int]) -> None:
    pieces = cut(text)
    assert [len(piece) for piece in pieces] == lengths
    assert "".join(pieces) == text


class Quiet:
    """A network with sounds of one second that keeps recordings nowhere."""

    def sound(self, sound: Sound) -> tuple[float, str]:
        return 1.0, ""

    def keep(self, wav: bytes, seconds: int) -> tuple[str, str]:
        return "RE1", "https://line.example/RE1"

    def join(self, command: Connect) -> Joined:
        return Joined("completed" if command.number == "1" else "busy", 5)


class Web:
    """Documents by address, and what was asked for."""

    def __init__(self, pages: Mapping[str, str]) -> None:
        self.pages = pages
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, method: str, url: str, fields: Mapping[str, str]) -> str:
        self.asked.append((url.removeprefix("https://h/"), dict(fields)))
        name = url.removeprefix("https://h/")
        if name not in self.pages:
            raise CallError(11200, "404")
        page = self.pages[name]
        return page if page.startswith("<?") else f"<Response>{page}</Response>"


def call(fallback: str = "", **pages: str) -> tuple[Runner, Web]:
    web = Web(pages)
    runner = Runner(web, "https://h/a", Quiet(), fallback=fallback)
    runner.start()
    return runner, web


def words(runner: Runner) -> list[str]:
    return [line.text for line in runner.lines if line.kind == "say"]


def test_without_an_answer_the_document_goes_on_after_a_gather() -> None:
    runner, web = call(
        a='<Gather action="/b"><Say>one</Say></Gather><Say>two</Say><Redirect>/c</Redirect>',
        c="<Say>three</Say>",
    )
    assert words(runner) == ["one"]
    runner.wait(30)
    assert words(runner) == ["one", "two", "three"]
    assert [page for page, _ in web.asked] == ["a", "c"]
    assert runner.awaits is Awaits.NOTHING


def test_a_gather_sends_the_digits_and_the_key_that_ended_them() -> None:
    runner, web = call(a='<Gather action="b" finishOnKey="*"/>', b="<Hangup/>")
    runner.press("12#*")
    assert web.asked[-1] == ("b", {"Digits": "12#", "FinishedOnKey": "*", "msg": "Gather End"})


def test_time_in_a_call_is_the_sounds_and_the_silences() -> None:
    runner, _ = call(
        a='<Say>one</Say><Pause length="4"/><Play>x.wav</Play><Gather timeout="3"><Say>two</Say></Gather>'
    )
    runner.wait(2)
    runner.wait(60)
    assert runner.seconds == 1 + 4 + 1 + 1 + 3


def test_any_key_ends_a_recording_that_names_none_and_the_length_is_kept() -> None:
    runner, web = call(a='<Record action="b" maxLength="9"/>', b="<Say>kept</Say>")
    runner.speak(b"", seconds=4)
    runner.press("7")
    assert web.asked[-1] == (
        "b",
        {
            "RecordingSid": "RE1",
            "RecordingUrl": "https://line.example/RE1",
            "RecordingDuration": "4",
            "Digits": "7",
        },
    )


def test_silence_after_speaking_ends_a_recording() -> None:
    runner, web = call(a='<Record action="b" timeout="2"/>', b="<Say>kept</Say>")
    runner.speak(b"", seconds=4)
    runner.wait(1)
    assert runner.awaits is Awaits.SPEECH
    runner.wait(1)
    assert web.asked[-1][1]["Digits"] == ""


@pytest.mark.parametrize(("number", "status"), [("1", "completed"), ("<Number>2</Number>", "busy")])
def test_a_dial_tells_how_it_went(number: str, status: str) -> None:
    _, web = call(a=f'<Dial action="b">{number}</Dial>', b="")
    assert web.asked[-1][1]["DialCallStatus"] == status


@pytest.mark.parametrize("reason", ["rejected", "busy"])
def test_a_refused_call_is_a_tone(reason: str) -> None:
    runner, _ = call(a=f'<Reject reason="{reason}"/><Say>never</Say>')
    assert (runner.refused, words(runner)) == (reason, [])


BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Response><Say>&b;</Say></Response>'
THIEF = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Response><Say>&a;</Say></Response>'


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (BOMB, 12100),
        (THIEF, 12100),
        ('<?xml version="1.0"?><!DOCTYPE Response><Response/>', 12100),
        ("<?xml not", 12100),
        ('<?xml version="1.0"?><Antwort/>', 12200),
        ("<Dance/>", 12200),
        ('<Pause length="soon"/>', 12200),
        ("<Gather><Record/></Gather>", 12200),
        ("<Redirect>/absent</Redirect>", 11200),
        ("<Redirect>/a</Redirect>", 11200),
    ],
)
def test_a_document_that_cannot_be_followed_ends_in_an_apology(page: str, code: int) -> None:
    runner, _ = call(a=page)
    assert words(runner) == [APOLOGY]
    assert runner.error
    assert runner.error.code == code
    assert runner.awaits is Awaits.NOTHING


def test_documents_that_lead_in_a_circle_are_left_soon() -> None:
    _, web = call(a="<Redirect>/b</Redirect>", b="<Redirect>/a</Redirect>")
    assert len(web.asked) < 40


def test_after_an_empty_recording_the_document_goes_on() -> None:
    runner, web = call(a='<Record action="b"/><Say>nothing heard</Say>')
    runner.press("#")
    assert words(runner) == ["nothing heard"]
    assert [page for page, _ in web.asked] == ["a"]


def test_a_fallback_is_asked_once() -> None:
    runner, _ = call(fallback="https://h/f", a="<Dance/>", f="<Say>sorry</Say>")
    assert words(runner) == ["sorry"]
    runner, _ = call(fallback="https://h/f", a="<Dance/>", f="<Dance/>")
    assert words(runner) == [APOLOGY]


def test_acts_after_the_end_change_nothing() -> None:
    runner, _ = call(a="<Say>bye</Say>")
    for act in (
        lambda: runner.press("1"),
        lambda: runner.wait(9),
        lambda: runner.speak(b"", 2),
        runner.hang_up,
    ):
        assert act() == []
