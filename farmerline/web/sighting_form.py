"""The form for a sighting, as farmers and contact points fill it in: what was typed, the photo, what was wrong with it."""

from __future__ import annotations

from dataclasses import replace

from flask import request

from farmerline.domain import sighting_forms, sightings
from farmerline.domain.sighting_forms import Written
from farmerline.errors import Invalid
from farmerline.web.forms import photo, typed, words
from farmerline.web.language import _

Choices = list[tuple[str, str]]


def read() -> tuple[Written, list[Invalid]]:
    """What was typed, and everything that cannot be used as it is. A photo that cannot be read costs no words."""
    fields = {name: request.form.get(name, "").strip() for name in ("text", "crop", "pest", "village")}
    wrong: list[Invalid] = []
    for name in fields:
        try:
            fields[name] = words(name, most=sightings.LONGEST) if name == "text" else typed(name, most=20)
        except Invalid as refusal:
            wrong.append(refusal)
    written = Written(
        text=fields["text"], crop=fields["crop"], pest=fields["pest"], village=fields["village"], part=_chosen("part"),
        in_ten=_chosen("in_ten"), days=_chosen("days"),
    )  # fmt: skip
    try:
        return replace(written, photo=photo()), wrong
    except Invalid as refusal:
        return written, [*wrong, refusal]


def choices() -> dict[str, Choices]:
    """What the form's lists offer: value and words; the first of each says nothing."""
    said = {
        0: _("today"),
        1: _("yesterday"),
        3: _("some days ago"),
        7: _("a week ago"),
        14: _("two weeks ago"),
        30: _("a month ago or longer"),
    }
    return {
        "part": [("", _("not said")), *((part, _(name)) for part, name in sightings.PARTS.items())],
        "in_ten": [
            ("", _("not counted")),
            *((str(count), _("{count} of ten plants", count=count)) for count in range(1, 11)),
        ],
        "days": [("", _("not known")), *((str(days), said[days]) for days in sighting_forms.DAYS)],
    }


def _chosen(name: str) -> str:
    """One of a list's values; anything longer is none of them."""
    return request.form.get(name, "").strip()[:8]
