"""The village phone in a real Chromium: with its script, and with scripts switched off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from channels.voice.sound import hum
from farmerline.messages import Ask, Channel, Outgoing, Record, Say, SpokenScript
from tests.channels.conftest import FARMER, World
from tests.site import open_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HANDSET = f"#p{FARMER.lstrip('+')}"


@pytest.fixture
def address(phones: Flask) -> Iterator[str]:
    with open_site(phones) as site:
        yield f"{site}/phone"


def take_out(page: Page, address: str) -> None:
    page.goto(address)
    page.fill("#number", "13800000001")
    page.click("text=拿出来")


@pytest.mark.browser
def test_a_text_that_arrives_shows_by_itself(page: Page, address: str, world: World) -> None:
    take_out(page, address)
    world.gateways["sms"].sender.send(Outgoing("0" * 32, Channel.SMS, FARMER, "老岑要您的葡萄苗"))
    page.wait_for_selector(f"{HANDSET} .bub >> text=老岑要您的葡萄苗")


@pytest.mark.browser
def test_the_microphone_fills_a_recording(page: Page, address: str, world: World) -> None:
    world.inside.script = lambda turn: SpokenScript(
        (Say("请说。"), Record("spoken")) if not turn.step else (Ask("sure", (Say("记下了。"),)),)
    )
    take_out(page, address)
    page.click(f"{HANDSET} >> text=打给热线")
    page.click(f"{HANDSET} .mic button")
    page.wait_for_timeout(1500)
    page.click(f"{HANDSET} .mic button")
    page.wait_for_selector(f"{HANDSET} .said >> text=记下了。")
    assert world.inside.turns[1].recording_seconds in (1, 2, 3)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.browser
def test_how_long_an_alert_was_listened_to_is_told(page: Page, address: str, world: World) -> None:
    class Humming:
        def speak(self, text: str, language: str, slow: bool) -> bytes | None:
            return hum(20)

    world.simulator.exchange.sounds.voice = Humming()
    world.inside.script = lambda turn: SpokenScript((Ask("reply", (Say("橙色情报。"),)),))
    take_out(page, address)
    world.gateways["voice"].sender.send(Outgoing("0" * 32, Channel.VOICE, FARMER, "橙色情报。"))
    page.click(f"{HANDSET} >> text=接", timeout=8000)
    page.evaluate("document.querySelector('audio').play()")
    page.wait_for_timeout(1500)
    page.click(f"{HANDSET} >> text=挂断")
    page.wait_for_selector(f"{HANDSET} >> text=电话已挂断")
    assert world.inside.receipts[-1].seconds is not None
    assert world.inside.receipts[-1].seconds < 10


@pytest.mark.browser
def test_the_phone_works_with_scripts_switched_off(chromium: Browser, address: str, world: World) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    take_out(page, address)
    page.fill(f"{HANDSET} textarea", "卖葡萄苗")
    page.click(f"{HANDSET} >> text=发")
    assert page.inner_text(f"{HANDSET} .bub.up") == "卖葡萄苗"
    page.click(f"{HANDSET} >> text=打给热线")
    page.click(f"{HANDSET} .pad >> text=1")
    assert [turn.digits for turn in world.inside.turns][:2] == ["", "1"]
    context.close()
