"""What browsers are told about every answer: where scripts may come from, what may be kept, who may frame us."""

from __future__ import annotations

from flask import Flask, Response, request, session

from farmerline.web.doors import door, maybe_actor

POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; "
    "media-src 'self' blob:; object-src 'none'; script-src 'self'; style-src 'self'"
)
_YEAR_SECONDS = 365 * 24 * 3600


def install(app: Flask, *, secure: bool) -> None:
    """Put the headers on each answer; ``secure`` when the service is reached by https."""

    @app.after_request
    def protect(answer: Response) -> Response:
        answer.headers.setdefault("Content-Security-Policy", POLICY)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["X-Frame-Options"] = "DENY"
        answer.headers["Referrer-Policy"] = "same-origin"
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        answer.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self), payment=()"
        if secure:
            answer.headers["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}; includeSubDomains"
        if request.endpoint == "static":
            answer.headers["Cache-Control"] = "public, max-age=3600"
        elif _is_personal(answer):
            answer.headers["Cache-Control"] = "no-store"
        return answer


def _is_personal(answer: Response) -> bool:
    found = door()
    return (
        maybe_actor() is not None
        or request.method not in ("GET", "HEAD")
        or found is None
        or "public" not in found.who
        or (answer.status_code >= 300 and answer.status_code != 304)
        or session.modified  # its cookie is put on after this
        or bool(answer.headers.get("Set-Cookie"))
    )
