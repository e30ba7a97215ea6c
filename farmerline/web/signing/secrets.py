"""A person's own password and second factor."""

from __future__ import annotations

from flask import redirect, render_template, session
from markupsafe import Markup
from werkzeug.wrappers import Response

from farmerline.domain import STAFF, Account, signin
from farmerline.domain.access import Actor
from farmerline.domain.credentials import has_totp
from farmerline.errors import Absent, Invalid
from farmerline.render.code import draw_code
from farmerline.web import forms, frame
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.language import _
from farmerline.web.session import home

_FRESH = "f"


@allow("signed_in")
def show_password() -> str:
    """The form to change the password."""
    _own_session()
    return _password_form([])


@allow("signed_in")
def store_password() -> Response | tuple[str, int]:
    """Change the password; every other session of this person ends."""
    who = _own_session()
    old, new, again = forms.secret("old"), forms.secret("new"), forms.secret("again")
    if new != again:
        return _password_form([("again", _("The two new passwords differ. Type both again."))]), 422
    with writing() as rows:
        account = rows.get_one(Account, who.account_id)
        right = signin.check_password(rows, account, old, now=now())
    if not right:
        return _password_form(
            [("old", _("This is not your password now, or too many tries were made. Wait a while."))]
        ), 422
    if new == old:
        return _password_form([("new", _("Take a password that you did not have before."))]), 422
    try:
        with writing() as rows:
            account = rows.get_one(Account, who.account_id)
            signin.set_password(rows, account, new, by_id=who.account_id, now=now())
            signin.end_all(rows, who.account_id, by_id=who.account_id, now=now(), but=who.session_id)
    except Invalid as refusal:
        return _password_form([("new", _(refusal.sentence, **refusal.values))]), 422
    frame.done("Your new password holds from now on.")
    return redirect("/second-factor" if who.must_enrol else home(who), 303)


@allow("signed_in")
def show_factor() -> str:
    """The secret for the authenticator, as a picture and as letters; or that one is in use."""
    who = _own_session()
    with reading() as rows:
        in_use = has_totp(signin.credential_of(rows, who.account_id))
    if in_use:
        return render_template("signing/second_factor.html", in_use=True, errors=[], secret="", picture="")
    if not (who.must_enrol or who.has(*STAFF)):
        raise Absent
    session[_FRESH] = session.get(_FRESH) or signin.make_totp_secret()
    return _factor_form([])


@allow("signed_in")
def store_factor() -> Response | tuple[str, int]:
    """Take the second factor into use; every other session of this person ends."""
    who = _own_session()
    secret = session.get(_FRESH)
    if not secret or not (who.must_enrol or who.has(*STAFF)):
        raise Absent
    try:
        with writing() as rows:
            if has_totp(signin.credential_of(rows, who.account_id)):
                raise Absent
            account = rows.get_one(Account, who.account_id)
            signin.enrol_totp(rows, account, secret=secret, code=forms.typed("code", most=10), now=now())
            signin.end_all(rows, who.account_id, by_id=who.account_id, now=now(), but=who.session_id)
    except Invalid as refusal:
        return _factor_form([("code", _(refusal.sentence, **refusal.values))]), 422
    session.pop(_FRESH, None)
    frame.done("The second factor is in use. From now on you sign in with password and code.")
    return redirect("/signin", 303)


def _own_session() -> Actor:
    """Secrets are changed in one's own session only, never at a shared computer."""
    who = actor()
    if who.parent_session_id:
        raise Absent
    return who


def _password_form(errors: list[tuple[str, str]]) -> str:
    return render_template("signing/password.html", errors=errors, must=actor().must_change)


def _factor_form(errors: list[tuple[str, str]]) -> str:
    secret = session[_FRESH]
    with reading() as rows:
        account = rows.get_one(Account, actor().account_id)
        address = signin.totp_address(secret, account=account, service=settings().service_name)
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return render_template(
        "signing/second_factor.html", in_use=False, errors=errors, secret=spaced, picture=_qr(address)
    )


def _qr(address: str) -> Markup:
    return Markup(draw_code(address))  # noqa: S704 - drawn here, from our own address
