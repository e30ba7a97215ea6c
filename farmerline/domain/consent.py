"""Consent: a person's yes or no to each purpose and channel, with its proof. Rows are only added; the latest holds.

Where nothing was said: answers to a person's own words always go out; matches, letters and signed alerts go to
verified people (they were told when they were enrolled); tips and the digest need a yes. A subscription is itself a yes to
being told of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import and_, false, or_, select
from sqlalchemy.orm import Session

from farmerline.domain.many import among, unindexed
from farmerline.messages import Channel
from farmerline.models import Account, AccountState, Consent, Purpose

ENROLLED = (Purpose.SERVICE, Purpose.MATCH, Purpose.LETTER, Purpose.ALERT)
UNASKED = (Purpose.TIPS, Purpose.DIGEST)
STOPPED = (*UNASKED, Purpose.WATCH)
"""What TD stops and RESUME brings back: tips, the digest, and what people subscribed to."""
TEXT_VERSION = "2"
"""The version of the words that a person is told when enrolled; part of each proof. The words: ``ENROL_TEXT``."""
ENROL_TEXT = (
    "Your name, phone and village are kept sealed and seen by your contact point. You get answers, matches, letters and "
    "signed pest alerts. Your number is shown only where you said yes. TD stops tips and what you subscribed to; your "
    "contact point can end it all."
)
_CHUNK = 500


class Person(Protocol):
    """Whose consent is asked: an account, or a row of these columns of it."""

    @property
    def id(self) -> str: ...
    @property
    def phone_index(self) -> str | None: ...
    @property
    def state(self) -> AccountState: ...


Someone = TypeVar("Someone", bound=Person)


def allows(
    session: Session,
    *,
    account: Account | None = None,
    phone_index: str | None = None,
    purpose: Purpose,
    channel: Channel | str = "",
) -> bool:
    """Whether a message of this purpose may go to this person, or to this number, by this channel, now."""
    if purpose is Purpose.SERVICE:
        return True
    if account is not None:
        return bool(filter_allowed(session, [account], purpose=purpose, channel=channel))
    if phone_index is None:
        return False
    query = select(Consent.granted).where(
        Consent.account_id.is_(None),
        Consent.phone_index == phone_index,
        Consent.purpose == purpose,
        Consent.channel.in_(("", str(channel))),
    )
    return session.scalar(query.order_by(Consent.at.desc(), Consent.id.desc()).limit(1)) is True


def filter_allowed(
    session: Session, accounts: Sequence[Someone], *, purpose: Purpose, channel: Channel | str = ""
) -> list[Someone]:
    """Those of the people to whom such a message may go, in the same order; one query for 500 people."""
    allowed: list[Someone] = []
    for start in range(0, len(accounts), _CHUNK):
        part = accounts[start : start + _CHUNK]
        latest = _latest(session, part, purpose, str(channel))
        allowed.extend(account for account in part if _may(account, purpose, latest))
    return allowed


def said_no(session: Session, accounts: Sequence[Account], *, purpose: Purpose) -> set[str]:
    """The ids of those of the people whose last word about this purpose was a no."""
    return {
        account_id
        for start in range(0, len(accounts), _CHUNK)
        for account_id, granted in _latest(session, accounts[start : start + _CHUNK], purpose, "").items()
        if not granted
    }


def grant(
    session: Session,
    account: Account,
    *,
    purposes: Iterable[Purpose],
    proof: str,
    now: datetime,
    channel: Channel | str = "",
    by_id: str | None = None,
) -> None:
    """Write down a person's yes. ``proof`` names where it was said: ``inbound:…``, ``enrol:…``, ``page:…``; at most 80 signs."""
    _write(session, [account.id], None, purposes, True, proof, now, channel, by_id)


def stop(
    session: Session,
    *,
    accounts: Iterable[Account] = (),
    phone_index: str | None = None,
    purposes: Iterable[Purpose],
    proof: str,
    now: datetime,
    channel: Channel | str = "",
    by_id: str | None = None,
) -> None:
    """Write down a no, for these people and for the number it came from. It holds from the next send on."""
    _write(
        session,
        [account.id for account in accounts],
        phone_index,
        purposes,
        False,
        proof,
        now,
        channel,
        by_id,
    )


def resume(
    session: Session,
    *,
    accounts: Iterable[Account] = (),
    phone_index: str | None = None,
    purposes: Iterable[Purpose],
    proof: str,
    now: datetime,
    channel: Channel | str = "",
    by_id: str | None = None,
) -> None:
    """Write down a yes again, for these people and for the number it came from."""
    _write(
        session, [account.id for account in accounts], phone_index, purposes, True, proof, now, channel, by_id
    )


def history(session: Session, account: Account) -> list[Consent]:
    """Every yes and no of a person, the newest first."""
    query = select(Consent).where(Consent.account_id == account.id)
    return list(session.scalars(query.order_by(Consent.at.desc(), Consent.id.desc())))


def enrolment_proof(by_id: str, *, version: str = TEXT_VERSION) -> str:
    """The proof of a consent given in person: which words were read out, and by whom."""
    return f"enrol:{version}:{by_id}"


def _may(account: Person, purpose: Purpose, latest: dict[str, bool]) -> bool:
    if purpose is Purpose.SERVICE:
        return True
    if account.state is AccountState.LEFT:
        return False
    if account.state is not AccountState.VERIFIED and purpose is not Purpose.ALERT:
        return False
    said = latest.get(account.id)
    if said is None:
        return purpose in ENROLLED and account.state is AccountState.VERIFIED
    return said


def _latest(session: Session, accounts: Sequence[Person], purpose: Purpose, channel: str) -> dict[str, bool]:
    """The last word of each person who said one: their own, or one from their phone without a name."""
    owners: dict[str, list[str]] = {}
    for account in accounts:
        if account.phone_index is not None:
            owners.setdefault(account.phone_index, []).append(account.id)
    nobodys = unindexed(Consent.account_id).is_(None)  # the phone's own index is the one to use
    by_phone = and_(nobodys, among(Consent.phone_index, owners)) if owners else false()
    query = (
        select(Consent.account_id, Consent.phone_index, Consent.granted)
        .where(or_(among(Consent.account_id, [account.id for account in accounts]), by_phone))
        .where(Consent.purpose == purpose, Consent.channel.in_(("", channel)))
        .order_by(Consent.at, Consent.id)
    )
    latest: dict[str, bool] = {}
    for account_id, phone_index, granted in session.execute(query):
        for owner in [account_id] if account_id else owners[phone_index]:
            latest[owner] = granted
    return latest


def _write(
    session: Session,
    account_ids: Sequence[str],
    phone_index: str | None,
    purposes: Iterable[Purpose],
    granted: bool,
    proof: str,
    now: datetime,
    channel: Channel | str,
    by_id: str | None,
) -> None:
    for purpose in purposes:
        who: list[dict[str, str]] = [{"account_id": account_id} for account_id in account_ids]
        who += [{"phone_index": phone_index}] if phone_index else []
        for values in who:
            row = Consent(
                **values,
                purpose=purpose,
                channel=str(channel),
                granted=granted,
                at=now,
                proof=proof[:80],
                by_id=by_id,
            )
            session.add(row)
    session.flush()
