"""What is kept of a person, who sees it, how it stops."""

from __future__ import annotations

from flask import render_template

from farmerline.web.doors import allow


@allow("public")
def show() -> str:
    return render_template("public/about_data.html")
