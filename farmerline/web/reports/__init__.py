"""Reports for the bureau: what came of the posts; the month of each town and unit."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.reports import deals, month, points

__all__ = ["blueprint"]

_PAGES = (month, points)  # each has put its views on the blueprint


def blueprint() -> Blueprint:
    """The pages of this folder."""
    return deals.blueprint
