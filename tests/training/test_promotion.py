"""A version that does not pass is refused, and that is kept; nothing overrides it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from features.faults import Refusal
from features.snapshots.snapshot import definition_sha256
from features.store.warehouse import Warehouse
from models.definitions.definition import ScoreDefinition
from models.judging.gates import Gates, gates_sha256
from models.judging.judgement import judgement_sha256
from models.registry.registry import Registry, RunRecord
from models.tables.table import TableModel
from models.tables.terms import Steps
from tests.features.small_place import contract, family, place
from tests.registries import new_registry
from tests.training.made_up_cases import score
from training.promotion import DID_NOT_PASS, promoted


PLACE = place([contract("visits")], [family("count")])
# Nothing is sealed here, so that no snapshot is read.
NOWHERE = Warehouse(Path("nowhere"))
DAY = dt.date(2024, 7, 1)
EVALUATION: dict[str, Any] = {
    "base_rate": {"value": 0.1, "low": 0.09, "high": 0.11, "reason": None},
    "observed": [],
    "groups": {},
    "verdicts": {
        "additive": {
            "later": {
                "precision": {"value": 0.3, "low": 0.2, "high": 0.4, "reason": None},
                "lift": {"value": 3.0, "low": 2.0, "high": 4.0, "reason": None},
                "observed_expected": {
                    **{"value": 1.0, "low": 0.8, "high": 1.2, "reason": None}
                },
            }
        }
    },
}


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return new_registry(tmp_path)


def registered(registry: Registry, trained: ScoreDefinition) -> int:
    facts = {
        "definition_sha256": definition_sha256(PLACE, trained.plan()),
        "gates_sha256": gates_sha256(trained.gates),
        "judgement_sha256": judgement_sha256(trained.judgement),
    }
    terms = (Steps("count", (1.0,), (-0.5, 0.5), missing=None),)
    model = TableModel("additive", -2.0, terms, facts=facts)
    return registry.register(
        RunRecord(
            score=trained.name,
            texts={"evaluation.json": json.dumps(EVALUATION)},
            model_json=model.to_json(),
        )
    )


def with_gates(**gates: Any) -> ScoreDefinition:
    return score(first=DAY, gates=Gates(least_sample=False, **gates))


def runs_kept(registry: Registry) -> list[Any]:
    found: list[Any] = registry._client.search_runs(
        [registry._runs.experiment("score")],
        f"tags.verdict = '{DID_NOT_PASS}'",
    )
    return found


def kept(registry: Registry) -> list[dict[str, Any]]:
    return [
        json.loads(registry._runs.read(run.info.run_id, f"{DID_NOT_PASS}.json"))
        for run in runs_kept(registry)
    ]


def test_a_version_that_passes_its_gates_is_frozen(registry: Registry):
    passing = with_gates(least_lift=2.0)
    version = registered(registry, passing)

    bundle = promoted(NOWHERE, PLACE, passing, registry, version).bundle

    assert bundle.version == version
    assert kept(registry) == []


def test_a_version_that_fails_is_refused_and_that_is_kept_once(registry: Registry):
    failing = with_gates(least_lift=2.5, least_precision=0.25)
    version = registered(registry, failing)

    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            promoted(NOWHERE, PLACE, failing, registry, version)

    assert {fault.rule for fault in refused.value.faults} == {
        "gate.least_lift",
        "gate.least_precision",
    }
    (entry,) = kept(registry)
    assert entry["verdict"] == DID_NOT_PASS
    assert entry["version"] == version
    assert len(entry["faults"]) == 2


def test_a_refusal_is_kept_with_a_card_that_says_so(registry: Registry):
    failing = with_gates(least_lift=2.5)
    version = registered(registry, failing)

    with pytest.raises(Refusal):
        promoted(NOWHERE, PLACE, failing, registry, version)

    (run,) = runs_kept(registry)
    card = registry._runs.read(run.info.run_id, "card.md").decode()
    assert card.startswith("# Did not pass.")
    assert "at worst, is at least 2.5: got 3 (2 to 4)" in card
    assert registry._runs.read(run.info.run_id, "card.html").startswith(b"<!DOCTYPE")


@pytest.mark.parametrize("now", [None, Gates(least_sample=False)])
def test_gates_taken_away_after_training_are_no_way_round(registry: Registry, now):
    failing = with_gates(least_lift=2.5)
    version = registered(registry, failing)
    loosened = failing.model_copy(update={"gates": now})

    with pytest.raises(Refusal) as refused:
        promoted(NOWHERE, PLACE, loosened, registry, version)

    assert "gate.changed" in {fault.rule for fault in refused.value.faults}
