"""Telephone numbers and ids as Twilio writes them."""

from __future__ import annotations

import re
import uuid

API_VERSION = "2010-04-01"


class NoNumber(ValueError):
    """This is not a telephone number."""


def international(number: str) -> str:
    """A number as it was dialled, in the form that the carrier keeps. Raises ``NoNumber``."""
    digits = "".join(sign for sign in number if sign not in " -()").replace("＋", "+")
    if re.fullmatch(r"1\d{10}", digits):
        digits = f"+86{digits}"
    elif re.fullmatch(r"0[1-9]\d{8,10}", digits):
        digits = f"+86{digits[1:]}"
    if not re.fullmatch(r"\+[1-9]\d{6,14}|[1-9]\d{2,7}", digits):
        raise NoNumber(number[:20])
    return digits


def new_sid(prefix: str) -> str:
    """An id as Twilio makes them: two letters and 32 hexadecimal digits."""
    return prefix + uuid.uuid4().hex
