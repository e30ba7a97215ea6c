"""What the simulated carrier remembers: handsets, the carrier's diary, troubles made on purpose."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from channels.dialect.rows import TABLES, Rows, moment, stamp

_TABLES = """
CREATE TABLE IF NOT EXISTS handset (
  number TEXT PRIMARY KEY, name TEXT NOT NULL DEFAULT '', faults TEXT NOT NULL DEFAULT '',
  blocked INTEGER NOT NULL DEFAULT 0, opened INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS habit (number TEXT PRIMARY KEY, keys TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS step (
  id INTEGER PRIMARY KEY AUTOINCREMENT, due_at TEXT NOT NULL, kind TEXT NOT NULL, sid TEXT NOT NULL,
  detail TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS step_due ON step (due_at, id);
CREATE TABLE IF NOT EXISTS network (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Step:
    """Something the carrier will do: at ``due_at``, to the message or call ``sid``."""

    id: int
    due_at: datetime
    kind: str
    sid: str
    detail: dict[str, Any]


class Store(Rows):
    """Rows of the simulated carrier. It never sees the service's database."""

    @classmethod
    def tables(cls) -> str:
        return TABLES + _TABLES

    def plan(self, kind: str, sid: str, due_at: datetime, **detail: object) -> None:
        """Put a step into the carrier's diary."""
        self.run(
            "INSERT INTO step (due_at, kind, sid, detail) VALUES (?, ?, ?, ?)",
            stamp(due_at),
            kind,
            sid,
            json.dumps(detail),
        )

    def take(self, now: datetime) -> Step | None:
        """The next step that is due, taken so that nobody else takes it."""
        row = self.row("SELECT * FROM step WHERE due_at <= ? ORDER BY due_at, id LIMIT 1", stamp(now))
        if row is None:
            return None
        if not self.run("DELETE FROM step WHERE id = ?", row["id"]):  # another process took it
            return self.take(now)
        return Step(row["id"], moment(row["due_at"]), row["kind"], row["sid"], json.loads(row["detail"]))

    def network(self) -> dict[str, int]:
        return {row["name"]: row["value"] for row in self.rows("SELECT name, value FROM network")}

    def set_network(self, name: str, value: int) -> None:
        self.run(
            "INSERT INTO network VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            value,
        )
