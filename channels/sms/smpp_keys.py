"""The table of an SMPP connection in the gateways file, and the connection it describes."""

from __future__ import annotations

import ssl
from typing import Literal

from pydantic import Field, SecretStr, field_validator

from channels.contract import Gateway
from channels.gateways import Table
from channels.sms.smpp import SmppSms
from channels.sms.smpp_link import Centre, SmppLink

_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_LONGEST_PASSWORD = 8
_MOST_LANES = 64


class SmppTable(Table):
    """A carrier's message centre."""

    kind: Literal["smpp"] = "smpp"
    host: str = Field(min_length=1, description="The message centre's name or address.")
    port: int = Field(2775, ge=1, le=65535, description="Its port.")
    system_id: str = Field(min_length=1, max_length=15, description="Who we are to it.")
    password: SecretStr = Field(description="Our password there, at most 8 signs.")
    system_type: str = Field(
        "", max_length=12, description="What the carrier says to put there; often nothing."
    )
    number: str = Field(
        pattern=r"^(\+[1-9][0-9]{4,14}|[0-9]{3,20})$",
        description="What texts come from: E.164, or the access number as the carrier writes it.",
    )
    tls: bool = Field(False, description="The link is encrypted, and the centre's certificate checked.")
    ca_file: str | None = Field(None, description="Certificates to believe, where the carrier has its own.")
    window: int = Field(10, ge=1, le=1000, description="Messages that may wait for the centre's answer.")
    long: Literal["parts", "payload"] = Field(
        "parts", description="How a long text leaves: in parts of ours, or as one that the centre parts."
    )
    query: bool = Field(False, description="The centre can be asked what became of a message (query_sm).")
    idle_seconds: float = Field(30.0, ge=1, le=600, description="Silence after which the link is checked.")
    answer_seconds: float = Field(10.0, gt=0, le=25, description="Time for an answer, and for a bind.")

    @field_validator("password")
    @classmethod
    def _check_password(cls, value: SecretStr) -> SecretStr:
        if not 1 <= len(value.get_secret_value()) <= _LONGEST_PASSWORD:
            raise ValueError(f"must have 1 to {_LONGEST_PASSWORD} signs: SMPP cuts longer ones")
        return value

    def stays_here(self) -> bool:
        return self.host in _HERE


def connect(table: SmppTable) -> Gateway:
    """The connection that a table describes; raises ``OSError`` where its certificates cannot be read."""
    centre = Centre(
        host=table.host,
        port=table.port,
        system_id=table.system_id,
        password=table.password.get_secret_value(),
        system_type=table.system_type,
        tls=ssl.create_default_context(cafile=table.ca_file) if table.tls else None,
        window=table.window,
        rate=table.rate,
        idle=table.idle_seconds,
        patience=table.answer_seconds,
    )
    sender = SmppSms(SmppLink(centre, table.name), table.number, table.name, table.long == "payload")
    return table.gateway(
        sender,
        statement=sender if table.query else None,
        can_find=False,
        lanes=min(table.window, _MOST_LANES),
        probe=sender.probe,
        line=sender,
    )
