"""Programs of npm that the tests start: where they are, and what to say where they are not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "var" / "parts" / "npm" / "node_modules"
MISSING = "no Node.js with the packages smpp and sms-segments-calculator: ./run parts gets them"


def find() -> str | None:
    """The Node.js that can run them; None where it or a package is missing."""
    node = shutil.which("node")
    wanted = ("smpp", "sms-segments-calculator")
    return node if node and all((PACKAGES / name).is_dir() for name in wanted) else None


def command(script: str, *arguments: str) -> list[str]:
    """How to start a script of this folder; only after ``find``."""
    return [str(find()), str(Path(__file__).with_name(script)), *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "NODE_PATH": str(PACKAGES)}
