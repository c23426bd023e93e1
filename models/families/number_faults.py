"""Whether a score whose outcome is a number declares what a forecast needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from features.definitions.definition import inside
from features.definitions.indicators import NUMBERS
from features.definitions.place import Place
from features.faults import Fault
from models.definitions.definition import ScoreDefinition


def faults_of_number(
    score: ScoreDefinition, place: Place, path: Path
) -> Iterator[Fault]:
    """Yield what is wrong with the outcome and the families of a forecast."""
    outcome = score.outcome
    if not outcome.is_number:
        return
    contract = place.contracts.get(outcome.source)
    types = {c.name: c.type for c in contract.columns} if contract else {}
    if outcome.column and types.get(outcome.column) not in NUMBERS:
        known = ", ".join(name for name, type_ in types.items() if type_ in NUMBERS)
        what, do = "a sum adds up a column of numbers", f"use: {known or 'a count'}"
        yield Fault(inside(path, "outcome", "column"), what, outcome.column, do)
    if outcome.exposure and outcome.exposure not in score.indicators:
        what, do = "the exposure is an indicator of the score", "add it to them"
        yield Fault(inside(path, "outcome", "exposure"), what, outcome.exposure, do)
    if score.families != ["additive"]:
        got = ", ".join(score.families)
        what, do = "a number is forecast by additive tables", 'write: ["additive"]'
        yield Fault(inside(path, "families"), what, got, do)
    if score.cohort.calendar is None:
        what, do = "a forecast begins on a date of a calendar", "give a calendar"
        yield Fault(inside(path, "cohort"), what, "events", do)
    if score.gates is not None:
        what = "a forecast has its own gates: better than the rule, intervals that hold"
        yield Fault(inside(path, "gates"), what, "others", "remove [gates]")
