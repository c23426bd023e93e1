"""What a training leaves in the registry: a run, with one a family within it."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from models.judging.assessment import FIGURES
from models.registry.registry import DatasetRecord, Registry, RunRecord
from models.registry.runs import MODEL_TAG
from models.tables.table import TableModel
from tests.models.mlflow_server import running
from tests.registries import new_registry
from tests.training.made_up_dates import PLACE, dated_cases, dated_score
from training.judging.evaluate import Evaluated, evaluate
from training.judging.splits import rolling
from training.recording import record_of


ROOT = Path(__file__).parents[2]
SCORE = dated_score()
READ = DatasetRecord("to 2024", "ab" * 32, "snapshots/1", 9, {"count": "double"})
FACTS = {
    "place": "small",
    "score": "score",
    "links": "person 3",
    "git_commit": "c0ffee",
}
FACTS |= {"data_to": "2024-09-01", "trees_boosted": "12 of 4 leaves"}


@pytest.fixture(scope="module")
def found() -> Evaluated:
    rows = dated_cases(300, seed=3)
    return evaluate(rows, rolling(rows, SCORE), SCORE, PLACE)


@pytest.fixture(scope="module")
def model(found: Evaluated) -> TableModel:
    return replace(found.fitted.models[found.evaluation.served], facts=FACTS)


@pytest.fixture(scope="module")
def record(found: Evaluated, model: TableModel) -> RunRecord:
    return record_of(found, model, found.evaluation, READ, {"card.md": "# Card"})


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("registry")
    return new_registry(folder)


def test_the_run_has_one_within_it_for_each_model_that_was_judged(found, record):
    served = found.evaluation.served

    assert [child.params["family"] for child in record.children] == [
        *found.evaluation.verdicts
    ]
    assert [c.name for c in record.children if c.tags["is_served"] == "yes"] == [
        f"{served}, served"
    ]
    assert record.name == "training to 2024-09-01"


def test_a_child_has_its_family_s_figures_and_the_parent_those_of_the_one_served(
    found, record
):
    verdicts, served = found.evaluation.verdicts, found.evaluation.served
    children = {child.params["family"]: child.metrics for child in record.children}

    assert children["boosted"]["auc"] == verdicts["boosted"].later.auc.value
    assert children["rule"]["new/auc"] == verdicts["rule"].later_and_new.auc.value
    assert children[served].items() <= record.metrics.items()
    low, high = record.metrics["low/auc"], record.metrics["high/auc"]
    assert low < record.metrics["auc"] < high
    assert record.metrics["price/auc"] == found.evaluation.price.auc.value


def test_names_of_metrics_are_short_enough_for_a_column(record):
    names = [name for child in record.children for name in child.metrics]

    assert max(map(len, names)) <= len(f"new/high/{max(FIGURES, key=len)}")
    assert all(np.isfinite(value) for value in record.metrics.values())


def test_what_was_settled_for_a_family_is_with_it(record):
    trees = {
        child.params["family"]: child.params.get("trees") for child in record.children
    }

    assert trees["boosted"] == "12 of 4 leaves"
    assert trees["rule"] is None


def test_the_pictures_are_drawings_that_name_every_model(found, record):
    assert set(record.figures) == {
        *("calibration.svg", "shapes.svg", "beeswarm.svg", "roc.svg"),
        *("precision_recall.svg", "gain.svg", "net_benefit.svg"),
    }
    for name in ("roc.svg", "precision_recall.svg", "gain.svg", "net_benefit.svg"):
        words = set(ElementTree.fromstring(record.figures[name].decode()).itertext())
        assert set(found.evaluation.verdicts) <= words


def test_the_sealed_date_is_in_no_picture_and_no_number(found, model, record):
    rows = dated_cases(300, seed=3)
    sealed = rows.as_of == np.datetime64(found.evaluation.sealed.first)
    turned = np.where(sealed, 1 - rows.outcome, rows.outcome)
    endings = replace(
        rows.endings, status=np.where(sealed, "no event", rows.endings.status)
    )
    other = replace(rows, outcome=turned, endings=endings)

    again = evaluate(other, rolling(other, SCORE), SCORE, PLACE)

    kept = record_of(again, model, again.evaluation, READ, {})
    assert kept.figures == record.figures
    assert kept.metrics == record.metrics


def test_all_of_it_is_in_mlflow_as_an_analyst_looks_for_it(registry, record, model):
    number = registry.register(record)

    client: Any = registry._client
    version = registry.version(SCORE.name, number)
    run = client.get_run(version.run_id)
    within = client.search_runs(
        [run.info.experiment_id], f"tags.mlflow.parentRunId = '{run.info.run_id}'"
    )
    assert len(within) == len(record.children)
    assert [d.dataset.name for d in run.inputs.dataset_inputs] == ["to 2024"]
    assert all(child.inputs.dataset_inputs == [] for child in within)
    assert FACTS.items() <= run.data.tags.items()
    assert run.data.tags["mlflow.source.git.commit"] == "c0ffee"
    assert version.tags[MODEL_TAG] == model.sha256
    source = client.get_model_version(f"small.{SCORE.name}", str(number)).source
    assert source.endswith("model/model.json")
    assert json.loads(version.text("evaluation.json"))["served"] == model.family
    assert version.text("card.md") == "# Card"


def test_nothing_is_pickled(registry, record):
    number = registry.register(record)

    run_id = registry.version(SCORE.name, number).run_id
    client: Any = registry._client
    folder = Path(client.get_run(run_id).info.artifact_uri.removeprefix("file://"))
    files = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert files == {".svg", ".json", ".md"}


def test_the_documented_command_shows_a_table_of_trainings_and_families(
    registry, record, tmp_path
):
    registry.register(record)
    documented = (ROOT / "docs" / "mlflow.md").read_text()
    lines = [line.strip() for line in documented.splitlines()]
    settings = next(x for x in lines if x.startswith("export ")).split()[1:]
    command = next(x for x in lines if x.startswith("mlflow ui ")).split()
    command[command.index("--backend-store-uri") + 1] = registry._tracking_uri
    told = dict(each.split("=") for each in settings)

    with running(command[:-2], tmp_path, **told) as address:
        table = asked(address, "runs/search", {"experiment_ids": ["1"]})["runs"]
        named = {run["info"]["run_name"]: run["info"]["run_id"] for run in table}
        run_id = named[record.name]
        picture = f"get-artifact?run_uuid={run_id}&path=figures/roc.svg"
        with urllib.request.urlopen(f"{address}/{picture}") as answer:
            assert answer.headers["Content-Type"].startswith("image/svg+xml")

    newest = table[: 1 + len(record.children)]
    assert {run["info"]["run_name"] for run in newest} == {
        record.name,
        *(child.name for child in record.children),
    }
    columns = [{m["key"] for m in run["data"]["metrics"]} for run in newest]
    assert {"auc", "low/auc", "high/auc", "precision", "new/auc"} <= set.intersection(
        *columns
    )


def asked(address: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(
        f"{address}/api/2.0/mlflow/{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
