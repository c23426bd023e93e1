from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from features.faults import Misuse, Refusal
from models.registry.registry import (
    ENVIRONMENT,
    DatasetRecord,
    Registry,
    RunRecord,
    open_registry,
)
from models.tables.table import TableModel
from models.tables.terms import Line


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


def test_the_environment_that_keeps_mlflow_quiet_is_in_force(registry):
    assert {name: os.environ[name] for name in ENVIRONMENT} == dict(ENVIRONMENT)


def test_a_registered_model_comes_back_byte_for_byte_with_where_it_is_from(registry):
    found = registry.version("falls", registry.register(RECORD))

    assert found.model_json == MODEL.to_json()
    assert found.metrics == {"later.auc": 0.75}
    assert found.tags.items() >= RECORD.tags.items()
    assert found.tags["model_sha256"] == MODEL.sha256
    assert found.text("evaluation.json") == '{"auc": 0.75}'


def test_each_registered_model_is_the_next_version_and_the_challenger(registry):
    record = replace(RECORD, score="numbered")
    first = registry.register(record)
    second = registry.register(record)

    assert (first, second) == (1, 2)
    assert registry.version("numbered", "challenger").number == 2


def test_promotion_moves_the_champion_and_leaves_the_challenger(registry):
    record = replace(RECORD, score="promoted")
    for _ in range(2):
        registry.register(record)

    registry.promote("promoted", 2)
    registry.promote("promoted", 1)

    assert registry.version("promoted", "champion").number == 1
    assert registry.version("promoted", "challenger").number == 2


def test_two_places_on_one_server_have_each_its_own_models(registry, folder):
    registry.register(replace(RECORD, score="shared"))

    with pytest.raises(Refusal, match=r"chicago\.shared must have the version"):
        local(folder, "chicago").promote("shared", 1)


@pytest.mark.parametrize("wanted", [7, "champion"])
def test_a_version_that_is_not_there_is_refused_by_name(registry, wanted):
    with pytest.raises(Refusal, match=rf"version `{wanted}`, got none"):
        registry.version("never_trained", wanted)


def test_a_run_without_a_model_is_logged_and_cannot_be_registered(registry):
    run = RunRecord(score="falls", name="unconstrained")

    assert registry.log_run(run)
    with pytest.raises(Refusal, match="a registered run has a model"):
        registry.register(run)


def test_a_file_that_is_not_a_whole_model_is_never_logged(registry):
    broken = MODEL.to_json()[:-1]

    with pytest.raises(Refusal, match="one JSON object"):
        registry.register(replace(RECORD, model_json=broken, score="broken"))
    with pytest.raises(Refusal, match="got none"):
        registry.version("broken", "challenger")


def test_another_whole_model_in_its_place_is_refused_and_not_promoted(registry, folder):
    number = registry.register(replace(RECORD, score="swapped"))
    run_id = registry.version("swapped", number).run_id
    stored = next((folder / "artifacts").rglob(f"{run_id}/**/model.json"))
    stored.write_bytes(a_model(weight=9.0).to_json())

    with pytest.raises(Refusal, match="got another model"):
        registry.promote("swapped", number)
    with pytest.raises(Refusal, match="version `champion`, got none"):
        registry.version("swapped", "champion")


def test_a_changed_text_is_refused(registry, folder):
    number = registry.register(replace(RECORD, score="edited"))
    run_id = registry.version("edited", number).run_id
    path = next((folder / "artifacts").rglob(f"{run_id}/**/evaluation.json"))
    path.write_text("")

    with pytest.raises(Refusal, match="the file is the one logged"):
        registry.version("edited", number).text("evaluation.json")


def test_more_params_and_metrics_than_one_request_holds_are_all_logged(registry):
    params = {f"param_{n}": n for n in range(150)}
    metrics = {f"metric_{n}": float(n) for n in range(1_100)}
    record = replace(RECORD, score="many", params=params, metrics=metrics)

    number = registry.register(record)

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


def test_results_of_a_name_are_read_back_newest_first(registry):
    for content in (b"{}", b"[]"):
        registry.log_result("opened", "sealed_date", content, metrics={}, tags={})
    registry.log_result("opened", "monitoring", b"0", metrics={}, tags={})

    assert registry.results("opened", "sealed_date") == [b"[]", b"{}"]
    assert registry.results("opened", "never_logged") == []


def test_a_result_that_was_changed_is_refused(registry, folder):
    run = registry.log_result("bent", "sealed_date", b"{}", metrics={}, tags={})
    next((folder / "artifacts").rglob(f"{run}/**/sealed_date.json")).write_text("[]")

    with pytest.raises(Refusal, match="a result is the one logged"):
        registry.results("bent", "sealed_date")


def test_a_run_that_breaks_off_is_marked_as_failed_with_those_within_it(registry):
    children = [RunRecord("cut", "additive"), RunRecord("cut", "rule")]
    record = replace(RECORD, score="cut", children=children)

    with pytest.raises(Refusal, match="the registry must answer"):
        registry.register(replace(record, texts={"x": "", "x/y": ""}))

    client = registry._client
    experiment = client.get_experiment_by_name("avonmere/cut")
    runs = client.search_runs([experiment.experiment_id])
    assert [run.info.status for run in runs] == ["FAILED"] * 3
    assert registry.named("cut", "challenger") is None


def test_a_run_has_those_within_it_and_says_what_it_read(registry):
    read = DatasetRecord("to 2024", "ab" * 32, "snapshots/1", 5, {"visits": "double"})
    children = [RunRecord("parted", "additive", metrics={"auc": 0.75})]

    number = registry.register(
        replace(RECORD, score="parted", children=children, dataset=read)
    )

    client, run_id = registry._client, registry.version("parted", number).run_id
    parent = client.get_run(run_id)
    child = next(iter(children_of(client, parent)))
    assert (child.info.run_name, child.data.metrics) == ("additive", {"auc": 0.75})
    assert child.inputs.dataset_inputs == []
    [found] = parent.inputs.dataset_inputs
    assert (found.dataset.name, found.dataset.digest) == ("to 2024", "ab" * 18)
    assert json.loads(found.dataset.source)["sha256"] == "ab" * 32


def children_of(client: Any, parent: Any) -> list[Any]:
    query = f"tags.mlflow.parentRunId = '{parent.info.run_id}'"
    return list(client.search_runs([parent.info.experiment_id], query))


def test_first_starts_that_race_make_one_whole_database(tmp_path):
    with ThreadPoolExecutor(max_workers=3) as starts:
        opened = list(starts.map(local, [tmp_path] * 3))

    runs = [registry.log_run(RECORD) for registry in opened]
    assert len(set(runs)) == 3
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


ROOT = Path(__file__).parents[2]
