"""Recordings of people in place of the line's phrases: listed, heard, recorded, removed, put back; dialects."""

from __future__ import annotations

from itertools import chain

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Role, Session, voice_acts
from farmerline.domain.spoken import seconds_of
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.queries import tips
from farmerline.render.speech.recordings import Dialect, Recordings
from farmerline.render.speech.takes import accept, is_worth_telling
from farmerline.web.doors import actor, allow, inside, now, reading, settings, writing
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done
from farmerline.web.publisher.tips import blueprint
from farmerline.web.sounds import send_sound

_START = "/publish/phrases"


@blueprint.get(_START)
@allow(Role.PUBLISHER, module=Module.VOICE)
def show_phrases() -> str:
    """Each phrase of a dialect, and whether somebody recorded it."""
    return _render_list()


@blueprint.post(_START)
@allow(Role.PUBLISHER, module=Module.VOICE)
def add_dialect() -> Response | tuple[str, int]:
    """One more dialect: its name, a code for its folder, and whose callers hear it."""
    one = Dialect(typed("code", most=24).lower(), typed("name", most=30), typed("area_code", most=12))
    try:
        with writing() as rows:
            voice_acts.check_place(rows, one.area_code)
            _note(rows, "dialect", one, name=one.name)
            _recordings().add(one)
    except ValueError:
        refusal = Invalid(
            "dialect_code",
            "Write a code of small letters and digits that no other dialect has.",
            field="code",
        )
        return _render_list(refusal), refusal.status
    except Invalid as refusal:
        return _render_list(refusal), refusal.status
    done("The dialect is there: record its first phrase.")
    return redirect(f"{_START}?dialect={one.code}", 303)


@blueprint.get(f"{_START}/<dialect>/<phrase>")
@allow(Role.PUBLISHER, module=Module.VOICE)
def show_phrase(dialect: str, phrase: str) -> str:
    return _render(dialect, phrase)


@blueprint.post(f"{_START}/<dialect>/<phrase>")
@allow(Role.PUBLISHER, module=Module.VOICE)
def change_phrase(dialect: str, phrase: str) -> Response | tuple[str, int]:
    """``act`` is keep (a file comes along), remove or put_back. After a recording the next phrase without one follows."""
    one, words = _find(dialect, phrase)
    act, recordings = typed("act", most=8), _recordings()
    sent = request.files.get("sound")
    sound = sent.read() if sent else b""
    try:
        if act == "keep" and not sound:
            raise Invalid("sound_missing", "Record it, or choose a file.", field="sound")
        take = accept(sound, seconds_of(words)) if act == "keep" else None
    except Invalid as refusal:
        return _render(dialect, phrase, refusal), refusal.status
    with writing() as rows:
        _note(rows, act if act in ("keep", "remove", "put_back") else "", one, phrase=phrase)
        if take:
            recordings.keep(dialect, phrase, take.wav)
        elif not (
            recordings.remove(dialect, phrase) if act == "remove" else recordings.put_back(dialect, phrase)
        ):
            raise Conflict("phrase_same", "There is nothing to change: look at the page again.")
    if take is None:
        done("It is as you wanted; the next caller hears it.")
        return redirect(f"{_START}/{dialect}/{phrase}", 303)
    if is_worth_telling(take):
        done("Kept: {n} seconds. {cut} seconds of silence were cut away.", n=take.seconds, cut=take.cut)
    else:
        done("Kept: {n} seconds.", n=take.seconds)
    after = _next(dialect, phrase)
    return redirect(f"{_START}/{dialect}/{after}" if after else f"{_START}?dialect={dialect}", 303)


@blueprint.get(f"{_START}/<dialect>/<phrase>.wav")
@allow(Role.PUBLISHER, module=Module.VOICE)
def hear_phrase(dialect: str, phrase: str) -> Response:
    """The recording."""
    _find(dialect, phrase)
    path = _recordings().path(dialect, phrase)
    return send_sound(path.read_bytes() if path and path.is_file() else None)


def _recordings() -> Recordings:
    return inside().speech.recordings


def _find(dialect: str, phrase: str) -> tuple[Dialect, str]:
    """The dialect and the phrase's words; ``Absent`` for one that there is not."""
    recordings = _recordings()
    one = next((each for each in recordings.dialects if each.code == dialect), None)
    if one is None or phrase not in recordings.phrases:
        raise Absent
    return one, recordings.phrases[phrase]


def _note(rows: Session, act: str, one: Dialect, **detail: str) -> None:
    if not act:
        raise Absent
    voice_acts.note(
        rows, act, area_code=one.area_code, actor=actor(), settings=settings(), now=now(), dialect=one.code, **detail
    )  # fmt: skip


def _next(dialect: str, phrase: str) -> str:
    """The next phrase without a recording, after this one and then from the beginning; "" where there is none."""
    recordings, names = _recordings(), list(_recordings().phrases)
    at = names.index(phrase) + 1
    missing = (name for name in chain(names[at:], names[:at]) if recordings.state(dialect, name) != "there")
    return next(missing, "")


def _render_list(refusal: Invalid | None = None) -> str:
    recordings = _recordings()
    dialects = recordings.dialects
    chosen = next((one for one in dialects if one.code == typed("dialect", most=24)), dialects[0])
    lines = [(name, words, recordings.state(chosen.code, name)) for name, words in recordings.phrases.items()]
    with reading() as rows:
        places = tips.places(rows, actor())
    return render_template(
        "publisher/phrases.html", dialects=dialects, chosen=chosen, lines=lines, places=places,
        missing=sum(state != "there" for _name, _words, state in lines), errors=errors_of([refusal] if refusal else []),
        typed={name: request.form.get(name, "")[:30] for name in ("name", "code")},
    )  # fmt: skip


def _render(dialect: str, phrase: str, refusal: Invalid | None = None) -> str:
    one, words = _find(dialect, phrase)
    recordings = _recordings()
    return render_template(
        "publisher/phrase.html", dialect=one, phrase=phrase, words=words, state=recordings.state(dialect, phrase),
        removed=recordings.was_removed(dialect, phrase), next=_next(dialect, phrase), about=seconds_of(words),
        errors=errors_of([refusal] if refusal else []),
    )  # fmt: skip
