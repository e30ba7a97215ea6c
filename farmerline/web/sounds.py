"""Sound as it leaves a page: in pieces, where a browser asks for them."""

from __future__ import annotations

from io import BytesIO

from flask import request, send_file
from werkzeug.wrappers import Response

from farmerline.errors import Absent
from farmerline.web.doors import inside


def send_recording(recording_id: str) -> Response:
    """A kept recording, slower where the address asks for it; raises ``Absent`` where there is none. Who may hear it is the
    page's to know."""
    wav = inside().recording(recording_id)
    return send_sound(slower(wav) if wav and request.args.get("slow") else wav)


def send_sound(wav: bytes | None) -> Response:
    """These WAV bytes; raises ``Absent`` for none."""
    if not wav:
        raise Absent
    return send_file(
        BytesIO(wav), mimetype="audio/wav", download_name="recording.wav", conditional=True, etag=False
    )


def slower(wav: bytes) -> bytes:
    """The same samples at three quarters of their speed, and so a little deeper; what is no WAV comes back as it is."""
    if wav[:4] != b"RIFF" or wav[12:16] != b"fmt ":
        return wav
    rates = (
        int.from_bytes(wav[at : at + 4], "little") * 3 // 4 for at in (24, 28)
    )  # samples and bytes a second
    return wav[:24] + b"".join(rate.to_bytes(4, "little") for rate in rates) + wav[32:]
