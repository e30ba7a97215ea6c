"""What pages show can be shown: the project's own font has each sign, so a machine without other fonts shows no boxes."""

from __future__ import annotations

from itertools import chain

from fontTools.ttLib import TTFont

from tests.conftest import ROOT

FONT = ROOT / "farmerline" / "render" / "fonts" / "NotoSansSC-Regular.ttf"
PAGES = ROOT / "farmerline" / "web"
SPOKEN = {"sound.po", "voice.po"}  # words for the ear


def test_the_own_font_has_every_sign_of_pages_and_their_words() -> None:
    known = TTFont(FONT).getBestCmap()
    files = chain(PAGES.rglob("*.html"), (one for one in PAGES.rglob("*.po") if one.name not in SPOKEN))
    lacking = {
        (sign, str(file.relative_to(PAGES)))
        for file in files
        for sign in file.read_text(encoding="utf-8")
        if ord(sign) > 0x7F and ord(sign) not in known
    }
    assert not lacking
