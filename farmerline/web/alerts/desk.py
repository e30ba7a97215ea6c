"""The blueprint that every page of the desk puts its views on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("alerts", __name__)
