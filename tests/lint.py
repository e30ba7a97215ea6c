"""The checks that need no test run: catalogues and templates. ``python -m tests.lint``; exit 1 when something is wrong."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

from babel.messages.pofile import PoFileError, read_po

from farmerline.words import CATALOGUES
from tests.rules.markup import objections
from tests.rules.source import PACKAGES, ROOT, files


def check_catalogues() -> list[str]:
    """Keys that stand twice, in one catalogue or in two, and catalogues that cannot be read."""
    wrong = []
    keys: Counter[str] = Counter()
    for path in sorted(CATALOGUES.glob("*.po")):
        try:
            with path.open("rb") as file:
                read_po(file, locale="zh", abort_invalid=True)
        except (PoFileError, ValueError) as error:
            wrong.append(f"{path.relative_to(ROOT)}: {error}")
        keys.update(keys_of(path.read_text(encoding="utf-8")))
    return wrong + [f"{times} times in the catalogues: {key}" for key, times in keys.items() if times > 1]


def keys_of(text: str) -> list[str]:
    """The msgids of a catalogue as they are written; the header has none. A reader would merge the repeated ones."""
    found: list[str] = []
    reading = False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("msgid "):
            found.append(line.removeprefix("msgid ")[1:-1])
            reading = True
        elif reading and line.startswith('"'):
            found[-1] += line[1:-1]
        else:
            reading = False
    return [key for key in found if key]


def check_templates() -> list[str]:
    """What our own rules and djlint say about the templates."""
    paths = list(files(".html", under=PACKAGES))
    wrong = [
        f"{path}:{what}" for path in paths for what in objections((ROOT / path).read_text(encoding="utf-8"))
    ]
    command = [sys.executable, "-m", "djlint", "--lint", "--quiet", *map(str, paths)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return wrong + [line for line in ended.stdout.splitlines() if ended.returncode and line.strip()]


if __name__ == "__main__":
    problems = check_catalogues() + check_templates()
    print(*problems, sep="\n", end="\n" if problems else "")
    sys.exit(bool(problems))
