from __future__ import annotations

import logging
from pathlib import Path

import pyarrow as pa

from features.linkage.comparing import compare
from features.linkage.identities import Identities
from tests.features.people import CROWD, person, rules


def identities(*names: str) -> Identities:
    """Return identities that say a name, one birth date and one postcode."""
    said = [person(name, "1944-03-02", "AV1 1AA") for name in names] + CROWD
    columns = {name: [row[name] for row in said] for name in said[0]}
    columns["full_forename"] = columns["forename"]
    dates = pa.array(columns.pop("birth_date"), pa.date32())
    table = pa.table({n: pa.array(c, pa.string()) for n, c in columns.items()})
    table = table.append_column("birth_date", dates)
    table = table.append_column("side", pa.array([0] * len(said), pa.int64()))
    records = [[n + 1] for n in range(len(said))]
    return Identities(table, records, [None] * len(said), 0)


def test_pairs_come_heaviest_first_and_the_same_each_time(tmp_path: Path) -> None:
    some = identities("Ann Smith", "Anna Smith", "Ann Smyth", "Rose Smith")

    first, second = (compare(some, rules(), tmp_path) for _ in range(2))

    assert first == second
    weights = [pair.weight for pair in first.pairs]
    assert weights == sorted(weights, reverse=True)
    assert all(pair.left < pair.right for pair in first.pairs)


def test_a_rare_name_says_more_than_a_common_one(tmp_path: Path) -> None:
    common = identities("Ada Ames", "Ada Ames")
    rare = identities("Zoe Zorn", "Zoe Zorn")

    weights = [
        compare(some, rules(), tmp_path).pairs[0].weight for some in (common, rare)
    ]

    assert weights[0] < weights[1]


def test_comparing_leaves_no_trace_in_the_log(tmp_path: Path) -> None:
    logger = logging.getLogger("splink")
    before = (logger.level, list(logger.handlers), logger.propagate)

    compare(identities("Ann Smith", "Ann Smyth"), rules(), tmp_path)

    assert (logger.level, list(logger.handlers), logger.propagate) == before


def test_one_side_alone_is_compared_with_nothing(tmp_path: Path) -> None:
    apart = rules(sides=[["register"], ["gp"]])

    compared = compare(identities("Ann Smith", "Ann Smyth"), apart, tmp_path)

    assert compared.pairs == []
    assert compared.notes == ("only one side has records, so no pair was compared",)
