"""The alert desk: the sightings map, alerts written, signed and followed, who is on duty, who practises."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.alerts import (
    cap,
    compose,
    desk,
    drills,
    duty,
    letters,
    listed,
    loudspeaker,
    public,
    rehearsal,
    report,
    run,
    sightings,
    sign,
)

__all__ = ["blueprint"]

_PAGES = (
    sightings,
    compose,
    listed,
    sign,
    rehearsal,
    run,
    public,
    cap,
    duty,
    drills,
    letters,
    report,
    loudspeaker,
)  # each has put its views on the blueprint


def blueprint() -> Blueprint:
    """The desk's pages."""
    return desk.blueprint
