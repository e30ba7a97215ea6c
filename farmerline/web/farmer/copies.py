"""Copies of my letters by e-mail: give an address, show by a code that it is mine, end it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect
from werkzeug.wrappers import Response

from farmerline.domain import Account, Session, letter_copies
from farmerline.errors import Absent, Conflict, Invalid, TooOften
from farmerline.web import forms, frame
from farmerline.web.doors import actor, allow, now, settings, writing

_HOME = "/me/data#email"


@dataclass(frozen=True, slots=True)
class Copies:
    """What the page shows: the address in use, and the one that waits for its code; both masked."""

    address: str
    waiting: str


def shown(rows: Session, account: Account) -> Copies | None:
    """None where the county sends no e-mail."""
    if not settings().smtp_url:
        return None
    found = (
        letter_copies.address_of(rows, account),
        letter_copies.waiting_address(rows, account, now=now()),
    )
    return Copies(*(letter_copies.mask_address(one) if one else "" for one in found))


@allow("signed_in")
def ask() -> Response:
    """Send a code to the address."""
    try:
        with writing() as rows:
            letter_copies.ask_code(rows, _person(rows), forms.typed("email"), now=now())
    except (Conflict, Invalid, TooOften) as refusal:
        frame.wrong(refusal.sentence, **refusal.values)
    else:
        frame.done("A code is on its way to this address. Type it here within 30 minutes.")
    return redirect(_HOME, 303)


@allow("signed_in")
def confirm() -> Response:
    """Take the address into use where its code is right."""
    with writing() as rows:
        right = letter_copies.confirm(rows, _person(rows), forms.typed("code", most=20), now=now())
    if right:
        frame.done("From now on a copy of each letter comes to this address.")
    else:
        frame.wrong("This code does not fit, or its time is over. Have another sent.")
    return redirect(_HOME, 303)


@allow("signed_in")
def end() -> Response:
    """No more copies."""
    with writing() as rows:
        letter_copies.stop(rows, _person(rows), proof="page:data", now=now())
    frame.done("No more copies by e-mail; the address is forgotten.")
    return redirect(_HOME, 303)


def _person(rows: Session) -> Account:
    if not settings().smtp_url:
        raise Absent
    return rows.get_one(Account, actor().account_id)
