"""The second signature: what waits, the truth screen, signing, giving back, sending alone, the look afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Alert, AlertState, Role, Session, alert_signing, alert_words, alerts, audience
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.queries import alert_preview, alert_truth
from farmerline.web.alerts import truth
from farmerline.web.alerts.desk import blueprint
from farmerline.web.alerts.refusals import deciding_on
from farmerline.web.doors import actor, allow, now, reading, settings
from farmerline.web.forms import errors_of, secret, typed, words
from farmerline.web.frame import done

_ROLES = (Role.OFFICER, Role.SIGNER, Role.ADMIN)
_REVIEWERS = (Role.SIGNER, Role.ADMIN)
_NOT_A_NUMBER = -1

Verb = Callable[[Session, Alert], None]


@blueprint.get("/alerts/waiting")
@allow(*_ROLES, module=Module.ALERTS)
def show_waiting() -> str:
    """What waits for a signature, the longest first; what went out with one and was not looked at since."""
    with reading() as rows:
        areas = actor().areas(*_ROLES)
        return render_template(
            "alerts/waiting.html",
            waiting=alert_truth.waiting(rows, areas=areas),
            reviews=alert_truth.to_review(rows, areas=areas),
        )


@blueprint.get("/alerts/<alert:alert_number>/sign")
@allow(*_ROLES, module=Module.ALERTS)
def show_signing(alert_number: str) -> str:
    return _page(alert_number)


@blueprint.post("/alerts/<alert:alert_number>/sign")
@allow(*_ROLES, module=Module.ALERTS)
def sign_alert(alert_number: str) -> Response | tuple[str, int]:
    def sign(rows: Session, alert: Alert) -> None:
        alert_signing.sign(
            rows, alert, actor=actor(), seen=_count("seen"), people=_count("people"), code=secret("code"),
            settings=settings(), now=now(),
        )  # fmt: skip

    return _decide(alert_number, "sign", sign)


@blueprint.post("/alerts/<alert:alert_number>/alone")
@allow(Role.OFFICER, module=Module.ALERTS)
def send_alone(alert_number: str) -> Response | tuple[str, int]:
    """Red, and nobody signed: its drafter sends it."""

    def send(rows: Session, alert: Alert) -> None:
        alerts.demand_version(alert, _count("seen"))
        alert_signing.send_alone(
            rows, alert, actor=actor(), code=secret("code"), settings=settings(), now=now()
        )

    return _decide(alert_number, "send_alone", send)


@blueprint.post("/alerts/<alert:alert_number>/return")
@allow(Role.SIGNER, Role.OFFICER, module=Module.ALERTS)
def return_alert(alert_number: str) -> Response | tuple[str, int]:
    """Back to who wrote it, with the reason."""
    return _decide(
        alert_number,
        "give_back",
        lambda rows, alert: alerts.give_back(
            rows, alert, actor=actor(), why=words("why", most=200), now=now()
        ),
    )


@blueprint.get("/alerts/<alert:alert_number>/review")
@allow(*_ROLES, module=Module.ALERTS)
def show_review(alert_number: str) -> str:
    return _review_page(alert_number)


@blueprint.post("/alerts/<alert:alert_number>/review")
@allow(*_REVIEWERS, module=Module.ALERTS)
def take_review(alert_number: str) -> Response | tuple[str, int]:
    """What somebody found of an alert that went out with one signature."""
    try:
        with deciding_on(alert_number, "review") as (rows, alert):
            alert_signing.review(rows, alert, actor=actor(), note=words("note", most=400), now=now())
    except (Invalid, Conflict) as refusal:
        return _review_page(alert_number, refusal), refusal.status
    done("Noted what you found.")
    return redirect(f"/alerts/{alert_number}/run", 303)


def _decide(alert_number: str, act: str, verb: Verb) -> Response | tuple[str, int]:
    """Do it, or show the page anew with the one line that says why not; the refusal is on record."""
    try:
        with deciding_on(alert_number, act) as (rows, alert):
            verb(rows, alert)
            state = alert.state
    except (Invalid, Conflict) as refusal:
        return _page(alert_number, refusal), refusal.status
    if state is AlertState.DRAFT:
        done("Number {number} is back with its writer, with your words on top.", number=alert_number)
        return redirect("/alerts/waiting", 303)
    if state is AlertState.SIGNED:
        done("Signed. It goes out at its time; everything is checked once more then.")
    else:
        done("Signed. It goes out now: this page shows whom it has reached.")
    return redirect(f"/alerts/{alert_number}/run", 303)


def _page(alert_number: str, refusal: Invalid | Conflict | None = None) -> str:
    with reading() as rows:
        alert = alerts.get(rows, alert_number, actor=actor())
        sent = alert_preview.words(
            rows, colour=alert.colour, exercise=alert.exercise, short_text=alert.short_text,
            voice_text=alert.voice_text, alert=alert, settings=settings(), now=now(),
        )  # fmt: skip
        overview = audience.overview(rows, alert, text=alert_words.as_sent(alert), settings=settings())
        beside = alert_truth.truth(rows, alert, now=now())
        return render_template(
            "alerts/sign.html",
            alert=alert,
            truth=beside,
            overview=overview,
            sent=sent,
            shown=truth.show(alert, overview, beside),
            may=truth.may(alert),
            people=typed("people", most=20) if refusal else "",
            why=request.form.get("why", "") if refusal else "",
            **_said(refusal),
        )


def _review_page(alert_number: str, refusal: Invalid | Conflict | None = None) -> str:
    with reading() as rows:
        alert = alerts.get(rows, alert_number, actor=actor())
        if not alert.alone:
            raise Absent
        return render_template(
            "alerts/review.html",
            alert=alert,
            truth=alert_truth.truth(rows, alert, now=now()),
            sent=alert_words.as_sent(alert),
            may_review=truth.reader_is(alert, *_REVIEWERS) and alert.drafted_by != actor().account_id,
            note=request.form.get("note", "") if refusal else "",
            **_said(refusal),
        )


def _said(refusal: Invalid | Conflict | None) -> Mapping[str, object]:
    """A refusal for the list on top of the form, and beside its field."""
    errors = errors_of([refusal] if refusal else [])
    return {"errors": errors, "wrong": dict(errors)}


def _count(name: str) -> int:
    """A number as somebody writes it: 1296, １２９６, 1296人."""
    said = typed(name, most=20).rstrip("人").strip()
    return int(said) if said.isdecimal() else _NOT_A_NUMBER
