"""Whether this process can answer: for the machines that watch it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from math import floor

from flask import Response, jsonify, make_response

from farmerline.domain import areas, disk
from farmerline.web.doors import allow, reading, settings


@allow("public")
def show() -> Response:
    """200 while the database answers, else 503; with the version, and how full the disk is. Nothing about anybody."""
    used = floor(disk.percent(settings().home))
    try:
        with reading() as rows:
            areas.get(rows, settings().county)
    except Exception:  # whatever it is: the watcher needs the number, the log has the rest
        return make_response(
            jsonify(status="ill", database="silent", disk_percent=used, version=_version()), 503
        )
    return make_response(jsonify(status="ok", database="ok", disk_percent=used, version=_version()))


def _version() -> str:
    try:
        return version("farmerline")
    except PackageNotFoundError:
        return "unknown"
