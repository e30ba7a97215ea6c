"""Village packs: the page for a day without a line to take along, and what was noted on it brought up in one file."""

from __future__ import annotations

import logging

from flask import Response, redirect, render_template, request
from werkzeug.wrappers import Response as Answer

from farmerline.clock import local
from farmerline.domain import Role, pack_entries, pack_file, village_packs
from farmerline.errors import Absent, Invalid
from farmerline.queries import village, village_pack
from farmerline.web.contact.today import blueprint
from farmerline.web.doors import actor, allow, inside, now, reading, settings, writing
from farmerline.web.forms import errors_of, typed, words
from farmerline.web.frame import done, wrong
from farmerline.web.language import _
from farmerline.web.reports import points

_NAMES = {
    "post": "A post",
    "sighting": "A pest report",
    "visit": "Told in person",
    "service": "A service",
    "": "Not readable",
}
_VILLAGES = 40
_log = logging.getLogger(__name__)


@blueprint.get("/desk/pack")
@allow(Role.CONTACT)
def show_packs() -> str:
    return _render()


@blueprint.get("/desk/pack/<village_code>.html")
@allow(Role.CONTACT)
def take_pack(village_code: str) -> Response:
    """The newest page of one of the actor's villages, as a file."""
    if not (village_code.isascii() and village_code.isdecimal() and len(village_code) == 12):
        raise Absent
    with writing() as rows:
        page = village_packs.take(rows, village_code, actor=actor(), now=now())
    name = f"pack-{village_code}-{local(now()):%Y%m%d}.html"
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(page, mimetype="text/html", headers=headers)


@blueprint.post("/desk/pack")
@allow(Role.CONTACT)
def bring_entries() -> str | Answer | tuple[str, int]:
    """A file of entries, or its words; the same file twice does nothing the second time."""
    text = ""
    try:
        sent = request.files.get("file")
        body = sent.read(pack_file.LARGEST + 1) if sent is not None else b""
        text = "" if body else words("words", most=pack_file.LARGEST)
        file = pack_file.read(body or text.encode())
        with writing() as rows:
            waiting = pack_entries.keep(rows, file, actor=actor(), now=now())
    except Invalid as refusal:
        return _render(refusal, text), refusal.status
    for entry_id in waiting:
        _enter(entry_id)
    with reading() as rows:
        left = village_pack.to_mend(rows, actor())
    done("Brought up: {n}. What became of each stands below.", n=len(file.lines))
    if left:
        wrong("To be put right: {n}.", n=left)
    return redirect("/desk/pack#brought", 303)


@blueprint.post("/desk/pack/<id:entry_id>")
@allow(Role.CONTACT)
def mend_entry(entry_id: str) -> str | Answer | tuple[str, int]:
    """Put right what could not be used, or put it away."""
    with writing() as rows:
        row = pack_entries.own(rows, entry_id, actor(), lock=True)
        if typed("act") == "drop":
            pack_entries.drop(rows, row, actor=actor(), now=now())
        else:
            said = {
                name: typed(name, most=40)
                for name in ("name", "crop", "pest", "what")
                if name in request.form
            }
            said |= {"text": words("text", most=800)} if "text" in request.form else {}
            if "name" in said:
                said["person"] = typed("person", most=32) if said["name"] == typed("was", most=40) else ""
            pack_entries.mend(rows, row, actor=actor(), kind=typed("kind", most=8), said=said, now=now())
    if typed("act") != "drop":
        _enter(entry_id)
    return redirect("/desk/pack#brought", 303)


def _enter(entry_id: str) -> None:
    """Act on one entry. Whatever it is that breaks, the others go on."""
    try:
        _act(entry_id)
    except Exception as error:  # one line must not hold up the village's next upload
        _log.error("pack.failed entry=%s error=%s", entry_id, type(error).__name__)
        with writing() as rows:
            pack_entries.broke(rows, entry_id, now=now())


def _act(entry_id: str) -> None:
    """Its words are read before the transaction, and remembered: that is the slow part."""
    with reading() as rows:
        said = pack_entries.words_of(pack_entries.own(rows, entry_id, actor()))
    if said:
        inside().understand(said)
    with writing() as rows:
        incoming = pack_entries.enter(
            rows, pack_entries.own(rows, entry_id, actor(), lock=True), actor=actor(),
            understand=inside().understand, settings=settings(), now=now(),
        )  # fmt: skip
    if incoming is not None:
        accepted = inside().accept(incoming)
        with writing() as rows:
            pack_entries.answered(rows, entry_id, accepted, now=now())


def _render(refusal: Invalid | None = None, text: str = "") -> str:
    with reading() as rows:
        places = village.villages(rows, actor())
        made = village_pack.packs(rows, [code for code, _name in places])
        lines = village_pack.entries(rows, actor())
    return render_template(
        "contact/pack.html", packs=[(code, name, made[code]) for code, name in places if code in made][:_VILLAGES],
        mend=[one for one in lines if one.state == "mend"], done=[one for one in lines if one.state != "mend"],
        told={one.id: _(one.sentence, **one.values) if one.sentence else "" for one in lines}, services=points.buttons(),
        names={kind: _(name) for kind, name in _NAMES.items()}, text=text, errors=errors_of([refusal] if refusal else []),
        most=pack_file.MOST,
    )  # fmt: skip
