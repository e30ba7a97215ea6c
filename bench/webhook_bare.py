"""What a webhook costs at least: ``python -m bench.webhook_bare FILE --port P``.

A bare Flask route with one read and one insert in SQLite, ``synchronous=FULL``, WAL, served by waitress with the threads of the
service: no signature, no sealing, no model, no page around it.
"""

from __future__ import annotations

import argparse
import logging
import sqlite3
from threading import local

from flask import Flask, Response, request
from waitress import serve

THREADS = 8


def make_app(file: str) -> Flask:
    """The application on one file; each thread has a connection of its own."""
    app, kept = Flask("bare"), local()

    def connection() -> sqlite3.Connection:
        if not hasattr(kept, "rows"):
            kept.rows = sqlite3.connect(file, isolation_level=None, timeout=15)
            kept.rows.execute("PRAGMA journal_mode=WAL")
            kept.rows.execute("PRAGMA synchronous=FULL")
        rows: sqlite3.Connection = kept.rows
        return rows

    with sqlite3.connect(file) as rows:
        rows.execute("CREATE TABLE inbound (ref TEXT PRIMARY KEY, sender TEXT, body TEXT)")

    @app.post("/hooks/twilio/sms")
    def receive() -> Response:
        form, rows = request.form, connection()
        rows.execute("BEGIN IMMEDIATE")
        if rows.execute("SELECT 1 FROM inbound WHERE ref = ?", (form["MessageSid"],)).fetchone() is None:
            rows.execute(
                "INSERT INTO inbound VALUES (?, ?, ?)", (form["MessageSid"], form["From"], form["Body"])
            )
        rows.execute("COMMIT")
        return Response("<Response/>", mimetype="text/xml")

    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--port", type=int, required=True)
    wanted = parser.parse_args()
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    serve(make_app(wanted.file), host="127.0.0.1", port=wanted.port, threads=THREADS, ident="")


if __name__ == "__main__":
    main()
