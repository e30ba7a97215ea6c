"""Articles for everybody: what holds now, and each by its number."""

from __future__ import annotations

from io import BytesIO

from flask import Response, render_template, send_file

from farmerline.errors import Absent
from farmerline.queries import articles
from farmerline.web.doors import allow, now, reading, settings
from farmerline.web.forms import typed
from farmerline.web.language import current_language


@allow("public")
def show_list() -> str:
    """What holds in the county, by kind and word."""
    kind, word = typed("kind", most=24), typed("q", most=40)
    with reading() as rows:
        found = articles.in_force(rows, place=settings().county, now=now(), kind=kind, word=word, most=60)
        lines, names = articles.lines(rows, found), articles.kind_names(rows, current_language())
    return render_template("public/articles.html", lines=lines, kind=kind, word=word, names=names)


@allow("public")
def show_one(number: int) -> str:
    with reading() as rows:
        found = articles.shown(rows, number, now=now())
        names = articles.kind_names(rows, current_language())
    if found is None:
        raise Absent
    return render_template("public/article.html", one=found, kind=names[found.line.kind])


@allow("public")
def show_photo(number: int) -> Response:
    with reading() as rows:
        photo = articles.photo(rows, number)
        if photo is None:
            raise Absent
        return send_file(BytesIO(photo.body), mimetype=photo.kind, etag=False)
