"""The week's television programme: a button, how far it is, and the files."""

from __future__ import annotations

from flask import Response, redirect, render_template, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from farmerline.config import Module
from farmerline.domain import Role, programmes
from farmerline.errors import Absent
from farmerline.queries import programmes as made
from farmerline.render import ffmpeg
from farmerline.web.doors import actor, allow, now, reading, settings, writing
from farmerline.web.publisher.tips import blueprint

_READERS = (Role.PUBLISHER, Role.OFFICER, Role.SIGNER, Role.ADMIN)
_FILES = {"mp4": "video/mp4", "srt": "application/x-subrip", "html": "text/html"}


@blueprint.get("/publish/tv")
@allow(*_READERS, module=Module.TV)
def show_programmes() -> str:
    """The newest ones; whoever asked for one finds it here again."""
    with reading() as rows:
        found = made.listed(rows)
    moves = any(one.state in ("waiting", "making") for one in found)
    return render_template(
        "publisher/tv.html", programmes=found, moves=moves, may_ask=actor().has(Role.PUBLISHER), able=ffmpeg.find() is not None
    )  # fmt: skip


@blueprint.post("/publish/tv")
@allow(Role.PUBLISHER, module=Module.TV)
def ask_programme() -> AnyResponse:
    """Asked for twice it is made once."""
    with writing() as rows:
        programmes.ask(rows, actor=actor(), settings=settings(), now=now())
    return redirect("/publish/tv", 303)


@blueprint.get("/publish/tv/<id:programme_id>.<kind>")
@allow(*_READERS, module=Module.TV)
def fetch_programme(programme_id: str, kind: str) -> Response:
    """The video plays in the page; the subtitles and the script are taken along."""
    with reading() as rows:
        line = made.one(rows, programme_id)
    if line is None or line.state != "done" or kind not in _FILES:
        raise Absent
    folder = settings().home / "tv" / programme_id
    if not (folder / f"{line.name}.{kind}").is_file():
        raise Absent
    return send_from_directory(
        folder.resolve(), f"{line.name}.{kind}", mimetype=_FILES[kind], as_attachment=kind != "mp4", max_age=0
    )
