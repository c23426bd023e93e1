"""docker-compose.yml without containers: the very same commands, as processes.

What a container would be given (its files, its neighbours' names, its environment) is
put into a folder and onto ports of this machine. A command that changes in the file
changes here.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.models.mlflow_server import free_port
from tests.postgres import Server, programs


ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
_LAMPPOST = [sys.executable, "-m", "lamppost"]
# What a container finds under these names is somewhere else here.
PORTS = {"db": "5432", "mlflow": "5000", "app": "8000"}


@dataclass
class Stack:
    """The services of the file, to be run one by one.

    Attributes:
        folder: What the containers would be given lies in it.
        place: The folder of definitions.
        ports: Of this machine, by service.
    """

    folder: Path
    place: Path
    ports: dict[str, int]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def run(self, service: str, *arguments: str | Path, given: str = "") -> str:
        """Run a service to its end, with arguments in the place of its own if given.

        Returns:
            What it printed.
        """
        command = self.command(service, *map(str, arguments))
        return self._ended(service, command, given)

    def typed(self, line: str, given: str = "") -> str:
        """Do what a line of the documents does that names a program to run.

        Returns:
            What it printed.
        """
        words = shlex.split(line.partition(" < ")[0])
        if words[:4] == ["docker", "compose", "exec", "-T"]:
            service, program, *rest = words[4:]
        else:
            assert words[:5] == ["docker", "compose", "run", "--rm", "--entrypoint"]
            program, service, *rest = words[5:]
        command = [program, *(self.here(word, service) for word in rest)]
        return self._ended(service, command, given)

    def _ended(self, service: str, command: list[str], given: str) -> str:
        done = subprocess.run(
            command,
            **self.around(service),
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{service} {command}: {done.stderr}"
        return done.stdout

    def start(self, service: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a service that stays up, until the stack ends."""
        with (self.folder / f"{service}.log").open("ab") as log:
            process = subprocess.Popen(
                [*self.command(service), *arguments],
                **self.around(service),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running[service] = process
        return process

    def remade(self, secret: str) -> str:
        """Let a secret be made anew as the guide says; returns the one before."""
        path = self.folder / "secrets" / secret
        before = path.read_text()
        path.unlink()
        _make_secrets(self.folder)
        return before

    def until_healthy(self, service: str) -> None:
        """Wait until a service's own check says that it is well."""
        check = [self.here(part, service) for part in self.told(service, "healthcheck")]
        process = self.running[service]
        while subprocess.run(check, env=_path(), capture_output=True).returncode:
            log = self.folder / f"{service}.log"
            assert process.poll() is None, log.read_text()
            time.sleep(0.2)

    def stop(self, service: str) -> None:
        """Tell a service to end, and wait until it has."""
        process = self.running.pop(service)
        process.terminate()
        process.wait()

    def end(self) -> None:
        for process in self.running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def command(self, service: str, *arguments: str) -> list[str]:
        """Return what a container would run."""
        entry = self.asked(service).get("entrypoint")
        if entry is None and self.asked(service)["image"] == "lamppost":
            entry = _entrypoint_of_the_image()
        if entry and entry[0] == "lamppost":
            entry = [*_LAMPPOST, *entry[1:]]
        rest = list(arguments) or self.asked(service)["command"]
        return [self.here(part, service) for part in [*(entry or []), *rest]]

    def around(self, service: str) -> dict[str, Any]:
        """Return the environment and the folder that a container would run in."""
        asked = self.asked(service).get("environment", {})
        given = {
            name: self.here(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value), service)
            for name, value in asked.items()
        }
        home = self.folder / "home"
        folder = self.here(self.asked(service).get("working_dir", str(home)), service)
        return {"env": {**_path(), "HOME": str(home), **given}, "cwd": folder}

    def asked(self, service: str) -> dict[str, Any]:
        found: dict[str, Any] = _services().get(service, {})
        return found

    def told(self, service: str, part: str) -> list[str]:
        """Return a check's command."""
        kind, *command = self.asked(service)[part]["test"]
        assert kind == "CMD"
        return list(command)

    def here(self, text: str, service: str) -> str:
        """Return a text of the file with this machine's folders and ports."""
        mounts = dict(self.mounts(service))
        targets = "|".join(sorted(map(re.escape, mounts), key=len, reverse=True))
        text = re.sub(
            rf"(?<![\w./])({targets})(?![\w.-])", lambda found: mounts[found[1]], text
        )
        if service in PORTS:
            text = re.sub(rf"\b{PORTS[service]}\b", str(self.ports[service]), text)
        for name, port in PORTS.items():
            address = f"127.0.0.1:{self.ports[name]}"
            # As a host after what begins an address, or with its port.
            text = re.sub(rf"(@|//){name}(?=/)", rf"\g<1>{address}", text)
            text = re.sub(rf"\b{name}:{port}\b", address, text)
        return text.replace("0.0.0.0", "127.0.0.1").replace("$$", "$")

    def mounts(self, service: str) -> Iterator[tuple[str, str]]:
        """Yield what stands where: in a container, and here."""
        yield "/run/secrets", str(self.folder / "secrets")
        yield "/saved", str(self.folder / "saved")
        for volume in self.asked(service).get("volumes", ()):
            source, target, *_ = re.sub(r"\$\{(\w+):-[^}]*\}", r"\1", volume).split(":")
            yield target, str(self._source(source))

    def _source(self, name: str) -> Path:
        if name.startswith("./"):
            return self.folder / name
        if name == "PLACE":
            return self.place
        # A volume lies where it is saved from, if it is, so that it is the same folder.
        volumes = [
            volume.split(":")
            for service in ("backup", "backup-keys")
            for volume in self.asked(service)["volumes"]
        ]
        saved = {v[0]: v[1][1:] for v in volumes if v[1].startswith("/saved/")}
        folder = self.folder / saved.get(name, f"volumes/{name.lower()}")
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def made(folder: Path, place: Path) -> Stack:
    """Return a stack with its secrets and the files of deploy/; nothing runs yet."""
    stack = Stack(folder, place, {name: free_port() for name in PORTS})
    (folder / "home" / ".mlflow").mkdir(parents=True)
    _make_secrets(folder)
    for secret in (folder / "secrets").glob("*_pgpass"):
        here = secret.read_text().replace("db:5432:", f"127.0.0.1:{stack.ports['db']}:")
        _rewrite(secret, here)
    credentials = folder / "home" / ".mlflow" / "credentials"
    shutil.copy(folder / "secrets" / "mlflow_credentials", credentials)
    for path in (ROOT / "deploy").rglob("*.*"):
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(stack.here(path.read_text(), "none"))
    return stack


