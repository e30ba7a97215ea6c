"""Tables handed out as files for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

from farmerline.domain.table_file import safe


def as_csv(rows: Iterable[Sequence[object]], name: str) -> Response:
    """The rows as a CSV file of that name, with the mark by which spreadsheets know that it is UTF-8. No cell is a formula."""
    out = io.StringIO()
    csv.writer(out).writerows([safe(one) if isinstance(one, str) else one for one in row] for row in rows)
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)
