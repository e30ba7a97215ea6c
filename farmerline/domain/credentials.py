"""Secrets of a person: password and second factor (``pins`` has the PIN, ``code_card`` the printed codes).

Passwords are kept as Argon2id hashes, the second factor's secret sealed.

A refusal changes rows (it counts), so checks answer with a value and never raise: an exception would roll the
count back. Every refusal looks and lasts alike, whether the number is known, the secret wrong, or too many were tried.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime, timedelta
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.clock import local
from farmerline.domain import audit, code_card
from farmerline.errors import Invalid
from farmerline.models import Account, AccountState, Credential

WRONG_CODE = "code_wrong"
"""The code of a refusal that names a wrong code of the second factor."""
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_FREE_TRIES = 3
_FIRST_DELAY = timedelta(seconds=30)
_LONGEST_DELAY = timedelta(hours=1)
_MOST_FAILURES = 100
_ONCE_DAYS = 7
_ONCE = re.compile(r"once:(\d{4}-\d\d-\d\d):(.+)", re.DOTALL)
_COMMON = (
    "password password1 passw0rd p@ssw0rd 12345678 123456789 1234567890 qwertyuiop qwerty123 iloveyou 11111111 88888888 "
    "66666666 00000000 abcd1234 abc12345 a1234567 a12345678 1qaz2wsx zaq12wsx asdfghjkl woaini1314 woaini520 5201314520 "
    "147258369 987654321 admin123 administrator wangyang123 nongmin123 farmerline letmein1 welcome1 123456789a aa123456 "
    "qq123456 q1w2e3r4 zxcvbnm123 taobao123 1314520520 11223344 12341234 87654321 asd12345 qweasdzxc"
)


def find_by_password(
    session: Session, *, phone: str, password: str, code: str = "", now: datetime
) -> Account | None:
    """The person who signs in with this phone, password and, where they have a second factor, its code; else None.

    Several members may share the phone: the password tells them apart. After three wrong tries each further one must
    wait, longer each time up to an hour; after a hundred only a reset in person helps.
    """
    candidates = _candidates(session, vault.phone_index(phone))
    fitting = [pair for pair in candidates if fits_hash(pair[1].password_hash, password, now)]
    if not candidates:
        fits_hash(decoy(), password, now)
    for account, credential in fitting:
        if _is_open(credential, now) and _code_fits(session, credential, code, now):
            credential.failures, credential.locked_until = 0, None
            if _HASHER.check_needs_rehash(_bare(credential.password_hash)) and not must_change(credential):
                credential.password_hash = make_hash(password)
            session.flush()
            return account
    for account, credential in candidates:
        if _is_open(credential, now):
            _count_failure(session, account, credential, now)
    if not candidates:
        audit.record(session, actor_id="", act="signin.fail", now=now)
    return None


def set_password(
    session: Session, account: Account, password: str, *, by_id: str, now: datetime, once: bool = False
) -> None:
    """Set a password; raises ``Invalid`` for a weak one. ``once``: it holds for seven days and must be changed at first use."""
    check_password_strength(password, account.phone)
    credential = ensure_credential(session, account)
    hashed = make_hash(password)
    credential.password_hash = (
        f"once:{local(now).date() + timedelta(days=_ONCE_DAYS)}:{hashed}" if once else hashed
    )
    credential.failures, credential.locked_until = 0, None
    session.flush()
    audit.record(
        session,
        actor_id=by_id,
        act="password.set",
        subject=f"account:{account.id}",
        detail={"once": once},
        now=now,
    )


def check_password(session: Session, account: Account, password: str, *, now: datetime) -> bool:
    """Whether this is the person's password: before a change of phone, password or second factor. Counts wrong ones."""
    credential = locked_credential(session, account.id)
    right = fits_hash(
        credential.password_hash if credential and credential.password_hash else decoy(), password, now
    )
    if credential is None or not credential.password_hash or not _is_open(credential, now):
        return False
    _count_try(session, account, credential, now, right=right)
    return right


def must_change(credential: Credential | None) -> bool:
    """Whether the password was made for one use."""
    return credential is not None and bool(_ONCE.fullmatch(credential.password_hash or ""))


def make_password() -> str:
    """A password for one use that can be read out: twelve letters and digits in groups, none easily mistaken."""
    signs = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(signs) for _ in range(4)) for _ in range(3))


def check_password_strength(password: str, phone: str | None = None) -> None:
    """Raise ``Invalid`` for a password that is short, common, or the person's number."""
    if not 8 <= len(password) <= 128:
        raise Invalid("password_short", "A password has 8 to 128 characters.", field="password")
    number = (phone or "").removeprefix("+86")
    plain = password.lower()
    weak = (
        plain in _COMMON.split()
        or len(set(plain)) < 4
        or (plain.isdigit() and len(plain) < 10)
        or (number and number in plain)
    )
    if weak:
        raise Invalid(
            "password_weak",
            "This password is easily guessed. Take several words, or letters with digits.",
            field="password",
        )


def make_totp_secret() -> str:
    """A fresh secret of the second factor, base32."""
    return pyotp.random_base32()


