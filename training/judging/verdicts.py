"""Verdicts: the figures of everything that was scored, each row set's draws made once.

A difference of two models is taken on the rows that both score and on the same draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.judging.assessment import DRAWS, FIGURES, Assessment, told, untold
from models.judging.draws import Draws
from models.judging.judged import Judged
from models.judging.ranking import figure_table
from models.tables.terms import Floats
from training.checks.same_cases import Drawn, judged_sha256
from training.judging.rolled import Rolled, capacity_of


# Of one date alone: beside the others, not to decide by.
_DATE_DRAWS = 200


@dataclass(frozen=True)
class Said:
    """What one model said of the judged rows.

    Attributes:
        log_odds: Of all of them; NaN where nothing.
        calibrated: What probabilities are read from, if others.
    """

    log_odds: Floats
    calibrated: Floats | None = None


@dataclass(frozen=True)
class Bench:
    """Everything that is judged on the same rows, by name.

    Attributes:
        threshold: The probability at which net benefit is taken, for all alike.
    """

    rolled: Rolled
    said: Mapping[str, Said]
    threshold: float
    _kept: dict[tuple[int, int, bytes, int], Floats] = field(
        default_factory=dict, repr=False
    )

    def figures(self, name: str) -> Assessment:
        """Return the figures of one, on the rows that it scores."""
        return self._told(name, self._scored(name))

    def gain(self, name: str, over: str) -> Assessment:
        """Return what one has above another, on the rows that both score."""
        rows = self._scored(name) & self._scored(over)
        judged = self._judged(name, rows)
        if judged.too_few:
            return untold(judged.too_few)
        return told(self._table(name, rows) - self._table(over, rows))

    def on_date(self, name: str, date: int) -> Assessment:
        """Return the figures of one on one judged date."""
        rows = self._scored(name) & (self.rolled.date == date)
        return self._told(name, rows, draws=_DATE_DRAWS)

    def drawn(self, name: str) -> Drawn | None:
        """Return one's figures on every draw, to be held against another run's.

        None where too few had the outcome.
        """
        rows, score = self._scored(name), self.rolled.score
        if self._judged(name, rows).too_few:
            return None
        cases = self.rolled.cases.only(rows)
        cases_sha256 = judged_sha256(cases, capacity_of(score), score.seed, DRAWS)
        table = self._table(name, rows)
        return Drawn(cases_sha256, self.threshold, FIGURES, table)

    def anew(self, said: Said) -> Assessment:
        """Return the figures of something else said of the same rows."""
        apart = Bench(self.rolled, {"": said}, self.threshold)
        return apart.figures("")

    def _told(
        self, name: str, rows: NDArray[np.bool_], draws: int = DRAWS
    ) -> Assessment:
        judged = self._judged(name, rows)
        if judged.too_few:
            return untold(judged.too_few)
        return told(self._table(name, rows, draws))

    def _table(self, name: str, rows: NDArray[np.bool_], draws: int = DRAWS) -> Floats:
        said = self.said[name]
        # What is said under two names is judged once.
        key = (id(said.log_odds), id(said.calibrated), rows.tobytes(), draws)
        if key not in self._kept:
            judged, seed = self._judged(name, rows), self.rolled.score.seed
            self._kept[key] = figure_table(
                judged,
                capacity=capacity_of(self.rolled.score),
                draws=Draws.of(judged.linked_group, number=draws, seed=seed),
                threshold=self.threshold,
            )
        return self._kept[key]

    def _judged(self, name: str, rows: NDArray[np.bool_]) -> Judged:
        said = self.said[name]
        return self.rolled.judged(said.log_odds, calibrated=said.calibrated, rows=rows)

    def _scored(self, name: str) -> NDArray[np.bool_]:
        return ~np.isnan(self.said[name].log_odds)
