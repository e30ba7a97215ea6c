"""Reports for the bureau: what came of the posts."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.reports import deals

__all__ = ["blueprint"]


def blueprint() -> Blueprint:
    """The pages of this folder."""
    return deals.blueprint
