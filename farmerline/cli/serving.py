"""``farmerline serve``, ``web``, ``worker`` and ``check``."""

from __future__ import annotations

import sys
from contextlib import closing
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from pydantic import SecretStr
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from farmerline.cli import opening
from farmerline.cli.language import tell
from farmerline.cli.running import run_service
from farmerline.config import PREFIX, Settings, read_settings
from farmerline.errors import Misconfigured
from farmerline.migrations import is_current
from farmerline.render import map_shapes
from farmerline.runtime import Runtime, open_runtime


@click.command()
def serve() -> None:
    """Serve pages, webhooks and jobs in one process."""
    run_service(_open())


@click.command()
def web() -> None:
    """Serve pages and webhooks alone: on any number of hosts, beside workers."""
    run_service(_open(), jobs=False)


@click.command()
def worker() -> None:
    """Run the timetable and hand messages over: on any number of hosts, beside webs."""
    run_service(_open(), pages=False)


def _open() -> Runtime:
    runtime = opening.open_runtime()
    if not runtime.settings.is_demo and not runtime.database.durable():
        raise Misconfigured("The database may lose acknowledged writes; set synchronous_commit and fsync on.")
    return runtime


@click.command()
def check() -> None:
    """Print the effective settings, and probe database, time zone and carriers."""
    settings = read_settings()
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if name == "database_url":
            value = make_url(value).render_as_string(hide_password=True)
        secret = field.annotation is SecretStr
        click.echo(f"{PREFIX}{name.upper()}={_shown(value, secret=secret)}")
    found = _probe_database(settings)
    # the simulated carrier and the gateways' rows are behind the database: without it there is nothing to ask
    carriers = _probe_carriers(settings) if found[0][0] else []
    probes = [_probe_zone(), *found, *carriers, *_probe_map(settings)]
    for good, line in probes:
        click.echo(f"{'ok  ' if good else 'BAD '} {line}")
    bad = sum(not good for good, _ in probes)
    click.secho(_verdict(bad), fg="red" if bad else "green", bold=True)
    sys.exit(1 if bad else 0)


def _verdict(bad: int) -> str:
    """One sentence that says it all; its colour shows on a terminal alone."""
    if bad:
        return tell("Red: the service is not ready; things to mend, marked BAD above: {count}.", count=bad)
    return tell("Green: all is well, the service can work.")


def _shown(value: object, *, secret: bool) -> str:
    if secret:
        return "(set)" if isinstance(value, SecretStr) and value.get_secret_value() else "(not set)"
    if isinstance(value, frozenset):
        return ",".join(sorted(value))
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return "" if value is None else str(value)


def _probe_map(settings: Settings) -> list[tuple[bool, str]]:
    """The bureau's own map, where there is one."""
    if settings.map_folder is None:
        return []
    try:
        shapes = map_shapes.read(settings.map_folder, county=settings.county)
    except Misconfigured as error:
        return [(False, f"map: {error}")]
    return [(True, f"map: {len(shapes.rings)} outlines, {len(shapes.points)} points")]


def _probe_zone() -> tuple[bool, str]:
    try:
        ZoneInfo("Asia/Shanghai")
    except ZoneInfoNotFoundError:
        return False, "time zone: Asia/Shanghai is not known here; install tzdata"
    return True, "time zone: Asia/Shanghai"


def _probe_database(settings: Settings) -> list[tuple[bool, str]]:
    try:
        runtime = open_runtime(settings)
        with closing(runtime.database) as database:
            with database.read() as session:
                session.execute(text("SELECT 1"))
            found = [(True, f"database: answers ({database.url.get_backend_name()})")]
            found.append((database.durable(), "database: acknowledged writes are on disk"))
            found.append((is_current(database), "database: has the newest shape (farmerline upgrade)"))
    except (SQLAlchemyError, OSError) as error:
        return [
            (False, f"database: does not answer ({type(error).__name__}); look at FARMERLINE_DATABASE_URL")
        ]
    return found


def _probe_carriers(settings: Settings) -> list[tuple[bool, str]]:
    runtime = open_runtime(settings)
    with closing(runtime.database):
        if runtime.simulator is not None:
            from farmerline.app import create_app

            create_app(runtime)
        probed = runtime.probe_carriers()
    return [(problem is None, f"carrier {name}: {_mending(name, problem)}") for name, problem in probed]


def _mending(name: str, problem: str | None) -> str:
    if problem is None:
        return "answers"
    places = {"twilio": "the FARMERLINE_TWILIO_ settings", "email": "the FARMERLINE_SMTP_ settings"}
    where = places.get(name.split()[0], "the gateways file")
    return f"{problem}; look at {where}"
