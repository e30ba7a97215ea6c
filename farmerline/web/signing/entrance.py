"""Signing in with phone and password (and the code of the second factor), and signing out."""

from __future__ import annotations

from flask import g, redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.domain import signin
from farmerline.errors import Invalid
from farmerline.identity import normalise_phone
from farmerline.web import forms, session
from farmerline.web.doors import allow, maybe_actor, now, reading, settings, writing
from farmerline.web.language import _


@allow("public")
def show() -> Response | str:
    """The form; who is signed in goes on."""
    who = maybe_actor()
    if who is not None:
        return redirect(forms.own_address(request.args.get("next", "")) or session.home(who), 303)
    return _form("", [], next_=request.args.get("next", ""), ask_code="code" in request.args)


@allow("public")
def check() -> Response | tuple[str, int]:
    """Open a session, or say that it does not fit: never what was wrong."""
    phone, password, code = (
        forms.typed("phone", most=40),
        forms.secret("password"),
        forms.typed("code", most=10),
    )
    next_ = forms.own_address(request.form.get("next", ""))
    token = None
    try:
        number = normalise_phone(phone)
    except Invalid as refusal:
        return _form(
            phone, [("phone", _(refusal.sentence, **refusal.values))], next_=next_, ask_code=True
        ), 422
    with writing() as rows:
        token = signin.sign_in(
            rows, phone=number, password=password, code=code, settings=settings(), now=now()
        )
    if token is None:
        return _refused(phone, next_)
    if (before := maybe_actor()) is not None:
        with writing() as rows:
            signin.end_session(rows, before, now=now())
    session.begin(token, shared=forms.ticked("shared"))
    with reading() as rows:
        who = signin.load_session(rows, token, now=now())
    if who is None:
        return _refused(phone, next_)
    g.actor = g.account = who
    if who.must_change:
        return redirect("/me/password", 303)
    if who.must_enrol:
        return redirect("/second-factor", 303)
    return redirect(next_ or session.home(who), 303)


@allow("public")
def leave() -> Response:
    """Sign out; at a shared computer the farmer's session alone ends."""
    who = maybe_actor()
    if who is None:
        return redirect("/", 303)
    with writing() as rows:
        signin.end_session(rows, who, now=now())
    if who.parent_session_id:
        session.forget_shared()
    else:
        session.forget()
    answer = redirect("/desk" if who.parent_session_id else "/", 303)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _refused(phone: str, next_: str, sentence: str = signin.REFUSED) -> tuple[str, int]:
    return _form(phone, [("", _(sentence))], next_=next_, ask_code=True), 422


def _form(phone: str, errors: list[tuple[str, str]], *, next_: str, ask_code: bool) -> str:
    return render_template(
        "signin.html",
        phone=phone,
        errors=errors,
        next=forms.own_address(next_),
        ask_code=ask_code,
        contact_href=None,
    )
