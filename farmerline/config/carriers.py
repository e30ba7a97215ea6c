"""Who carries texts, calls and e-mail, how fast, and what it may cost."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr


class CarrierSettings(BaseModel):
    """Who carries texts, calls and e-mail, how fast, and what it may cost."""

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
    twilio_api: str = Field(
        "",
        description="Who stands in Twilio's place, e.g. `farmerline pbx` at `http://127.0.0.1:8090`; empty: Twilio itself.",
    )
    sms_signature: str = Field(
        "",
        description="Put before each SMS by us, in 【】; leave empty where the carrier adds it.",
        max_length=12,
    )
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
