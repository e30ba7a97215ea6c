"""Whether this process can answer: for the machines that watch it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from flask import Response, jsonify, make_response

from farmerline.domain import areas
from farmerline.web.doors import allow, reading, settings


@allow("public")
def show() -> Response:
    """200 while the database answers, else 503; with the version. Nothing about anybody."""
    try:
        with reading() as rows:
            areas.get(rows, settings().county)
    except Exception:  # whatever it is: the watcher needs the number, the log has the rest
        return make_response(jsonify(status="ill", database="silent", version=_version()), 503)
    return make_response(jsonify(status="ok", database="ok", version=_version()))


def _version() -> str:
    try:
        return version("farmerline")
    except PackageNotFoundError:
        return "unknown"
