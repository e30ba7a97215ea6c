"""Tables handed out as files for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response


def as_csv(rows: Iterable[Sequence[object]], name: str) -> Response:
    """The rows as a CSV file of that name, with the mark by which spreadsheets know that it is UTF-8."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)
