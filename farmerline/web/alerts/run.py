"""What is going out: the list of it, one alert followed live, its controls, and sending somebody to whom it missed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Alert, AlertState, Role, Session, alert_control, alerts, reach
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.queries import alert_run
from farmerline.queries import alerts as alert_rows
from farmerline.web.alerts import followed
from farmerline.web.alerts.desk import blueprint
from farmerline.web.alerts.refusals import deciding_on
from farmerline.web.alerts.truth import reader_is
from farmerline.web.doors import actor, allow, now, reading, settings
from farmerline.web.forms import typed
from farmerline.web.frame import done, wrong

_READERS = (Role.OFFICER, Role.SIGNER, Role.ADMIN)
_HANDS = (Role.OFFICER, Role.SIGNER)
_GOING_OUT = (AlertState.SIGNED, AlertState.RUNNING, AlertState.PAUSED, AlertState.STOPPED)


@blueprint.get("/alerts/running")
@allow(*_READERS, module=Module.ALERTS)
def show_running() -> str:
    """What goes out or waits for its time, with how many it has not reached."""
    with reading() as rows:
        lines = alert_rows.listing(rows, areas=actor().areas(*_READERS), states=_GOING_OUT)
        mine = [
            one
            for one in lines
            if (alert := alerts.find(rows, one.number)) is not None and reader_is(alert, *_READERS)
        ]
        unreached = alert_rows.unreached_counts(rows, [one.id for one in mine if one.issued_at])
        return render_template("alerts/running.html", lines=mine, unreached=unreached)


@blueprint.get("/alerts/<alert:alert_number>/run")
@allow(*_READERS, module=Module.ALERTS)
def show_run(alert_number: str) -> str:
    return _page("alerts/run.html", alert_number)


@blueprint.get("/alerts/<alert:alert_number>/run/now")
@allow(*_READERS, module=Module.ALERTS)
def show_run_now(alert_number: str) -> str:
    """The moving parts alone, for the page's script."""
    return _page("alerts/run_now.html", alert_number)


@blueprint.post("/alerts/<alert:alert_number>/act")
@allow(*_HANDS, module=Module.ALERTS)
def control(alert_number: str) -> Response:
    """Halt, go on, stop, send again, make void: the button's name says which."""
    name = typed("act", most=10)
    if name not in _ACTS:
        raise Absent
    next_number = alert_number
    try:
        with deciding_on(alert_number, name) as (rows, alert):
            next_number = _ACTS[name](rows, alert)
    except (Invalid, Conflict) as refusal:
        wrong(refusal.sentence, **refusal.values)
    return redirect(f"/alerts/{next_number}/run", 303)


@blueprint.post("/alerts/<alert:alert_number>/go")
@allow(*_HANDS, module=Module.ALERTS)
def send_somebody(alert_number: str) -> Response:
    """Send the contact point to one person, or to all to whom nobody goes."""
    account_id = typed("who", most=32)
    try:
        with deciding_on(alert_number, "go") as (rows, alert):
            sent = _send_to(rows, alert, account_id)
        done("Somebody goes to {n} people now: they stand on the list of who was sent.", n=sent)
    except (Invalid, Conflict) as refusal:
        wrong(refusal.sentence, **refusal.values)
    return redirect(f"/alerts/{alert_number}/run#p-people", 303)


def _send_to(rows: Session, alert: Alert, account_id: str) -> int:
    lines = alert_run.nobody_goes(rows, alert)
    if account_id:
        lines = [one for one in lines if one.account_id == account_id]
    contacts = alert_run.contacts(rows, {one.area_code for one in lines})
    for line in lines:
        who = alert_run.account_of(rows, contacts.get(line.area_code))
        reach.go(rows, line, by=actor(), now=now(), who=who)
    return len(lines)


def _pause(rows: Session, alert: Alert) -> str:
    alert_control.pause(rows, alert, actor=actor(), now=now())
    done("Halted. Nothing leaves until you go on.")
    return alert.number


def _resume(rows: Session, alert: Alert) -> str:
    alert_control.resume(rows, alert, actor=actor(), now=now())
    done("It goes on where it was halted.")
    return alert.number


def _stop(rows: Session, alert: Alert) -> str:
    alert_control.stop(rows, alert, actor=actor(), now=now())
    done("Stopped. Nothing more of it is sent.")
    return alert.number


def _resend(rows: Session, alert: Alert) -> str:
    again = alert_control.resend(rows, alert, actor=actor(), settings=settings(), now=now())
    done("Sent again to {n} phones.", n=again)
    return alert.number


def _cancel(rows: Session, alert: Alert) -> str:
    void = alert_control.cancel(rows, alert, actor=actor(), settings=settings(), now=now())
    done("{number} is void. Whom it reached is told now: this page follows that.", number=alert.number)
    return void.number


_ACTS: Mapping[str, Callable[[Session, Alert], str]] = {
    "pause": _pause,
    "resume": _resume,
    "stop": _stop,
    "resend": _resend,
    "cancel": _cancel,
}


def _page(template: str, alert_number: str) -> str:
    everything = request.args.get("all") == "1"
    with reading() as rows:
        alert = alerts.get(rows, alert_number, actor=actor())
        return render_template(
            template,
            alert=alert,
            run=followed.follow(rows, alert, everything=everything),
            query="?all=1" if everything else "",
        )
