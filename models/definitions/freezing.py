"""Freezing: from a place's files to a bundle that no later edit of them changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from features.definitions.indicators import Indicator
from features.definitions.place import Place
from models.definitions.bundle import (
    Bundle,
    FrozenApproval,
    FrozenBand,
    FrozenIndicator,
    FrozenSource,
    Rate,
    RateAt,
    ValueType,
)
from models.definitions.definition import ScoreDefinition
from models.tables.envelope import Calibration, Described, Envelope
from models.tables.table import Fact, TableModel


def freeze(
    score: ScoreDefinition,
    place: Place,
    model: TableModel,
    *,
    version: int,
    base_rate: Rate,
    observed: Sequence[RateAt] = (),
) -> Bundle:
    """Take all that a score means out of a place's files, once and for all.

    Args:
        score: The definition that the model was fitted for.
        place: The place that it belongs to.
        model: Its terms are the indicators that the bundle words.
        version: The registry's number of the model.
        base_rate: Of the outcome, where the model was judged.
        observed: How often the outcome came, by probability, if measured.
    """
    indicators = [place.indicators[name] for name in model.names]
    same = score.model_dump(
        include={
            *("question", "purpose", "forbidden_uses", "limits", "caveat"),
            *("about", "contact_role"),
        }
    )
    return Bundle(
        **same,
        score=score.name,
        version=version,
        approvals=[FrozenApproval(**a.model_dump()) for a in score.approvals],
        bands=[FrozenBand(**band.model_dump()) for band in score.bands],
        place=place.name,
        place_sha256=place.sha256,
        cohort=_cohort(score, place),
        entity=score.cohort.entity,
        outcome=score.outcome.label,
        horizon_days=score.outcome.horizon_days,
        base_rate=base_rate,
        observed=list(observed),
        family=model.family,
        model_json=model.to_json().decode(),
        model_sha256=model.sha256,
        indicators=[frozen_indicator(indicator, place) for indicator in indicators],
        sources=_sources(indicators, place),
        doubt=score.doubt,
        capacity=score.judgement.capacity,
        capacity_share=score.judgement.capacity_share,
    )


def enveloped(
    model: TableModel,
    place: Place,
    facts: Mapping[str, Fact],
    *,
    calibration: Calibration | None = None,
) -> TableModel:
    """Return a fitted model with all that its file must say of where it comes from.

    Args:
        model: As it was fitted; its own facts are kept.
        place: Describes the indicators.
        facts: Place hash, link versions and data span among them.
        calibration: None leaves the log-odds as they are.

    Raises:
        Refusal: A fact of its origin is not given.
    """
    described = [
        Described(
            name, place.indicators[name].family.unit, wording_version(place, name)
        )
        for name in model.names
    ]
    envelope = Envelope(tuple(described), calibration or Calibration())
    return replace(model, facts={**model.facts, **facts}, envelope=envelope)


def wording_version(place: Place, name: str) -> str:
    """Return a short hash of an indicator's words: others are another version."""
    family = place.indicators[name].family
    words = [family.label, family.unit, family.wording, family.negated]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:12]


def _cohort(score: ScoreDefinition, place: Place) -> str:
    kinds = {kind.kind: kind for kind in place.file.entities}
    source = place.contracts[score.cohort.source]
    conditions = [c for c in (score.cohort.filter, score.cohort.where) if c]
    where = f", where {' and '.join(conditions)}" if conditions else ""
    return f"{kinds[score.cohort.entity].plural} in {source.title}{where}"


def frozen_indicator(indicator: Indicator, place: Place) -> FrozenIndicator:
    """Return an indicator with the words that it is shown in."""
    family = indicator.family
    same = family.model_dump(
        include={
            *("label", "unit", "category", "expected", "source", "measure"),
            *("wording", "negated", "available_when_deciding"),
        }
    )
    value_type, categories = _values(indicator, place)
    return FrozenIndicator(
        **same,
        name=indicator.name,
        value_type=value_type,
        categories=categories,
        window_days=indicator.window_days,
        relation=_relation(family.relation, place),
    )


def _values(indicator: Indicator, place: Place) -> tuple[ValueType, dict[str, str]]:
    family = indicator.family
    is_filter = family.measure == "at_index" and family.column is None
    if family.measure == "exists" or is_filter:
        return "yes or no", {}
    if family.measure not in ("latest", "at_index") or family.column is None:
        return "number", {}
    column = place.contracts[family.source].column(family.column)
    if column.type == "boolean":
        return "yes or no", {}
    if column.type in ("code", "text"):
        return "category", dict(column.values)
    return "number", {}


def _relation(name: str | None, place: Place) -> str | None:
    if name is None:
        return None
    to = place.relation(name).to
    return next(kind.label for kind in place.file.entities if kind.kind == to)


def _sources(indicators: Sequence[Indicator], place: Place) -> list[FrozenSource]:
    partners = {partner.id: partner.name for partner in place.file.partners}
    named = sorted({indicator.family.source for indicator in indicators})
    return [
        FrozenSource(
            name=name,
            title=place.contracts[name].title,
            partner=partners[place.contracts[name].partner],
            **place.contracts[name].freshness.model_dump(),
        )
        for name in named
    ]
