"""Makes the files of this folder from an unpacked `china-division` package; see README.md beside it.

python build.py PACKAGE/dist FOLDER COUNTY...
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

Row = tuple[str, str]


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def to_lines(rows: Iterable[Row]) -> bytes:
    """Sorted by length, then code: a parent always stands before its children."""
    ordered = sorted(rows, key=lambda row: (len(row[0]), row[0]))
    return "".join(f"{code}\t{name}\n" for code, name in ordered).encode()


def build(source: Path, folder: Path, counties: list[str]) -> None:
    places = [
        (row["code"], row["name"].strip())
        for part in ("provinces", "cities", "areas", "streets")
        for row in read_rows(source / f"{part}.csv")
    ]
    (folder / "places.tsv.gz").write_bytes(gzip.compress(to_lines(places), mtime=0))
    villages: dict[str, list[Row]] = {county: [] for county in counties}
    for row in read_rows(source / "villages.csv"):
        if row["areaCode"] in villages:
            villages[row["areaCode"]].append((row["code"], row["name"].strip()))
    for county, rows in villages.items():
        (folder / f"villages-{county}.tsv").write_bytes(to_lines(rows))


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
