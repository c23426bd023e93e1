from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from features.faults import Misuse, Refusal
from lamppost.settings import apply_mlflow_environment
from models.registry import ENVIRONMENT, Registry, RunRecord, open_registry
from models.table import TableModel
from models.terms import Line


apply_mlflow_environment()


def a_model(weight: float = 0.5) -> TableModel:
    term = Line("visits", 0.0, weight, None)
    return TableModel("logistic", -1.0, (term,), {"snapshot": "2024"})


MODEL = a_model()
RECORD = RunRecord(
    score="falls",
    name="logistic",
    params={"seed": 1, "families": "logistic"},
    metrics={"later.auc": 0.75},
    tags={"place_sha256": "ab", "links": "person 3", "git_commit": "c0ffee"},
    figures={"shapes.svg": b"<svg/>"},
    texts={"evaluation.json": '{"auc": 0.75}'},
    model_json=MODEL.to_json(),
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("a registry")


@pytest.fixture(scope="session")
def registry(folder: Path) -> Registry:
    return local(folder)


def local(folder: Path, place: str = "avonmere") -> Registry:
    return open_registry(
        f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts", place=place
    )


def test_the_environment_that_keeps_mlflow_quiet_is_in_force():
    assert {name: os.environ[name] for name in ENVIRONMENT} == dict(ENVIRONMENT)


def test_a_registered_model_comes_back_byte_for_byte_with_where_it_is_from(registry):
    run = registry.log_run(RECORD)

    found = registry.version("falls", registry.register(run))

    assert found.model_json == MODEL.to_json()
    assert found.run_id == run.run_id
    assert found.metrics == {"later.auc": 0.75}
    assert found.tags.items() >= RECORD.tags.items()
    assert found.tags["model_sha256"] == MODEL.sha256
    assert found.text("evaluation.json") == '{"auc": 0.75}'


def test_each_registered_model_is_the_next_version_and_the_challenger(registry):
    record = replace(RECORD, score="numbered")
    first = registry.register(registry.log_run(record))
    second = registry.register(registry.log_run(record))

    assert (first, second) == (1, 2)
    assert registry.version("numbered", "challenger").number == 2


def test_promotion_moves_the_champion_and_leaves_the_challenger(registry):
    record = replace(RECORD, score="promoted")
    for _ in range(2):
        registry.register(registry.log_run(record))

    registry.promote("promoted", 2)
    registry.promote("promoted", 1)

    assert registry.version("promoted", "champion").number == 1
    assert registry.version("promoted", "challenger").number == 2


def test_two_places_on_one_server_have_each_its_own_models(registry, folder):
    registry.register(registry.log_run(replace(RECORD, score="shared")))

    with pytest.raises(Refusal, match=r"chicago\.shared must have the version"):
        local(folder, "chicago").promote("shared", 1)


@pytest.mark.parametrize("wanted", [7, "champion"])
def test_a_version_that_is_not_there_is_refused_by_name(registry, wanted):
    with pytest.raises(Refusal, match=rf"version `{wanted}`, got none"):
        registry.version("never_trained", wanted)


def test_a_run_without_a_model_is_logged_and_cannot_be_registered(registry):
    run = registry.log_run(RunRecord(score="falls", name="unconstrained"))

    with pytest.raises(Refusal, match="a registered run has a model"):
        registry.register(run)


def test_a_file_that_is_not_a_whole_model_is_never_logged(registry):
    broken = MODEL.to_json()[:-1]

    with pytest.raises(Refusal, match="one JSON object"):
        registry.log_run(replace(RECORD, model_json=broken, score="broken"))
    with pytest.raises(Refusal, match="got none"):
        registry.version("broken", "challenger")


def test_another_whole_model_in_its_place_is_refused_and_not_promoted(registry, folder):
    run = registry.log_run(replace(RECORD, score="swapped"))
    number = registry.register(run)
    stored = next((folder / "artifacts").rglob(f"{run.run_id}/**/model.json"))
    stored.write_bytes(a_model(weight=9.0).to_json())

    with pytest.raises(Refusal, match="got another model"):
        registry.promote("swapped", number)
    with pytest.raises(Refusal, match="version `champion`, got none"):
        registry.version("swapped", "champion")


def test_a_changed_text_is_refused(registry, folder):
    run = registry.log_run(replace(RECORD, score="edited"))
    number = registry.register(run)
    next((folder / "artifacts").rglob(f"{run.run_id}/**/evaluation.json")).write_text(
        ""
    )

    with pytest.raises(Refusal, match="the file is the one logged"):
        registry.version("edited", number).text("evaluation.json")


def test_more_params_and_metrics_than_one_request_holds_are_all_logged(registry):
    params = {f"param_{n}": n for n in range(150)}
    metrics = {f"metric_{n}": float(n) for n in range(1_100)}
    record = replace(RECORD, score="many", params=params, metrics=metrics)

    number = registry.register(registry.log_run(record))

    assert registry.version("many", number).metrics == metrics


def test_the_same_result_is_logged_once_and_another_beside_it(registry):
    def log(content: bytes) -> str:
        tags = {"as_of": "2024-01-01"}
        return registry.log_result(
            "falls", "monitoring", content, metrics={"stale": 1.0}, tags=tags
        )

    first, again, other = log(b"{}"), log(b"{}"), log(b"[]")

    assert first == again
    assert first != other


def test_a_run_that_breaks_off_is_marked_as_failed_and_never_registered(registry):
    with pytest.raises(Refusal, match="the registry must answer"):
        registry.log_run(replace(RECORD, score="cut", texts={"x": "", "x/y": ""}))

    client = registry._client
    experiment = client.get_experiment_by_name("avonmere/cut")
    statuses = [r.info.status for r in client.search_runs([experiment.experiment_id])]
    assert statuses == ["FAILED"]


def test_first_starts_that_race_make_one_whole_database(tmp_path):
    with ThreadPoolExecutor(max_workers=3) as starts:
        opened = list(starts.map(local, [tmp_path] * 3))

    runs = [registry.log_run(RECORD) for registry in opened]
    assert len({run.run_id for run in runs}) == 3
    assert not (tmp_path / "mlflow.db.staged").exists()
    assert not (ROOT / "mlruns").exists()


def test_a_file_that_is_no_database_is_refused_at_once(tmp_path):
    (tmp_path / "mlflow.db").write_text("something else")

    with pytest.raises(Refusal, match="the registry is a SQLite database"):
        local(tmp_path)


@pytest.mark.parametrize("address", ["file:///tmp/runs", "postgresql://db/mlflow", ""])
def test_an_address_that_is_neither_sqlite_nor_a_server_is_misuse(address, tmp_path):
    with pytest.raises(Misuse, match="a server's http address"):
        open_registry(address, tmp_path, place="town")


def test_a_server_that_is_down_is_refused_without_its_password(tmp_path):
    address = f"http://someone:secret@127.0.0.1:{free_port()}"

    with pytest.raises(Refusal, match="the registry must answer") as refused:
        open_registry(address, tmp_path, place="town").log_run(RECORD)

    assert "secret" not in str(refused.value)


def test_a_server_that_hangs_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        registry = open_registry(address, tmp_path, place="town")

        with pytest.raises(Refusal, match="the registry must answer"):
            registry.log_run(RECORD)


def test_a_call_and_its_undoing_end_within_thirty_seconds():
    tries = 1 + int(ENVIRONMENT["MLFLOW_HTTP_REQUEST_MAX_RETRIES"])
    seconds = tries * int(ENVIRONMENT["MLFLOW_HTTP_REQUEST_TIMEOUT"])

    assert seconds + seconds < 30
    assert ENVIRONMENT["MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR"] == "0"


def test_a_real_server_holds_runs_models_and_aliases(server, tmp_path):
    registry = open_registry(server, tmp_path, place="town")

    number = registry.register(registry.log_run(RECORD))
    registry.promote("falls", number)

    found = registry.version("falls", "champion")
    assert found.model_json == MODEL.to_json()
    assert found.text("evaluation.json") == '{"auc": 0.75}'
    assert list(tmp_path.iterdir()) == []


ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    address = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    stores = ["--backend-store-uri", f"sqlite:///{folder / 'server.db'}"]
    stores += ["--artifacts-destination", str(folder / "files")]
    command = [sys.executable, "-m", "mlflow", "server", *address, *stores]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        # The workers are in the parent's group and would outlive it.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    asks = urllib.request.Request(f"http://127.0.0.1:{port}/health")
    while True:
        assert process.poll() is None, "the server has ended"
        try:
            urllib.request.urlopen(asks).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
