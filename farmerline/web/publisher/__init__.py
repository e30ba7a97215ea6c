"""The publisher's desk: tips to everybody in an area who asked for them."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.publisher import tips

__all__ = ["blueprint"]


def blueprint() -> Blueprint:
    """The publisher's pages."""
    return tips.blueprint
