"""Appeals: a post that was held or taken down, looked at by somebody else."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.domain import Role, Session, appeals
from farmerline.errors import Conflict, Invalid
from farmerline.queries import appeals as appeal_rows
from farmerline.web.admin.start import blueprint
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.farmer.shown import life_steps
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done, wrong


@blueprint.get("/admin/appeals/<number:number>")
@allow(Role.ADMIN)
def show_appeal(number: int) -> str:
    with reading() as rows:
        return _render(rows, number)


@blueprint.post("/admin/appeals/<number:number>/decide")
@allow(Role.ADMIN)
def decide_appeal(number: int) -> Response | tuple[str, int]:
    """Let the post out, or leave it down; both with a reason, which its owner is told."""
    decision, reason = typed("decision"), typed("reason")
    try:
        if decision not in ("publish", "refuse"):
            raise Invalid("decision_missing", "Choose: publish it or leave it down.", field="reason")
        with writing() as rows:
            appeals.decide(
                rows,
                actor=actor(),
                number=number,
                publish=decision == "publish",
                reason=reason,
                settings=settings(),
                now=now(),
            )
    except Invalid as refusal:
        with reading() as rows:
            return _render(rows, number, reason, [refusal]), refusal.status
    except Conflict as refusal:
        wrong(refusal.sentence, **refusal.values)
        return redirect(f"/admin/appeals/{number}", 303)
    done("Decided, and he is told why.")
    return redirect("/admin", 303)


def _render(rows: Session, number: int, reason: str = "", refusals: list[Invalid] | None = None) -> str:
    appeal = appeal_rows.view(rows, actor=actor(), number=number)
    return render_template(
        "admin/appeal.html",
        appeal=appeal,
        steps=life_steps(appeal.steps),
        reason=reason,
        errors=errors_of(refusals or []),
    )
