"""The publisher's desk: tips to everybody in an area who asked for them, the day's seller, the words of the vocabulary."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.publisher import daily, tips, words

__all__ = ["blueprint"]

_PAGES = (daily, words)  # each has put its views on the blueprint


def blueprint() -> Blueprint:
    """The publisher's pages."""
    return tips.blueprint
