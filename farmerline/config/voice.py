"""The voice line."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class VoiceSettings(BaseModel):
    """The voice line."""

    recording_seconds: int = Field(120, ge=10, le=600, description="The longest message a caller may leave.")
    speech_folder: Path | None = Field(None, description="A folder of recordings that replace fixed phrases.")
