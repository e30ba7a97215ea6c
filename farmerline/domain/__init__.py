"""Verbs. Session first, the rest by keyword, the moment passed in; they flush and never commit."""

from sqlalchemy.orm import Session

__all__ = ["Session"]
