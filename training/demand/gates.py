"""Gates of a forecast: it is better than the naive one, and its intervals hold.

They bind every forecast, declared or not, and test the worse end of each interval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from features.faults import Fault
from models.definitions.definition import ScoreDefinition
from models.judging.intervals import Figure
from training.judging.gates import in_words


# Of intervals that should hold nine tenths, so many must hold what came, at worst.
LEAST_COVERAGE = 0.8

_NEXT = "mend the data or the definition, and train again"


def failed_number_gates(
    score: ScoreDefinition, figures: Mapping[str, Any]
) -> Iterator[Fault]:
    """Yield each gate that a forecast did not pass, with its figure.

    Args:
        score: Whose forecast it is.
        figures: What training found, as the registry keeps it.
    """
    where = f"scores/{score.name}.toml"
    above, coverage = (Figure(**figures[n]) for n in ("above_naive", "coverage"))
    if above.high is None or above.high >= 0:
        yield Fault(
            where,
            f"the scaled error is less than that of {score.judgement.rule}, at worst",
            in_words(above),
            _NEXT,
            "gate.naive",
        )
    if coverage.low is None or coverage.low < LEAST_COVERAGE:
        yield Fault(
            where,
            f"of the 90 % intervals at least {LEAST_COVERAGE:.0%} hold what came, at "
            "worst",
            in_words(coverage),
            _NEXT,
            "gate.coverage",
        )
