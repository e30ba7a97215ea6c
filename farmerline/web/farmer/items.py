"""News sent in to be published: the form, and what became of each; a liaison's word that it is still them."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.clock import local
from farmerline.domain import Session, Via, submissions, units
from farmerline.errors import Absent, Invalid
from farmerline.queries import submissions as shown
from farmerline.web.doors import actor, allow, now, reading, writing
from farmerline.web.forms import errors_of, typed, words
from farmerline.web.frame import done

_START = "/me/items"


@allow("signed_in")
def show() -> str:
    """Only for who speaks for a unit."""
    return _render()


@allow("signed_in")
def send() -> Response | tuple[str, int]:
    try:
        with writing() as rows:
            row = submissions.submit(
                rows, actor=actor(), title=typed("title", most=60),
                text=words("text", most=submissions.LONGEST + 100), via=Via.WEB, unit_id=typed("unit", most=32),
                now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        return _render(refusal), refusal.status
    done("Sent in as {number}. What becomes of it stands here.", number=f"B{row.number}")
    return redirect(_START, 303)


@allow("signed_in")
def confirm(unit_id: str) -> Response:
    with writing() as rows:
        mine = units.held_by(rows, actor().account_id, local(now()).date())
        held = next((one for one in mine if one.unit_id == unit_id), None)
        if held is None:
            raise Absent
        units.confirm(rows, held, actor=actor(), now=now())
    done("Noted: you are still the liaison. Thank you.")
    return redirect(_START, 303)


def _render(refusal: Invalid | None = None) -> str:
    with reading() as rows:
        if not units.may_send(rows, actor(), now=now()):
            raise Absent
        held = _held(rows)
        return render_template(
            "farmer/items.html", lines=shown.own(rows, actor().account_id), held=held,
            units=[(unit_id, name) for unit_id, name, _stale in held],
            form={"title": typed("title", most=60), "text": words("text", most=5000)},
            errors=errors_of([refusal] if refusal else []),
        )  # fmt: skip


def _held(rows: Session) -> list[tuple[str, str, bool]]:
    """The units the reader speaks for: id, name, whether it should be confirmed again."""
    mine = units.held_by(rows, actor().account_id, local(now()).date())
    found = [(units.of(rows, one), one) for one in mine]
    return [(unit.id, unit.name, units.is_stale(unit, one, now())) for unit, one in found]
