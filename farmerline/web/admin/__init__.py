"""The administrator's desk: people and roles, places, organisations, carriers, jobs, the audit, failed messages."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.admin import (
    appeals,
    audit,
    costs,
    failed,
    machinery,
    organisations,
    people,
    retention,
    start,
    units,
)

__all__ = ["blueprint"]

_PAGES = (
    appeals,
    audit,
    costs,
    failed,
    machinery,
    organisations,
    people,
    retention,
    units,
)  # each has put its views on the blueprint


def blueprint() -> Blueprint:
    """The administrator's pages."""
    return start.blueprint
