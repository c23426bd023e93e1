"""Promotion: a registered model that passes its gates becomes a frozen bundle."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from features.definitions.place import Place
from features.faults import Fault, Refusal
from features.snapshots.snapshot import definition_sha256
from features.store.warehouse import Warehouse
from models.definitions.bundle import Bundle, Rate, RateAt
from models.definitions.definition import ScoreDefinition
from models.definitions.freezing import freeze
from models.judging.gates import gates_sha256
from models.judging.judgement import judgement_sha256
from models.registry.registry import Registry
from models.tables.table import TableModel, from_json
from training.cards.card import texts_of
from training.cards.subject import Subject
from training.judging.gates import failed_gates, failed_when_sealed
from training.sealed import opened, spent


DID_NOT_PASS = "did_not_pass"


@dataclass(frozen=True)
class Promoted:
    """What passed.

    Attributes:
        bundle: Frozen, and served from now on.
        sealed: What was found on the sealed date; None where nothing was sealed.
    """

    bundle: Bundle
    sealed: Mapping[str, Any] | None


def promoted(
    warehouse: Warehouse,
    place: Place,
    score: ScoreDefinition,
    registry: Registry,
    version: int,
) -> Promoted:
    """Return the frozen bundle of a registered version that may be promoted.

    The gates are tested on the dates that training judged, and a version that fails
    them goes no further. Then the sealed date is opened, and they are tested there.

    Where it may not be promoted, that is kept in the registry, as a run of its own that
    is called "did_not_pass".

    Raises:
        Refusal: The version was fitted for other definitions, gates or judged dates
            than the place's now, did not pass a gate, or its sealed date was opened
            for another.
    """
    registered = registry.version(score.name, version)
    model = from_json(registered.model_json)
    evaluation = json.loads(registered.text("evaluation.json"))
    faults = [
        *_other_definitions(place, score, model),
        *_others(score, model),
        *failed_gates(score, model.family, evaluation),
    ]
    faults = faults or list(spent(score, registry, model, evaluation))
    found = None
    if not faults:
        found = opened(warehouse, place, score, registry, model, evaluation)
        faults = list(failed_when_sealed(score, found)) if found else []
    if faults:
        refusal = Refusal(faults)
        subject = Subject(
            score, place, model, evaluation, version, refusal.faults, found
        )
        record_refusal(registry, subject)
        raise refusal
    return Promoted(_frozen(place, score, model, version, evaluation), found)


def record_refusal(registry: Registry, refused: Subject) -> None:
    """Keep what was refused and why, with a card that says so."""
    score, version = refused.score.name, refused.version
    content = {
        "verdict": DID_NOT_PASS,
        "score": score,
        "version": version,
        "faults": [fault.as_dict() for fault in refused.refused],
    }
    registry.log_result(
        score,
        DID_NOT_PASS,
        json.dumps(content, sort_keys=True, indent=1).encode(),
        metrics={"gates.failed": float(len(refused.refused))},
        tags={"verdict": DID_NOT_PASS, "version": str(version)},
        texts=texts_of(refused),
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


def _others(score: ScoreDefinition, model: TableModel) -> Iterator[Fault]:
    """Yield what was declared before the fit and has been changed since."""
    declared = {
        "gates": ("gates_sha256", gates_sha256(score.gates)),
        "judgement": ("judgement_sha256", judgement_sha256(score.judgement)),
    }
    for name, (fact, now) in declared.items():
        if model.facts.get(fact) != now:
            yield Fault(
                f"scores/{score.name}.toml: {name}",
                f"[{name}] is declared before the model is trained",
                f"another [{name}] than it was trained under",
                f"put it back, or run: lamppost train {score.name}",
                f"{'gate' if name == 'gates' else name}.changed",
            )
