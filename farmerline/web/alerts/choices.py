"""What there is to choose from in an alert's form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from farmerline.domain import Role, Session, audiences_saved
from farmerline.domain.alert_words import DEGREES
from farmerline.domain.audience import CONTACT_KIND
from farmerline.queries import alert_form, village
from farmerline.queries.alert_form import Place
from farmerline.web.alerts.written import Written
from farmerline.web.doors import actor
from farmerline.web.language import _, current_language

_OFFERED = 80
"""Pests offered while typing: any other can be typed, and the page stays light."""


@dataclass(frozen=True, slots=True)
class Choices:
    """``degrees``: value, words, whether chosen; ``crops`` and ``pests`` are names to pick from while typing."""

    degrees: list[tuple[str, str, bool]]
    crops: list[str]
    pests: list[str]
    places: list[Place]
    audience_crops: list[tuple[str, str]]
    kinds: list[tuple[str, str]]
    groups: list[tuple[str, str]]
    kept: list[tuple[str, str]]


def choices_for(rows: Session, form: Written) -> Choices:
    """The choices of the officer who asks, in their areas."""
    mine = actor().areas(Role.OFFICER)
    grown = alert_form.crops_grown(rows, mine)
    audience = [("", _("Whatever they grow"))]
    audience += [(crop, _("{crop}, {n} people", crop=crop, n=people)) for crop, people in grown]
    if form.audience_crop and form.audience_crop not in dict(grown):
        audience.append((form.audience_crop, form.audience_crop))
    chinese = current_language() == "zh"
    kinds = [(code, zh if chinese else en) for code, zh, en in village.person_kinds(rows)]
    return Choices(
        degrees=[
            (str(value), f"{value} {_(words)}", form.degree == str(value)) for value, words in DEGREES.items()
        ],
        crops=[crop for crop, _people in grown],
        pests=alert_form.pests([form.crop] if form.crop else list(dict(grown)))[:_OFFERED],
        places=alert_form.places(rows, mine),
        audience_crops=audience,
        groups=[("", _("Of any group or none")), *_groups(rows, mine)],
        kept=[(one.id, one.name) for one in audiences_saved.known_to(rows, actor=actor())],
        kinds=[("", _("Everybody")), (CONTACT_KIND, _("Contact points")), *kinds],
    )


def _groups(rows: Session, codes: Sequence[str]) -> list[tuple[str, str]]:
    """Co-ops and firms with members in these areas."""
    return [
        (group_id, _("{name}, {n} people", name=name, n=people))
        for group_id, name, people in alert_form.groups(rows, codes)
    ]
