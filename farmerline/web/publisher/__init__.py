"""The publisher's desk: tips to everybody in an area who asked for them, and the words of the vocabulary."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.publisher import tips, words

__all__ = ["blueprint"]

_PAGES = (words,)  # each has put its views on the blueprint


def blueprint() -> Blueprint:
    """The publisher's pages."""
    return tips.blueprint
