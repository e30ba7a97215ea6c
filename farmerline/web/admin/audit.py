"""The audit: listed, checked, handed out as a file. Each of these is itself on record."""

from __future__ import annotations

import json
from datetime import date

from flask import redirect, render_template
from werkzeug.wrappers import Response as Answer

from farmerline.clock import local
from farmerline.domain import Role, Session, administration, people
from farmerline.errors import Invalid
from farmerline.identity import normalise_phone
from farmerline.queries import admin
from farmerline.queries.admin import AuditFilter
from farmerline.web.admin.start import blueprint
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.forms import typed
from farmerline.web.frame import done, wrong
from farmerline.web.language import _
from farmerline.web.tables import as_csv

_HEADS = ("number", "at", "actor", "actor_id", "for", "for_id", "act", "subject", "channel", "detail")
_FAULTS = {
    "changed": "Row {number} was changed.",
    "missing": "Row {number} is missing.",
    "swapped": "Row {number} does not follow the row before it.",
    "cut": "Rows from {number} on were cut off.",
    "added": "Row {number} was added behind the end.",
    "head": "The end of the chain does not fit row {number}.",
}


@blueprint.get("/admin/audit")
@allow(Role.ADMIN)
def show_audit() -> str:
    administration.whole_county(actor(), settings().county)
    before = typed("before", most=12)
    with reading() as rows:
        wanted, person = _filter(rows), typed("person", most=40)
        lines = admin.audit_rows(rows, wanted, before=int(before) if before.isdecimal() else None)
        acts = [("", _("All")), *((act, act) for act in admin.audit_acts(rows))]
    older = lines[-1].number if len(lines) == admin.AUDIT_PAGE else None
    return render_template(
        "admin/audit.html", lines=lines, acts=acts, person=person, wanted=wanted, older=older,
        first=typed("first", most=10), last=typed("last", most=10),
    )  # fmt: skip


@blueprint.post("/admin/audit/verify")
@allow(Role.ADMIN)
def verify_audit() -> Answer:
    """Walk the whole chain."""
    with writing() as rows:
        broken = administration.check_chain(rows, actor=actor(), county=settings().county, now=now())
    if broken is None:
        done("The chain holds: no row was changed, cut or added.")
    else:
        wrong(_FAULTS[broken.fault.value], number=broken.number)
    return redirect("/admin/audit", 303)


@blueprint.post("/admin/audit/export")
@allow(Role.ADMIN)
def export_audit() -> Answer:
    """The rows chosen as CSV; that they were handed out is on record first."""
    with writing() as rows:
        lines = admin.audit_rows(rows, _filter(rows), limit=admin.EXPORT_MOST)
        wanted = " ".join(typed(name, most=40) for name in ("act", "first", "last") if typed(name, most=40))
        administration.note_export(
            rows, actor=actor(), rows=len(lines), wanted=wanted or "all", county=settings().county, now=now()
        )
    return as_csv([_HEADS, *map(_row, lines)], f"audit-{local(now()).date().isoformat()}.csv")


def _row(line: admin.AuditLine) -> list[object]:
    detail = json.dumps(line.detail, ensure_ascii=False, sort_keys=True)
    moment = local(line.at).isoformat(timespec="seconds")
    who = (line.actor, line.actor_id, line.for_name, line.for_id)
    return [line.number, moment, *who, line.act, line.subject, line.channel, detail]


def _filter(rows: Session) -> AuditFilter:
    """What was asked for: a person by id or phone, an act, days."""
    person = typed("person", most=40)
    ids: tuple[str, ...] | None = None
    if len(person) == 32 and person.isalnum():
        ids = (person,)
    elif person:
        try:
            ids = tuple(one.id for one in people.by_phone(rows, normalise_phone(person)))
        except Invalid:
            ids = ()
    return AuditFilter(person_ids=ids, act=typed("act", most=40), first=_day("first"), last=_day("last"))


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(typed(name, most=10))
    except ValueError:
        return None
