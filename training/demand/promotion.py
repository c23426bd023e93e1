"""Promoting a forecast: what is forecast from now on, if it passes its gates."""

from __future__ import annotations

import json
from collections.abc import Iterator

from features.definitions.place import Place
from features.faults import Fault, Refusal
from features.snapshots.snapshot import definition_sha256
from models.definitions.definition import ScoreDefinition
from models.judging.judgement import judgement_sha256
from models.registry.registry import Registry
from models.tables.table import TableModel, from_json
from training.cards.subject import Subject
from training.demand.gates import failed_number_gates
from training.promotion import record_refusal


def promote_numbers(
    place: Place, score: ScoreDefinition, registry: Registry, version: int
) -> TableModel:
    """Make a registered forecast the champion, if it passes its gates.

    Where it does not, that is kept in the registry as a run "did_not_pass".

    Raises:
        Refusal: It was fitted for other definitions or judged dates than the place's
            now, or did not pass a gate.
    """
    registered = registry.version(score.name, version)
    model = from_json(registered.model_json)
    evaluation = json.loads(registered.text("evaluation.json"))
    faults = [*_others(place, score, model)]
    faults += failed_number_gates(score, evaluation["figures"])
    if faults:
        refusal = Refusal(faults)
        subject = Subject(score, place, model, evaluation, version, refusal.faults)
        record_refusal(registry, subject)
        raise refusal
    registry.promote(score.name, version)
    return model


def _others(place: Place, score: ScoreDefinition, model: TableModel) -> Iterator[Fault]:
    now = {
        "definition_sha256": definition_sha256(place, score.plan()),
        "judgement_sha256": judgement_sha256(score.judgement),
    }
    if any(model.facts.get(name) != each for name, each in now.items()):
        yield Fault(
            f"scores/{score.name}.toml, and the files it names",
            "a forecast is promoted with the definitions and dates it was judged by",
            "others",
            f"run: lamppost build {score.name} and lamppost train {score.name}",
        )
