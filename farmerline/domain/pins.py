"""The six-digit PIN of the telephone and the shared PC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy.orm import Session

from farmerline.clock import local
from farmerline.domain import audit
from farmerline.domain.credentials import decoy, ensure_credential, fits_hash, locked_credential, make_hash
from farmerline.errors import Invalid
from farmerline.models import Account, Credential

_TRIES = 5
_COMMON = (
    "123654 456852 147258 258369 159753 357159 789456 741852 852963 963852 520520 521521 520131 131452 131420 110110 "
    "112358 120120 147852 168168 518518 668866 886688 888666 666888 778899 987789 123789 147369 100200 200300 123000 "
    "111222 222333 159357 110120 119119 121314 314159 102030 010203"
)


def set_pin(session: Session, account: Account, pin: str, *, by_id: str, now: datetime) -> None:
    """Set the six-digit PIN of the telephone and the shared PC; raises ``Invalid`` for a weak one.

    ``by_id`` is the person, or the contact point that has them in front of it (a reset in person).
    """
    check_pin_strength(pin, account.phone)
    credential = ensure_credential(session, account)
    credential.pin_hash = make_hash(pin)
    credential.pin_failures, credential.pin_day = 0, ""
    session.flush()
    audit.record(
        session, actor_id=by_id, for_id=account.id if by_id != account.id else "", act="pin.set",
        subject=f"account:{account.id}", now=now,
    )  # fmt: skip


def check_pin(session: Session, account: Account, pin: str, *, now: datetime) -> bool:
    """Whether the PIN is right; five wrong ones close it until the next day (China time). Never raises."""
    credential = locked_credential(session, account.id)
    right = fits_hash(credential.pin_hash if credential and credential.pin_hash else decoy(), pin, now)
    if credential is None or not credential.pin_hash or pin_tries_left(credential, now=now) == 0:
        return False
    if right:
        credential.pin_failures = 0
    else:
        today = local(now).date().isoformat()
        credential.pin_failures = credential.pin_failures + 1 if credential.pin_day == today else 1
        credential.pin_day = today
        audit.record(session, actor_id=account.id, act="pin.fail", subject=f"account:{account.id}", now=now)
    session.flush()
    return right


def find_holder(session: Session, members: Sequence[Account], pin: str, *, now: datetime) -> Account | None:
    """Whose PIN this is, among the people of one phone; a wrong one counts against each of them. Never raises.

    A member's right PIN does not count as a wrong one of the others.
    """
    for member in members:
        credential = locked_credential(session, member.id)
        if credential and credential.pin_hash and fits_hash(credential.pin_hash, pin, now):
            return member if check_pin(session, member, pin, now=now) else None
    for member in members:
        check_pin(session, member, pin, now=now)
    return None


def pin_tries_left(credential: Credential | None, *, now: datetime) -> int:
    """How many wrong PINs are still free today; 0 also where there is no PIN."""
    if credential is None or not credential.pin_hash:
        return 0
    used = credential.pin_failures if credential.pin_day == local(now).date().isoformat() else 0
    return max(_TRIES - used, 0)


def check_pin_strength(pin: str, phone: str | None = None) -> None:
    """Raise ``Invalid`` for a PIN that is not six digits, or that others would try first."""
    if not re.fullmatch(r"[0-9]{6}", pin, re.ASCII):
        raise Invalid("pin_shape", "A PIN is six digits.", field="pin")
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    weak = (
        len(set(pin)) <= 2
        or steps in ({1}, {9})
        or pin[:3] in (pin[3:], pin[:2:-1])
        or pin[:2] == pin[2:4] == pin[4:]
        or all(pin[place] == pin[place + 1] for place in (0, 2, 4))
        or pin in _COMMON.split()
        or pin in (phone or "")
        or _is_date(pin)
    )
    if weak:
        raise Invalid(
            "pin_weak",
            "Others would guess this PIN: take no birthday, no row, nothing from your number.",
            field="pin",
        )


def _is_date(pin: str) -> bool:
    try:
        date(2000 + int(pin[:2]), int(pin[2:4]), int(pin[4:]))
    except ValueError:
        return False
    return True
