"""The bureau's letters office: what came, who looks after it, what is over its time."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.bureau import letters

__all__ = ["blueprint"]


def blueprint() -> Blueprint:
    """The desk's pages."""
    return letters.blueprint
