"""Keys, sessions, and how long things are kept."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr, field_validator


class SecrecySettings(BaseModel):
    """Keys, sessions, and how long things are kept."""

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
    staff_idle_minutes: int = Field(30, ge=1, description="Minutes after which a quiet staff session ends.")
    farmer_idle_days: int = Field(7, ge=1, description="Days after which a quiet farmer's session ends.")
    shared_idle_minutes: int = Field(
        3, ge=1, description="Quiet minutes after which a farmer's session at a shared PC ends."
    )
    upload_megabytes: int = Field(10, ge=1, description="The largest file that a page takes (a roster).")
    backup_folder: Path | None = Field(
        None, description="Where backups go; empty: `backups` in the home folder."
    )
    backups_kept: int = Field(14, ge=1, description="How many backups are kept.")
    erased_months: int = Field(
        6,
        ge=6,
        le=120,
        description="Months after which an erased person's messages lose the number they went to; the law asks for six.",
    )

    @field_validator("web_key")
    @classmethod
    def _check_web_key(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 32:
            raise ValueError("must have at least 32 characters")
        return value
