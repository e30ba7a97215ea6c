"""Hints between hosts, through PostgreSQL: a web that stored something to do wakes a worker at once.

A hint is the name of a line of the timetable, no more: what there is to do stands in rows, and every worker looks by itself as
well. So a hint that is lost or repeated is harmless. This is the only file that knows Procrastinate.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from threading import Event, Lock, Thread
from typing import Any

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.job_context import JobContext
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from farmerline.db import Database

SCHEMA = "procrastinate"
"""Its tables stand apart from ours: backups leave them out, and another version makes them anew."""
PATIENCE = 1.0
"""Seconds that a worker rests between two looks of its own, where hints wake it."""
_QUEUE = "hints"
_AGAIN = 2.0
_GATHER = 0.02
_log = logging.getLogger(__name__)


def make_tables(database: Database) -> bool:
    """Make the hints' tables, or make them anew for another version of Procrastinate; a repeat changes nothing.

    Returns whether something was done. Hints that were under way are lost, which is harmless.
    """
    mark = f"procrastinate {version('procrastinate')}"
    with database.writer.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": SCHEMA})
        found = connection.scalar(
            text("SELECT obj_description(to_regnamespace(:name), 'pg_namespace')"), {"name": SCHEMA}
        )
        if found == mark:
            return False
        plain = connection.execution_options(no_parameters=True)
        plain.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
        plain.exec_driver_sql(f"SET LOCAL search_path = {SCHEMA}")
        plain.exec_driver_sql(SchemaManager.get_schema())
        plain.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{mark}'")
    return True


class Sender:
    """Sends hints from a process without loops of its own, from a thread: who stored something does not wait for it."""

    def __init__(self, database: Database) -> None:
        self._app = _app(SyncPsycopgConnector(**_place(database)), lambda _name: None)
        self._names: set[str] = set()
        self._turn, self._wanted, self._stop = Lock(), Event(), Event()
        self._thread = Thread(target=self._run, name="hints", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def hint(self, name: str) -> None:
        """Wake a worker for this line of the timetable, soon. Never waits, never fails."""
        with self._turn:
            self._names.add(name)
        self._wanted.set()

    def stop(self) -> None:
        self._stop.set()
        self._wanted.set()
        self._thread.join(2)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self._app.open():
                    while not self._stop.is_set():
                        self._wanted.wait()
                        self._send()
            except Exception as error:  # the database is away, say: workers look by themselves meanwhile
                _log.warning("hints.unsent error=%s", type(error).__name__)
                self._stop.wait(_AGAIN)

    def _send(self) -> None:
        self._wanted.clear()
        with self._turn:
            names, self._names = self._names, set()
        for name in names:
            with suppress(AlreadyEnqueued):  # one that waits says it all
                self._app.configure_task("wake", queue=_QUEUE, queueing_lock=f"wake:{name}").defer(name=name)
        self._stop.wait(_GATHER)  # many rows in a moment need one hint


class Receiver:
    """Takes hints in a thread of its own and rings for each, until stopped. Of several workers one gets each hint."""

    def __init__(self, database: Database, ring: Callable[[str], None]) -> None:
        self._app = _app(PsycopgConnector(**_place(database)), ring)
        self._stop = Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = Thread(target=lambda: asyncio.run(self._run()), name="hints", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(3)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.ensure_future(self._receive())
        with suppress(asyncio.CancelledError):
            await self._task

    async def _receive(self) -> None:
        while not self._stop.is_set():
            try:
                async with self._app.open_async():
                    await self._app.run_worker_async(
                        queues=[_QUEUE],
                        install_signal_handlers=False,
                        delete_jobs="always",
                        fetch_job_polling_interval=5.0,
                        shutdown_graceful_timeout=1.0,
                    )
            except Exception as error:  # the database is away, say: the loops look by themselves meanwhile
                _log.warning("hints.unheard error=%s", type(error).__name__)
            await asyncio.sleep(_AGAIN)


def _app(connector: BaseConnector, ring: Callable[[str], None]) -> App:
    app = App(connector=connector)

    @app.task(name="wake", queue=_QUEUE)
    async def wake(name: str) -> None:
        ring(name)

    @app.periodic(cron="* * * * *")
    @app.task(name="retry_stalled", queue=_QUEUE, queueing_lock="retry_stalled", pass_context=True)
    async def retry_stalled(context: JobContext, timestamp: int) -> None:
        """What a killed worker held is handed to another. Once a minute in the whole cluster."""
        for job in await context.app.job_manager.get_stalled_jobs():
            await context.app.job_manager.retry_job(job)

    return app


def _place(database: Database) -> dict[str, Any]:
    """Where the tables are, as a pool of connections is told."""
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return {
        "conninfo": url,
        "min_size": 1,
        "max_size": 3,
        "timeout": 5.0,
        "kwargs": {"options": f"-c search_path={SCHEMA}"},
    }
