"""The page behind the link in each copy of a letter: one press ends the copies, without signing in."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from farmerline.domain import letter_copies
from farmerline.errors import Absent
from farmerline.web import frame
from farmerline.web.doors import allow, now, reading, writing


@allow("public")
def show(delivery_id: str, key: str) -> str:
    """The question; mail programs follow links by themselves, so nothing ends by looking."""
    with reading() as rows:
        reader = letter_copies.reader_of(rows, delivery_id, key)
        if reader is None:
            raise Absent
        address = letter_copies.address_of(rows, reader)
    masked = letter_copies.mask_address(address) if address else ""
    return render_template("public/stop_mail.html", address=masked, action=f"/stop-mail/{delivery_id}/{key}")


@allow("public")
def end(delivery_id: str, key: str) -> Response:
    """End the copies."""
    with writing() as rows:
        reader = letter_copies.reader_of(rows, delivery_id, key)
        if reader is None:
            raise Absent
        letter_copies.stop(rows, reader, proof=f"mail:{delivery_id}", now=now())
    frame.done("No more copies by e-mail; the address is forgotten.")
    return redirect("/", 303)
