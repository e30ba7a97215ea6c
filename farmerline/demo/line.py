"""What the demo county's telephone line says of its own: two versions, so that one can be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from farmerline.demo.articles import actor_of
from farmerline.demo.people import COUNTY, PUBLISHER
from farmerline.domain import voice_menus
from farmerline.domain.voice_menus import BUILT_IN, Box, Menu
from farmerline.runtime import Runtime

_WEEK = "本周行情，慈溪市场：葡萄六元一斤，包菜八毛一斤，西兰花两元二一斤。"


def set_up(runtime: Runtime) -> None:
    """The market's words stand at the head of supply and demand, which is spoken second."""
    alerts, *others = BUILT_IN.boxes
    market = Menu(boxes=(alerts, Box("posts", words=_WEEK), *(box for box in others if box.name != "posts")))
    earlier = replace(market, opening="台风要来，请先加固大棚，再收熟果。")
    for menu, at in ((earlier, runtime.now() - timedelta(days=1)), (market, runtime.now())):
        with runtime.database.write() as session:
            voice_menus.save(
                session, menu, area_code=COUNTY, season="", actor=actor_of(session, PUBLISHER), now=at
            )  # fmt: skip
