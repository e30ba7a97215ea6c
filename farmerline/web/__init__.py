"""The pages: one folder a desk, and the frame they share."""

from __future__ import annotations

from flask import Flask, abort, current_app, request
from flask_wtf import CSRFProtect

from farmerline.web import compression, desks, doors, faults, forms, frame, headers, language, limits, session
from farmerline.web import format as ways_of_saying

__all__ = ["install"]


def install(app: Flask) -> CSRFProtect:
    """Put the pages and their protection into the application; returns the check of forms, for exemptions.

    The order matters: too big a request is refused unread, then it is found out who asks, then whether the form is
    ours, then whether they may enter.
    """
    secure = bool(app.config["SESSION_COOKIE_SECURE"])
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    compression.install(app)
    app.before_request(_refuse_too_big)
    language.install(app)
    ways_of_saying.install(app)
    forms.install(app.url_map)
    faults.install(app)
    headers.install(app, secure=secure)
    session.install(app)
    csrf = CSRFProtect(app)
    doors.install(app)
    app.before_request(session.note_use)
    frame.install(app)
    limiter = limits.install(app)
    for blueprint in desks.blueprints(limiter):
        app.register_blueprint(blueprint)
    return csrf


def _refuse_too_big() -> None:
    if request.mimetype != "multipart/form-data":  # only a file may be larger than words
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]
    most = request.max_content_length
    if most is not None and (request.content_length or 0) > most:
        abort(413)
