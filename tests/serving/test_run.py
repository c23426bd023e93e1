from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from features.faults import Refusal
from models.ledger.tables import views
from serving.access.accounts import find_account
from serving.access.machine_tokens import Wanted, issue_token
from serving.access.service_keys import signing_key
from serving.app import ServiceSettings
from serving.run import serve
from tests.made_up_score import TODAY, audit_files, new_ledger, url_of
from tests.serving.conftest import Service
from tests.serving.made_up_people import people_ledger


ROOT = Path(__file__).parents[2]
PROGRAM = """
import datetime, sys
from pathlib import Path
from models.audit.files import AuditFiles
from serving.app import ServiceSettings
from serving.run import serve

settings = ServiceSettings(
    sys.argv[1],
    AuditFiles(Path(sys.argv[4]) / "keys" / "audit.key", Path(sys.argv[4]) / "anchors"),
    today=datetime.date.fromisoformat(sys.argv[3]), body_deadline_seconds=1
)
serve(settings, port=int(sys.argv[2]), when_listening=lambda: print("listening"))
print("ended")
"""


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Running:
    process: subprocess.Popen
    port: int
    token: str
    folder: Path
    address: str

    def get(self, path, **headers):
        # Longer than the service takes, whatever happens.
        address = f"http://127.0.0.1:{self.port}{path}"
        return httpx.get(address, headers=headers, timeout=60)

    def score(self):
        return self.get(self.address, authorization=f"Bearer {self.token}")

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.settimeout(60)
        return connection

    def left(self):
        """Return the processes of the group that still run."""
        return [p for p in _processes() if p.group == self.process.pid]

    def worker(self):
        """Return the process that answers; None while there is none."""
        of_server = [p for p in self.left() if p.parent == self.process.pid]
        return next((p.number for p in of_server if "spawn_main" in p.command), None)


@dataclass
class Process:
    number: int
    parent: int
    group: int
    command: str


def _processes():
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # The name stands in brackets and may hold anything, brackets too.
            state, parent, group, *_ = (
                (folder / "stat").read_text().rpartition(")")[2].split()
            )
            command = (folder / "cmdline").read_text()
            if state != "Z":
                yield Process(int(folder.name), int(parent), int(group), command)


def _until(condition):
    """Wait for something that must come; a minute is far more than it takes."""
    end = time.monotonic() + 60
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found


def _answers(running):
    with contextlib.suppress(httpx.TransportError):
        return running.get("/readyz").status_code == 200
    return False


def _token_of_today(service):
    """Return a token of Ann's by the real clock, which the process goes by."""
    with service.ledger.writing() as connection:
        return issue_token(
            connection,
            Wanted(find_account(connection, "ann"), "a test", 1),
            signed_by=signing_key(service.keys),
            audience="lamppost",
            at=dt.datetime.now(dt.UTC),
        ).token


@contextlib.contextmanager
def _running(folder, *, before=lambda: None, until=_answers):
    """Run the service on a filled ledger; `before` happens once it is filled."""
    ledger = people_ledger(folder)
    service = Service(folder, ledger)
    token = _token_of_today(service)
    address = f"/v1/people/{service.person('p05')}/scores/care"
    ledger.close()
    before()
    port = _free_port()
    # A pipe that nobody reads would stop who writes the log.
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-W", "error", "-c", PROGRAM),
                *(url_of(folder), str(port), TODAY.isoformat(), str(folder)),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    running = Running(process, port, token, folder, address)
    try:
        _until(lambda: until(running))
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with _running(tmp_path_factory.mktemp("service")) as running:
        yield running


def test_a_score_is_served_and_its_look_recorded(running):
    answer = running.score()

    assert answer.status_code == 200
    assert answer.json()["band"]["name"] == "most"
    with new_ledger(running.folder).reading() as connection:
        query = sa.select(views.c.token_name, views.c.entity_id, views.c.outcome)
        assert ("ann", "p05", "shown") in connection.execute(query).all()


def test_without_a_token_nothing_is_served(running):
    assert running.get(running.address).status_code == 401


def test_a_client_that_says_nothing_is_cut(running):
    with running.connect() as connection:
        assert connection.recv(1_000) == b""


def test_slow_headers_are_cut(running):
    with running.connect() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHo")

        assert connection.recv(1_000) == b""


def test_a_slow_body_is_answered_and_cut(running):
    with running.connect() as connection:
        head = (
            "POST /v1/scores/care/explain HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {running.token}\r\nContent-Length: 1000\r\n\r\n"
        )
        connection.sendall(head.encode() + b"{")

        answer = b"".join(iter(lambda: connection.recv(1_000), b""))

    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_body_of_50_megabytes_is_refused(running):
    answer = httpx.post(
        f"http://127.0.0.1:{running.port}/v1/scores/care/explain",
        headers={"authorization": f"Bearer {running.token}"},
        content=b"x" * 50_000_000,
    )

    assert answer.status_code == 413


def test_a_worker_that_dies_is_replaced(running):
    first = running.worker()
    os.kill(first, signal.SIGKILL)

    second = _until(lambda: running.worker() not in (None, first) and running.worker())
    _until(lambda: _answers(running))

    assert second != first
    assert running.score().status_code == 200


def test_an_address_that_is_taken_is_refused(running, tmp_path):
    with pytest.raises(Refusal, match="the address must be free"):
        serve(
            ServiceSettings(url_of(tmp_path), audit_files(tmp_path)), port=running.port
        )


def test_it_ends_cleanly_when_told_to(tmp_path):
    with _running(tmp_path) as running:
        running.score()
        running.get("/v1/people/nobody", authorization=f"Bearer {running.token}")

        running.process.send_signal(signal.SIGTERM)
        output, _ = running.process.communicate()
        errors = (tmp_path / "log").read_text()

        assert running.process.returncode == 0
        assert output.split() == ["listening", "ended"]
        # Nothing but the log, which says nothing of whom was asked for.
        told = [json.loads(line)["event"] for line in errors.splitlines()]
        assert set(told) == {"request"}
        assert "p05" not in errors
        assert running.address not in errors
        _until(lambda: not running.left())


def test_no_worker_outlives_a_server_that_was_killed(tmp_path):
    with _running(tmp_path) as running:
        running.process.kill()

        running.process.wait()

        _until(lambda: not running.left())
