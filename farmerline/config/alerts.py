"""Alerts, sightings and warnings from other bureaus."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field


class AlertSettings(BaseModel):
    """Alerts, sightings and warnings from other bureaus."""

    alert_quiet_from: int = Field(
        22,
        ge=0,
        le=24,
        description="Hour after which alerts wait for the morning; red ones never do (China time).",
    )
    alert_quiet_to: int = Field(
        7, ge=0, le=24, description="Hour from which alerts that waited go out (China time)."
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
    map_folder: Path | None = Field(
        None,
        description="The bureau's own map: a folder of GeoJSON files whose features have a `code` (docs/alerts.md).",
    )
    cap_senders: tuple[str, ...] = Field(
        (),
        description="Senders of CAP 1.2 warnings that may become drafts, by comma, as they sign; others are refused.",
    )
    cap_urls: tuple[str, ...] = Field(
        (),
        description="Addresses of CAP 1.2 warnings, or of feeds that point to them, by comma: asked every five minutes.",
    )
    cap_folder: Path | None = Field(
        None, description="A folder in which another bureau puts CAP 1.2 files: each becomes a draft, once."
    )
