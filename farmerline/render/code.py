"""Square codes that a telephone's camera reads."""

from __future__ import annotations

import io

import segno


def draw_code(text: str) -> str:
    """The code of an address as an SVG picture that takes the size it is given."""
    drawn = io.BytesIO()
    segno.make(text, error="m").save(
        drawn,
        kind="svg",
        scale=5,
        border=2,
        xmldecl=False,
        svgns=True,
        omitsize=True,
        svgclass="qr",
        lineclass=None,
    )
    return drawn.getvalue().decode()
