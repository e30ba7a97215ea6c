"""Copies of letters by e-mail, for who gave an address and showed by a code that it is theirs.

The letter itself is in the mailbox and told of by text or call; the copy is a message of its own, promised together with the
letter. An address is kept sealed and used for nothing else.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from farmerline import vault
from farmerline.clock import local
from farmerline.domain import audit, consent, outbox
from farmerline.errors import Conflict, Invalid, TooOften
from farmerline.messages import Channel
from farmerline.models import Account, Delivery, EmailAddress, Letter, Purpose
from farmerline.words import say

CODE_HOLDS = timedelta(minutes=30)
TRIES = 5
"""Wrong codes until a new one must be asked for."""
CODES_A_DAY = 3
"""Codes that one person may have sent in a day, to whatever addresses."""
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_LONGEST = 254


def ask_code(session: Session, account: Account, address: str, *, now: datetime) -> None:
    """Send a code to an address that a person says is theirs.

    Raises ``Invalid`` for what is no address, ``TooOften`` after three in a day, ``Conflict`` where the county sends no e-mail.
    """
    if outbox.gateway_of(session, Channel.EMAIL) is None:
        raise Conflict("no_email", "This county sends no e-mail.")
    plain = check_address(address)
    claim = session.get(EmailAddress, account.id, with_for_update=True)
    if claim is None:
        claim = EmailAddress(account_id=account.id, day="", asked=0, made_at=now)
        session.add(claim)
    today = local(now).date().isoformat()
    if claim.day != today:
        claim.day, claim.asked = today, 0
    if claim.asked >= CODES_A_DAY:
        raise TooOften("codes_a_day", "You had three codes today. Please go on tomorrow.")
    code = f"{secrets.randbelow(1_000_000):06d}"
    claim.wanted, claim.code_hash = plain, _hash(account.id, code)
    claim.asked, claim.failures, claim.made_at = claim.asked + 1, 0, now
    session.flush()
    subject = say(account.language, "Your code: {code}", code=code)
    body = say(
        account.language,
        "Type it on the page where you gave this address, within 30 minutes. If it was not you, do nothing.",
    )
    outbox.queue(
        session, channel=Channel.EMAIL, address=plain, text=f"{subject}\n\n{body}", purpose=Purpose.SERVICE, now=now,
        account=account,
    )  # fmt: skip


def confirm(session: Session, account: Account, code: str, *, now: datetime) -> bool:
    """Take the address into use where the code is right; that is the consent to copies. A wrong one is counted."""
    claim = session.get(EmailAddress, account.id, with_for_update=True)
    if claim is None or not claim.code_hash or now - claim.made_at > CODE_HOLDS:
        return False
    if not hmac.compare_digest(claim.code_hash, _hash(account.id, "".join(code.split()))):
        claim.failures += 1
        if claim.failures >= TRIES:
            claim.code_hash = ""
        return False
    claim.address, claim.wanted, claim.code_hash = claim.wanted, None, ""
    session.flush()
    _note(session, account, "email.set", now)
    consent.grant(
        session,
        account,
        purposes=[Purpose.LETTER],
        proof="page:email",
        now=now,
        channel=Channel.EMAIL,
        by_id=account.id,
    )
    return True


def address_of(session: Session, account: Account) -> str:
    """Where copies of this person's letters go; "" for none."""
    claim = session.get(EmailAddress, account.id)
    return str(claim.address) if claim is not None and claim.address else ""


def waiting_address(session: Session, account: Account, *, now: datetime) -> str:
    """The address that waits for its code; "" for none."""
    claim = session.get(EmailAddress, account.id)
    waits = claim is not None and claim.code_hash and now - claim.made_at <= CODE_HOLDS
    return str(claim.wanted) if claim is not None and waits else ""


def stop(session: Session, account: Account, *, proof: str, now: datetime) -> None:
    """End the copies and forget the address."""
    claim = session.get(EmailAddress, account.id, with_for_update=True)
    if claim is None or claim.address is None:
        return
    claim.address = None
    session.flush()
    _note(session, account, "email.stop", now)
    consent.stop(
        session,
        accounts=[account],
        purposes=[Purpose.LETTER],
        proof=proof,
        now=now,
        channel=Channel.EMAIL,
        by_id=account.id,
    )


def copy(session: Session, letter: Letter, sender: Account, to: Account, *, now: datetime) -> Delivery | None:
    """Promise a copy of a letter just written; None where its reader wishes none."""
    address = address_of(session, to)
    if not address or outbox.gateway_of(session, Channel.EMAIL) is None:
        return None
    title = " ".join(letter.subject.split())
    subject = say(to.language, "Letter from {name}: {subject}", name=sender.name, subject=title)
    return outbox.queue(
        session,
        channel=Channel.EMAIL,
        address=address,
        text=f"{subject}\n\n{letter.body}",
        purpose=Purpose.LETTER,
        now=now,
        account=to,
        letter=letter,
    )


def reader_of(session: Session, delivery_id: str, key: str) -> Account | None:
    """Whose copy it was that a link to end them stands in; None where the link is not ours."""
    if not hmac.compare_digest(key.encode(), vault.stop_key(delivery_id).encode()):
        return None
    row = session.get(Delivery, delivery_id)
    if row is None or row.channel is not Channel.EMAIL or row.account_id is None:
        return None
    return session.get(Account, row.account_id)


def check_address(address: str) -> str:
    """An e-mail address as it is kept; raises ``Invalid``."""
    plain = address.strip()
    if len(plain) > _LONGEST or not _ADDRESS.fullmatch(plain) or ".." in plain:
        raise Invalid("email_shape", "This is not an e-mail address, like li@example.com.", field="email")
    name, _, domain = plain.rpartition("@")
    return f"{name}@{domain.lower()}"


def mask_address(address: str) -> str:
    """Enough of an address to know it again: ``li***@example.com``."""
    name, _, domain = address.rpartition("@")
    return f"{name[:2]}***@{domain}"


def _hash(account_id: str, code: str) -> str:
    return vault.current().index("email-code", f"{account_id}:{code}")


def _note(session: Session, account: Account, act: str, now: datetime) -> None:
    audit.record(session, actor_id=account.id, act=act, subject=f"account:{account.id}", now=now)
