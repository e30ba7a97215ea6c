"""Links at the publisher's desk: added, taken off; dead ones first."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.domain import Role, links
from farmerline.errors import Invalid
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done
from farmerline.web.publisher.tips import blueprint

_START = "/publish/links"
_FIELDS = {"link": 500, "title": 60, "about": 120, "heading": 20}


@blueprint.get("/publish/links")
@allow(Role.PUBLISHER)
def show_links() -> str:
    return _render()


@blueprint.post("/publish/links")
@allow(Role.PUBLISHER)
def add_link() -> Response | tuple[str, int]:
    try:
        form = {name: typed(name, most=most) for name, most in _FIELDS.items()}
        with writing() as rows:
            link = links.add(
                rows,
                address=form["link"],
                title=form["title"],
                about=form["about"],
                heading=form["heading"],
                county=settings().county,
                actor=actor(),
                now=now(),
            )
    except Invalid as refusal:
        return _render(refusal), refusal.status
    done("Added: {name}.", name=link.title)
    return redirect(_START, 303)


@blueprint.post("/publish/links/<id:link_id>/remove")
@allow(Role.PUBLISHER)
def remove_link(link_id: str) -> Response:
    with writing() as rows:
        links.remove(rows, link_id, county=settings().county, actor=actor(), now=now())
    done("Taken off.")
    return redirect(_START, 303)


def _render(refusal: Invalid | None = None) -> str:
    with reading() as rows:
        found = [link for _heading, some in links.listed(rows) for link in some]
    form = {name: typed(name, most=1000) for name in _FIELDS}
    return render_template(
        "publisher/links.html", links=sorted(found, key=lambda link: link.dead_at is None),
        dead=sum(link.dead_at is not None for link in found), form=form, errors=errors_of([refusal] if refusal else []),
    )  # fmt: skip
