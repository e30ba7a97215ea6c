"""Answers leave gzipped for browsers that take it: a page is then a quarter of its size on a poor line."""

from __future__ import annotations

import gzip
import random
from io import BytesIO

from flask import Flask, Response, request

_TYPES = frozenset(
    {"application/json", "application/xml", "application/rss+xml", "application/atom+xml", "application/cap+xml",
     "application/javascript", "image/svg+xml"}
)  # fmt: skip
_LEAST, _MOST = 500, 2_000_000
"""Bytes: below it gains nothing, above it would hold up the others."""
_LEVEL = 5
_NOISE = 60
"""Signs of chance in each answer, so that its size does not tell what words of a stranger and of the page have in common."""


def install(app: Flask) -> None:
    """Press each answer of words that is large enough."""

    @app.after_request
    def press(answer: Response) -> Response:
        if not _is_of_words(answer):
            return answer
        answer.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] <= 0 or answer.status_code != 200:
            return answer
        answer.direct_passthrough = False
        body = answer.get_data()
        if _LEAST <= len(body) <= _MOST:
            answer.set_data(_pressed(body))
            answer.content_encoding = "gzip"
            etag, _weak = answer.get_etag()
            if etag:
                answer.set_etag(etag, weak=True)
        return answer


def _is_of_words(answer: Response) -> bool:
    kind = answer.mimetype or ""
    whole = answer.direct_passthrough or not answer.is_streamed  # a file, or words that are all there
    return whole and not answer.content_encoding and (kind.startswith("text/") or kind in _TYPES)


def _pressed(body: bytes) -> bytes:
    made = BytesIO()
    with gzip.GzipFile("x" * random.randint(1, _NOISE), "wb", _LEVEL, made, mtime=0) as file:
        file.write(body)
    return made.getvalue()
