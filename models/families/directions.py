"""Directions: whether a finished model goes where its indicators were declared to go.

Looked at on the tables themselves, whatever fitted them. A missing value has no place
on an indicator's scale, so it is free.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from features.faults import Fault, refuse_if_any
from models.families.pairs import AnyTerm, Pair, indicators_of
from models.tables.table import TableModel
from models.tables.terms import Categories, Floats, Line, Log, Steps, Term


# Sums of the same leaves in another order differ by less.
_ROUNDING = 1e-9


def checked(model: TableModel, directions: Mapping[str, int]) -> TableModel:
    """Return the model if every indicator goes its declared way.

    Args:
        model: The finished tables.
        directions: +1 where the log-odds may only rise with the value, -1 where only
            fall, 0 for no matter; 0 for those not named.

    Raises:
        Refusal: One goes another way; every such indicator is named.
    """
    what = "the model must go the indicator's declared way"
    do = "declare another direction, or leave the indicator out"
    refuse_if_any(
        Fault(f"model: {name}", what, "a step against it", do)
        for name in against(model, directions)
    )
    return model


def against(model: TableModel, directions: Mapping[str, int]) -> list[str]:
    """Return the indicators of the model that go against their declared direction."""
    return [
        name
        for name in model.names
        if directions.get(name) and _worst_step(model, name, directions[name]) < 0
    ]


def _worst_step(model: TableModel, name: str, direction: int) -> float:
    """Return the smallest rise in the declared direction; below 0 goes against it.

    With overlapping pairs an indicator is in several terms: one may fall where another
    rises by as much. Their smallest rises add up, as partners vary by themselves.
    """
    terms = [term for term in model.terms if name in indicators_of(term)]
    slope = float(direction) * any(isinstance(term, Log) for term in terms)
    slope += direction * sum(t.weight for t in terms if isinstance(t, Line))
    if slope < 0:
        return slope
    places = _places(terms, name)
    rises = np.zeros(len(places) - 1)
    for term in terms:
        rises += _rises(term, name, places, direction)
    least = min(rises.tolist(), default=0.0)
    return least if least < -_ROUNDING else 0.0


def _places(terms: Sequence[AnyTerm], name: str) -> list[float] | list[str]:
    axes = [axis for term in terms for axis in _axes(term) if axis.name == name]
    for axis in axes:
        if isinstance(axis, Categories):
            return list(axis.categories)
    edges = {e for axis in axes if isinstance(axis, Steps) for e in axis.edges}
    return [*sorted(edges), np.inf]


def _rises(
    term: AnyTerm, name: str, places: Sequence[float] | Sequence[str], direction: int
) -> Floats:
    """Return the smallest rise from each place to the next, whatever the partner."""
    if isinstance(term, Line | Log):
        return np.zeros(len(places) - 1)
    heights = np.array([_heights(term, name, place) for place in places])
    rises = direction * np.diff(heights, axis=0)
    return np.asarray(rises.min(axis=1), dtype=np.float64)


def _heights(term: Steps | Categories | Pair, name: str, place: float | str) -> Floats:
    """Return what a value adds, for each bin of its partner."""
    if not isinstance(term, Pair):
        return np.array([term.of(place)])
    if term.first.name == name:
        return np.asarray(term.table[int(term.first.of(place))])
    return np.asarray(term.table[:, int(term.second.of(place))])


def _axes(term: AnyTerm) -> Iterator[Term]:
    if isinstance(term, Pair):
        yield from (term.first, term.second)
    else:
        yield term
