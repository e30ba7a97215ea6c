"""A farmer's own session at a contact point's computer: inside the operator's, ended by a button or quiet minutes."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response

from farmerline.domain import Account, Role, signin
from farmerline.errors import Absent
from farmerline.web import forms, frame, session
from farmerline.web.doors import actor, allow, maybe_actor, now, settings, writing

_HEX = frozenset("0123456789abcdef")


@allow(Role.CONTACT)
def start() -> Response:
    """Open the farmer's session. Form: account_id, and pin, password, or id_seen.

    A proof that fails goes back to where the form was, with a sentence.
    """
    operator = actor()
    account_id = forms.typed("account_id", most=40)
    if len(account_id) != 32 or not set(account_id) <= _HEX:
        raise Absent
    pin, password, seen = forms.secret("pin"), forms.secret("password"), forms.ticked("id_seen")
    with writing() as rows:
        account = rows.get(Account, account_id)
        if account is None:
            raise Absent
        token = signin.open_shared(
            rows,
            operator=operator,
            account=account,
            settings=settings(),
            now=now(),
            pin=pin,
            password=password,
            id_seen=seen,
        )
    if token is None:
        sentence = (
            "The PIN or password does not fit, or too many tries were made. See the ID instead."
            if pin or password
            else "Tick that you have seen the ID, or let the person type PIN or password."
        )
        frame.wrong(sentence)
        return redirect(_came_from(), 303)
    session.begin_shared(token)
    return redirect("/me", 303)


@allow("public")
def end() -> Response:
    """Back to the operator's session; nothing of the farmer's can be opened any more."""
    who = maybe_actor()
    if who is not None and who.parent_session_id:
        with writing() as rows:
            signin.end_shared(rows, who, now=now())
        session.forget_shared()
        frame.done("The session at this computer has ended. The next person sees nothing of it.")
    answer = redirect("/desk" if who else "/", 303)
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@allow("public")
def over() -> Response:
    """Where a page of a farmer's session goes by itself after the quiet minutes: the session is over by then."""
    who = maybe_actor()
    if who is not None and who.parent_session_id:  # still used, in another window
        return redirect("/me", 303)
    return redirect(session.home(who) if who else "/", 303)


@allow("public")
def still() -> tuple[str, int]:
    """A script's word that somebody is typing; the use itself is noted on the way in."""
    who = maybe_actor()
    return "", 204 if who is not None and who.parent_session_id else 410


def _came_from() -> str:
    return forms.own_address(request.form.get("back", "")) or "/desk"
