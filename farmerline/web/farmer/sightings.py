"""A farmer's own reports of pests: the form, what became of each, its photo."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO

from flask import redirect, render_template, request, send_file
from werkzeug.wrappers import Response

from farmerline.clock import noon
from farmerline.config import Module
from farmerline.domain import Account, areas, sighting_forms
from farmerline.domain.sighting_forms import Written
from farmerline.errors import Invalid
from farmerline.ids import new_id
from farmerline.queries import sightings
from farmerline.web import sighting_form
from farmerline.web.doors import actor, allow, inside, now, reading, settings, writing
from farmerline.web.forms import errors_of
from farmerline.web.frame import done

_ONCE = re.compile(r"[0-9a-f]{32}")
_farmer = allow("signed_in", module=Module.ALERTS)


@_farmer
def show_form() -> str:
    return _form(Written(), new_id())


@_farmer
def send() -> Response | tuple[str, int]:
    """Put a report on record; what cannot be used is said beside what was typed."""
    written, wrong = sighting_form.read()
    once = request.form.get("once", "")
    once = once if _ONCE.fullmatch(once) else new_id()
    if wrong:
        return _form(written, once, wrong), 422
    inside().understand(written.text)  # read before the write, and remembered: it is the slow part
    try:
        with writing() as rows:
            entered = sighting_forms.enter_own(
                rows, account=rows.get_one(Account, actor().account_id), written=written,
                ref=f"{actor().account_id}:{once}", understand=inside().understand, settings=settings(), now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        return _form(written, once, [refusal]), refusal.status
    done(
        "Noted, number {number}. The plant-protection officer tells you what it is.",
        number=entered.sighting.number,
    )
    return redirect(f"/me/sightings/{entered.sighting.number}", 303)


@_farmer
def show(number: int) -> str:
    """One's own report; anybody else's is not here."""
    with reading() as rows:
        sighting = sighting_forms.own(rows, rows.get_one(Account, actor().account_id), number)
        line = sightings.lines(rows, [sighting])[0]
    since = noon(line.since) if line.since else None
    return render_template("farmer/sighting.html", line=line, since=since)


@_farmer
def show_photo(photo_id: str) -> Response:
    with reading() as rows:
        photo = sighting_forms.photo_of(rows, actor=actor(), photo_id=photo_id, at_desk=False)
        return send_file(BytesIO(photo.body), mimetype=photo.kind, etag=False)


def _form(written: Written, once: str, wrong: Sequence[Invalid] = ()) -> str:
    with reading() as rows:
        village = areas.path_name(rows, rows.get_one(Account, actor().account_id).area_code)
    return render_template(
        "farmer/sighting_new.html", form=written, once=once, village=village, choices=sighting_form.choices(),
        errors=errors_of(wrong),
    )  # fmt: skip
