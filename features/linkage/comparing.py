"""Comparing: which identities may be of one entity, and how probably.

With `weights` the only door to Splink, which scores pairs and does nothing else here.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from features.definitions.linking_rules import KindRules, Training
from features.linkage.identities import Identities
from features.linkage.pairs import Compared, Pair, Spine, pair_of
from features.linkage.weights import TrainingError, linker_of, trained


_THREADS = 2
_MEMORY_LIMIT = "3GB"
_FEW = "too few records to train on"
_ENOUGH = "no weights were trained, link afresh if there are enough records now"
_UNTRAINED = {True: "declared weights were used", False: "exact keys only"}


def compare(
    identities: Identities,
    rules: KindRules,
    folder: Path,
    *,
    spine: Spine | None = None,
) -> Compared:
    """Return the pairs that are at least as probable as `rules.kept_from`.

    Args:
        identities: To be compared, across sides if there are sides.
        rules: With comparisons; without any there are no pairs.
        folder: Private; for what does not fit into memory.
        spine: What an earlier linking settled; None: all is compared and trained on.
    """
    if not rules.comparisons or len(identities) < 2:
        return Compared([])
    if rules.sides and len(identities.sides) < 2:
        return Compared([], ("only one side has records, so no pair was compared",))
    if spine is not None:
        return _added(identities, rules, folder, spine)
    if rules.training is None:
        return Compared(_scored(identities, rules, folder))
    reason = _FEW
    if len(identities) >= rules.training.least_identities:
        try:
            return _trained(identities, rules, rules.training, folder)
        except TrainingError:
            reason = "the records do not bear training"
    note = f"{reason}: {_UNTRAINED[rules.is_weighted]}"
    pairs = _scored(identities, rules, folder) if rules.is_weighted else []
    return Compared(pairs, (note,))


def _trained(
    identities: Identities, rules: KindRules, training: Training, folder: Path
) -> Compared:
    with _quiet(), _connected(folder) as connection:
        linker = linker_of(identities, rules, connection)
        model = trained(linker, training)
        return Compared(_predicted(linker, rules, connection), model=model)


def _added(
    identities: Identities, rules: KindRules, folder: Path, spine: Spine
) -> Compared:
    """Compare what is new with all there is, by the weights of the spine."""
    notes: list[str] = []
    if spine.model is None and rules.training is not None:
        few = len(identities) < rules.training.least_identities
        notes.append(f"{_FEW if few else _ENOUGH}: {_UNTRAINED[rules.is_weighted]}")
    if not any(spine.fresh) or not (spine.model or rules.is_weighted):
        return Compared([], tuple(notes), spine.model)
    pairs = _scored(identities, rules, folder, spine)
    return Compared(pairs, tuple(notes), spine.model)


def _scored(
    identities: Identities,
    rules: KindRules,
    folder: Path,
    spine: Spine | None = None,
) -> list[Pair]:
    model, fresh = (spine.model, spine.fresh) if spine else (None, None)
    with _quiet(), _connected(folder) as connection:
        linker = linker_of(identities, rules, connection, model=model, fresh=fresh)
        return _predicted(linker, rules, connection)


def _predicted(
    linker: Any, rules: KindRules, connection: duckdb.DuckDBPyConnection
) -> list[Pair]:
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
