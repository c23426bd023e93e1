"""Recalibrate: a registered model's tables, with probabilities that are right again.

What records say of people has not changed, but how often the outcome follows may have.
The tables stay as they are, and so do ranks and reasons; the calibration is fitted anew
on the dates judged since the model was fitted, and judged on linked groups that it was
not fitted on. That is another version, with a sealed date and an approval of its own.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from features.definitions.governance import refused_uses
from features.definitions.place import Place
from features.faults import Fault, Refusal, refuse_if_any
from features.snapshots.snapshot import definition_sha256
from features.store.warehouse import Warehouse
from models.definitions.definition import ScoreDefinition, sources_of
from models.judging.assessment import capacity_threshold, untold
from models.judging.intervals import cannot_tell
from models.judging.judged import Judged
from models.registry.registry import Registry, RunRecord
from models.shown.charts import calibration_chart
from models.tables.envelope import Envelope
from models.tables.table import TableModel, from_json
from training.cards.card import card_texts
from training.checks.apart import Apart, judge_apart
from training.cohort import read_cases
from training.job import declared_facts, facts_of, newest_snapshot
from training.judging.calibration import Calibrated, calibrate
from training.judging.evaluation import Sealed
from training.judging.observed import observed_rates
from training.judging.rolled import capacity_of
from training.judging.splits import Rounds, fold_of, rolling
from training.run_metrics import kept_metrics


RECALIBRATION = "recalibration"


@dataclass(frozen=True)
class Recalibrated:
    """A version of the same tables; not promoted.

    Attributes:
        version: The registry's number.
        calibration: What was found, and what its file holds now.
        evaluation: As the registry keeps it.
    """

    version: int
    model: TableModel
    calibration: Calibrated
    evaluation: Mapping[str, Any]

    @property
    def judged_rows(self) -> int:
        """How many rows it was calibrated and judged on."""
        return int(self.evaluation["judged_rows"])

    @property
    def judged_events(self) -> int:
        """How many of them had the outcome."""
        return int(self.evaluation["judged_events"])

    @property
    def sealed(self) -> Sealed | None:
        """The date that is opened when it is promoted."""
        found = self.evaluation["sealed"]
        return Sealed(**found) if found else None


def recalibrate(
    warehouse: Warehouse,
    place: Place,
    score: ScoreDefinition,
    registry: Registry,
    version: int,
    *,
    on: dt.date,
) -> Recalibrated:
    """Fit a registered version's calibration anew, and register that as a version.

    Args:
        warehouse: Holds the newest snapshot that `build` made.
        place: The definitions.
        score: The one that the version was fitted for.
        registry: Where the version is, and where the new one goes.
        version: The registry's number of the version.
        on: The day of the run, on which agreements must still run.

    Raises:
        Refusal: Definitions have changed, no open date was judged since the model was
            fitted, or its calibration needs no change.
    """
    contracts = [place.contracts[name] for name in sorted(sources_of(score, place))]
    refuse_if_any(refused_uses(contracts, purpose=score.purpose, on=on))
    registered = registry.version(score.name, version)
    model = from_json(registered.model_json)
    refuse_if_any(_other_definitions(place, score, model))
    entry = newest_snapshot(warehouse, place, score)
    cases = read_cases(warehouse, entry, score)
    rounds = _since(rolling(cases, score), score, model)
    served = score.model_copy(update={"serve": model.family})
    apart = judge_apart(cases, rounds.judged, place, served, model)
    fold, raw = fold_of(apart.cases), apart.raw()
    crossed = calibrate(raw, apart.assessed(raw), fold)
    refuse_if_any(_unchanged(crossed.found, model, score))
    odds = crossed.of(raw.log_odds, fold)
    facts = {**model.facts, **facts_of(warehouse, place, score, entry)}
    facts |= {**declared_facts(score), "recalibrated_from": model.sha256}
    envelope = replace(_envelope(model), calibration=crossed.found.applied)
    renewed = replace(model, facts=facts, envelope=envelope)
    evaluation = {
        **json.loads(registered.text("evaluation.json")),
        **_found(apart, replace(raw, calibrated=odds), rounds),
        "calibration": asdict(crossed.found),
        "recalibrated_from": version,
    }
    kept = json.dumps(evaluation, sort_keys=True, indent=1)
    texts = card_texts(score, place, renewed, json.loads(kept))
    texts["evaluation.json"] = kept
    number = registry.register(_record(score, renewed, evaluation, texts))
    return Recalibrated(number, renewed, crossed.found, evaluation)


def _since(rounds: Rounds, score: ScoreDefinition, model: TableModel) -> Rounds:
    """Return the judged dates that the model's fit knew nothing of."""
    since = str(model.facts.get("fitted_before"))
    open_ = tuple(each for each in rounds.judged if str(each.first) >= since)
    if open_:
        return replace(rounds, judged=open_)
    fault = Fault(
        f"scores/{score.name}.toml: judgement",
        f"a date from {since} on was judged, and is not sealed",
        "none",
        "wait until a newer date's outcomes are known, move `last` to it (or leave "
        "`last` out), then build and recalibrate again",
    )
    raise Refusal([fault])


def _found(apart: Apart, judged: Judged, rounds: Rounds) -> dict[str, Any]:
    """Return what takes the place of what the training found."""
    threshold = capacity_threshold(judged, capacity_of(apart.score))
    found = apart.figures(judged, threshold)
    later, new = found.pop("later"), untold("no model was fitted anew")
    stays = cannot_tell("no list was made anew")
    verdict = {"later": later, "later_and_new": asdict(new), "reordering": None}
    verdict |= {"unscored": apart.unscored, "stability": asdict(stays)}
    last = rounds.sealed
    return {
        **found,
        "sealed": {"first": str(last.first), "last": str(last.last)} if last else None,
        "verdicts": {apart.score.serve: verdict},
        "observed": [asdict(each) for each in observed_rates(judged)],
        "dates": [],
        "baselines": [],
        "choice": None,
    }


def _record(
    score: ScoreDefinition,
    model: TableModel,
    evaluation: Mapping[str, Any],
    texts: Mapping[str, str],
) -> RunRecord:
    later = evaluation["verdicts"][model.family]["later"]
    return RunRecord(
        score=score.name,
        name=RECALIBRATION,
        params={"family": model.family, "seed": score.seed},
        metrics=kept_metrics(later),
        tags={name: str(value) for name, value in model.facts.items()},
        figures={"calibration.svg": calibration_chart(evaluation["observed"]).encode()},
        texts=texts,
        model_json=model.to_json(),
    )


def _envelope(model: TableModel) -> Envelope:
    if model.envelope is None:
        what, do = "a registered model says how it is calibrated", "train again"
        raise Refusal([Fault("model: envelope", what, "nothing", do)])
    return model.envelope


def _unchanged(
    found: Calibrated, model: TableModel, score: ScoreDefinition
) -> Iterator[Fault]:
    if found.applied == _envelope(model).calibration:
        do = "keep the version as it is"
        what = "a recalibration changes how probabilities are read"
        yield Fault(f"score {score.name}: calibration", what, found.reason, do)


def _other_definitions(
    place: Place, score: ScoreDefinition, model: TableModel
) -> Iterator[Fault]:
    if model.facts.get("definition_sha256") != definition_sha256(place, score.plan()):
        yield Fault(
            f"scores/{score.name}.toml, and the files it names",
            "a model is recalibrated with the definitions it was fitted for",
            "other definitions",
            f"put them back, or run: lamppost train {score.name}",
        )
