"""The voice line."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class VoiceSettings(BaseModel):
    """The voice line."""

    recording_seconds: int = Field(120, ge=10, le=600, description="The longest message a caller may leave.")
    missed_call_number: str = Field(
        "",
        description="A number of the line (E.164) that is only rung: the call is refused and rung back at once; empty: none.",
        pattern=r"^(\+\d{6,15})?$",
    )
    missed_calls_an_hour: int = Field(
        200, ge=1, description="Calls an hour that are rung back at most; each phone once."
    )
    speech_folder: Path | None = Field(None, description="A folder of recordings that replace fixed phrases.")