def totp_address(secret: str, *, account: Account, service: str) -> str:
    """The ``otpauth://`` address that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.name, issuer_name=service)


def enrol_totp(session: Session, account: Account, *, secret: str, code: str, now: datetime) -> None:
    """Take a second factor into use; ``code`` shows that the authenticator holds it. Raises ``Invalid`` when it does not."""
    step = _step(secret, code, now)
    if step is None:
        raise Invalid(
            "totp_wrong",
            "This code does not fit. Check the phone's clock and take the next code.",
            field="code",
        )
    credential = ensure_credential(session, account)
    credential.totp, credential.totp_step = secret, step
    session.flush()
    audit.record(session, actor_id=account.id, act="totp.set", subject=f"account:{account.id}", now=now)


def issue_totp(session: Session, account: Account, *, by_id: str, now: datetime) -> str:
    """Give a person a new second factor; returns its secret, to be shown once to the person who stands there."""
    secret = make_totp_secret()
    credential = ensure_credential(session, account)
    credential.totp, credential.totp_step = secret, 0
    session.flush()
    audit.record(session, actor_id=by_id, act="totp.issue", subject=f"account:{account.id}", now=now)
    return secret


def make_card(session: Session, account: Account, *, by_id: str, now: datetime) -> list[str]:
    """A fresh card of 20 one-time codes of six digits, to be shown once; the old card's codes are good no more."""
    credential = ensure_credential(session, account)
    codes, credential.card = code_card.draw(account.id)
    session.flush()
    audit.record(session, actor_id=by_id, act="card.make", subject=f"account:{account.id}", now=now)
    return codes


def check_second_factor(session: Session, account: Account, code: str, *, now: datetime) -> bool:
    """Whether this is a code of the authenticator, not used before, or an unused one of the card; then it is used up.

    False also where no second factor is in use. Counts wrong ones, which delay further tries; never raises. A door
    whose transaction is rolled back afterwards calls ``count_wrong_code`` in one of its own.
    """
    credential = locked_credential(session, account.id)
    if credential is None or not has_totp(credential) or not _is_open(credential, now):
        return False
    right = _code_fits(session, credential, code, now)
    _count_try(session, account, credential, now, right=right)
    return right


def count_wrong_code(session: Session, account_id: str, *, now: datetime) -> None:
    """Count a wrong code of the second factor: where the transaction that found it so was rolled back."""
    credential = locked_credential(session, account_id)
    if credential is not None and _is_open(credential, now):
        _count_failure(session, session.get_one(Account, account_id), credential, now)


def has_totp(credential: Credential | None) -> bool:
    """Whether a second factor is in use."""
    return credential is not None and credential.totp_sealed is not None


def credential_of(session: Session, account_id: str) -> Credential | None:
    """The person's secrets, or None while there are none."""
    return session.get(Credential, account_id)


def _candidates(session: Session, phone_index: str) -> list[tuple[Account, Credential]]:
    query = (
        select(Account, Credential)
        .join(Credential, Credential.account_id == Account.id)
        .where(Account.phone_index == phone_index, Account.state == AccountState.VERIFIED)
        .where(Credential.password_hash.is_not(None))
        .order_by(Account.id)
        .with_for_update(of=Credential)
        .execution_options(populate_existing=True)
    )
    return [(account, credential) for account, credential in session.execute(query)]


def locked_credential(session: Session, account_id: str) -> Credential | None:
    """The person's secrets, locked against a second try at the same time."""
    query = select(Credential).where(Credential.account_id == account_id).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def ensure_credential(session: Session, account: Account) -> Credential:
    """The same, made when there is none yet."""
    found = locked_credential(session, account.id)
    if found is None:
        found = Credential(account_id=account.id)
        session.add(found)
        session.flush()
    return found


def _count_try(
    session: Session, account: Account, credential: Credential, now: datetime, *, right: bool
) -> None:
    if right:
        credential.failures, credential.locked_until = 0, None
        session.flush()
    else:
        _count_failure(session, account, credential, now)


def _count_failure(session: Session, account: Account, credential: Credential, now: datetime) -> None:
    credential.failures += 1
    over = credential.failures - _FREE_TRIES
    if over >= 0:
        credential.locked_until = now + min(_FIRST_DELAY * 2 ** min(over, 10), _LONGEST_DELAY)
    session.flush()
    audit.record(
        session, actor_id=account.id, act="signin.fail", subject=f"account:{account.id}",
        detail={"failures": credential.failures}, now=now,
    )  # fmt: skip


def _is_open(credential: Credential, now: datetime) -> bool:
    if credential.failures >= _MOST_FAILURES:
        return False
    return credential.locked_until is None or now >= credential.locked_until


def _code_fits(session: Session, credential: Credential, code: str, now: datetime) -> bool:
    """True where there is no second factor, or the code is right and not used before (then it is used)."""
    if credential.totp_sealed is None:
        return True
    step = _step(credential.totp, code, now)
    if step is not None and step > credential.totp_step:
        credential.totp_step = step
        return True
    if not code_card.strike(credential, code):
        return False
    audit.record(
        session, actor_id=credential.account_id, act="card.use", subject=f"account:{credential.account_id}",
        detail={"left": code_card.left(credential)}, now=now,
    )  # fmt: skip
    return True


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step whose code this is, one before or after the present at most."""
    said = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", said, re.ASCII):
        return None
    maker = pyotp.TOTP(secret)
    present = maker.timecode(now)
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(maker.generate_otp(step), said):
            return step
    return None


def fits_hash(hashed: str | None, said: str, now: datetime) -> bool:
    """Whether these words belong to the hash, and it is not a one-use password past its days."""
    once = _ONCE.fullmatch(hashed or "")
    try:
        _HASHER.verify(_bare(hashed), said)
    except (VerificationError, InvalidHashError):
        return False
    return once is None or local(now).date().isoformat() <= once[1]


def _bare(hashed: str | None) -> str:
    once = _ONCE.fullmatch(hashed or "")
    return once[2] if once else hashed or ""


def make_hash(said: str) -> str:
    """The argon2id hash of a secret."""
    return _HASHER.hash(said)


@cache
def decoy() -> str:
    """A hash that nothing fits, so that an unknown number takes as long as a known one."""
    return make_hash(secrets.token_hex(16))
