"""The bureau's own switch: `farmerline pbx` beside an Asterisk (docs/own-switch.md)."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr, field_validator


class SwitchSettings(BaseModel):
    """The bureau's own switch: `farmerline pbx` beside an Asterisk (docs/own-switch.md)."""

    pbx_listen: str = Field(
        "127.0.0.1:8090", description="Host and port on which `farmerline pbx` answers as Twilio does."
    )
    pbx_agi: str = Field(
        "127.0.0.1:4573",
        description="Host and port on which `farmerline pbx` takes calls from Asterisk (FastAGI).",
    )
    pbx_manager: str = Field("127.0.0.1:5038", description="Host and port of Asterisk's manager interface.")
    pbx_manager_secret: SecretStr = Field(
        SecretStr(""), description="The secret of the user `farmerline` there."
    )
    pbx_dial: str = Field(
        "PJSIP/{number}@trunk",
        description="How Asterisk rings a number: `{number}` as it is dialled in China, `{e164}` with its country.",
    )
    pbx_hooks: str = Field(
        "http://127.0.0.1:8000",
        description="Where `farmerline pbx` reaches the service; empty takes the public address.",
    )
    pbx_folder: Path | None = Field(
        None, description="A folder that Asterisk may read and write; empty: `pbx` in the home folder."
    )
    pbx_gateways: Path | None = Field(
        None,
        description="A gateways file (docs/gateways.md) with one table: texts handed to the switch leave by it; empty: refused.",
    )
    pbx_recogniser: str = Field(
        "",
        description="A command that tells what was said in the call, as `FARMERLINE_RECOGNISER_COMMAND`; empty: keys alone.",
    )
    pbx_calls: int = Field(
        60, ge=1, le=500, description="Calls that the switch has at once; more hear that it is busy."
    )

    @field_validator("pbx_listen", "pbx_agi", "pbx_manager")
    @classmethod
    def _check_address(cls, value: str) -> str:
        address(value)
        return value

    @field_validator("pbx_dial")
    @classmethod
    def _check_dial(cls, value: str) -> str:
        try:
            dialled = value.format(number="1", e164="1")
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError("may hold {number} or {e164} and no other braces") from error
        if dialled == value or not set(dialled) <= _DIAL:
            raise ValueError("must hold {number} or {e164}, e.g. PJSIP/{number}@trunk")
        return value


_DIAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/@.:_-+")


def address(value: str) -> tuple[str, int]:
    """Host and port; raises ``ValueError``."""
    host, _, port = value.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
        raise ValueError("must be a host and a port from 1 to 65535, e.g. 127.0.0.1:8090")
    return host, int(port)
