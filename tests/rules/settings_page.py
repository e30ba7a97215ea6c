"""Writes the table of docs/settings.md from the settings themselves: ``python -m tests.rules.settings_page``."""

from __future__ import annotations

from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from farmerline.config import PREFIX, Settings
from tests.rules.source import ROOT

PAGE = ROOT / "docs" / "settings.md"
START, END = "<!-- settings -->", "<!-- end of settings -->"


def table() -> str:
    """One row a setting: its name, its default, what it means."""
    rows = ["| setting | without it | meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        meaning = (field.description or "").replace("|", "\\|")
        rows.append(f"| `{PREFIX}{name.upper()}` | {_default(field)} | {meaning} |")
    return "\n".join(rows)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be given"
    if _is_secret(field.annotation):
        return "empty"
    shown = _plain(field.get_default(call_default_factory=True))
    return f"`{shown}`" if shown else "empty"


def _is_secret(kind: Any) -> bool:
    return kind is SecretStr or (get_origin(kind) is not None and SecretStr in get_args(kind))


def _plain(value: Any) -> str:
    if isinstance(value, NoneType):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, set | frozenset):
        return ",".join(sorted(_plain(part) for part in value))
    if isinstance(value, tuple | list):
        return ",".join(_plain(part) for part in value)
    return str(value)


if __name__ == "__main__":
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{START}\n{table()}\n{END}{after}", encoding="utf-8")
