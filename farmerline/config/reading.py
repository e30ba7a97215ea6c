"""Settings are read once: from the environment, then from the settings file.

The settings file is the one ``FARMERLINE_SETTINGS`` names, else ``settings.env`` in the current folder, else, in a checkout
and where the environment holds no keys, the demo county's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError

from farmerline.config.settings import Settings
from farmerline.errors import Misconfigured

PREFIX = "FARMERLINE_"
CHECKOUT = Path(__file__).resolve().parents[2]
DEMO_SETTINGS = CHECKOUT / "var" / "demo" / "settings.env"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The effective settings; raises ``Misconfigured`` with one line that says what to do."""
    values = _from_file(_settings_file(environment))
    for name in Settings.model_fields:
        variable = PREFIX + name.upper()
        if f"{variable}_FILE" in environment:
            values[name] = _read_secret(variable, environment[f"{variable}_FILE"])
        if variable in environment:
            values[name] = environment[variable]
    _refuse_unknown(environment)
    return make_settings(values)


def make_settings(values: Mapping[str, Any]) -> Settings:
    """Settings from plain values; raises ``Misconfigured``."""
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        said = first["msg"].removeprefix("Value error, ")
        if not name:
            raise Misconfigured(said) from error
        meaning = Settings.model_fields[name].description or ""
        what = "is missing" if first["type"] == "missing" else f"is wrong ({said})"
        raise Misconfigured(f"{PREFIX}{name.upper()} {what}. {meaning}") from error


def _settings_file(environment: Mapping[str, str]) -> Path | None:
    if named := environment.get(PREFIX + "SETTINGS"):
        if not Path(named).is_file():
            raise Misconfigured(
                f"FARMERLINE_SETTINGS names {named}, which is not a file; `farmerline init` writes one."
            )
        return Path(named)
    if Path("settings.env").is_file():
        return Path("settings.env")
    has_keys = any(PREFIX + name in environment for name in ("VAULT_KEYS", "VAULT_KEYS_FILE"))
    if has_keys or not (CHECKOUT / "run").is_file():
        return None
    if not DEMO_SETTINGS.is_file():
        raise Misconfigured(
            "There are no settings yet: `farmerline init` writes them, `./run demo` makes a demo county."
        )
    print(f"farmerline: no settings given; using the demo county of {DEMO_SETTINGS}", file=sys.stderr)
    return DEMO_SETTINGS


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    values: dict[str, Any] = {}
    for variable, value in dotenv_values(path, interpolate=False).items():
        name = variable.removeprefix(PREFIX).lower()
        if variable.startswith(PREFIX) and name.endswith("_file") and name not in Settings.model_fields:
            name, value = name.removesuffix("_file"), _read_secret(variable, value or "")
        if not variable.startswith(PREFIX) or name not in Settings.model_fields:
            raise Misconfigured(f"{path}: {variable} is not a setting; docs/settings.md lists them.")
        values[name] = value or ""
    return values


def _read_secret(variable: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{variable}_FILE names {path}, which cannot be read.") from error


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = {PREFIX + name.upper() + end for name in Settings.model_fields for end in ("", "_FILE")} | {
        PREFIX + "SETTINGS"
    }
    for variable in environment:
        if variable.startswith(PREFIX) and variable not in known:
            raise Misconfigured(f"{variable} is not a setting; docs/settings.md lists them.")
