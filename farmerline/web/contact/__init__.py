"""The contact point's desk: today's list, cases, people, posts for people, enrolment."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.contact import cases, enrol, people, today

__all__ = ["blueprint"]

_PAGES = (cases, people, enrol)  # each has put its views on the blueprint


def blueprint() -> Blueprint:
    """The desk's pages."""
    return today.blueprint
