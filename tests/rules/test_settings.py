"""Every setting is written down where people look for it."""

from __future__ import annotations

import re

from farmerline.config import PREFIX, Settings
from tests.rules.settings_page import END, PAGE, START, table


def test_the_settings_page_holds_every_setting_as_it_is() -> None:
    written = PAGE.read_text(encoding="utf-8").partition(START)[2].partition(END)[0].strip()
    assert written == table(), "python -m tests.rules.settings_page writes the table anew"


def test_the_settings_page_names_no_setting_that_is_not_there() -> None:
    known = {PREFIX + name.upper() + ending for name in Settings.model_fields for ending in ("", "_FILE")}
    named = set(re.findall(rf"{PREFIX}[A-Z][A-Z0-9_]*[A-Z]", PAGE.read_text(encoding="utf-8")))
    assert named - known <= {PREFIX + "SETTINGS"}


def test_every_setting_says_what_it_means() -> None:
    assert not [name for name, field in Settings.model_fields.items() if len(field.description or "") < 15]
