"""The list of erased people: a file that outlives every backup, so that who was erased stays so after a restore.

``erased.tsv`` in the home folder is only added to: an account's id and the time in UTC, a line each, on the disk before
the erasure counts. It says nothing about a person, and belongs with the settings, not with the backups.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

_LINE = re.compile(r"([0-9a-f]{32})\t\S+")


def erased_file(home: Path) -> Path:
    """Where the list is kept."""
    return home / "erased.tsv"


def put_down(file: Path, account_id: str, now: datetime) -> None:
    """Add an account; when this returns the line is on the disk. A second time changes nothing."""
    if account_id in read(file):
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = not file.exists()
    line = f"{account_id}\t{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\n"
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        end = os.fstat(handle).st_size
        if end and os.pread(handle, 1, end - 1) != b"\n":
            line = f"\n{line}"  # a line that a power cut left half
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    if fresh:
        _sync(file.parent)


def read(file: Path) -> list[str]:
    """The accounts' ids in the order they were put down; a line cut short is passed over. None where there is no file."""
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return list(dict.fromkeys(found[1] for line in lines if (found := _LINE.fullmatch(line))))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
