"""The whole listening tree as it is heard now: every place that one or two keys lead to, by real turns of a call.

The walker is a caller whom nobody knows, of the county. What the turns write is the caller's to take back (a session that is
rolled back): the tree is only looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from farmerline.config import Settings
from farmerline.domain import calls, keys, seasons
from farmerline.domain.spoken import spoken
from farmerline.domain.talk import Understand
from farmerline.domain.voice_menus import LONGEST_ITEM, LONGEST_MENU
from farmerline.ids import new_id
from farmerline.messages import Ask, Say, SpokenScript, Turn
from farmerline.words import LANGUAGES, say

_MENUS = (keys.MAIN_HEARD, keys.LISTEN_HEARD, keys.BOX_HEARD)


class Part(StrEnum):
    ITEM = "item"
    MENU = "menu"


@dataclass(frozen=True, slots=True)
class Heard:
    """Words in the order in which they are heard; a menu's sentences are one piece."""

    part: Part
    text: str

    @property
    def longest(self) -> int:
        """Seconds it may take."""
        return LONGEST_MENU if self.part is Part.MENU else LONGEST_ITEM


@dataclass(frozen=True, slots=True)
class Place:
    """What is heard behind these keys ("" on answer, "5", "52"), and what the line then waits for (a step's name)."""

    keys: str
    heard: tuple[Heard, ...]
    waits_for: str


def walk(
    session: Session, *, understand: Understand, settings: Settings, now: datetime, area_code: str = ""
) -> Iterator[Place]:
    """Every place of the tree, by its keys, as somebody of ``area_code`` hears it ("" for the county). The turns are written
    to the session and not committed."""
    settings = settings.model_copy(update={"county": area_code or settings.county})

    def ring(pressed: str) -> Place:
        ref, script, step = new_id(), SpokenScript(steps=()), ""
        for key in ("", *pressed):
            heard = Turn(
                gateway="voice", call_ref=ref, caller="", to=settings.line_number, at=now, step=step, digits=key
            )  # fmt: skip
            script = calls.turn(session, heard, understand=understand, settings=settings, now=now)
            step = _step(script)
        return Place(pressed, tuple(_pieces(script)), step)

    yield ring("")
    for key, (leads_to, module) in keys.MAIN.items():
        if module is None or settings.has(module):
            yield ring(key)
            if leads_to == "listen":
                for box, (_, part) in keys.LISTEN.items():
                    if part is None or settings.has(part):
                        yield ring(key + box)


def _step(script: SpokenScript) -> str:
    return next((str(step.step) for step in script.steps if hasattr(step, "step")), "")


def _pieces(script: SpokenScript) -> Iterator[Heard]:
    """Items one by one, the sentences of a menu as one."""
    menu: list[str] = []
    for text in _said(script):
        if text in _menu_sentences(script.language):
            menu.append(text)
        else:
            yield Heard(Part.ITEM, text)
    if menu:
        yield Heard(Part.MENU, "".join(menu))


def _said(script: SpokenScript) -> Iterator[str]:
    for step in script.steps:
        prompts = step.prompt if isinstance(step, Ask) else (step,)
        yield from (each.text for each in prompts if isinstance(each, Say))


def _menu_sentences(language: str) -> frozenset[str]:
    return frozenset(spoken(say(language, one), language) for table in _MENUS for one in table.values())


def phrases(language: str) -> dict[str, str]:
    """The fixed sentences that a recording can replace, by a short name that stays: keys of the menus and boxes, what is
    asked, what is answered, the season's sentences. ``language`` is one of ``LANGUAGES``."""
    if language not in LANGUAGES:
        raise ValueError(language)
    tables = {"main": keys.MAIN_HEARD, "listen": keys.LISTEN_HEARD, "box": keys.BOX_HEARD}
    found = {f"{name}-{key}": one for name, table in tables.items() for key, one in table.items()}
    found |= {"ring": keys.RING_HEARD, "letter": keys.LETTER_HEARD, "why": keys.WHY_HEARD, **_OTHERS}
    told = {name: say(language, one) for name, one in found.items()}
    told |= {
        f"season-{at:02}": said[language == "en"] for at, said in enumerate(seasons.sentences().values(), 1)
    }
    return {name: spoken(one, language) for name, one in told.items()}


_OTHERS = {
    "ask-sell": "Say what you sell, how much, the price and your village, then press hash.",
    "ask-buy": "Say what you want to buy, how much and your village, then press hash.",
    "ask-pest": "Say the crop, the place, what you see and on how many of ten plants, then press hash.",
    "ask-question": "Say your question, then press hash.",
    "ask-message": "Nobody is free now. Say your name and what it is about, then press hash; somebody rings you.",
    "ask-answer": "Say your answer, then press hash.",
    "ask-change": "Say how it should be.",
    "said": "You said:",
    "said-kept": "Kept. You said:",
    "said-nothing": "We heard nothing.",
    "said-unclear": "We did not understand that well.",
    "said-right": "Right: press 1. Say it again: press 2.",
    "said-send": "To send it press 1, to say it again press 2.",
    "said-not-sent": "It was not sent.",
    "done-answer": "Good. Somebody answers you.",
    "done-desk": "Good. Your contact point writes it down; then you get it read back by text or call.",
    "done-letter": "Your answer is on its way.",
    "done-kept": "Kept: it waits under 6.",
    "done-handed-on": "Thank you: they are rung with your answer.",
    "done-heard": "Thank you. It is noted that you heard it.",
    "done-noted": "Noted.",
    "no-alert": "No alert is in force in your area now.",
    "no-variety": "There is nothing about new varieties yet. To ask a person press 0.",
    "no-technique": "There is nothing about techniques yet. To ask a person press 0.",
    "no-posts": "There are no posts yet.",
    "no-duty": "No expert is on duty now.",
    "no-free": "The experts are all busy.",
    "leave-or-advice": "To leave your question press 1, to hear the newest advice press 5.",
    "understood": "Understood: press 1. Again press 9, for a person press 0.",
    "again": "Again press 9, for a person press 0.",
    "pin-wrong": "The PIN does not fit. Once more, then hash. No PIN yet? Your contact point gives you one.",
    "pin-over": "The PIN does not fit. Your contact point can give you a new one.",
    "resume": "To go on where you were press 1, for the menu press 2.",
    "wrong-key": "This key has no use here.",
    "nothing-waits": "Nothing waits for you.",
    "good-bye": "Good-bye.",
}
