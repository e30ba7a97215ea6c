"""The reader's language and letter size, and the words of a page in them.

A reader changes either by a link (``?lang=en``, ``?big=1``); a cookie keeps it. Without a cookie the language
is that of the signed-in person (``flask.g.account.language``), else Chinese.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Flask, Response, g, has_request_context, request
from markupsafe import Markup

from farmerline.words import DEFAULT_LANGUAGE, LANGUAGES, say

_CHOICES: Mapping[str, tuple[str, ...]] = {"lang": LANGUAGES, "big": ("0", "1")}
_YEAR_SECONDS = 365 * 24 * 3600


def current_language() -> str:
    """The language of the page being made: "zh" or "en"; Chinese outside a request."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    return _chosen("lang") or _known(getattr(g.get("account"), "language", None)) or DEFAULT_LANGUAGE


def wants_big_letters() -> bool:
    """Whether the reader asked for 22 px letters instead of 18."""
    return has_request_context() and _chosen("big") == "1"


def _(sentence: str, /, **values: object) -> str:
    """The sentence in the reader's language, as text: a page escapes it."""
    return say(current_language(), sentence, **values)


def _html(sentence: str, /, **values: object) -> Markup:
    """Like ``_`` for a sentence of ours that holds tags (``<b>{number}</b>``); its values are escaped."""
    text = Markup(say(current_language(), sentence))  # noqa: S704 - ours, from the source or a catalogue
    return text.format(**values) if values else text


def here(**changes: str) -> str:
    """The address of this page with some of its question changed: ``here(lang="en")``.

    It is relative, so that no path a stranger typed is written into the page. A page that answers a sent form
    has no address of its own: the start page is given instead.
    """
    if request.method not in ("GET", "HEAD"):
        return "/?" + urlencode(changes)
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    return "?" + urlencode([*kept, *changes.items()])


def install(app: Flask) -> None:
    """Give every template ``_``, ``_html``, ``language()``, ``big()``, ``here()``; keep the choices."""
    app.jinja_env.globals.update(_=_, _html=_html, here=here)
    app.jinja_env.globals.update(language=current_language, big=wants_big_letters)

    @app.after_request
    def keep_choices(response: Response) -> Response:
        for name, allowed in _CHOICES.items():
            value = request.args.get(name)
            if value in allowed:
                response.set_cookie(
                    name,
                    value,
                    max_age=_YEAR_SECONDS,
                    samesite="Lax",
                    httponly=True,
                    secure=bool(app.config["SESSION_COOKIE_SECURE"]),
                )
        if response.mimetype == "text/html":
            response.vary.add("Cookie")
        return response


def _chosen(name: str) -> str | None:
    """What the reader asked for just now, else what the cookie keeps; None when neither makes sense."""
    for value in (request.args.get(name), request.cookies.get(name)):
        if value in _CHOICES[name]:
            return value
    return None


def _known(language: object) -> str | None:
    return language if isinstance(language, str) and language in LANGUAGES else None
