"""Ways to say no, made into answers: one page for people, one JSON shape for programs. Never a stack trace."""

from __future__ import annotations

import logging
import secrets
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from farmerline.errors import Refusal
from farmerline.web.doors import SignedOut, door, maybe_actor
from farmerline.web.language import _

_log = logging.getLogger(__name__)
_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PROGRAMS = ("/api/", "/sim/api/")
_KEPT_FIELDS = ("text", "body", "words", "full", "short", "outcome", "reason")
_SECRET_FIELDS = frozenset({"csrf_token", "password", "code", "pin", "old", "new", "again"})


def install(app: Flask) -> None:
    """Answer every refusal and every failure."""
    app.register_error_handler(Refusal, refuse)
    app.register_error_handler(SignedOut, signed_out)
    app.register_error_handler(CSRFError, not_our_form)
    app.register_error_handler(HTTPException, pass_on)
    app.register_error_handler(Exception, broken)


def refuse(error: Refusal) -> Response:
    """A refusal of ours, with its own sentence."""
    sentence = _(error.sentence, **error.values) if error.code != "absent" else ""
    return answer(error.status, error.code, sentence, kept=error.status == 422)


def signed_out(_error: SignedOut) -> Response:
    """A form that came after its session was over."""
    sentence = _("You are signed out, and nothing of this form was stored. Sign in and send it once more.")
    words = _written() if _is_from_here() else ""
    return answer(403, "signed_out", sentence, words=words, back_href="/signin", back_words=_("Sign in"))


def not_our_form(error: CSRFError) -> Response:
    """A form without our mark, or with one of an earlier session; where that session ran out, as ``signed_out``."""
    if maybe_actor() is None and _is_from_here() and _written():
        return signed_out(SignedOut())
    sentence = _("This form is from an earlier visit, and nothing of it was stored. Open the page again.")
    return answer(400, "form_mark", sentence, kept=maybe_actor() is not None)


def pass_on(error: HTTPException) -> Any:
    """What the router or the framework refuses."""
    if error.code is None or error.code < 400:
        return error.get_response()
    made = answer(error.code, f"http_{error.code}", kept=False)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            made.headers[name] = value
    return made


def broken(error: Exception) -> Response:
    """Something of ours broke: the log finds it by three signs, without the words of anybody."""
    sign = "".join(secrets.choice(_SIGNS) for _place in range(3))
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else ""
    _log.error(
        "page.failed sign=%s endpoint=%s error=%s at=%s", sign, request.endpoint, type(error).__name__, place
    )
    return answer(500, "broken", sign=sign, kept=True)


def answer(
    status: int,
    code: str,
    sentence: str = "",
    *,
    sign: str = "",
    kept: bool = False,
    words: str = "",
    back_href: str = "",
    back_words: str = "",
) -> Response:
    """The answer itself: JSON for programs, nothing but the number for carriers, the page for people."""
    found = door()
    if request.path.startswith(_PROGRAMS):
        return make_response(jsonify(error={"code": code, "sentence": sentence, "sign": sign}), status)
    if found is not None and "carrier" in found.who:
        return Response(status=status, mimetype="text/plain")
    values: dict[str, Any] = {
        "status": status,
        "refusal": sentence,
        "sign": sign,
        **({"kept": words} if words else _kept(status) if kept else {}),
    }
    if back_href:
        values.update(back_href=back_href, back_words=back_words)
    try:
        page = render_template("error.html", **values)
    except Exception as error:  # the page itself is broken: the bare number is still better than a trace
        _log.error("page.failed sign=%s error=%s in=error.html", sign, type(error).__name__)
        return Response(f"{status} {sign}", status=status, mimetype="text/plain")
    return make_response(page, status)


def _written() -> str:
    """What the person wrote: the longest of its fields that is there."""
    return next((request.form[name] for name in _KEPT_FIELDS if request.form.get(name)), "")


def _is_from_here() -> bool:
    """Whether a page of ours sent the form, as far as the browser tells: nobody else's words are shown as a person's own."""
    return f"{request.headers.get('Origin', '')}/" == request.host_url


def _kept(status: int) -> dict[str, Any]:
    """What the person wrote, and the way to send it once more."""
    if request.method != "POST" or status == 413:
        return {}
    written = _written()
    if not written:
        return {}
    fields = {name: value for name, value in request.form.items() if name not in _SECRET_FIELDS}
    return {"kept": written, "retry": SimpleNamespace(action=request.path, fields=fields)}
