"""An alert as a sound file, for the village loudspeaker."""

from __future__ import annotations

from flask import Response

from farmerline.config import Module
from farmerline.domain import loudspeaker
from farmerline.errors import Absent
from farmerline.queries.alert_public import Issued
from farmerline.render import ffmpeg
from farmerline.render.loudspeaker import announce, to_mp3
from farmerline.web.alerts.desk import blueprint
from farmerline.web.doors import actor, allow, inside, maybe_actor, now, settings, writing

_KINDS = {"wav": "audio/wav", "mp3": "audio/mpeg"}


def kinds(alert: Issued) -> tuple[str, ...]:
    """The kinds of files that the person at the page may take of this alert; the best first."""
    who = maybe_actor()
    if (
        who is None
        or alert.standing not in ("holds", "practice")
        or not loudspeaker.works_there(who, alert.codes)
    ):
        return ()
    return ("mp3", "wav") if ffmpeg.find() else ("wav",)


@blueprint.get("/alerts/<alert:alert_number>/loudspeaker.<kind>")
@allow(*loudspeaker.ROLES, module=Module.ALERTS)
def take_loudspeaker(alert_number: str, kind: str) -> Response:
    """A chime, the words, and all of it once more; taken along on a stick or a telephone."""
    if kind not in _KINDS:
        raise Absent
    with writing() as rows:
        words = loudspeaker.take(rows, alert_number, actor=actor(), kind=kind, settings=settings(), now=now())
    sound = announce(words, inside().speech).wav
    body = to_mp3(sound) if kind == "mp3" else sound
    headers = {"Content-Disposition": f"attachment; filename=alert-{alert_number}.{kind}"}
    return Response(body, mimetype=_KINDS[kind], headers=headers)