def _make_secrets(folder: Path) -> None:
    own = {f"{who}_UID": str(os.getuid()) for who in ("POSTGRES", "LAMPPOST")}
    make = ["sh", str(ROOT / "deploy" / "make-secrets.sh"), str(folder / "secrets")]
    subprocess.run(make, env={**_path(), **own}, check=True)


@cache
def _services() -> dict[str, Any]:
    """Read the file once: it takes a tenth of a second, and is asked for a lot."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text())["services"]
    return found


def _rewrite(secret: Path, text: str) -> None:
    secret.chmod(0o600)
    secret.write_text(text)
    secret.chmod(0o400)


def _path() -> dict[str, str]:
    """Return the little of this process's environment that a container has too."""
    found = [str(Path(sys.executable).parent), str(programs()), os.environ["PATH"]]
    return {"PATH": os.pathsep.join(found), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}


def _entrypoint_of_the_image() -> list[str]:
    line = next(
        line
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("ENTRYPOINT")
    )
    assert json.loads(line.removeprefix("ENTRYPOINT")) == ["lamppost"]
    return ["lamppost"]


@dataclass(frozen=True)
class Listening(Server):
    """A server of our own that is reached by address and asks for passwords."""

    port: int

    @classmethod
    def on(cls, port: int) -> Listening:
        folder = Path(tempfile.mkdtemp(prefix="lamppost-postgres-"))
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        return cls(folder, programs(), port)

    def start(self) -> None:
        log, socket = (
            str(self.folder / "log"),
            f"-c unix_socket_directories={self.folder}",
        )
        options = (
            f"{socket} -c listen_addresses=127.0.0.1 -c port={self.port} -c fsync=off"
        )
        self._run("pg_ctl", "start", "--wait", "-l", log, "-o", options)

    def make(self) -> None:
        how = ["--auth-local", "trust", "--auth-host", "scram-sha-256", "--no-sync"]
        self._run("initdb", *how, "--encoding", "UTF8", "--username", "postgres")

    def first_start(self, stack: Stack) -> None:
        """Do what the image does with what is mounted for its first start."""
        script = stack.folder / "deploy" / "postgres" / "first-start.sql"
        told = ["psql", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--file={script}"]
        where = {"PGHOST": str(self.folder), "PGPORT": str(self.port)}
        secrets = {"SECRETS": str(stack.folder / "secrets")}
        subprocess.run(
            [*told, "--username=postgres", "--quiet"],
            env={**_path(), **where, **secrets},
            check=True,
        )
