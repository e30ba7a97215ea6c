"""The service's sentences, in the reader's language.

A sentence is written in English where it is used; that English is its key. The Chinese stands in the catalogues
``farmerline/web/translations/zh/*.po``, one file a room, read as they are (nothing is compiled). Values are
filled in with ``str.format``: ``say("zh", "Call {number}", number="0574-0000-2169")``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parent / "web" / "translations" / "zh"
LANGUAGES = ("zh", "en")
DEFAULT_LANGUAGE = "zh"


def say(language: str, sentence: str, /, **values: object) -> str:
    """The sentence in ``language`` ("zh" or "en") with its values filled in.

    A sentence without Chinese is said in English. Braces are only looked at when there are values.
    Raises ``KeyError`` when a value that the sentence names is not given.
    """
    text = sentences().get(sentence, sentence) if language == "zh" else sentence
    return text.format(**values) if values else text


@cache
def sentences() -> Mapping[str, str]:
    """Every English sentence that has Chinese, with its Chinese."""
    return MappingProxyType(read_catalogues(CATALOGUES))


def read_catalogues(folder: Path) -> dict[str, str]:
    """All catalogues of a folder as one: English to Chinese.

    Raises ``ValueError`` when a sentence stands in two files, for then nobody knows which one is used.
    """
    found: dict[str, str] = {}
    home: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale="zh", abort_invalid=True)
        for message in catalogue:
            if message.pluralizable:
                raise ValueError(f"{path.name}: plural forms are not used here: {message.id!r}")
            sentence, chinese = str(message.id), str(message.string)
            if not sentence:
                continue
            if sentence in home:
                raise ValueError(f"{path.name}: already in {home[sentence]}: {sentence!r}")
            home[sentence] = path.name
            if chinese and not message.fuzzy:
                found[sentence] = chinese
    return found
