"""Ways to fill in whom an alert goes to: by distance from a village, and from an audience that was kept under a name."""

from __future__ import annotations

from dataclasses import replace

from farmerline.domain import Role, Session, areas, audience_circle, audiences_saved
from farmerline.domain.audience import Choice
from farmerline.domain.audience_circle import Circle
from farmerline.errors import Invalid
from farmerline.web.alerts.written import Written
from farmerline.web.doors import actor, now, settings
from farmerline.web.forms import typed
from farmerline.web.language import _

_NAMED = 12


def tick_circle(rows: Session, form: Written) -> tuple[Written, list[str]]:
    """The form with the villages within a distance ticked, and what to say about it. Raises ``Invalid``, nothing ticked."""
    centre = areas.resolve_village(rows, form.centre, county=settings().county)
    try:
        km = float(form.km)
    except ValueError:
        km = 0.0
    circle = audience_circle.draw(rows, centre=centre.code, km=km, among=actor().areas(Role.OFFICER))
    if not circle.villages:
        raise Invalid("circle_empty", "None of your villages lies there.", field="centre")
    return replace(form, areas=circle.villages), _told(circle)


def use_saved(rows: Session, form: Written) -> tuple[Written, list[str]]:
    """The form with a kept audience in it. Raises ``Absent`` for one that is not the reader's."""
    row = audiences_saved.get(rows, form.audience, actor=actor())
    filled = replace(
        form, areas=tuple(row.areas), audience_crop=row.crop, audience_kind=row.kind, audience_group=row.group
    )
    return filled, [_("Filled in from “{name}”. Its people are found anew.", name=row.name)]


def keep(rows: Session, form: Written) -> list[str]:
    """Keep the form's audience under the name that was typed. Raises ``Invalid``."""
    choice = Choice(form.areas, form.audience_crop, form.audience_kind, group=form.audience_group)
    row = audiences_saved.save(
        rows, actor=actor(), name=typed("audience_name", most=60), choice=choice, now=now()
    )
    return [_("Kept as “{name}”.", name=row.name)]


def _told(circle: Circle) -> list[str]:
    said = [_("{n} villages lie within it and are ticked.", n=len(circle.villages))]
    if circle.unplaced:
        names = _(", ").join(
            _("{place} {n}", place=one.name, n=one.people) for one in circle.unplaced[:_NAMED]
        )
        more = len(circle.unplaced) - _NAMED
        said.append(
            _(
                "No map knows where these {villages} villages lie, with {people} people. They are not ticked; "
                "tick by hand what belongs to it: {names}",
                villages=len(circle.unplaced), people=circle.unplaced_people, names=names,
            )
        )  # fmt: skip
        if more > 0:
            said.append(_("and {n} villages more", n=more))
    return said
