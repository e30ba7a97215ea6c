"""A person's answer to an alert by a button: understood, or not for them."""

from __future__ import annotations

from flask import redirect
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Account, Settled, reach
from farmerline.queries import own_alerts
from farmerline.web import frame
from farmerline.web.doors import actor, allow, now, writing
from farmerline.web.forms import typed


@allow("signed_in", module=Module.ALERTS)
def understand(alert_id: str) -> Response:
    """I have understood it; counts for everybody of the same phone."""
    return _answer(alert_id, Settled.PAGE, "Thank you. It is noted that you have understood it.")


@allow("signed_in", module=Module.ALERTS)
def refuse(alert_id: str) -> Response:
    """It is not for me."""
    return _answer(alert_id, Settled.NOT_MINE, "Noted: this alert is not for you.")


def _answer(alert_id: str, how: Settled, sentence: str) -> Response:
    """Settle it; pressed twice, or after an answer by phone, it stays as it is."""
    settled = 0
    with writing() as rows:
        account = rows.get_one(Account, actor().account_id)
        alert = own_alerts.sent_to(rows, account, alert_id)
        valid, number = alert.holds(now()), alert.number
        if valid:
            phone = account.phone_index
            settled = reach.settle(
                rows, alert, account_ids=[account.id], phone_index=phone, how=how, now=now(), by=account
            )
    if not valid:
        frame.wrong("No. {number} no longer holds.", number=number)
    else:
        frame.done(sentence) if settled else frame.done("This was answered before.")
    return redirect("/me/letters" if typed("back") == "letters" else "/me", 303)
