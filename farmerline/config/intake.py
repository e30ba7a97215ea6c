"""What comes in to be published: sources listened to, the farm calendar."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class IntakeSettings(BaseModel):
    """What comes in to be published: sources listened to, the farm calendar."""

    feeds: Path | None = Field(
        None,
        description="A file of listed sources, a line each: name, tab, a feed's address or a folder (docs/intake.md).",
    )
    calendar: Path | None = Field(
        None, description="The county's own farm calendar in place of the shipped one (docs/intake.md)."
    )
