"""Whatever people are called or write, in every state of a call: the document parses and holds the verbs that it should."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from channels.voice.links import SignedLinks
from channels.voice.twiml import Links, render
from farmerline.domain import mailbox, pins
from farmerline.messages import (
    Ask,
    HangUp,
    PlayRecording,
    Record,
    Refuse,
    Say,
    SpokenScript,
    SpokenStep,
    Transfer,
)
from tests.channels.test_twiml import LINKS as TURNS
from tests.channels.test_twiml import faults
from tests.domain.alerting import Bureau
from tests.domain.ringing import Switchboard
from tests.domain.talking import SEEDLINGS, WANTED, Line, Village
from tests.factories import NOW

LINKS = Links(TURNS.turn, lambda kept: SignedLinks("secret", "https://line.example").make(kept, NOW))
PIN = "738264#"
_BAD = (
    "</Say><Dial>+8611000000</Dial><Say>", "]]></Say><Hangup/>", "<![CDATA[<Dial>110</Dial>]]>", "<!-- ", "-->", "<?xml?>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>", "&a;", "&amp;", "&#0;", "&#x1F;", "<", ">", "\"'", "' verb='Dial", "\0", "\x07", "\x1b[2J",
    "\ud800", "\udfff", "\ufffe", "\uffff", "\u202e", "\u200b", "\u2028", "\r\n", "\t", "🍇", "𠮷", "é\u0301", "％", "＜Dial＞",
    "<break time='9999s'/>", "<prosody rate='x-fast'>", "{{7*7}}", "{name}", "%s%n", "$(reboot)", "`id`", "'; DROP TABLE call; --",
    "../../etc/passwd", "file:///etc/passwd", "https://evil.example/?a=1&b=2", "+8613800000001", "1" * 40, "*#0", "稻" * 900,
    "。" * 500, "a" * 5000, "长句，" * 300, " ", "", "\n\n",
)  # fmt: skip


def payloads(count: int = 500) -> list[str]:
    """The bad words one by one, then three of them at a time; always the same."""
    chance, short = random.Random(1), [words for words in _BAD if len(words) < 100]
    more = ("".join(chance.choices(short, k=3)) for _ in range(count - len(_BAD)))
    return [*_BAD, *more]


class Heard(Line):
    """A call whose every script is kept."""

    scripts: list[SpokenScript]

    def _turn(self, **values: object) -> None:
        super()._turn(**values)
        self.kept = [*getattr(self, "kept", []), self.script]


def in_a_village(village: Village) -> Iterator[SpokenScript]:
    """The states of a caller: menus, boxes, posts, a household, letters, matches, a call that broke off, wrong keys."""
    reader, writer = village.person("杨大山"), village.person("陈小梅")
    village.person("李小梅", phone=writer.phone, now=village.now.replace(year=village.now.year + 1))
    with village.session() as session:
        pins.set_pin(session, session.merge(reader), PIN[:6], by_id=reader.id, now=village.now)
        mailbox.send(
            session, sender=session.merge(writer), to=session.merge(reader), body="苗到了", channel="web", now=village.now
        )  # fmt: skip
    village.publish(writer, f"陈小梅 {SEEDLINGS}", account_id=writer.id, channel="web", gateway="web")
    village.publish(reader, WANTED)
    for who, keys in (
        (reader, "7 5 1 * 5 2 * 5 3 * 5 4 * 5 5 9999# 0"), (reader, "1 s 2 s 1"), (reader, "6 1 3 1"),
        (reader, "6 2 111222# " + PIN + " 9 2 s 2 s 1 1 #"), (writer, "1 s 1 1"), (writer, "6 1 *"), (reader, "0 s"), (reader, "1 e e"),
    ):  # fmt: skip
        line = Heard(village, str(who.phone))
        for key in keys.split():
            if key == "s":
                line.speak()
            elif key == "e":
                line.speak(b"", 0)
            else:
                line.press(key)
        yield from line.kept


def in_a_bureau(bureau: Bureau) -> Iterator[SpokenScript]:
    """An alert that is told, understood, cut short."""
    farmer = bureau.person()
    bureau.issue()
    line = Switchboard(bureau).dial(farmer)
    yield line.script
    line.press("1")
    yield line.script


NOT_YET = [
    SpokenScript(
        (Say("请稍等"), Transfer("+8613800000009", "after", screen="screen", shown="+8657400002169"))
    ),
    SpokenScript((Refuse(),)),
    SpokenScript(()),
]


def shape(script: SpokenScript) -> tuple[object, ...]:
    """What a script is made of, whatever it says."""

    def kinds(steps: tuple[SpokenStep, ...]) -> Iterator[object]:
        for step in steps:
            yield (type(step), tuple(kinds(step.prompt))) if isinstance(step, Ask) else type(step)
            if isinstance(step, Say):
                yield step.slow

    return (script.language, *kinds(script.steps))


def filled(script: SpokenScript, words: str) -> SpokenScript:
    """The script with these words in every slot that people's words can come to."""

    name = words.encode("utf-8", "replace").decode()  # ids and steps of ours come back by an address

    def fill(step: SpokenStep) -> SpokenStep:
        if isinstance(step, Say):
            return replace(step, text=words)
        if isinstance(step, PlayRecording):
            return PlayRecording(name)
        if isinstance(step, Ask):
            return replace(step, step=name, prompt=tuple(fill(one) for one in step.prompt))  # type: ignore[misc]
        return replace(step, step=name) if isinstance(step, Record | Transfer) else step

    return replace(script, steps=tuple(fill(step) for step in script.steps))


def verbs(element: Element) -> list[object]:
    """The verbs in their order; words that are cut in pieces, or silent, are no verb of their own."""
    return [
        (inner.tag, verbs(inner) if inner.tag != "Say" else [])
        for inner in element
        if inner.tag != "Say" or [one.tag for one in inner.iter()][1:] not in ([], ["prosody"])
    ]


def expected(script: SpokenScript) -> list[object]:
    return verbs(fromstring(render(filled(script, "稻"), LINKS)))


@pytest.mark.parametrize("all_in_all", [False, pytest.param(True, marks=pytest.mark.long)])
def test_500_hostile_words_in_every_slot_of_every_state_change_no_verb(
    sqlite_bureau: Bureau, all_in_all: bool
) -> None:
    """I-07. Dealt to the states in turn, or each of them in each state."""
    village = Village(sqlite_bureau.county.database, sqlite_bureau.settings, sqlite_bureau.now)
    scripts = [*in_a_village(village), *in_a_bureau(sqlite_bureau), *NOT_YET]
    states = {shape(script): script for script in scripts}
    kinds = {type(step) for script in scripts for step in script.steps}
    assert kinds >= {Ask, Record, Say, PlayRecording, Transfer, Refuse}
    assert len(states) >= 15
    told = [*states.values(), SpokenScript((Say("再见"), HangUp()), "en")]
    for place, script in enumerate(told):
        wanted = expected(script)
        for words in payloads() if all_in_all else payloads()[place :: len(told)]:
            root = fromstring(render(filled(script, words), LINKS))
            assert verbs(root) == wanted, (script, words)
            numbers = [one.text for one in root.iter("Number")]
            assert numbers == [step.to for step in script.steps if isinstance(step, Transfer)]


def test_hostile_words_are_a_document_that_the_package_knows() -> None:
    script = SpokenScript((Say("", slow=True), Ask("", (Say(""), PlayRecording("")))))
    for words in _BAD:
        assert faults(render(filled(script, words), LINKS)) == [], words
