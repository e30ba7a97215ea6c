"""How the line reads the county's own words: village names by their pinyin."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Role, voice_acts
from farmerline.errors import Conflict, Invalid
from farmerline.render.speech.pronunciation import BadReading
from farmerline.web.doors import actor, allow, inside, now, settings, writing
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done
from farmerline.web.publisher.tips import blueprint
from farmerline.web.sounds import send_sound

_START = "/publish/readings"


@blueprint.get(_START)
@allow(Role.PUBLISHER, module=Module.VOICE)
def show_readings() -> str:
    return _render()


@blueprint.post(_START)
@allow(Role.PUBLISHER, module=Module.VOICE)
def change_reading() -> Response | tuple[str, int]:
    """Keep a word's pinyin; with ``remove`` the voice reads that word as it would by itself."""
    word, pinyin, gone = typed("word", most=12), typed("pinyin", most=100), typed("remove", most=12)
    table = inside().speech.pronunciation
    try:
        with writing() as rows:
            voice_acts.note(
                rows, "no_reading" if gone else "reading", area_code="", actor=actor(), settings=settings(), now=now(),
                word=gone or word, pinyin=pinyin,
            )  # fmt: skip
            if gone and not table.drop(gone):
                raise Conflict("phrase_same", "There is nothing to change: look at the page again.")
            if not gone:
                table.keep(word, pinyin)
    except BadReading as error:
        refusal = Invalid(
            "reading_wrong",
            "{part} cannot be read: write a word of Chinese signs, and for each sign its pinyin with the tone, as xu3 shan1.",
            field="pinyin",
            part=str(error) or "—",
        )
        return _render(word, pinyin, refusal), refusal.status
    done("It holds from the next sentence on.")
    return redirect(_START, 303)


@blueprint.get(f"{_START}/sound.wav")
@allow(Role.PUBLISHER, module=Module.VOICE)
def hear_reading() -> Response:
    """A word as callers hear it."""
    return send_sound(inside().speak(typed("word", most=12)))


def _render(word: str = "", pinyin: str = "", refusal: Invalid | None = None) -> str:
    rows = sorted(inside().speech.pronunciation.own.items())
    return render_template(
        "publisher/readings.html", readings=rows, word=word, pinyin=pinyin, errors=errors_of([refusal] if refusal else [])
    )  # fmt: skip
