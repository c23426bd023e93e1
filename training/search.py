"""Settings: how a score's trees are grown, settled once before anything is fitted.

Only rows that are known before the first judged date are looked at. Linked groups are
held out of them, whole; what tells the held-out groups best is kept. How many trees are
grown is always settled so; the other settings are searched for where the score asks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from features.definitions.place import Place
from models.definitions.definition import ScoreDefinition
from models.families.boosted import settle
from models.families.inputs import Training
from models.families.trees import FamilyTrees, Trees
from training.cohort import Cases
from training.fit import CHALLENGER, training_of


if TYPE_CHECKING:
    from optuna import Study, Trial

_AT_ONCE = 2
# What is tried; values that read well, for they stand in the card.
_RATES = (0.05, 0.1, 0.2, 0.3)
_RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0)
_LEAVES = {"additive": (2, 3, 4, 6), CHALLENGER: (4, 6, 8, 12, 16)}
# Trials before the search learns from trials, and before any is given up.
_AT_RANDOM, _BEFORE_PRUNING = 4, 3
# A trial is not given up before it has added so much of what its trees found.
_LEAST_LEARNT = 2


@dataclass(frozen=True)
class Found:
    """The settings of one family.

    Attributes:
        trees: With the number of rounds.
        loss: Mean log loss of the groups held out; NaN where none could be.
        trials: How many settings were tried; 1 where none was searched for.
        pruned: Of these, given up before their end.
    """

    trees: Trees
    loss: float
    trials: int = 1
    pruned: int = 0


@dataclass(frozen=True)
class Settled:
    """A score whose settings no longer depend on the rows it is fitted on.

    Attributes:
        score: With the settings in `trees`.
        found: By family, `additive` and the challenger.
    """

    score: ScoreDefinition
    found: Mapping[str, Found]

    @property
    def facts(self) -> dict[str, str]:
        """What a model's file keeps of its settings."""
        facts = {f"trees_{n}": each.trees.in_words() for n, each in self.found.items()}
        if self.score.search is None:
            return facts
        told = (
            f"{name}: {each.trials} tried, {each.pruned} of them given up"
            for name, each in self.found.items()
        )
        return {**facts, "search": "; ".join(told)}


def settled(
    cases: Cases, rows: NDArray[np.bool_], score: ScoreDefinition, place: Place
) -> Settled:
    """Settle how the trees are grown; the same inputs and seed settle the same.

    Args:
        cases: All cases of the snapshot.
        rows: Those known before the first judged date: no others are looked at.
        score: Says whether to search, and the seed.
        place: Says where log-odds may go.
    """
    training = training_of(cases.only(rows).weighed(), score, place)
    fixed = {"additive": score.trees.additive, CHALLENGER: score.trees.boosted}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        each = pool.map(lambda name: _settle(name, training, fixed[name], score), fixed)
        found = dict(zip(fixed, each, strict=True))
    trees = FamilyTrees(
        additive=found["additive"].trees, boosted=found[CHALLENGER].trees
    )
    update = {"trees": trees}
    return Settled(score.model_copy(update=update), found)


def _settle(
    family: str, training: Training, fixed: Trees, score: ScoreDefinition
) -> Found:
    if score.search is not None:
        return _searched(family, training, fixed, score.search.trials, score.seed)
    if fixed.rounds is not None:
        return Found(fixed, math.nan)
    is_challenger = family == CHALLENGER
    found = settle(training, fixed, seed=score.seed, is_challenger=is_challenger)
    return Found(*found)


def _searched(
    family: str, training: Training, fixed: Trees, trials: int, seed: int
) -> Found:
    """Try settings, the fixed ones first, and return those of the least loss."""
    is_challenger = family == CHALLENGER

    def loss_of(trial: Trial) -> float:
        trees = _suggested(trial, family)
        watch = _Watch(trial, trees.learning_rate).see
        found, loss = settle(
            training, trees, seed=seed, is_challenger=is_challenger, watch=watch
        )
        trial.set_user_attr("rounds", found.rounds)
        return loss

    study = _study(seed)
    study.enqueue_trial(fixed.model_dump(exclude={"rounds"}))
    study.optimize(loss_of, n_trials=trials)
    states = [trial.state.name for trial in study.trials]
    if "COMPLETE" not in states:  # there was nothing to hold out
        found = settle(training, fixed, seed=seed, is_challenger=is_challenger)
        return Found(*found, len(states), states.count("PRUNED"))
    best = study.best_trial
    trees = Trees(**best.params, rounds=best.user_attrs["rounds"])
    loss = float(study.best_value)
    return Found(trees, loss, len(states), states.count("PRUNED"))


def _study(seed: int) -> Study:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=_AT_RANDOM),
        pruner=optuna.pruners.MedianPruner(
            n_startup_trials=_BEFORE_PRUNING, n_warmup_steps=_LEAST_LEARNT
        ),
    )


def _suggested(trial: Trial, family: str) -> Trees:
    return Trees(
        learning_rate=trial.suggest_categorical("learning_rate", _RATES),
        leaves=trial.suggest_categorical("leaves", _LEAVES[family]),
        ridge=trial.suggest_categorical("ridge", _RIDGES),
    )


class _Watch:
    """Gives a trial up that does worse than most did having learnt as much.

    A slow learning rate needs more rounds: trials are compared by the sum of it.
    """

    def __init__(self, trial: Trial, learning_rate: float) -> None:
        self.trial, self.learning_rate, self.learnt = trial, learning_rate, 0

    def see(self, rounds: int, loss: float) -> None:
        """Report the loss whenever one more whole step has been learnt."""
        import optuna

        learnt = math.floor(rounds * self.learning_rate + 1e-9)
        if learnt == self.learnt:
            return
        self.learnt = learnt
        self.trial.report(loss, learnt)
        if self.trial.should_prune():
            raise optuna.TrialPruned
