"""People whom an alert has not reached: who goes there, told in person, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Role, Session, desk_people, reach
from farmerline.domain.access import Actor
from farmerline.errors import Conflict
from farmerline.queries import to_tell
from farmerline.web.alerts.refusals import deciding
from farmerline.web.contact.today import blueprint
from farmerline.web.doors import actor, allow, now, reading, writing
from farmerline.web.forms import typed
from farmerline.web.frame import done, wrong

Act = Callable[[Session, str, str, Actor], None]
_MOST = 200
"""People of one press at most."""


def _tell(rows: Session, alert_id: str, account_id: str, by: Actor) -> None:
    line = to_tell.line_of(rows, actor=by, alert_id=alert_id, account_id=account_id)
    reach.tell_in_person(rows, line, by=by, now=now())


def _untell(rows: Session, alert_id: str, account_id: str, by: Actor) -> None:
    line = to_tell.line_of(rows, actor=by, alert_id=alert_id, account_id=account_id)
    if line.settled:
        reach.untell(rows, line, by=by, now=now())


def _go(rows: Session, alert_id: str, account_id: str, by: Actor) -> None:
    line = to_tell.line_of(rows, actor=by, alert_id=alert_id, account_id=account_id)
    if not line.settled and line.going_id != by.account_id:
        reach.go(rows, line, by=by, now=now())


_ACTS: Mapping[str, tuple[Act, str]] = {
    "told": (_tell, "Told in person: {n}."),
    "go": (_go, "Noted that you go there: {n}."),
    "untell": (_untell, "Back on the list: {n}."),
}
"""The buttons. Each may be pressed twice: the second time nothing is left to do."""


@blueprint.get("/desk/alerts")
@allow(Role.CONTACT, module=Module.ALERTS)
def show_alerts() -> str:
    return _render()


@blueprint.post("/desk/alerts/<id:alert_id>")
@allow(Role.CONTACT, module=Module.ALERTS)
def act_on_alert(alert_id: str) -> str | Response:
    """One button of an alert's list: a row's own (``told=…``), or one for all that are ticked (``all=told``)."""
    act, people = _pressed()
    with reading() as rows:  # what is not ours is not there: no act, no record
        to_tell.demand_here(rows, actor=actor(), alert_id=alert_id)
        for account_id in people:
            to_tell.line_of(rows, actor=actor(), alert_id=alert_id, account_id=account_id)
    if act == "numbers":
        return _render(_numbers(alert_id, people))
    if not people or act not in _ACTS:
        wrong("Tick the people first.")
    else:
        _do(act, alert_id, people)
    return redirect("/desk" if typed("back") == "today" else f"/desk/alerts#a{alert_id}", 303)


def _do(act: str, alert_id: str, people: list[str]) -> None:
    verb, sentence = _ACTS[act]
    try:
        with deciding(f"reach.{act}", alert_id) as rows:
            for account_id in people:
                verb(rows, alert_id, account_id, actor())
    except Conflict as refusal:
        wrong(refusal.sentence, **refusal.values)
    else:
        done(sentence, n=len(people))


def _pressed() -> tuple[str, list[str]]:
    """What was pressed, and for whom. A row's own button is for that row, whatever is ticked."""
    for act in _ACTS:
        if one := typed(act, most=32):
            return act, [one]
    ticked = dict.fromkeys(one[:32] for one in request.form.getlist("person"))
    return typed("all", most=10), list(ticked)[:_MOST]


def _numbers(alert_id: str, people: list[str]) -> dict[str, str]:
    """The whole numbers of who is ticked, else of the alert's whole list; that they were seen is on record."""
    with writing() as rows:
        if not people:
            found = to_tell.waiting(rows, actor=actor(), now=now())
            people = [line.account_id for one in found if one.alert_id == alert_id for line in one.people]
        return desk_people.reveal_phones(rows, actor=actor(), account_ids=people, now=now())


def _render(numbers: Mapping[str, str] | None = None) -> str:
    with reading() as rows:
        found = to_tell.waiting(rows, actor=actor(), now=now())
    return render_template(
        "contact/alerts.html", alerts=found, open=sum(one.open for one in found), numbers=numbers or {}
    )
