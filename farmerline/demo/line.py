"""What the demo county's telephone line says of its own: two versions, so that one can be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from farmerline.demo.articles import actor_of
from farmerline.demo.people import COUNTY, PUBLISHER
from farmerline.domain import voice_menus
from farmerline.domain.voice_menus import BUILT_IN, Box, Menu
from farmerline.runtime import Runtime

_WEATHER = "今明两天阴有小雨，夜里北风四到五级，大棚要盖好。"


def set_up(runtime: Runtime) -> None:
    """The weather stands at the head of farm work; supply and demand are spoken second."""
    known = {box.name: box for box in BUILT_IN.boxes} | {"work": Box("work", words=_WEATHER)}
    order = ("alerts", "posts", "work", "varieties", "techniques")
    autumn = Menu(boxes=tuple(known[name] for name in order))
    earlier = replace(autumn, opening="台风要来，请先加固大棚，再收熟果。")
    for menu, at in ((earlier, runtime.now() - timedelta(days=1)), (autumn, runtime.now())):
        with runtime.database.write() as session:
            voice_menus.save(
                session, menu, area_code=COUNTY, season="", actor=actor_of(session, PUBLISHER), now=at
            )  # fmt: skip
