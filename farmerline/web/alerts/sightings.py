"""The sightings map and its list: what was reported where, and the officer's verdict."""

from __future__ import annotations

from flask import Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from farmerline.clock import noon
from farmerline.config import Module
from farmerline.domain import Role, Verdict, recordings, sightings, verdicts
from farmerline.errors import Absent, Invalid
from farmerline.queries import sightings as listed
from farmerline.queries import sightings_map
from farmerline.web.alerts import drawing
from farmerline.web.alerts.desk import blueprint
from farmerline.web.alerts.wanted import Wanted, choices, of_group, wanted
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.forms import errors_of, number, own_address, typed
from farmerline.web.frame import done
from farmerline.web.sounds import send_recording

_MOST_LINES = 25
_MOST_GROUPS = 15
_MOST_AT_ONCE = 200
_HERE = (Role.OFFICER, Role.SIGNER)


@blueprint.get("/alerts/map")
@allow(*_HERE, module=Module.ALERTS)
def show_map() -> str:
    """The map, who reported where, and what waits for a verdict first."""
    chosen, areas = wanted(), actor().areas(*_HERE)
    with reading() as rows:
        found = sightings_map.overview(
            rows, areas=areas, since=chosen.since(now()), crop=chosen.crop, pest=chosen.pest, verdict=chosen.verdict
        )  # fmt: skip
        every = listed.groups(rows, areas=areas, now=now(), days=chosen.days)
        map_ = drawing.draw(rows, found.villages, county=settings().county, folder=settings().map_folder)
    groups = [group for group in every if chosen.fits(group)]
    return render_template(
        "alerts/map.html", found=found, map=map_, groups=groups[:_MOST_GROUPS], more=len(groups) - _MOST_GROUPS,
        chosen=chosen, choices=choices(chosen, found), may_decide=_may_decide,
        is_officer=actor().has(Role.OFFICER), of_group=of_group, most_pest=verdicts.LONGEST_PEST,
        most_at_once=_MOST_AT_ONCE,
    )  # fmt: skip


@blueprint.get("/alerts/map/reports")
@allow(*_HERE, module=Module.ALERTS)
def show_sightings() -> str:
    """Reports one by one: of a village, a crop and a pest where the address says so."""
    return _render_list(wanted())


@blueprint.post("/alerts/map/reports")
@allow(Role.OFFICER, module=Module.ALERTS)
def give_verdict() -> AnyResponse | tuple[str, int]:
    """Decide about the reports that the form showed; each reporter is told."""
    ids = list(dict.fromkeys(request.form.get("ids", "").split()[:_MOST_AT_ONCE]))
    said, back = typed("verdict", most=12), own_address(request.form.get("back", ""))
    try:
        with writing() as rows:
            shown = listed.rows(rows, ids, areas=actor().areas(Role.OFFICER))
            if len(shown) != len(ids) or said not in {one.value for one in Verdict}:
                raise Absent
            told = verdicts.give_verdict(
                rows, shown, actor=actor(), verdict=Verdict(said), pest=typed("pest", most=40),
                text=typed("text", most=80), settings=settings(), now=now(),
            )  # fmt: skip
    except Invalid as refusal:
        return _render_list(Wanted(), ids=ids, errors=errors_of([refusal]), back=back), refusal.status
    done("Noted. People who are told: {n}.", n=told)
    return redirect(back or "/alerts/map", 303)


@blueprint.get("/alerts/photos/<id:photo_id>")
@allow(*_HERE, module=Module.ALERTS)
def show_photo(photo_id: str) -> Response:
    """A picture that a reporter sent."""
    with reading() as rows:
        found = sightings_map.photo(rows, photo_id, areas=actor().areas(*_HERE))
    if found is None:
        raise Absent
    kind, body = found
    return Response(body, mimetype=kind)


@blueprint.get("/alerts/sightings/<id:sighting_id>/recording.wav")
@allow(*_HERE, module=Module.ALERTS)
def play(sighting_id: str) -> AnyResponse:
    """What a reporter said, as long as its sound is kept; that it was heard is on record."""
    with writing() as rows:
        recording_id = recordings.of_sighting(rows, actor=actor(), sighting_id=sighting_id, now=now())
    return send_recording(recording_id)


def _render_list(
    chosen: Wanted,
    *,
    ids: list[str] | None = None,
    errors: list[tuple[str, str]] | None = None,
    back: str = "",
) -> str:
    """Reports one by one: of the choice, or (``ids``) those that a refused form named."""
    areas, start = actor().areas(*_HERE), number("start")
    with reading() as rows:
        if ids is not None:
            lines = listed.listing(rows, areas=areas, ids=ids, limit=_MOST_AT_ONCE)
        else:
            lines = listed.listing(
                rows, areas=areas, village_code=chosen.village, crop=chosen.crop, pest=chosen.pest,
                verdict=chosen.verdict, since=chosen.since(now()), limit=_MOST_LINES + 1, start=start,
            )  # fmt: skip
    here, after = chosen.link("/alerts/map/reports"), ""
    if ids is None and len(lines) > _MOST_LINES:
        after = f"{here}{'&' if '?' in here else '?'}start={start + _MOST_LINES}"
        lines = lines[:_MOST_LINES]
    return render_template(
        "alerts/sightings.html", lines=lines, errors=errors or [], may_decide=_may_decide,
        parts=sightings.PARTS, back=back or here, most_pest=verdicts.LONGEST_PEST,
        most_text=verdicts.LONGEST, days=chosen.days, after=after, start=start, named=ids is not None, noon=noon,
    )  # fmt: skip


def _may_decide(area_code: str) -> bool:
    """Whether the reader is an officer at this place: then they decide, and see who reported."""
    return area_code.startswith(actor().areas(Role.OFFICER))
