"""Every desk's pages, in one list: a new desk is one more line."""

from __future__ import annotations

from flask import Blueprint
from flask_limiter import Limiter

from farmerline.web import (
    admin,
    alerts,
    bureau,
    contact,
    expert,
    farmer,
    public,
    publisher,
    reports,
    signing,
    today,
)


def blueprints(limiter: Limiter) -> list[Blueprint]:
    """The pages to register, in the order of their addresses."""
    return [
        public.blueprint(),
        signing.blueprint(limiter),
        farmer.blueprint(),
        contact.blueprint(),
        expert.blueprint(),
        bureau.blueprint(),
        admin.blueprint(),
        publisher.blueprint(),
        reports.blueprint(),
        alerts.blueprint(),
        today.blueprint,
    ]
