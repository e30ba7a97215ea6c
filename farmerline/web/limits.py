"""How often one address may try to sign in. Counted in this process; the accounts' own growing delay counts for all."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

SIGN_IN = "20 per minute; 200 per hour"
"""Wide enough for a contact point where a whole village signs in from one machine."""


def install(app: Flask) -> Limiter:
    """The limits of this application; off where ``RATELIMIT_ENABLED`` is false."""
    return Limiter(
        get_remote_address, app=app, storage_uri="memory://", strategy="fixed-window", headers_enabled=False
    )
