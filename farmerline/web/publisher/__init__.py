"""The publisher's desk: articles, prices, tips to everybody in an area who asked for them, the day's seller, the
telephone line and how it sounds, the television programme, the vocabulary."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.publisher import (
    articles,
    calendar,
    daily,
    intake,
    line,
    links,
    phrases,
    price_lists,
    prices,
    programmes,
    readings,
    surveys,
    tips,
    words,
)

__all__ = ["blueprint"]

_PAGES = (
    articles,
    calendar,
    daily,
    intake,
    line,
    links,
    phrases,
    price_lists,
    prices,
    programmes,
    readings,
    surveys,
    words,
)  # each has put its views on the blueprint


def blueprint() -> Blueprint:
    """The publisher's pages."""
    return tips.blueprint
