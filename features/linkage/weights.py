"""Weights: what agreeing is worth, as a Splink model that is trained once and kept.

A model is text in Splink's own form. Later loads are weighed by the one that is kept,
so that nobody moves because training came out otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import splink.comparison_level_library as level_library
import splink.comparison_library as comparison_library
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule
from splink.internals.exceptions import EMTrainingException

from features.definitions.comparisons import Comparison, Exact, Level
from features.definitions.linking_rules import KindRules, Training
from features.linkage.agreement import agreement, column_of, nothing_said
from features.linkage.identities import Identities


_SAMPLED_PAIRS = 1_000_000
_SEED = 1
_FRESH = "is_fresh"


class TrainingError(Exception):
    """The records do not bear training, such as when no pair agrees."""


def trained(linker: Any, training: Training) -> str:
    """Estimate the weights of a linker's model from its records.

    Returns:
        The model. The same records give the same one.

    Raises:
        TrainingError: The records do not bear it.
    """
    _train(linker, training)
    model = linker.misc.save_model_to_json()
    # Drawn at random, and of no meaning.
    del model["linker_uid"]
    return json.dumps(model, indent=1, sort_keys=True)


def linker_of(
    identities: Identities,
    rules: KindRules,
    connection: duckdb.DuckDBPyConnection,
    *,
    model: str | None = None,
    fresh: Sequence[bool] | None = None,
) -> Any:
    """Return Splink's linker over identities.

    Args:
        identities: Those to compare.
        rules: With comparisons.
        connection: Where Splink computes.
        model: With weights that were trained before; None: those that are declared.
        fresh: Of each identity, whether it is new: two old ones are not compared.
            None: all are new.
    """
    database = DuckDBAPI(connection=connection)
    tables = [
        database.register(table, dataset_display_name=f"side_{side}")
        for side, table in _tables(identities, rules, fresh)
    ]
    one = tables if len(tables) > 1 else tables[0]
    settings = _settings(rules, model)
    settings["blocking_rules_to_generate_predictions"] = [
        _among_fresh(names) if fresh else _block(names) for names in rules.blocking
    ]
    return Linker(one, SettingsCreator(**settings), log_level=None)


def _tables(
    identities: Identities, rules: KindRules, fresh: Sequence[bool] | None
) -> list[tuple[int, pa.Table]]:
    """Return the identities of each side as Splink reads them."""
    numbers = pa.array(range(len(identities)), pa.int64())
    table = identities.table.append_column("unique_id", numbers)
    table = table.rename_columns({name: column_of(name) for name in rules.used})
    if fresh is not None:
        table = table.append_column(_FRESH, pa.array(fresh, pa.bool_()))
    return [
        (side, table.filter(pc.equal(table["side"], side)).drop_columns("side"))
        for side in identities.sides
    ]


def _settings(rules: KindRules, model: str | None) -> dict[str, Any]:
    if model:
        kept: dict[str, Any] = json.loads(model)
        del kept["sql_dialect"]
        return kept
    return {
        "link_type": "link_only" if rules.sides else "dedupe_only",
        "probability_two_random_records_match": rules.prior,
        "comparisons": [_comparison(rules, one) for one in rules.comparisons],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
    }


def _among_fresh(names: Sequence[str]) -> Any:
    """Return the block of pairs equal in `names` of which one at least is new."""
    columns = [column_of(name) for name in names]
    equal = [f"l.{column} = r.{column}" for column in columns]
    return CustomRule(" and ".join([*equal, f"(l.{_FRESH} or r.{_FRESH})"]))


def _train(linker: Any, training: Training) -> None:
    trainer = linker.training
    try:
        trainer.estimate_probability_two_random_records_match(
            [_block(names) for names in training.sure], recall=training.sure_share
        )
    except ValueError as error:  # more sure pairs than the share can be of
        raise TrainingError from error
    model = linker.misc.save_model_to_json()
    if not 0 < model["probability_two_random_records_match"] < 1:
        raise TrainingError
    trainer.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=_SEED)
    for names in training.blocking:
        try:
            trainer.estimate_parameters_using_expectation_maximisation(_block(names))
        except EMTrainingException as error:  # no pair agrees in these
            raise TrainingError from error


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
