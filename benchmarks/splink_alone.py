"""Splink alone: its own `predict` and connected components, by the rules of a place.

Once as it comes, each level of a comparison as Splink's own library writes it; and once
by our writing of the same levels, which count edits only where values are near.
"""

from __future__ import annotations

import json
import logging
from typing import Any

import duckdb
import pyarrow as pa
import splink.comparison_level_library as level_library
from splink import ColumnExpression

from features.definitions.comparisons import Comparison, Edits
from features.definitions.linking_rules import KindRules
from features.linkage.agreement import column_of
from features.linkage.identities import Identities
from features.linkage.weights import linker_of, trained


THREADS = 2


def identities_of(table: pa.Table) -> Identities:
    """Return each record by itself, as Splink would be given them.

    Args:
        table: `record_id` and the attributes that linking uses.
    """
    sides = pa.array([0] * len(table), pa.int64())
    records = table["record_id"].to_pylist()
    return Identities(
        table.drop_columns("record_id").append_column("side", sides),
        [[record] for record in records],
        [None] * len(records),
        0,
    )


def as_it_comes(rules: KindRules, identities: Identities) -> str:
    """Return the declared weights as a model whose levels are Splink's own."""
    _silence()
    with duckdb.connect(":memory:") as connection:
        linker = linker_of(identities, rules, connection)
        model: dict[str, Any] = linker.misc.save_model_to_json()
    for comparison, written in zip(
        rules.comparisons, model["comparisons"], strict=True
    ):
        # The first level is that nothing is said.
        levels = written["comparison_levels"][1:]
        for level, told in zip(comparison.levels, levels, strict=False):
            if isinstance(level, Edits):
                condition = _edits(rules, comparison, level)
                told |= {"sql_condition": condition, "label_for_charts": condition}
    return json.dumps(model)


def link(rules: KindRules, identities: Identities, model: str | None) -> pa.Table:
    """Return Splink's own clusters.

    Args:
        rules: Those that our linking is given.
        identities: As `identities_of` returns them.
        model: As `as_it_comes` returns it; None: by our writing of its levels.
    """
    _silence()
    with duckdb.connect(":memory:", config={"threads": THREADS}) as connection:
        linker = linker_of(identities, rules, connection, model=model)
        if rules.training:
            trained(linker, rules.training)
        pairs = linker.inference.predict(threshold_match_probability=rules.kept_from)
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=rules.threshold
        )
        table: pa.Table = clusters.as_pyarrow_table()
        return table


def _edits(rules: KindRules, comparison: Comparison, level: Edits) -> str:
    if comparison.also:
        raise ValueError("Splink's own level counts the edits of one attribute")
    column = ColumnExpression(column_of(comparison.attribute))
    if rules.attributes[comparison.attribute].is_date:
        column = column.cast_to_string()
    made = level_library.DamerauLevenshteinLevel(column, level.at_most)
    condition: str = made.get_comparison_level("duckdb").sql_condition
    return condition


def _silence() -> None:
    logging.getLogger("splink").setLevel(logging.CRITICAL)
