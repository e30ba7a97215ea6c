"""The contact point's day in the demo county: services noted, pages for a day without a line, and entries brought up with one."""

from __future__ import annotations

import json
from datetime import timedelta

from farmerline.demo.articles import actor_of
from farmerline.demo.people import CONTACT, OLD_YANG
from farmerline.demo.stage import find_account
from farmerline.domain import pack_entries, pack_file, services_log
from farmerline.models import Role
from farmerline.runtime import Runtime
from jobs import packs

_SERVICES = (
    ("taught", 12),
    ("read", 9),
    ("post", 6),
    ("complaint", 4),
    ("taught", 2),
    ("alert", 1),
    ("read", 0),
)
"""What was noted, and how many days ago."""


def fill(runtime: Runtime) -> None:
    """A month's services, the villages' pages, and a file of entries of which one is to be put right."""
    now = runtime.now()
    with runtime.database.write() as session:
        actor, farmer = actor_of(session, CONTACT), find_account(session, OLD_YANG)
        for kind, days in _SERVICES:
            services_log.note(
                session,
                actor=actor,
                kind=kind,
                ref=f"demo:{kind}:{days}",
                now=now,
                at=now - timedelta(days=days),
            )
        entries = (
            {"key": "demo-1", "kind": "service", "what": "taught", "at": now.isoformat()},
            {"key": "demo-2", "kind": "post", "person": farmer.id if farmer else "", "text": "他家的事,回来再说"},
        )  # fmt: skip
        head = {"pack": actor.areas(Role.CONTACT)[0], "made": now.isoformat()}
        lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in (head, *entries))
        waiting = pack_entries.keep(session, pack_file.read(lines.encode()), actor=actor, now=now)
        for entry_id in waiting:
            pack_entries.enter(
                session, pack_entries.own(session, entry_id, actor, lock=True), actor=actor,
                understand=runtime.understand, settings=runtime.settings, now=now,
            )  # fmt: skip
    packs.make(runtime.context)
