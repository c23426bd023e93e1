"""The registry on a real MLflow server, and on servers that fail."""

from __future__ import annotations

import contextlib
import itertools
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from features.faults import Refusal
from models.registry.registry import ENVIRONMENT, Registry, RunRecord, open_registry
from tests.models.mlflow_server import Proxy, free_port, mlflow_server, proxy_before
from tests.models.test_registry import MODEL, RECORD


CHILD = RunRecord(score="falls", name="rule", metrics={"auc": 0.6})
FAMILY = replace(RECORD, children=(CHILD,))
SCORES = (f"score_{number}" for number in itertools.count())
RETRIES = int(ENVIRONMENT["MLFLOW_HTTP_REQUEST_MAX_RETRIES"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mlflow_server(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture(scope="module")
def proxy(server: str) -> Iterator[Proxy]:
    with proxy_before(server) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def registry(server: str, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Reaches the server whatever becomes of the proxy."""
    return open_registry(server, tmp_path_factory.mktemp("files"), place="town")


@pytest.fixture
def failing(proxy: Proxy, tmp_path: Path) -> Iterator[Registry]:
    proxy.reset()
    yield open_registry(proxy.address, tmp_path, place="town")
    proxy.reset()


def statuses(registry: Registry, score: str) -> set[str]:
    client: Any = registry._client
    experiment = client.get_experiment_by_name(f"town/{score}")
    runs = client.search_runs([experiment.experiment_id]) if experiment else []
    return {run.info.status for run in runs}


def versions(registry: Registry, score: str) -> list[str]:
    client: Any = registry._client
    found = client.search_model_versions(f"name = 'town.{score}'")
    return [version.version for version in found]


def requests_of_a_training(failing: Registry, proxy: Proxy) -> int:
    before = proxy.seen
    failing.register(family(next(SCORES)))
    return proxy.seen - before


def moments(every: int) -> list[int]:
    """Some requests of a training by number; all from its last file on."""
    return [1, every // 2, *range(every - 4, every + 1)]


def family(score: str) -> RunRecord:
    return replace(FAMILY, score=score, children=(replace(CHILD, score=score),))


def test_a_real_server_holds_runs_models_and_aliases(server, tmp_path):
    registry = open_registry(server, tmp_path, place="town")

    registry.prepare("falls")
    registry.promote("falls", registry.register(FAMILY))

    found = registry.version("falls", "champion")
    assert found.model_json == MODEL.to_json()
    assert found.text("evaluation.json") == '{"auc": 0.75}'
    assert registry.named("falls", "challenger") == found.number
    assert list(tmp_path.iterdir()) == []


def test_whatever_requests_fail_for_a_while_nothing_is_left_half(
    registry, failing, proxy
):
    for number in moments(requests_of_a_training(failing, proxy)):
        score = next(SCORES)
        proxy.reset("refuses", range(number, number + 1 + RETRIES))
        with pytest.raises(Refusal, match="the registry must answer"):
            failing.register(family(score))

        assert versions(registry, score) == []
        assert registry.named(score, "challenger") is None
        assert "FINISHED" not in statuses(registry, score)


def test_whatever_answers_are_lost_there_is_a_whole_version_or_none(
    registry, failing, proxy
):
    for number in moments(requests_of_a_training(failing, proxy)):
        score = next(SCORES)
        proxy.reset("loses the answer", range(number, number + 1 + RETRIES))
        with contextlib.suppress(Refusal):
            failing.register(family(score))

        if "FINISHED" in statuses(registry, score):
            assert registry.version(score, "challenger").model_json == MODEL.to_json()
        else:
            assert versions(registry, score) == []


def test_a_server_that_dies_for_good_leaves_no_version_that_is_given_out(
    registry, failing, proxy
):
    for number in moments(requests_of_a_training(failing, proxy)):
        score = next(SCORES)
        proxy.reset("hangs up", range(number, 10_000))
        with pytest.raises(Refusal, match="the registry must answer"):
            failing.register(family(score))

        with pytest.raises(Refusal, match="got none|a version is registered whole"):
            registry.version(score, "challenger")
        for left in versions(registry, score):
            with pytest.raises(Refusal, match="got a run that is running"):
                registry.promote(score, int(left))


def test_a_server_that_hangs_is_waited_for_twice_and_no_longer(
    failing, proxy, monkeypatch
):
    every = requests_of_a_training(failing, proxy)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")

    for number in (1, every // 2, every - 1):
        proxy.reset("hangs", range(number, 10_000))
        with pytest.raises(Refusal, match="the registry must answer"):
            failing.register(family(next(SCORES)))

        # The call that failed and the first that would undo it, each with its retries.
        assert proxy.seen - number + 1 <= 2 * (1 + RETRIES)


def test_a_call_and_its_undoing_end_within_thirty_seconds():
    seconds = (1 + RETRIES) * int(ENVIRONMENT["MLFLOW_HTTP_REQUEST_TIMEOUT"])

    assert seconds + seconds < 30
    assert ENVIRONMENT["MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR"] == "0"


def test_a_challenger_stays_when_the_next_training_fails(failing, registry, proxy):
    score = next(SCORES)
    first = failing.register(family(score))
    # The experiment is there already; the last request marks the run as finished.
    every = requests_of_a_training(failing, proxy) - 1

    proxy.reset("refuses", range(every, every + 1 + RETRIES))
    with pytest.raises(Refusal, match="the registry must answer"):
        failing.register(family(score))

    assert registry.version(score, "challenger").number == first
    assert versions(registry, score) == [str(first)]


def test_a_promotion_that_fails_beside_leaves_the_champion_it_found(registry):
    score = next(SCORES)
    first, second = (registry.register(family(score)) for _ in range(2))
    registry.promote(score, first)

    with pytest.raises(ZeroDivisionError), registry.promoting(score, second):
        raise ZeroDivisionError

    assert registry.named(score, "champion") == first


def test_a_server_that_is_down_is_refused_before_the_fit_without_its_password(tmp_path):
    address = f"http://someone:secret@127.0.0.1:{free_port()}"

    with pytest.raises(Refusal, match="must answer, got no connection") as refused:
        open_registry(address, tmp_path, place="town").prepare("falls")

    assert "secret" not in str(refused.value)


def test_a_server_that_accepts_and_never_answers_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(Refusal, match="must answer, got no answer in time"):
            open_registry(address, tmp_path, place="town").prepare("falls")


def test_a_server_of_errors_is_refused(failing, proxy):
    proxy.reset("refuses", range(1, 10_000))

    with pytest.raises(Refusal, match="must answer, got errors of the server's own"):
        failing.prepare("falls")
