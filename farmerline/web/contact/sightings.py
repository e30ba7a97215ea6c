"""Taking a sighting: for a person who is here, or from what a caller said; and the photos of one's villages."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from io import BytesIO

from flask import redirect, render_template, send_file
from werkzeug.wrappers import Response

from farmerline.config import Module
from farmerline.domain import Role, areas, desk, sighting_forms
from farmerline.domain.sighting_forms import Written
from farmerline.errors import Invalid
from farmerline.queries import village
from farmerline.web import sighting_form
from farmerline.web.contact.cases import render_case
from farmerline.web.contact.today import blueprint
from farmerline.web.doors import actor, allow, inside, now, reading, settings, writing
from farmerline.web.forms import errors_of, typed
from farmerline.web.frame import done

Page = str | Response | tuple[str, int]
_helper = allow(Role.CONTACT, module=Module.ALERTS)


@blueprint.get("/desk/people/<id:account_id>/sighting")
@_helper
def show_sighting_form(account_id: str) -> str:
    return _form(account_id, Written())


@blueprint.post("/desk/people/<id:account_id>/sighting")
@_helper
def take_sighting(account_id: str) -> Page:
    """What a person who is here saw; both names stand in the record, and the person is told."""
    with reading() as rows:
        desk.person_of(rows, actor(), account_id)
    written, wrong = sighting_form.read()
    if wrong:
        return _form(account_id, written, wrong), 422
    inside().understand(written.text)  # read before the write, and remembered: it is the slow part
    try:
        with writing() as rows:
            entered = sighting_forms.enter_for(
                rows, actor=actor(), account_id=account_id, written=written,
                token=typed("token", most=32) or secrets.token_hex(8), understand=inside().understand,
                settings=settings(), now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        return _form(account_id, written, [refusal]), refusal.status
    done("Stored, with your name beside it. He now gets: {text}", text=entered.told)
    return redirect(f"/desk/people/{account_id}", 303)


@blueprint.post("/desk/cases/<number:number>/sighting")
@_helper
def write_down_sighting(number: int) -> Page:
    """A sighting out of what a caller said, under the number that he was told."""
    with reading() as rows:
        desk.case_of(rows, actor(), number)
    written, wrong = sighting_form.read()
    account_id = typed("account_id")
    form = {
        "account_id": account_id,
        "photo": bool(written.photo),
        **{
            name: getattr(written, name)
            for name in ("text", "crop", "pest", "part", "in_ten", "days", "village")
        },
    }
    if not wrong:
        inside().understand(written.text)
        try:
            with writing() as rows:
                entered = sighting_forms.write_down(
                    rows, actor=actor(), number=number, account_id=account_id, written=written,
                    understand=inside().understand, settings=settings(), now=now(),
                )  # fmt: skip
        except Invalid as refusal:
            wrong = [refusal]
        else:
            done("Stored, with your name beside it. He now gets: {text}", text=entered.told)
            return redirect(f"/desk/cases/{number}", 303)
    with reading() as rows:
        return render_case(rows, number, form=form, refusals=wrong), 422


@blueprint.get("/desk/photos/<id:photo_id>.jpg")
@_helper
def show_photo(photo_id: str) -> Response:
    """A photo reported from one's own villages."""
    with reading() as rows:
        photo = sighting_forms.photo_of(rows, actor=actor(), photo_id=photo_id, at_desk=True)
        return send_file(BytesIO(photo.body), mimetype=photo.kind, etag=False)


def _form(account_id: str, written: Written, wrong: Sequence[Invalid] = ()) -> str:
    with reading() as rows:
        person = village.person(rows, actor=actor(), account_id=account_id)
        home = areas.path_name(rows, desk.person_of(rows, actor(), account_id).area_code)
    return render_template(
        "contact/sighting_for.html", person=person, form=written, village=home, choices=sighting_form.choices(),
        errors=errors_of(wrong), token=typed("token", most=32) or secrets.token_hex(8),
    )  # fmt: skip
