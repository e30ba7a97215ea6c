"""Places, carriers, jobs, and messages that could not be acted on."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.domain import Role, administration
from farmerline.queries import admin, deliveries, jobs
from farmerline.web.admin.start import blueprint
from farmerline.web.doors import actor, allow, inside, now, reading, settings, writing
from farmerline.web.forms import typed
from farmerline.web.frame import done, wrong
from farmerline.web.language import current_language


@blueprint.get("/admin/areas")
@allow(Role.ADMIN)
def show_areas() -> str:
    said = typed("said", most=40)
    with reading() as rows:
        counts = admin.place_counts(rows, county=settings().county)
        found = admin.places(rows, said, county=settings().county) if said else []
    return render_template("admin/areas.html", said=said, counts=counts, found=found)


@blueprint.get("/admin/gateways")
@allow(Role.ADMIN)
def show_gateways() -> str:
    with reading() as rows:
        connections = deliveries.connections(rows, now=now())
    return render_template(
        "admin/gateways.html",
        connections=connections,
        most=deliveries.MOST,
        pauses=administration.PAUSES,
    )


@blueprint.post("/admin/gateways/<name>/pause")
@allow(Role.ADMIN)
def pause_gateway(name: str) -> Response:
    """Pause for the minutes chosen; 0 lets it go on."""
    said = typed("minutes", most=6)
    minutes = int(said) if said.isdecimal() else -1
    if minutes not in (0, *administration.PAUSES):
        wrong("Choose how long.")
        return redirect("/admin/gateways", 303)
    with writing() as rows:
        administration.pause_gateway(
            rows, actor=actor(), name=name, minutes=minutes, county=settings().county, now=now()
        )
    if minutes:
        done("Paused. What waits is kept and goes out afterwards.")
    else:
        done("It goes on.")
    return redirect("/admin/gateways", 303)


@blueprint.get("/admin/jobs")
@allow(Role.ADMIN)
def show_jobs() -> str:
    with reading() as rows:
        history = jobs.history(rows, limit=30)
    return render_template("admin/jobs.html", lines=inside().timetable(current_language()), history=history)


@blueprint.get("/admin/inbox")
@allow(Role.ADMIN)
def show_inbox() -> str:
    administration.whole_county(actor(), settings().county)
    with reading() as rows:
        return render_template("admin/inbox.html", messages_in=admin.inbox(rows, now=now()))


@blueprint.post("/admin/inbox/<id:inbound_id>/again")
@allow(Role.ADMIN)
def try_again(inbound_id: str) -> Response:
    with writing() as rows:
        administration.try_again(
            rows, actor=actor(), inbound_id=inbound_id, county=settings().county, now=now()
        )
    done("It is tried once more within a minute.")
    return redirect("/admin/inbox", 303)
