"""Apart: a registered model on rows that it was not fitted on, and the declared rule.

A sealed date is judged so, and a recalibration.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from features.definitions.place import Place
from models.definitions.definition import ScoreDefinition
from models.families.inputs import columns_of
from models.judging.assessment import Assessment, assess, gains
from models.judging.groups import assess_groups
from models.judging.intervals import wilson_of
from models.judging.judged import Judged
from models.tables.table import TableModel
from models.tables.terms import Floats
from training.cohort import Cases
from training.fit import fit_rule_by
from training.judging.rolled import capacity_of
from training.judging.splits import Round, Rounds


@dataclass(frozen=True)
class Apart:
    """Judged rows that have a score.

    Attributes:
        cases: The rows, weighed.
        judged: The same with the model's log-odds, its calibration applied.
        rule: The log-odds by the declared rule, fitted on what was known before.
        unscored: Rows left out because a category was never seen in training.
        score: Says capacity and seed.
    """

    cases: Cases
    judged: Judged
    rule: Floats
    unscored: int
    score: ScoreDefinition

    def raw(self) -> Judged:
        """Return the rows as they were before any calibration."""
        return replace(self.judged, calibrated=None)

    def assessed(self, judged: Judged, threshold: float | None = None) -> Assessment:
        """Return the figures of these rows, as the score's definition judges them."""
        capacity, seed = capacity_of(self.score), self.score.seed
        return assess(judged, capacity=capacity, seed=seed, threshold=threshold)

    def figures(self, judged: Judged, threshold: float) -> dict[str, Any]:
        """Return what gates are tested on, as the registry keeps it.

        Args:
            judged: The rows, calibrated as they are to be shown.
            threshold: The probability at which net benefit is taken.
        """
        capacity, seed = capacity_of(self.score), self.score.seed
        others = {"rule": self.rule}
        less = gains(judged, others, capacity=capacity, seed=seed)["rule"]
        share = float(np.average(judged.outcome, weights=judged.weights))
        return {
            "judged_rows": len(judged) + self.unscored,
            "judged_events": int(judged.outcome.sum()),
            "base_rate": asdict(wilson_of(share, len(judged))),
            "threshold": threshold,
            "later": asdict(self.assessed(judged, threshold)),
            "above_rule": asdict(-less),
            "groups": {
                name: [asdict(e) for e in assess_groups(judged, of, capacity=capacity)]
                for name, of in self.cases.groups.items()
            },
        }


def judge_apart(
    cases: Cases,
    rounds: Sequence[Round],
    place: Place,
    score: ScoreDefinition,
    model: TableModel,
) -> Apart:
    """Score the rows of some judged dates by a model as it is registered.

    Args:
        cases: All cases of the snapshot.
        rounds: The dates; the rule is fitted on what was known before the first.
        place: The definitions.
        score: The definition that the model was fitted for.
        model: Its file holds its calibration.
    """
    whole = Rounds(tuple(rounds))
    split = whole.whole
    rows = cases.only(split.judged).weighed()
    odds = model.log_odds(columns_of(rows.table, model.names))
    known = ~np.isnan(odds)
    scored, odds = rows.only(known), odds[known]
    part = whole.number_of(split.judged & cases.is_told)[known]
    judged = Judged(
        outcome=scored.outcome,
        log_odds=odds,
        linked_group=np.unique(scored.linked_group.astype(str), return_inverse=True)[1],
        ranked_in=part if score.cohort.at_events else scored.as_of,
        weight=scored.weight,
        calibrated=model.envelope.calibration.of(odds) if model.envelope else None,
    )
    name, before = score.judgement.rule, cases.only(split.fitted).weighed()
    rule = fit_rule_by(name, before, score, place)
    ruled = rule.log_odds(columns_of(scored.table, rule.names))
    # A category that nobody was fitted on ranks with the base rate.
    ruled = np.where(np.isnan(ruled), rule.base, ruled)
    return Apart(scored, judged, ruled, int((~known).sum()), score)
