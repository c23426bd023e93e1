"""Pairs: how probable it is that two identities are of one entity.

The only door to Splink, which scores pairs and does nothing else here.
"""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import splink.comparison_level_library as level_library
import splink.comparison_library as comparison_library
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.exceptions import EMTrainingException

from features.definitions.comparisons import Comparison, Exact, Level
from features.definitions.linking_rules import KindRules, Training
from features.linkage.agreement import agreement, column_of, nothing_said
from features.linkage.identities import Identities


_THREADS = 2
_MEMORY_LIMIT = "3GB"
_SAMPLED_PAIRS = 1_000_000
_SEED = 1
# Weights are kept so exactly and no more: the last bits of a float sum may vary.
_DECIMALS = 6


@dataclass(frozen=True)
class Pair:
    """Two identities that were compared.

    Attributes:
        left: The number of the first, less than `right`.
        weight: Log to base 2 of the odds that they are of one entity.
        probability: That they are.
    """

    left: int
    right: int
    weight: float
    probability: float


def pair_of(one: int, other: int, weight: float) -> Pair:
    """Return the pair of two identities, in either order.

    >>> pair_of(1, 0, 1.0)
    Pair(left=0, right=1, weight=1.0, probability=0.666667)
    """
    weight = round(weight, _DECIMALS)
    probability = round(1 / (1 + math.exp2(-weight)), _DECIMALS)
    return Pair(min(one, other), max(one, other), weight, probability)


@dataclass(frozen=True)
class Compared:
    """What comparing gave.

    Attributes:
        pairs: The heaviest first; of equals, in the order of their numbers.
        notes: What a reader of the links should know.
    """

    pairs: list[Pair]
    notes: tuple[str, ...] = ()


def compare(identities: Identities, rules: KindRules, folder: Path) -> Compared:
    """Return the pairs that are at least as probable as `rules.kept_from`.

    Args:
        identities: To be compared, across sides if there are sides.
        rules: With comparisons; without any there are no pairs.
        folder: Private; for what does not fit into memory.
    """
    if not rules.comparisons or len(identities) < 2:
        return Compared([])
    if rules.sides and len(identities.sides) < 2:
        return Compared([], ("only one side has records, so no pair was compared",))
    training = rules.training
    if training is None:
        return Compared(_scored(identities, rules, None, folder))
    reason = "too few records to train on"
    if len(identities) >= training.least_identities:
        try:
            return Compared(_scored(identities, rules, training, folder))
        except _TrainingError:
            reason = "the records do not bear training"
    if not rules.is_weighted:
        return Compared([], (f"{reason}: exact keys only",))
    note = f"{reason}: declared weights were used"
    return Compared(_scored(identities, rules, None, folder), (note,))


class _TrainingError(Exception):
    """The records do not bear training, such as when no pair agrees."""


def _scored(
    identities: Identities, rules: KindRules, training: Training | None, folder: Path
) -> list[Pair]:
    with _quiet(), _connected(folder) as connection:
        linker: Any = _linker(identities, rules, connection)
        if training:
            _train(linker, training)
        connection.execute(f"set threads = {_THREADS}")
        scored = linker.inference.predict(threshold_match_probability=rules.kept_from)
        table = scored.as_pyarrow_table()
    names = ("unique_id_l", "unique_id_r", "match_weight")
    columns = (table[name].to_pylist() for name in names)
    pairs = [pair_of(*row) for row in zip(*columns, strict=True)]
    return sorted(pairs, key=lambda pair: (-pair.weight, pair.left, pair.right))


@contextlib.contextmanager
def _connected(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    # One thread to train: a float sum then has one order, and one result.
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": _MEMORY_LIMIT,
        "temp_directory": str(folder),
    }
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute("set enable_external_access = false")
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Splink's advice to its developers out of our log."""
    logger = logging.getLogger("splink")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def _linker(
    identities: Identities, rules: KindRules, connection: duckdb.DuckDBPyConnection
) -> Linker:
    database = DuckDBAPI(connection=connection)
    table = identities.table.append_column(
        "unique_id", pa.array(range(len(identities)), pa.int64())
    )
    table = table.rename_columns({name: column_of(name) for name in rules.used})
    tables = [
        database.register(
            table.filter(pc.equal(table["side"], side)).drop_columns("side"),
            dataset_display_name=f"side_{side}",
        )
        for side in identities.sides
    ]
    settings = SettingsCreator(
        link_type="link_only" if rules.sides else "dedupe_only",
        probability_two_random_records_match=rules.prior,
        comparisons=[
            _comparison(rules, comparison) for comparison in rules.comparisons
        ],
        blocking_rules_to_generate_predictions=[_block(n) for n in rules.blocking],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )
    one = tables if len(tables) > 1 else tables[0]
    return Linker(one, settings, log_level=None)


def _train(linker: Linker, training: Training) -> None:
    trainer = linker.training
    try:
        trainer.estimate_probability_two_random_records_match(
            [_block(names) for names in training.sure], recall=training.sure_share
        )
    except ValueError as error:  # more sure pairs than the share can be of
        raise _TrainingError from error
    model = linker.misc.save_model_to_json()
    if not 0 < model["probability_two_random_records_match"] < 1:
        raise _TrainingError
    trainer.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=_SEED)
    for names in training.blocking:
        try:
            trainer.estimate_parameters_using_expectation_maximisation(_block(names))
        except EMTrainingException as error:  # no pair agrees in these
            raise _TrainingError from error


def _block(names: Sequence[str]) -> Any:
    return block_on(*(column_of(name) for name in names))


def _comparison(rules: KindRules, comparison: Comparison) -> Any:
    levels = [_level(rules, comparison, level) for level in comparison.levels]
    missing = level_library.CustomLevel(nothing_said(comparison))
    otherwise = level_library.ElseLevel()
    if comparison.is_weighted:
        otherwise.configure(
            m_probability=1 - sum(level.if_same or 0 for level in comparison.levels),
            u_probability=1 - sum(level.if_other or 0 for level in comparison.levels),
        )
    return comparison_library.CustomComparison(
        output_column_name=column_of(comparison.attribute),
        comparison_levels=[
            missing.configure(is_null_level=True),
            *levels,
            otherwise,
        ],
    )


def _level(rules: KindRules, comparison: Comparison, level: Level) -> Any:
    name = comparison.attribute
    if comparison.by_frequency and isinstance(level, Exact) and level.by is None:
        made: Any = level_library.ExactMatchLevel(column_of(name))
        made.configure(tf_adjustment_column=column_of(name))
    else:
        is_date = rules.attributes[name].is_date
        made = level_library.CustomLevel(agreement(comparison, level, is_date=is_date))
    if level.if_same and level.if_other:
        made.configure(m_probability=level.if_same, u_probability=level.if_other)
    return made
