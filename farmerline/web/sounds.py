"""Sound as it leaves a page: in pieces, where a browser asks for them."""

from __future__ import annotations

from io import BytesIO

from flask import send_file
from werkzeug.wrappers import Response

from farmerline.errors import Absent
from farmerline.web.doors import inside


def send_recording(recording_id: str) -> Response:
    """A kept recording; raises ``Absent`` where there is none. Who may hear it is the page's to know."""
    return send_sound(inside().recording(recording_id))


def send_sound(wav: bytes | None) -> Response:
    """These WAV bytes; raises ``Absent`` for none."""
    if not wav:
        raise Absent
    return send_file(
        BytesIO(wav), mimetype="audio/wav", download_name="recording.wav", conditional=True, etag=False
    )
