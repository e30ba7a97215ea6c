"""Which county this is, where it lives and what is switched on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, field_validator


class Module(StrEnum):
    """Parts of the service that a county switches on. Off means no menu entry, no key, no job, no SMS word."""

    VOICE = "voice"
    MAILBOX = "mailbox"
    ALERTS = "alerts"
    EXPERTS = "experts"
    PRICES = "prices"
    FORUM = "forum"
    SURVEYS = "surveys"
    TV = "tv"


class CountySettings(BaseModel):
    """Which county this is, where it lives and what is switched on."""

    mode: Literal["production", "demo", "proof"] = Field(
        "production",
        description="`demo` switches on the simulator and the movable clock, `proof` the clock file; never for a real county.",
    )
    database_url: str = Field(
        description="Where the rows live: `sqlite:////path/farmerline.db` or `postgresql://user@host/name`."
    )
    home: Path = Field(
        description="A folder for what the service makes: speech cache, imports, backups by default."
    )
    county: str = Field(
        description="The county's six-digit GB/T 2260 code, e.g. 330282 for 慈溪.", pattern=r"^\d{6}$"
    )
    service_name: str = Field(
        description="The service's name, shown to people everywhere.", min_length=2, max_length=30
    )
    bureau_name: str = Field("", description="The bureau's name, shown under the service's.", max_length=40)
    line_number: str = Field(description="The telephone number that people ring and text, as they dial it.")
    public_url: str = Field(
        "http://127.0.0.1:8000",
        description="The address that carriers and browsers use, without a slash at its end.",
    )
    listen: str = Field("127.0.0.1:8000", description="Host and port that `farmerline serve` listens on.")
    modules: frozenset[Module] = Field(
        frozenset({Module.VOICE, Module.MAILBOX, Module.ALERTS, Module.EXPERTS, Module.PRICES, Module.TV}),
        description="Parts switched on, by commas: voice, mailbox, alerts, experts, prices, forum, surveys, tv.",
    )
    simulator_path: Path | None = Field(None, description="The simulated carrier's own file (demo only).")
    clock_file: Path | None = Field(
        None, description="Takes the time from this file, so that a proof can make it jump (proof only)."
    )

    @field_validator("public_url")
    @classmethod
    def _trim_url(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value.rstrip("/")

    @field_validator("listen")
    @classmethod
    def _check_listen(cls, value: str) -> str:
        port = value.rpartition(":")[2]
        if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
            raise ValueError("must end with a port from 1 to 65535, e.g. 127.0.0.1:8000")
        return value

    @field_validator("line_number")
    @classmethod
    def _check_line(cls, value: str) -> str:
        if not 3 <= sum(sign.isdigit() for sign in value) <= 15 or not set(value) <= set("0123456789+- "):
            raise ValueError("must be a telephone number")
        return value
