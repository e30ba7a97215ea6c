"""The experts' desk 农业110: who waits for an answer, one case, who is on duty."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.expert import case, duty, queue

__all__ = ["blueprint"]

_PAGES = (case, duty)  # each has put its views on the blueprint


def blueprint() -> Blueprint:
    """The desk's pages."""
    return queue.blueprint
