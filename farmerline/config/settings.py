"""All settings together, and what must hold between them."""

from __future__ import annotations

from pathlib import Path

from pydantic import ConfigDict, field_validator, model_validator

from farmerline.config.alerts import AlertSettings
from farmerline.config.carriers import CarrierSettings
from farmerline.config.county import CountySettings, Module
from farmerline.config.intake import IntakeSettings
from farmerline.config.market import MarketSettings
from farmerline.config.secrecy import SecrecySettings
from farmerline.config.switch import SwitchSettings
from farmerline.config.voice import VoiceSettings
from farmerline.vault import Vault, read_key


class Settings(
    SwitchSettings,
    VoiceSettings,
    AlertSettings,
    IntakeSettings,
    MarketSettings,
    SecrecySettings,
    CarrierSettings,
    CountySettings,
):
    """The effective settings. Wrong values stop the start with one line that says what to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("modules", "cap_senders", "cap_urls", "follow_up_days", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

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
