"""A process that serves until it is told to end: pages and webhooks, the timetable, or both."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NoReturn

import click
from flask import Flask
from waitress.server import create_server

from farmerline import logs
from farmerline.errors import Misconfigured
from farmerline.runtime import Runtime
from jobs.runner import Runner
from jobs.schedule import concerned

_THREADS = 8
_FIRST = "卖 葡萄 100斤 3元/斤"


def run_service(runtime: Runtime, *, pages: bool = True, jobs: bool = True) -> None:
    """Serve until stopped: take nothing up from then on, end what is in hand, and be gone within ten seconds."""
    if pages:
        refuse_taken(runtime.settings.listen)
    logs.set_up()
    runtime.prepare()
    if pages:
        runtime.understand(_FIRST)  # the first text would wait for the vocabulary, and everybody behind it
    # a simulated carrier speaks to the application inside its own process
    app = _make_app(runtime) if pages or runtime.simulator else None
    timetable = Runner(runtime.context) if jobs else None
    with ExitStack() as ending:
        if timetable is not None:
            ending.callback(timetable.stop)
        ending.enter_context(_hints(runtime, jobs=jobs))
        serve = _listen(runtime, app) if pages and app is not None else threading.Event().wait
        heed_end(timetable.halt if timetable else None)
        if timetable is not None:
            runtime.open_lines()
            ending.callback(runtime.close_lines)
            timetable.start()
        runtime.start(pages=pages, jobs=jobs)
        ending.callback(runtime.stop)
        click.echo(_greeting(runtime, pages=pages))
        gc.freeze()  # what is loaded stays: looking through it again and again would hold everybody up
        try:
            serve()
        except KeyboardInterrupt:
            pass
        finally:
            if timetable is not None:
                timetable.halt()
    _leave()


def _make_app(runtime: Runtime) -> Flask:
    """The application; a worker has none, and is back at work the sooner for not loading its pages."""
    from farmerline.app import create_app

    return create_app(runtime)


def refuse_taken(listen: str, setting: str = "FARMERLINE_LISTEN") -> None:
    """Raises ``Misconfigured`` where nobody can listen on that host and port now."""
    host, _, port = listen.rpartition(":")
    try:
        socket.create_server((host or "127.0.0.1", int(port))).close()
    except OSError as error:
        raise Misconfigured(
            f"Cannot listen on {listen} ({error.strerror}); end what does, or set {setting} to another."
        ) from error


def _listen(runtime: Runtime, app: Flask) -> Callable[[], object]:
    host, _, port = runtime.settings.listen.rpartition(":")
    server = create_server(
        app,
        host=host or "127.0.0.1",
        port=int(port),
        threads=_THREADS,
        max_request_body_size=runtime.settings.upload_megabytes * 1024 * 1024 + 64 * 1024,
        ident="",
    )
    return server.run


@contextmanager
def _hints(runtime: Runtime, *, jobs: bool) -> Iterator[None]:
    """Who stores something to do wakes the loop that does it: here, or by PostgreSQL in another process."""
    bell, database = runtime.context.bell, runtime.database
    send = bell.ring
    with ExitStack() as ending:
        if not database.is_sqlite:
            from jobs import cluster

            cluster.make_tables(database)
            if jobs:
                receiver = cluster.Receiver(database, bell.ring)
                receiver.start()
                ending.callback(receiver.stop)
                bell.patience = cluster.PATIENCE
            else:
                sender = cluster.Sender(database)
                sender.start()
                ending.callback(sender.stop)
                send = sender.hint

        def tell(tables: frozenset[str]) -> None:
            for name in concerned(tables):
                send(name)

        database.on_write(tell)
        yield


def heed_end(first: Callable[[], None] | None = None) -> None:
    """End as by Ctrl-C when the machine says so."""

    def end(number: int, _frame: object) -> NoReturn:
        signal.signal(number, signal.SIG_DFL)  # who says it twice means now
        if first is not None:
            first()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)


def _leave() -> None:
    """Do not wait for a job that still runs: as after a kill, its rows say what is left."""
    others = [one for one in threading.enumerate() if one is not threading.main_thread() and not one.daemon]
    for thread in others:
        thread.join(0.2)
    if any(thread.is_alive() for thread in others):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _greeting(runtime: Runtime, *, pages: bool) -> str:
    name = runtime.settings.service_name
    if pages:
        return f"Serving {name} on {runtime.settings.public_url} (Ctrl-C ends it)"
    return f"Working for {name} (Ctrl-C ends it)"
