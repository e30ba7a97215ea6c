"""Who may import whom: the table. Change it only with a page in docs/decisions/."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

FOUNDATION = tuple(
    f"farmerline.{name}"
    for name in "messages errors clock parts vault words ids places identity names config logs data".split()
)
COMPOSITION = (
    "farmerline.app",
    "farmerline.runtime",
    "farmerline.cli",
    "farmerline.__main__",
    "farmerline.demo",
    "bench",
    "deploy",
    "tests",
)
DOMAIN = ("farmerline.domain", "farmerline.queries")
WEB_LIBRARIES = frozenset(
    "flask werkzeug jinja2 wtforms flask_login flask_wtf flask_limiter waitress markupsafe".split()
)
PROVIDER_LIBRARIES = frozenset("twilio smpplib requests urllib3 aiohttp httpx".split())
TIMERS = frozenset({"apscheduler", "procrastinate"})
STORAGE = frozenset({"sqlalchemy", "alembic", "psycopg"})


@dataclass(frozen=True)
class Room:
    """A part of the house: what it holds, what of ours it may use, and which libraries.

    ``libraries`` None means any but those in ``never``; otherwise only these (beside the standard library).
    """

    name: str
    holds: tuple[str, ...]
    ours: tuple[str, ...]
    libraries: frozenset[str] | None = None
    never: frozenset[str] = field(default_factory=frozenset)


ROOMS = (
    Room(
        "foundation",
        FOUNDATION,
        FOUNDATION,
        libraries=frozenset(
            "smsutil cryptography babel uuid6 pydantic dotenv pypinyin phonenumbers structlog tzdata".split()
        ),
    ),
    Room(
        "matching",
        ("matching",),
        ("matching",),
        libraries=frozenset("jieba cn2an pypinyin opencc".split()),
    ),
    Room(
        "render",
        ("farmerline.render",),
        (*FOUNDATION, "farmerline.render"),
        never=STORAGE | WEB_LIBRARIES | PROVIDER_LIBRARIES | TIMERS,
    ),
    Room(
        "models",
        ("farmerline.models",),
        (*FOUNDATION, "farmerline.models"),
        libraries=frozenset({"sqlalchemy"}),
    ),
    Room("db", ("farmerline.db",), FOUNDATION, libraries=frozenset({"sqlalchemy"})),
    Room(
        "migrations",
        ("farmerline.migrations",),
        (*FOUNDATION, "farmerline.models", "farmerline.db", "farmerline.migrations", "matching"),
        libraries=frozenset({"sqlalchemy", "alembic"}),
    ),
    Room(
        "domain",
        DOMAIN,
        (*DOMAIN, *FOUNDATION, "farmerline.models", "matching"),
        never=WEB_LIBRARIES | PROVIDER_LIBRARIES | TIMERS,
    ),
    Room(
        "web",
        ("farmerline.web",),
        (*DOMAIN, *FOUNDATION, "farmerline.render", "farmerline.web"),
        never=PROVIDER_LIBRARIES | TIMERS | STORAGE,
    ),
    Room(
        "channels",
        ("channels",),
        (*FOUNDATION, "farmerline.render.speech", "channels"),
        never=STORAGE | TIMERS,
    ),
    Room(
        "jobs",
        ("jobs",),
        (
            *DOMAIN,
            *FOUNDATION,
            "farmerline.models",
            "farmerline.db",
            "farmerline.render",
            "channels.contract",
            "jobs",
        ),
        never=WEB_LIBRARIES | PROVIDER_LIBRARIES,
    ),
    Room(
        "composition", COMPOSITION, ("farmerline", "channels", "matching", "jobs", "bench", "deploy", "tests")
    ),
)

# These are imported in one file each, so that replacing them stays one file's work.
ONE_FILE = {
    "apscheduler": "jobs.runner",
    "procrastinate": "jobs.cluster",
    "jieba": "matching.tokenizer",
}


def room_of(module: str) -> Room | None:
    """The room that holds the module; the longest fitting name counts."""
    best: tuple[int, Room] | None = None
    for room in ROOMS:
        for name in room.holds:
            if within(module, (name,)) and (best is None or len(name) > best[0]):
                best = (len(name), room)
    return best[1] if best else None


def within(module: str, names: tuple[str, ...]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in names)


def objection(importer: str, imported: str) -> str:
    """Why ``importer`` may not import ``imported``; empty when it may."""
    room = room_of(importer)
    if room is None:
        return "" if importer in ("farmerline",) else "stands in no room of the table"
    top = imported.split(".")[0]
    if within(imported, ("farmerline", "channels", "matching", "jobs", "bench", "deploy", "tests")):
        if imported == "farmerline":
            return ""
        if within(imported, COMPOSITION) and room.name != "composition":
            return "nobody imports what puts the house together"
        return "" if within(imported, room.ours) else f"{room.name} may not use it"
    if top in sys.stdlib_module_names:
        return ""
    if (only := ONE_FILE.get(top)) and importer != only and not within(importer, ("tests", "bench")):
        return f"only {only} imports {top}"
    if top in room.never or (room.libraries is not None and top not in room.libraries):
        return f"{room.name} may not use {top}"
    return ""
