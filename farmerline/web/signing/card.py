"""A person's printed card of one-time codes: made after a proof, shown once."""

from __future__ import annotations

from flask import render_template

from farmerline.domain import STAFF, Account, code_card, credentials, signin
from farmerline.domain.access import Actor
from farmerline.errors import Absent
from farmerline.web import forms
from farmerline.web.doors import actor, allow, now, reading, writing
from farmerline.web.language import _


@allow("signed_in")
def show_card() -> str:
    """How many codes are left, and the form that asks for the proof."""
    return _render(_owner())


@allow("signed_in")
def make_card() -> str | tuple[str, int]:
    """A fresh card after a code of the second factor; the page is the only place where its codes ever stand."""
    who = _owner()
    codes: list[str] = []
    with writing() as rows:
        account = rows.get_one(Account, who.account_id)
        if credentials.check_second_factor(rows, account, forms.typed("code", most=10), now=now()):
            codes = credentials.make_card(rows, account, by_id=who.account_id, now=now())
    if not codes:
        sentence = _(
            "This code does not fit, or too many tries were made. Take the next code, or wait a while."
        )
        return _render(who, errors=[("code", sentence)]), 422
    return _render(who, codes=codes)


def _owner() -> Actor:
    """Who has the second factor, in a session of their own."""
    who = actor()
    if who.parent_session_id or not who.has(*STAFF):
        raise Absent
    with reading() as rows:
        if not credentials.has_totp(signin.credential_of(rows, who.account_id)):
            raise Absent
    return who


def _render(
    who: Actor, *, codes: list[str] | None = None, errors: list[tuple[str, str]] | None = None
) -> str:
    with reading() as rows:
        left = code_card.left(signin.credential_of(rows, who.account_id))
    return render_template(
        "signing/card.html", left=left, codes=codes or [], errors=errors or [], of=code_card.CODES
    )
