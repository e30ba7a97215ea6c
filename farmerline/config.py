"""Every setting, read once. ``FARMERLINE_<NAME>`` or, for a secret kept in a file, ``FARMERLINE_<NAME>_FILE``.

The environment comes before the settings file. The settings file is the one ``FARMERLINE_SETTINGS`` names, else
``settings.env`` in the current folder, else, in a checkout and where the environment holds no keys, the demo county's.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from farmerline.errors import Misconfigured
from farmerline.vault import Vault, read_key

PREFIX = "FARMERLINE_"
CHECKOUT = Path(__file__).resolve().parents[1]
DEMO_SETTINGS = CHECKOUT / "var" / "demo" / "settings.env"


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


class Settings(BaseModel):
    """The effective settings. Wrong values stop the start with one line that says what to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
    sms_signature: str = Field(
        "",
        description="Put before each SMS by us, in 【】; leave empty where the carrier adds it.",
        max_length=12,
    )
    public_url: str = Field(
        "http://127.0.0.1:8000",
        description="The address that carriers and browsers use, without a slash at its end.",
    )
    listen: str = Field("127.0.0.1:8000", description="Host and port that `farmerline serve` listens on.")
    gateway: Literal["simulator", "twilio"] = Field(
        "twilio", description="The carrier: `twilio`, or `simulator` (a carrier in a box, demo only)."
    )
    gateways: Path | None = Field(
        None,
        description="A file of carrier connections (docs/gateways.md); without it, the one line of `FARMERLINE_GATEWAY`.",
    )
    twilio_account_sid: str = Field("", description="Twilio's account id (AC…); made up for the simulator.")
    twilio_auth_token: SecretStr = Field(
        SecretStr(""), description="Twilio's auth token; signs and checks webhooks."
    )
    twilio_number: str = Field("", description="The number Twilio sends and calls from, in E.164.")
    sms_rate: float = Field(10.0, gt=0, description="SMS parts a second that the carrier takes.")
    call_rate: float = Field(1.0, gt=0, description="Calls a second that the carrier takes.")
    sms_part_yuan: float = Field(
        0.045, ge=0, le=10, description="What the carrier asks for one SMS part, in yuan."
    )
    call_minute_yuan: float = Field(
        0.12, ge=0, le=10, description="What the carrier asks for a started minute of a call, in yuan."
    )
    campaign_yuan: float = Field(
        1000.0,
        ge=0,
        description="Yuan that one broadcast may cost before an administrator is asked; 0: no ceiling.",
    )
    day_yuan: float = Field(
        5000.0,
        ge=0,
        description="Yuan that a day may cost before an administrator is asked about each further broadcast; 0: no ceiling.",
    )
    smtp_url: str = Field(
        "",
        description="The mail server for copies of letters: `smtps://user@host:465`; empty: none are sent.",
    )
    smtp_password: SecretStr = Field(SecretStr(""), description="The password there.")
    smtp_sender: str = Field(
        "", description="The address that e-mail comes from, e.g. `letters@example.org`."
    )
    smtp_rate: float = Field(2.0, gt=0, le=1000, description="E-mails a second that the server takes.")
    vault_keys: SecretStr = Field(
        description="Keys that seal personal data: `id:base64` of 32 bytes, several by commas. `farmerline key` makes one."
    )
    vault_current: str = Field(
        "", description="The id of the key that seals new values; empty takes the last one."
    )
    index_key: SecretStr = Field(
        description="The key of the look-up index of phones and resident numbers, base64 of 32 bytes."
    )
    web_key: SecretStr = Field(description="Signs cookies and forms; at least 32 characters.")
    keep_resident_number: bool = Field(
        False,
        description="Keep the sealed resident number after the ID was seen. Off: only who saw it, and when.",
    )
    modules: frozenset[Module] = Field(
        frozenset({Module.VOICE, Module.MAILBOX, Module.ALERTS, Module.EXPERTS, Module.PRICES}),
        description="Parts switched on, by commas: voice, mailbox, alerts, experts, prices, forum, surveys, tv.",
    )
    hold_hours: int = Field(
        2, ge=1, description="Working hours in which a contact point decides on a held post."
    )
    read_back_hours: int = Field(
        24, ge=1, description="Hours a read-back waits for its answer before it goes to the contact point."
    )
    follow_up_days: tuple[int, int] = Field(
        (3, 10), description="Days after a match when both sides are asked how it ended."
    )
    reveals_a_day: int = Field(30, ge=1, description="Phone numbers one person may be shown in a day.")
    pool_hours: int = Field(
        48, ge=1, description="Hours in which the members of a pooled offer, then its buyer, may answer."
    )
    matches_a_side: int = Field(3, ge=1, le=3, description="Matches offered to each side of a post.")
    quiet_from: int = Field(
        20, ge=0, le=24, description="Hour after which no tips or digests are sent (China time)."
    )
    quiet_to: int = Field(
        8, ge=0, le=24, description="Hour from which tips and digests are sent (China time)."
    )
    alert_quiet_from: int = Field(
        22,
        ge=0,
        le=24,
        description="Hour after which alerts wait for the morning; red ones never do (China time).",
    )
    alert_quiet_to: int = Field(
        7, ge=0, le=24, description="Hour from which alerts that waited go out (China time)."
    )
    tips_in_7_days: int = Field(
        3, ge=0, description="Tips and digests that one person gets in seven days at most."
    )
    subscriptions_each: int = Field(
        20, ge=1, le=200, description="Products that one person may be subscribed to at a time."
    )
    notices_a_day: int = Field(
        3,
        ge=1,
        le=50,
        description="Messages about subscriptions that one person gets in a day at most; the rest is told next morning.",
    )
    notice_gather_seconds: int = Field(
        10,
        ge=0,
        le=3600,
        description="Seconds that a new post waits for others before its subscribers are told of all in one message.",
    )
    digest_at: str = Field(
        "08:40",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="When 每日一助, the day's seller, is told to likely buyers (China time, `HH:MM`, outside the quiet hours).",
    )
    digest_seller_days: int = Field(
        30, ge=1, le=365, description="Days before the same seller may have the day again."
    )
    digest_readers: int = Field(
        500, ge=1, le=10_000, description="Likely buyers that one day's seller is told to at most."
    )
    cluster_sightings: int = Field(
        3,
        ge=2,
        le=50,
        description="Households that report one pest on one crop in one village before the officer on duty is called.",
    )
    cluster_days: int = Field(
        7, ge=1, le=60, description="Days in which reports of one pest in one village count together."
    )
    staff_idle_minutes: int = Field(30, ge=1, description="Minutes after which a quiet staff session ends.")
    farmer_idle_days: int = Field(7, ge=1, description="Days after which a quiet farmer's session ends.")
    shared_idle_minutes: int = Field(
        3, ge=1, description="Quiet minutes after which a farmer's session at a shared PC ends."
    )
    upload_megabytes: int = Field(10, ge=1, description="The largest file that a page takes (a roster).")
    recording_seconds: int = Field(120, ge=10, le=600, description="The longest message a caller may leave.")
    speech_folder: Path | None = Field(None, description="A folder of recordings that replace fixed phrases.")
    backup_folder: Path | None = Field(
        None, description="Where backups go; empty: `backups` in the home folder."
    )
    backups_kept: int = Field(14, ge=1, description="How many backups are kept.")
    map_folder: Path | None = Field(
        None,
        description="The bureau's own map: a folder of GeoJSON files whose features have a `code` (docs/alerts.md).",
    )
    cap_senders: tuple[str, ...] = Field(
        (),
        description="Senders of CAP 1.2 warnings that may become drafts, by comma, as they sign; others are refused.",
    )
    cap_folder: Path | None = Field(
        None, description="A folder in which another bureau puts CAP 1.2 files: each becomes a draft, once."
    )
    erased_months: int = Field(
        6,
        ge=6,
        le=120,
        description="Months after which an erased person's messages lose the number they went to; the law asks for six.",
    )
    simulator_path: Path | None = Field(None, description="The simulated carrier's own file (demo only).")
    clock_file: Path | None = Field(
        None, description="Takes the time from this file, so that a proof can make it jump (proof only)."
    )

    @field_validator("modules", "cap_senders", "follow_up_days", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
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

    @field_validator("web_key")
    @classmethod
    def _check_web_key(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters")
        return value

    @model_validator(mode="after")
    def _check_together(self) -> Settings:
        if self.mode == "production" and self.gateway == "simulator":
            raise ValueError(
                "FARMERLINE_GATEWAY=simulator works only with FARMERLINE_MODE=demo; choose twilio."
            )
        if self.mode == "demo" and self.gateway != "simulator":
            raise ValueError(
                "FARMERLINE_MODE=demo works only with FARMERLINE_GATEWAY=simulator: a demo reaches nobody."
            )
        if self.clock_file and self.mode != "proof":
            raise ValueError("FARMERLINE_CLOCK_FILE works only with FARMERLINE_MODE=proof.")
        account = (self.twilio_account_sid, self.twilio_auth_token.get_secret_value(), self.twilio_number)
        if self.gateway == "twilio" and self.gateways is None and not all(account):
            raise ValueError(
                "FARMERLINE_GATEWAY=twilio needs FARMERLINE_TWILIO_ACCOUNT_SID, _AUTH_TOKEN and _NUMBER."
            )
        return self

    @property
    def is_demo(self) -> bool:
        return self.mode == "demo"

    @property
    def backups(self) -> Path:
        return self.backup_folder or self.home / "backups"

    def has(self, module: Module) -> bool:
        """Whether this part is switched on."""
        return module in self.modules

    def vault(self) -> Vault:
        """The vault these settings describe; raises ``Misconfigured``."""
        keys = {}
        for part in self.vault_keys.get_secret_value().split(","):
            name, _, body = part.strip().partition(":")
            keys[name] = read_key(body)
        return Vault(keys, self.vault_current or list(keys)[-1], read_key(self.index_key.get_secret_value()))


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
