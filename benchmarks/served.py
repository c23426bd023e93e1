"""What is served, each as a process of its own that listens on this machine."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.load import Target, get
from benchmarks.report import progress
from tests.models.mlflow_server import free_port, running


if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from lamppost.opened import Open

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "places" / "avonmere"
TODAY = "2026-04-01"
WORKER = "cara"
# So many people of one worker are asked for in turn.
MOST_ASKED = 20
TREES, INDICATORS, ROWS = 300, 36, 20_000
_STARTS_WITHIN_SECONDS = 90


@dataclass(frozen=True)
class Town:
    """A town that is served.

    Attributes:
        scores: Requests for explained scores.
        mixed: Requests for the pages and the scores of the same people, in turn.
        pages: Addresses of people's pages of a score.
        store: The town's.
        session: The browser's token of the worker who asks.
    """

    scores: Target
    mixed: Target
    pages: list[str]
    store: Path
    session: str

    @contextlib.contextmanager
    def client(self) -> Iterator[TestClient]:
        """Yield a browser on the same application, in this process."""
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from fastapi.testclient import TestClient

        from lamppost.service import service_settings
        from serving.app import create_app

        day = dt.date.fromisoformat(TODAY)
        app = create_app(service_settings(_opened(self.store), "127.0.0.1", day))
        with TestClient(app, headers=_cookie(self.session)) as client:
            yield client


@contextlib.contextmanager
def served_town(store: Path, people: int) -> Iterator[Town]:
    """Walk a town to scores, unless the store has been, and serve it.

    Args:
        store: Where it is.
        people: How many are 65 and over.
    """
    if not (store / "ledger.db").exists():
        progress(f"walking a town of {people:,} to its scores")
        told = ["demo", "--no-serve", "--json", "--people", str(people)]
        _lamppost(*told, "--store", str(store))
    where = ["--place", str(PLACE), "--store", str(store)]
    issued = _lamppost("token", WORKER, "--for", "a benchmark", "--json", *where)
    token = json.loads(issued)["token"]
    port = free_port()
    command = ["-m", "lamppost", "serve", *where, "--on", TODAY, "--port", str(port)]
    with _running([sys.executable, *command], port):
        yield _town(store, port, token)


@contextlib.contextmanager
def empty_endpoint() -> Iterator[int]:
    """Serve an endpoint that does nothing, under the same server; yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.empty", str(port)]
    with _running(command, port):
        yield port


@contextlib.contextmanager
def mlflow_model(folder: Path) -> Iterator[int]:
    """Serve a boosted model of like size by MLflow; yields its port."""
    model = folder / "boosted"
    _save_model(model)
    command = ["mlflow", "models", "serve", "--env-manager", "local"]
    # It starts programs of its own, by name.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    named = [*command, "--model-uri", str(model)]
    with running(named, folder, PATH=path) as address:
        yield int(address.rpartition(":")[2])


def values_of_a_person() -> bytes:
    """Return a request's body for `mlflow models serve`."""
    names = [f"indicator_{number}" for number in range(INDICATORS)]
    row = [number / INDICATORS for number in range(INDICATORS)]
    return json.dumps({"dataframe_split": {"columns": names, "data": [row]}}).encode()


def _save_model(folder: Path) -> None:
    import lightgbm
    import mlflow.lightgbm
    import numpy as np
    import pandas as pd
    from mlflow.models import infer_signature

    draw = np.random.default_rng(1)
    names = [f"indicator_{number}" for number in range(INDICATORS)]
    table = pd.DataFrame(draw.random((ROWS, INDICATORS)), columns=names)
    outcome = (table.sum(axis=1) + draw.normal(0, 1, ROWS) > INDICATORS / 2).astype(int)
    model = lightgbm.LGBMClassifier(n_estimators=TREES, verbose=-1)
    model.fit(table, outcome)
    # As anyone would save it: with what goes in and comes out, so that it is checked.
    signature = infer_signature(table, model.predict(table))
    mlflow.lightgbm.save_model(
        model, str(folder), signature=signature, pip_requirements=["lightgbm"]
    )


def _town(store: Path, port: int, token: str) -> Town:
    head = {"authorization": f"Bearer {token}"}
    link = http.client.HTTPConnection("127.0.0.1", port)
    link.request("GET", "/v1/people", headers=head)
    listed = json.loads(link.getresponse().read())["people"]
    link.close()
    scored = [p for p in listed if p["score"] and p["score"]["band"]][:MOST_ASKED]
    names = [(p["person"], p["score"]["name"]) for p in scored]
    if not names:
        raise AssertionError("the worker has nobody with a score")
    scores = [get(f"/v1/people/{who}/scores/{name}", **head) for who, name in names]
    pages = [f"/people/{who}/score/{name}" for who, name in names]
    session = _session(store)
    shown = [get(page, accept="text/html", **_cookie(session)) for page in pages]
    both = [each for pair in zip(shown, scores, strict=True) for each in pair]
    return Town(Target(port, scores), Target(port, both), pages, store, session)


def _session(store: Path) -> str:
    """Sign the worker in, as the page does once the password was right."""
    from serving.access.accounts import find_account
    from serving.access.sessions import begin_session

    ledger = _opened(store).ledger()
    with ledger.writing() as connection:
        account = find_account(connection, WORKER)
        if account is None:
            raise AssertionError("the store is that of a demonstration")
        session = begin_session(connection, account.id, dt.datetime.now(dt.UTC))
    ledger.close()
    return session


def _cookie(session: str) -> dict[str, str]:
    return {"cookie": f"lamppost_session={session}"}


def _opened(store: Path) -> Open:
    from lamppost.opened import open_place
    from models.settings import read_settings

    return open_place(read_settings(PLACE, store))


def _lamppost(*arguments: str) -> str:
    command = [sys.executable, "-m", "lamppost", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        _wait_for(port, process)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _STARTS_WITHIN_SECONDS
    while time.monotonic() < end and process.poll() is None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.suppress(OSError):
            link.request("GET", "/healthz")
            link.getresponse().read()
            return
        time.sleep(0.1)
    raise AssertionError("what is to be served did not start")
