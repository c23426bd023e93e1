"""A real Postgres for the tests: one that is named, or one started for them alone."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from models.ledger.ledger import Ledger, connect_ledger
from models.ledger.migrations import migrate


# What the names of templates go on with that hold more than tables.
FILLED = "filled_"
DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "max_wal_size": "64MB",
    # No test pulls the machine's plug.
    "fsync": "off",
}


@dataclass(frozen=True)
class Server:
    """A server of our own, in a temporary folder, behind a socket in it."""

    folder: Path
    programs: Path

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    def start(self) -> None:
        options = [f"-c {name}='{value}'" for name, value in SETTINGS.items()]
        options += [f"-c unix_socket_directories='{self.folder}'"]
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "--wait", "-l", log, "-o", " ".join(options))

    def stop(self) -> None:
        """Stop it as if it were killed: nobody is asked to finish."""
        self._run("pg_ctl", "stop", "--mode", "immediate")

    @contextlib.contextmanager
    def hung(self) -> Iterator[None]:
        """Let it say nothing for a while, not even that it is there no more."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        # New ones are begun by the first, which is stopped before the rest are asked.
        os.kill(first, signal.SIGSTOP)
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        processes = [first, *map(int, children)]
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in reversed(processes):
                os.kill(process, signal.SIGCONT)

    def make(self) -> None:
        how = ["--auth", "trust", "--no-sync", "--encoding", "UTF8"]
        self._run("initdb", *how, "--locale", "C.UTF-8", "--username", "postgres")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), "-D", str(self.folder / "data")]
        # The server refuses to run as root.
        as_whom = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        # What the server leaves open would be waited for, were it a pipe.
        with (self.folder / "told").open("ab") as told:
            subprocess.run(
                [*as_whom, *command, *arguments],
                cwd="/",
                stdout=told,
                stderr=told,
                check=True,
            )


@contextlib.contextmanager
def own_server() -> Iterator[Server]:
    """Start a server, and stop it and remove all of it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="lamppost-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server = Server(folder, programs())
    try:
        server.make()
        server.start()
        try:
            yield server
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def programs() -> Path:
    """Return the folder of the newest server that is installed, if any is."""
    on_path = shutil.which("initdb")
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not found and not on_path:
        why = (
            "a Postgres is needed: name one in TEST_DATABASE_URL, or install one "
            "(apt-get install postgresql)"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return (found[-1] if found else Path(str(on_path)).resolve()).parent


@dataclass(frozen=True)
class Databases:
    """Databases on a server, all of whose names begin alike.

    Attributes:
        url: Of a user who may make databases.
        prefix: What the names begin with.
    """

    url: str
    prefix: str

    def of(self, key: str, template: str | None = None) -> str:
        """Return the address of a migrated database, made when first asked for.

        Args:
            key: What it is of.
            template: The name of that which a new one copies; None takes the tables.
        """
        name = self.prefix + _shortened(key)
        if (self, name) not in _there:
            self.copy_template(name, template)
            _there.add((self, name))
        return self._url(name)

    def has(self, key: str) -> bool:
        """Say whether this process has asked for it before."""
        return (self, self.prefix + _shortened(key)) in _there

    def filled(self, filled: str, fill: Callable[[Ledger], None]) -> str:
        """Return the name of a template that holds what `fill` writes, made once."""
        if not filled:
            return self.prefix
        name = self.prefix + FILLED + _shortened(filled)
        if (self, name) not in _there:
            with closing(connect_ledger(self.copy_template(name))) as ledger:
                fill(ledger)
            _there.add((self, name))
        return name

    def empty(self) -> str:
        """Return the address of a new database without tables."""
        name = self.prefix + uuid.uuid4().hex[:16]
        self._do("CREATE DATABASE {}", name)
        return self._url(name)

    def make_template(self) -> None:
        self._do("CREATE DATABASE {}", self.prefix)
        ledger = connect_ledger(self._url(self.prefix))
        migrate(ledger)
        ledger.close()

    def drop_copies(self) -> None:
        """Drop all but the templates: each is a copy of several megabytes."""
        for name in self._names():
            if name != self.prefix and not name.startswith(self.prefix + FILLED):
                self._do("DROP DATABASE {} WITH (FORCE)", name)
                _there.discard((self, name))

    def drop_all(self) -> None:
        for name in self._names():
            self._do("DROP DATABASE {} WITH (FORCE)", name)

    def copy_template(self, name: str, template: str | None = None) -> str:
        """Return the address of a migrated database; another process may make it."""
        with contextlib.suppress(psycopg.errors.DuplicateDatabase):
            source = template or self.prefix
            self._do("CREATE DATABASE {} TEMPLATE {}", name, source)
        return self._url(name)

    def copy(self, key: str, to: str) -> None:
        """Let one database, to which nobody is connected, be another's beginning."""
        names = [self.prefix + _shortened(k) for k in (to, key)]
        self._do("CREATE DATABASE {} TEMPLATE {}", *names)

    def _names(self) -> list[str]:
        like = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        with self._connected() as connection:
            return [name for (name,) in connection.execute(like, (self.prefix,))]

    def _url(self, name: str) -> str:
        url = make_url(self.url).set(database=name)
        return url.render_as_string(hide_password=False)

    def _do(self, statement: LiteralString, *names: str) -> None:
        with self._connected() as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        url = make_url(self.url).set(drivername="postgresql")
        named = url.render_as_string(hide_password=False)
        with psycopg.connect(named, autocommit=True) as connection:
            yield connection


# The databases that this process has made, whole.
_there: set[tuple[Databases, str]] = set()


def _shortened(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


@contextlib.contextmanager
def some_databases() -> Iterator[Databases]:
    """Yield databases on the server of TEST_DATABASE_URL, or on one of our own."""
    prefix = f"lamppost_test_{uuid.uuid4().hex[:8]}_"
    if named := os.environ.get("TEST_DATABASE_URL"):
        databases = Databases(named, prefix)
        try:
            databases.make_template()
            yield databases
        finally:
            databases.drop_all()
        return
    with own_databases() as (_, databases):
        yield databases


@contextlib.contextmanager
def own_databases() -> Iterator[tuple[Server, Databases]]:
    """Yield a server that nobody else uses, and databases on it."""
    with own_server() as server:
        databases = Databases(server.url, "lamppost_")
        databases.make_template()
        yield server, databases
