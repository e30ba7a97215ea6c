"""Accounts: found by phone or by name in a village or town; roles, states, lost secrets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.domain import Role, Session, administration
from farmerline.errors import Absent, Conflict, Invalid
from farmerline.queries import admin, village
from farmerline.web.admin.start import blueprint
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.forms import errors_of, ticked, typed
from farmerline.web.frame import done, role_name

Page = str | Response | tuple[str, int]


@blueprint.get("/admin/people")
@allow(Role.ADMIN)
def find_people() -> Page:
    """Who has this phone, or this name in the place chosen. Looking is on record."""
    said, place = typed("said", most=40), typed("area", most=40)
    errors: list[tuple[str, str]] = []
    people: list[village.PersonLine] = []
    places: list[tuple[str, str, str]] = []
    if said:
        try:
            with reading() as rows:
                area_code, places = _place(rows, place)
            if not places:
                with writing() as rows:
                    found = administration.search(
                        rows,
                        actor=actor(),
                        said=said,
                        area_code=area_code,
                        county=settings().county,
                        now=now(),
                    )
                    people = village.people_lines(rows, found[:50])
        except Invalid as refusal:
            errors = errors_of([refusal])
    page = render_template(
        "admin/people.html",
        said=said,
        area=place,
        people=people,
        places=places,
        looked=bool(said) and not errors,
        errors=errors,
    )
    return (page, 422) if errors else page


@blueprint.get("/admin/people/<id:account_id>")
@allow(Role.ADMIN)
def show_account(account_id: str) -> str:
    return _render(account_id)


@blueprint.post("/admin/people/<id:account_id>/roles")
@allow(Role.ADMIN)
def grant_role(account_id: str) -> Page:
    role, place = typed("role", most=20), typed("area_code", most=40)

    def act(rows: Session) -> None:
        code, several = _place(rows, place)
        if several:
            choices = "、".join(f"{path} {area}" for area, path, _level in several[:5])
            raise Invalid(
                "area_several", "Which one? {choices}. Write its code.", field="area_code", choices=choices
            )
        administration.grant(
            rows,
            actor=actor(),
            account_id=account_id,
            role=role,
            area_code=code,
            county=settings().county,
            now=now(),
        )
        done("The role is given.")

    return _change(account_id, act, role=role, area_code=place)


@blueprint.post("/admin/grants/<id:grant_id>/end")
@allow(Role.ADMIN)
def end_role(grant_id: str) -> Response:
    with writing() as rows:
        account_id = administration.end_grant(rows, actor=actor(), grant_id=grant_id, now=now())
    done("The role is ended; its holder is signed out.")
    return redirect(f"/admin/people/{account_id}", 303)


@blueprint.post("/admin/people/<id:account_id>/suspend")
@allow(Role.ADMIN)
def suspend_account(account_id: str) -> Page:
    reason = typed("reason", most=40)

    def act(rows: Session) -> None:
        administration.suspend(
            rows, actor=actor(), account_id=account_id, reason=reason, county=settings().county, now=now()
        )
        done("Stopped: they cannot post or sign in until you let them in again.")

    return _change(account_id, act, reason=reason)


@blueprint.post("/admin/people/<id:account_id>/reinstate")
@allow(Role.ADMIN)
def reinstate_account(account_id: str) -> Page:
    def act(rows: Session) -> None:
        administration.reinstate(
            rows, actor=actor(), account_id=account_id, county=settings().county, now=now()
        )
        done("Let in again.")

    return _change(account_id, act)


@blueprint.get("/admin/people/<id:account_id>/erase")
@allow(Role.ADMIN)
def ask_erasure(account_id: str) -> Page:
    return _ask_erasure(account_id, "", [])


@blueprint.post("/admin/people/<id:account_id>/erase")
@allow(Role.ADMIN)
def erase_account(account_id: str) -> Page:
    """The second step: with a reason and a tick. Nothing brings the person back."""
    reason = typed("reason", most=40)
    try:
        with writing() as rows:
            administration.erase(
                rows, actor=actor(), account_id=account_id, reason=reason, sure=ticked("sure"), home=settings().home,
                county=settings().county, now=now(),
            )  # fmt: skip
    except (Invalid, Conflict) as refusal:
        return _ask_erasure(account_id, reason, [refusal]), refusal.status
    done("Erased. It cannot be undone.")
    return redirect(f"/admin/people/{account_id}", 303)


@blueprint.post("/admin/people/<id:account_id>/password")
@allow(Role.ADMIN)
def reset_password(account_id: str) -> Page:
    """A password for one use, shown once."""
    with writing() as rows:
        made = administration.reset_password(
            rows, actor=actor(), account_id=account_id, county=settings().county, now=now()
        )
    return _render(account_id, password=made)


@blueprint.post("/admin/people/<id:account_id>/second-factor")
@allow(Role.ADMIN)
def clear_second_factor(account_id: str) -> Page:
    def act(rows: Session) -> None:
        administration.clear_second_factor(
            rows, actor=actor(), account_id=account_id, county=settings().county, now=now()
        )
        done("The old second factor is taken away; a new one is set up at the next sign-in.")

    return _change(account_id, act)


def _ask_erasure(account_id: str, reason: str, refusals: Sequence[Invalid | Conflict]) -> str:
    with reading() as rows:
        person = admin.account(rows, actor=actor(), account_id=account_id, county=settings().county)
    if person.is_self or (person.line.state == "left" and not person.line.phone):
        raise Absent  # nobody is left to erase
    return render_template(
        "admin/erase.html",
        person=person,
        reason=reason,
        errors=errors_of(refusals),
        months=settings().erased_months,
    )


def _change(account_id: str, act: Callable[[Session], None], **kept: str) -> Page:
    try:
        with writing() as rows:
            act(rows)
    except (Invalid, Conflict) as refusal:
        return _render(account_id, refusals=[refusal], **kept), refusal.status
    return redirect(f"/admin/people/{account_id}", 303)


def _render(
    account_id: str, *, password: str = "", refusals: Sequence[Invalid | Conflict] = (), **kept: str
) -> str:
    with reading() as rows:
        person = admin.account(rows, actor=actor(), account_id=account_id, county=settings().county)
    return render_template(
        "admin/account.html", person=person, password=password, errors=errors_of(refusals), role_name=role_name,
        typed=SimpleNamespace(**{"role": "", "area_code": "", "reason": "", **kept}),
        roles=[(role.value, role_name(role)) for role in administration.GRANTED],
    )  # fmt: skip


def _place(rows: Session, said: str) -> tuple[str, list[tuple[str, str, str]]]:
    """The code meant by a code or a name; several places where the name fits several."""
    if not said or said.isdecimal():
        return said, []
    found = admin.places(rows, said, county=settings().county)
    if len(found) == 1:
        return found[0][0], []
    exact = [one for one in found if one[1].endswith(said)]
    if len(exact) == 1:
        return exact[0][0], []
    if not found:
        raise Invalid("area_unknown", "No such place is known here.", field="area")
    return "", found
