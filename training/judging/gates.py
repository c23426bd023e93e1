"""Gates: whether a judged model has shown what its score's definition asks of it.

Every gate tests the worse end of an interval. What cannot be told passes none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from features.faults import Fault
from models.definitions.definition import ScoreDefinition
from models.judging.gates import NOT_WHEN_DECIDING, Gates
from models.judging.intervals import Figure


# Families that show what others cost; their models are never served.
NEVER_PROMOTED = frozenset({"boosted", "unconstrained", "rule"})

_Found = Mapping[str, Any]


def failed_gates(
    score: ScoreDefinition, family: str, evaluation: _Found
) -> Iterator[Fault]:
    """Yield each gate that was not passed, with its figure.

    Args:
        score: Whose gates are tested; a score without any has none to fail.
        family: The model's.
        evaluation: What training found, as the registry keeps it.
    """
    where = f"scores/{score.name}.toml: gates"
    if family in NEVER_PROMOTED:
        what, do = f"a {family} model is never promoted", "serve another family"
        yield Fault(f"scores/{score.name}.toml: serve", what, family, do, "gate.family")
    if score.gates is None:
        return
    yield from _judged(score.gates, evaluation["verdicts"][family], evaluation, where)
    yield from _sample(score.gates, evaluation.get("sample"), where)
    yield from _sources(score, evaluation.get("sources"), where)


def failed_when_sealed(score: ScoreDefinition, opened: _Found) -> Iterator[Fault]:
    """Yield each gate that was not passed on the date that was sealed until now.

    Sample and sources are those of training, and were tested before it was opened.

    Args:
        score: Whose gates are tested.
        opened: What `training.sealed` found there.
    """
    if score.gates is None:
        return
    days = " to ".join(dict.fromkeys([opened["first"], opened["last"]]))
    where = f"sealed {days}, scores/{score.name}.toml: gates"
    yield from _judged(score.gates, opened, opened, where)


def _judged(
    gates: Gates, verdict: _Found, evaluation: _Found, where: str
) -> Iterator[Fault]:
    """Yield the gates that the figures of judged cases did not pass."""
    later = verdict["later"]
    yield from _at_capacity(gates, later, evaluation, where)
    yield from _calibration(gates, later, where)
    yield from _net_benefit(gates, later, where)
    yield from _gaps(gates, evaluation["groups"], where)


def _at_capacity(
    gates: Gates, later: _Found, evaluation: _Found, where: str
) -> Iterator[Fault]:
    above = evaluation.get("above_rule")
    tested = (
        ("least_precision", "precision at capacity", later["precision"]),
        ("least_lift", "lift over the base rate at capacity", later["lift"]),
        (
            "least_precision_above_rule",
            "precision at capacity above the rule's",
            above["precision"] if above else None,
        ),
    )
    for name, words, found in tested:
        least = getattr(gates, name)
        if least is not None:
            yield from _least(_figure(found), least, words, f"{where}.{name}")


def _calibration(gates: Gates, later: _Found, where: str) -> Iterator[Fault]:
    for name, words in (
        ("observed_expected", "observed over expected outcomes"),
        ("calibration_slope", "the calibration slope"),
    ):
        figure = _figure(later.get(name))
        least = getattr(gates, f"least_{name}")
        greatest = getattr(gates, f"greatest_{name}")
        if least is not None:
            yield from _least(figure, least, words, f"{where}.least_{name}")
        if greatest is not None and not (
            figure.high is not None and figure.high <= greatest
        ):
            what = f"{words}, at worst, is at most {greatest:g}"
            yield _failed(f"{where}.greatest_{name}", what, in_words(figure))


def _net_benefit(gates: Gates, later: _Found, where: str) -> Iterator[Fault]:
    if gates.least_net_benefit is None:
        return
    for name, over in (
        ("net_benefit", "no one"),
        ("net_benefit_above_everyone", "everyone"),
    ):
        words = f"net benefit at capacity above visiting {over}"
        at = f"{where}.least_net_benefit"
        yield from _least(_figure(later.get(name)), gates.least_net_benefit, words, at)


def _gaps(gates: Gates, groups: _Found, where: str) -> Iterator[Fault]:
    for attribute, greatest in gates.greatest_gaps.items():
        gap = widest_gap(
            {
                each["group"]: _figure(each["true_positive_rate"])
                for each in groups.get(attribute, ())
            }
        )
        if gap.high is None or gap.high > greatest:
            yield _failed(
                f"{where}.greatest_gaps.{attribute}",
                "the gap between groups in the share of outcomes found, at worst, is "
                f"at most {greatest:g}",
                in_words(gap),
            )


def widest_gap(found: Mapping[str, Figure]) -> Figure:
    """Return the gap of two groups whose upper bound is the greatest (Newcombe's).

    >>> gap = widest_gap({"a": Figure(0.5, 0.4, 0.6), "b": Figure(0.3, 0.2, 0.4)})
    >>> round(gap.value, 2), round(gap.low, 3), round(gap.high, 3)
    (0.2, 0.059, 0.341)
    """
    known = [figure for figure in found.values() if figure.value is not None]
    gaps = [_gap(*pair) for pair in combinations(known, 2)]
    few = Figure(None, None, None, "fewer than two groups can be told of")
    return max(gaps, key=lambda gap: gap.high or 0.0, default=few)


def _gap(one: Figure, other: Figure) -> Figure:
    """Newcombe's interval of a difference of shares, RG Newcombe 1998, method 10."""
    less, more = sorted((_told(one), _told(other)))
    value = more[0] - less[0]
    return Figure(
        value,
        value - math.hypot(more[0] - more[1], less[2] - less[0]),
        value + math.hypot(more[2] - more[0], less[0] - less[1]),
    )


def _told(figure: Figure) -> tuple[float, float, float]:
    return figure.value or 0.0, figure.low or 0.0, figure.high or 0.0


def _sample(gates: Gates, sample: _Found | None, where: str) -> Iterator[Fault]:
    if not gates.least_sample:
        return
    if sample is None:
        yield _failed(f"{where}.least_sample", "the sample is counted", "no count")
        return
    enough = sample["groups"] >= sample["needed"]
    if not enough or sample["groups_with_outcome"] < sample["needed_with_outcome"]:
        yield Fault(
            f"{where}.least_sample",
            f"{sample['parameters']} parameters need {sample['needed']} people or "
            f"linked groups, {sample['needed_with_outcome']} with the outcome",
            f"too few events: {sample['groups']} and {sample['groups_with_outcome']}",
            "drop indicators, or load a longer history, and train again",
            "gate.least_sample",
        )


def _sources(
    score: ScoreDefinition, sources: list[_Found] | None, where: str
) -> Iterator[Fault]:
    margin = score.gates.source_margin if score.gates else None
    if margin is None:
        return
    for each in sources or ():
        name, lost = each["source"], _figure(each["refitted"])
        is_source = name != NOT_WHEN_DECIDING
        if not is_source or name in score.necessary or _is_above(lost, margin):
            continue
        yield Fault(
            f"{where}.source_margin: {name}",
            f"refitted without it, the {each['metric']} falls by more than {margin:g}, "
            "at worst",
            in_words(lost),
            f"drop {', '.join(each['indicators'])} and train again, or record under "
            f"[necessary.{name}] why it is read",
            "gate.source",
        )


def _least(figure: Figure, least: float, words: str, where: str) -> Iterator[Fault]:
    if not (figure.low is not None and figure.low >= least):
        what = f"{words}, at worst, is at least {least:g}"
        yield _failed(where, what, in_words(figure))


def _is_above(figure: Figure, margin: float) -> bool:
    return figure.low is not None and figure.low > margin


def _failed(where: str, what: str, got: str) -> Fault:
    name = where.rsplit(": gates.", 1)[-1].split(".")[0]
    do = "mend the data or the definition, and train again"
    return Fault(where, what, got, do, f"gate.{name}")


def _figure(found: _Found | None) -> Figure:
    if found is None:
        return Figure(None, None, None, "it was not measured")
    return Figure(found["value"], found["low"], found["high"], found["reason"])


def in_words(figure: Figure) -> str:
    """Return a figure with its interval, or why it cannot be told.

    >>> in_words(Figure(0.1234, 0.0987, 0.2))
    '0.1234 (0.0987 to 0.2)'
    """
    if figure.value is None or figure.low is None or figure.high is None:
        return f"cannot tell: {figure.reason}"
    return f"{figure.value:.4g} ({figure.low:.4g} to {figure.high:.4g})"
