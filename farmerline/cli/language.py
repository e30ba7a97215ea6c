"""The language of the command line: English where the terminal's is, else Chinese."""

from __future__ import annotations

import os
from collections.abc import Mapping

from farmerline.words import say


def language(environment: Mapping[str, str] = os.environ) -> str:
    """ "en" where LC_ALL, LC_MESSAGES or LANG says so, else "zh"."""
    named = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), ""
    )
    return "en" if named.lower().startswith("en") else "zh"


def tell(sentence: str, /, **values: object) -> str:
    """The sentence in the command line's language."""
    return say(language(), sentence, **values)
