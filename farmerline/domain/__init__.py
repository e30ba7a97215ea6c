"""Verbs. Session first, the rest by keyword, the moment passed in; they flush and never commit."""

from sqlalchemy.orm import Session

from farmerline.models import STAFF, Account, Purpose, Role
from matching import Understood

__all__ = ["STAFF", "Account", "Purpose", "Role", "Session", "Understood"]
