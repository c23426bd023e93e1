"""Run metrics: the figures of a training, flat, under names short enough for a table.

`auc` has its interval in `low/auc` and `high/auc`. What stands after `new/` is of
linked groups that no model had been fitted on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from models.judging.assessment import FIGURES, Assessment
from models.judging.intervals import Figure
from training.judging.evaluation import Evaluation


# Of what is told beside the figures on later dates; `evaluation.json` has all of them.
_HEADLINES = ("auc", "average_precision", "precision", "observed_expected")


def family_metrics(evaluation: Evaluation, family: str) -> dict[str, float]:
    """Return the figures of one family, `rule` and `boosted` among them."""
    verdict = evaluation.verdicts[family]
    found = _all_told("", verdict.later)
    found |= _all_told("new/", verdict.later_and_new, _HEADLINES)
    return found | dict(_told("", "stability", verdict.stability))


def training_metrics(evaluation: Evaluation) -> dict[str, float]:
    """Return those of the family that is served, and of the training as a whole."""
    found = family_metrics(evaluation, evaluation.served)
    found |= _all_told("price/", evaluation.price, _HEADLINES)
    found |= dict(_told("", "base_rate", evaluation.base_rate))
    counts = ("fitted_rows", "fitted_events", "judged_rows", "judged_events")
    found |= {name: float(getattr(evaluation, name)) for name in counts}
    found |= {
        f"sample/{n}": float(count) for n, count in asdict(evaluation.sample).items()
    }
    found |= {f"untold/{_key(n)}": float(c) for n, c in evaluation.untold.items()}
    return found | dict(_source_metrics(evaluation)) | dict(_end_metrics(evaluation))


def kept_metrics(figures: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Return the figures of an `evaluation.json`, under the same names.

    Args:
        figures: `value`, `low` and `high` by name; null where untold.
    """
    parts = {"": "value", "low/": "low", "high/": "high"}
    return {
        f"{prefix}{name}": figure[part]
        for name, figure in figures.items()
        for prefix, part in parts.items()
        if figure[part] is not None
    }


def _end_metrics(evaluation: Evaluation) -> Iterator[tuple[str, float]]:
    ends = {"fitted_ends": evaluation.fitted_ends, "ends": evaluation.judged_ends}
    for name, each in ((name, end) for name, found in ends.items() for end in found):
        yield f"{name}/{_key(each.end)}", float(each.cases)


def _source_metrics(evaluation: Evaluation) -> Iterator[tuple[str, float]]:
    """Yield what is lost without each source, refitted."""
    for each in evaluation.sources:
        yield from _told("source/", f"{_key(each.source)}_{each.metric}", each.refitted)


def _all_told(
    prefix: str, found: Assessment, names: Iterable[str] = FIGURES
) -> dict[str, float]:
    return {
        key: value
        for name in names
        for key, value in _told(prefix, name, getattr(found, name))
    }


def _told(prefix: str, name: str, figure: Figure) -> Iterator[tuple[str, float]]:
    """Yield a figure with its interval, where there is one."""
    parts = {"": figure.value, "low/": figure.low, "high/": figure.high}
    for part, value in parts.items():
        if value is not None:
            yield f"{prefix}{part}{name}", value


def _key(words: str) -> str:
    return words.replace(" ", "_")
