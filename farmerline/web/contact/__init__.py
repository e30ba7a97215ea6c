"""The contact point's desk: today's list, people to be told in person, cases, people, posts for people, enrolment."""

from __future__ import annotations

from flask import Blueprint

from farmerline.web.contact import alerts, cases, enrol, pack, people, services_log, sheet, sightings, today

__all__ = ["blueprint"]

_PAGES = (
    alerts,
    cases,
    people,
    sheet,
    sightings,
    enrol,
    pack,
    services_log,
)  # each has put its views on the blueprint


def blueprint() -> Blueprint:
    """The desk's pages."""
    return today.blueprint
