"""Promotion: a registered model that passes its gates becomes a frozen bundle."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from features.definitions.place import Place
from features.faults import Fault, Refusal
from features.snapshots.snapshot import definition_sha256
from models.bundle import Bundle, Rate, RateAt
from models.definition import ScoreDefinition
from models.freezing import freeze
from models.gates import gates_sha256
from models.registry import Registry
from models.table import TableModel, from_json
from training.gates import failed_gates


DID_NOT_PASS = "did_not_pass"


def promoted(
    place: Place, score: ScoreDefinition, registry: Registry, version: int
) -> Bundle:
    """Return the frozen bundle of a registered version.

    Where it may not be promoted, that is kept in the registry, as a run of its own that
    is called "did_not_pass".

    Raises:
        Refusal: The version was fitted for other definitions or other gates than the
            place's now, or did not pass a gate.
    """
    registered = registry.version(score.name, version)
    model = from_json(registered.model_json)
    evaluation = json.loads(registered.text("evaluation.json"))
    faults = [*_other_definitions(place, score, model), *_other_gates(score, model)]
    faults += failed_gates(score, model.family, evaluation)
    if faults:
        refusal = Refusal(faults)
        _record(registry, score, version, refusal)
        raise refusal
    return _frozen(place, score, model, version, evaluation)


def _record(
    registry: Registry, score: ScoreDefinition, version: int, refusal: Refusal
) -> None:
    content = {
        "verdict": DID_NOT_PASS,
        "score": score.name,
        "version": version,
        "faults": [fault.as_dict() for fault in refusal.faults],
    }
    registry.log_result(
        score.name,
        DID_NOT_PASS,
        json.dumps(content, sort_keys=True, indent=1).encode(),
        metrics={"gates.failed": float(len(refusal.faults))},
        tags={"verdict": DID_NOT_PASS, "version": str(version)},
    )


def _frozen(
    place: Place,
    score: ScoreDefinition,
    model: TableModel,
    version: int,
    evaluation: dict[str, Any],
) -> Bundle:
    base = evaluation["base_rate"]
    observed = [
        RateAt(
            from_probability=rate["from_probability"],
            share=rate["share"],
            low=rate["low"],
            high=rate["high"],
        )
        for rate in evaluation["observed"]
    ]
    base_rate = Rate(share=base["value"], low=base["low"], high=base["high"])
    return freeze(
        score, place, model, version=version, base_rate=base_rate, observed=observed
    )


def _other_definitions(
    place: Place, score: ScoreDefinition, model: TableModel
) -> Iterator[Fault]:
    now = definition_sha256(place, score.plan())
    if model.facts.get("definition_sha256") != now:
        yield Fault(
            f"scores/{score.name}.toml, and the files it names",
            "a model is promoted with the definitions it was fitted for",
            "other definitions",
            f"run: lamppost build {score.name} and lamppost train {score.name}",
        )


def _other_gates(score: ScoreDefinition, model: TableModel) -> Iterator[Fault]:
    if model.facts.get("gates_sha256", "none") != gates_sha256(score.gates):
        yield Fault(
            f"scores/{score.name}.toml: gates",
            "gates are declared before the model is trained",
            "other gates than those it was trained under",
            f"put them back, or run: lamppost train {score.name}",
            "gate.changed",
        )
