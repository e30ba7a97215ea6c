"""The telephone line at the publisher's desk: what is heard where and in which season, tried, played, saved, taken back."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Role, areas, keys, people, voice_menus
from farmerline.domain.voice_menus import SEASONS, Box, Menu
from farmerline.errors import Absent, Invalid
from farmerline.queries import tips
from farmerline.queries import voice_menus as shown
from farmerline.web.doors import actor, allow, inside, now, reading, writing
from farmerline.web.forms import errors_of, ticked, typed, words
from farmerline.web.frame import done
from farmerline.web.publisher.tips import blueprint
from farmerline.web.sounds import send_sound

_START, _EDIT = "/publish/line", "/publish/line/edit"
_LONGEST = 400


@blueprint.get(_START)
@allow(Role.PUBLISHER, module=Module.VOICE)
def show_line() -> str:
    """Where the line says something of its own, and the form to choose another place or season."""
    with reading() as rows:
        lines, places = shown.lines(rows, actor=actor()), tips.places(rows, actor())
    return render_template("publisher/line.html", lines=lines, places=places, seasons=SEASONS)


@blueprint.get(_EDIT)
@allow(Role.PUBLISHER, module=Module.VOICE)
def edit_line() -> str:
    return _render_form()


@blueprint.post(_EDIT)
@allow(Role.PUBLISHER, module=Module.VOICE)
def save_line() -> Response | tuple[str, int] | str:
    """Keep a version; with ``try`` only measure it and let it be listened to. What was typed is never lost."""
    menu = _typed()
    try:
        if ticked("try"):
            return _render_form(menu, lengths=dict(voice_menus.check(menu)))
        with writing() as rows:
            voice_menus.save(rows, menu, actor=actor(), now=now(), **_where())
    except Invalid as refusal:
        return _render_form(menu, refusal=refusal), refusal.status
    done("Saved: callers hear it from now on.")
    return redirect(f"{_EDIT}?{urlencode(_where())}", 303)


@blueprint.post("/publish/line/again")
@allow(Role.PUBLISHER, module=Module.VOICE)
def take_again() -> Response:
    """Let an earlier version hold again; ``version`` is empty for what is built in."""
    with writing() as rows:
        voice_menus.take_again(rows, typed("version", most=32), actor=actor(), now=now(), **_where())
    done("The earlier one holds again.")
    return redirect(f"{_EDIT}?{urlencode(_where())}", 303)


@blueprint.get("/publish/line/sound.wav")
@allow(Role.PUBLISHER, module=Module.VOICE)
def hear_line() -> Response:
    """What is written, as callers hear it."""
    return send_sound(inside().speak(words("words", most=_LONGEST)))


def _where() -> dict[str, str]:
    """The place and season that are meant; ``Absent`` for a season that there is not."""
    place, season = typed("area_code", most=12), typed("season", most=8)
    if season not in SEASONS:
        raise Absent
    return {"area_code": place, "season": season}


def _typed() -> Menu:
    """The boxes in the order that was typed; those of equal order as they stand in the table of keys."""
    names = [box.name for box in voice_menus.BUILT_IN.boxes]
    order = {name: typed(f"order_{name}", most=2) or "9" for name in names}
    boxes = (
        Box(name, ticked(f"spoken_{name}"), words(name)) for name in sorted(names, key=order.__getitem__)
    )
    return Menu(words("opening"), tuple(boxes))


def _render_form(
    menu: Menu | None = None, *, lengths: dict[str, float] | None = None, refusal: Invalid | None = None
) -> str:
    where = _where()
    with reading() as rows:
        saved = voice_menus.versions(rows, actor=actor(), **where)
        now_heard = voice_menus.read(saved[0]) if saved else voice_menus.BUILT_IN
        names = people.names_of(rows, [row.saved_by for row in saved])
        place = areas.path_name(rows, where["area_code"])
    menu = menu or now_heard
    return render_template(
        "publisher/line_form.html",
        where=where, place=place, season=SEASONS[where["season"]], menu=menu, is_saved=menu == now_heard, lengths=lengths,
        keys={name: (key, keys.LISTEN_HEARD[key]) for name, key in keys.BOX_KEYS.items()},
        heard=voice_menus.heard(menu), versions=[(row.id, row.saved_at, names.get(row.saved_by, "")) for row in saved],
        errors=errors_of([refusal] if refusal else []), quote=lambda said: urlencode({"words": said}),
        most={"opening": voice_menus.LONGEST_OPENING, "menu": voice_menus.LONGEST_MENU, "item": voice_menus.LONGEST_ITEM},
    )  # fmt: skip
