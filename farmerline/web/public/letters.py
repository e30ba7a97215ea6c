"""The service promise, how it is kept, and the guestbook: letters that were let out after a review."""

from __future__ import annotations

from flask import render_template

from farmerline.queries import bureau_letters
from farmerline.web.doors import allow, now, reading
from farmerline.web.language import current_language


@allow("public")
def show() -> str:
    language = current_language()
    with reading() as rows:
        return render_template(
            "public/letters.html", promises=bureau_letters.promises(rows, language=language, now=now()),
            shown=bureau_letters.guestbook(rows, language=language),
        )  # fmt: skip
