"""Sealed: the last judged date, opened once, when a version is to be promoted.

What is found there is kept in the registry as a run of its own. The same model's next
promotion reads that; another model may not be judged on a date that somebody has seen,
nor on an older one, because it could have been made with that in mind.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

from features.definitions.place import Place
from features.faults import Fault, Refusal
from features.store.warehouse import SnapshotEntry, Warehouse
from models.definitions.definition import ScoreDefinition
from models.registry.registry import Registry
from models.tables.model_file import sha256_of
from models.tables.table import TableModel
from training.checks.apart import judge_apart
from training.cohort import Cases, read_cases
from training.judging.splits import Round, rolling


SEALED = "sealed_date"

_Found = Mapping[str, Any]


def spent(
    score: ScoreDefinition, registry: Registry, model: TableModel, evaluation: _Found
) -> Iterator[Fault]:
    """Yield a fault if another model was judged on these days, or on later ones.

    Args:
        score: The definition that the model was fitted for.
        registry: Knows which dates have been opened.
        model: As registered.
        evaluation: What training found of it.
    """
    sealed = evaluation.get("sealed")
    if sealed is None:
        return
    for each in _kept(score, registry):
        if not _is_ours(each, model, sealed) and each["last"] >= sealed["first"]:
            yield _fault(score, sealed, each)


def opened(
    warehouse: Warehouse,
    place: Place,
    score: ScoreDefinition,
    registry: Registry,
    model: TableModel,
    evaluation: _Found,
) -> _Found | None:
    """Return what the model is worth on its sealed date; the first time, open it.

    Args:
        warehouse: Holds the snapshot that the model was fitted on.
        place: The definitions.
        score: The definition that the model was fitted for.
        registry: Keeps what is found.
        model: As registered; no other has opened the date.
        evaluation: What training found of it.

    Returns:
        Figures, and the days they are of; None where nothing was sealed.

    Raises:
        Refusal: The snapshot is gone, or the registry cannot be reached.
    """
    sealed = evaluation.get("sealed")
    if sealed is None:
        return None
    for each in _kept(score, registry):
        if _is_ours(each, model, sealed):
            return each
    cases = read_cases(warehouse, snapshot_of(warehouse, model), score)
    found = _judged(cases, place, score, model, evaluation)
    registry.log_result(
        score.name,
        SEALED,
        json.dumps(found, sort_keys=True, indent=1).encode(),
        metrics=_metrics(found),
        tags={"sealed": sealed["first"], "model_sha256": model.sha256},
    )
    return found


def answers_sha256(model: TableModel) -> str:
    """Return the hash of all that a model answers, and of its gates.

    Trained again from the same rows it is the same model, whichever commit it comes
    from. Under other gates it is another: they might have been loosened for it.
    """
    content = json.loads(model.to_json())
    parts = {name: content.get(name) for name in ("base", "terms", "calibration")}
    return sha256_of({**parts, "gates": model.facts.get("gates_sha256")})


def snapshot_of(warehouse: Warehouse, model: TableModel) -> SnapshotEntry:
    """Return the snapshot that a model was fitted on.

    Raises:
        Refusal: The warehouse has it no longer.
    """
    wanted = model.facts.get("snapshot_sha256")
    for entry in warehouse.manifest().snapshots:
        if entry.table.sha256 == wanted:
            return entry
    name = str(model.facts.get("snapshot"))
    what = "a model is judged on the snapshot it was fitted on"
    raise Refusal([Fault(f"snapshot {name}", what, "none", "build, and train again")])


def _metrics(found: _Found) -> dict[str, float]:
    """Return the figures that can be told, flat."""
    return {
        f"sealed.{name}{end}": figure[part]
        for name, figure in found["later"].items()
        for end, part in (("", "value"), ("_low", "low"), ("_high", "high"))
        if figure[part] is not None
    }


def _kept(score: ScoreDefinition, registry: Registry) -> list[dict[str, Any]]:
    return [json.loads(each) for each in registry.results(score.name, SEALED)]


def _is_ours(kept: _Found, model: TableModel, sealed: _Found) -> bool:
    """Say whether the same model was judged on the same days."""
    days = all(kept[name] == sealed[name] for name in ("first", "last"))
    return bool(days and kept["answers_sha256"] == answers_sha256(model))


def _fault(score: ScoreDefinition, sealed: _Found, before: _Found) -> Fault:
    days = " to ".join(dict.fromkeys([before["first"], before["last"]]))
    return Fault(
        f"scores/{score.name}.toml: judgement",
        "a sealed date is opened once, for one model",
        f"{sealed['first']}, when {days} was opened for the model "
        f"{before['model_sha256'][:12]}",
        "wait until a newer date's outcomes are known, move `last` to it (or leave "
        "`last` out), then build and train again",
        "gate.sealed",
    )


def _judged(
    cases: Cases,
    place: Place,
    score: ScoreDefinition,
    model: TableModel,
    evaluation: _Found,
) -> dict[str, Any]:
    sealed = _sealed_round(cases, score, evaluation["sealed"])
    apart = judge_apart(cases, [sealed], place, score, model)
    found = apart.figures(apart.judged, evaluation["threshold"])
    return {
        **found,
        "score": score.name,
        "model_sha256": model.sha256,
        "answers_sha256": answers_sha256(model),
        "first": str(sealed.first),
        "last": str(sealed.last),
        "unscored": apart.unscored,
    }


def _sealed_round(cases: Cases, score: ScoreDefinition, sealed: _Found) -> Round:
    """Return the sealed date, as training left it."""
    days = [dt.date.fromisoformat(sealed[name]) for name in ("first", "last")]
    found = rolling(cases, score).sealed
    if found is None or [found.first, found.last] != days:
        what, do = "the sealed date is the one of the training", "train again"
        got = "another" if found else "none"
        raise Refusal([Fault(f"score {score.name}: judgement", what, got, do)])
    return found
