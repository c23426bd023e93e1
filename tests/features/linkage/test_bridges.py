"""Bridges: one weak link between two strong groups waits for a steward."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from features.definitions.linking_rules import KindRules
from features.linkage.decisions import Decision
from features.linkage.identities import Identities
from features.linkage.merged import Merged
from features.linkage.merging import merge
from features.linkage.pairs import Pair
from tests.features.people import Office, groups, person, rules


SURE, WEAK = 0.999, 0.97


@dataclass(frozen=True)
class Case:
    """Identities of one record each, but where `twice` says two, and their pairs."""

    size: int
    pairs: dict[tuple[int, int], float]
    twice: tuple[int, ...] = ()
    decisions: list[Decision] = field(default_factory=list)

    def merged(self) -> Merged:
        records = [
            [node, node + 100] if node in self.twice else [node]
            for node in range(self.size)
        ]
        pairs = [Pair(a, b, p, p) for (a, b), p in self.pairs.items()]
        pairs.sort(key=lambda pair: (-pair.weight, pair.left, pair.right))
        return merge(_identities(records), _PLAIN, pairs, self.decisions)

    def clusters(self) -> list[list[int]]:
        return sorted(self.merged().clusters)


_PLAIN: KindRules = rules(exact=[["nhs_number"]], vetoes=[], tie_margin_bits=None)


def _identities(records: list[list[int]]) -> Identities:
    nothing = {name: pa.nulls(len(records), pa.string()) for name in _PLAIN.used}
    table = pa.table({"side": pa.array([0] * len(records), pa.int64()), **nothing})
    return Identities(table, records, [None] * len(records), 0)


def test_one_weak_link_does_not_join_two_strong_groups() -> None:
    case = Case(4, {(0, 1): SURE, (2, 3): SURE, (1, 2): WEAK})

    merged = case.merged()

    assert sorted(merged.clusters) == [[0, 1], [2, 3]]
    assert [(b.left, b.right, b.outcome) for b in merged.bridges] == [(1, 2, "bridge")]


def test_two_records_that_say_the_same_are_a_strong_group() -> None:
    assert Case(2, {(0, 1): WEAK}, twice=(0, 1)).clusters() == [[0], [1]]


def test_a_single_record_joins_a_strong_group_by_a_weak_link() -> None:
    assert Case(3, {(0, 1): SURE, (1, 2): WEAK}).clusters() == [[0, 1, 2]]


def test_a_strong_link_joins_two_strong_groups() -> None:
    case = Case(4, {(0, 1): SURE, (2, 3): SURE, (1, 2): 0.995})

    assert case.clusters() == [[0, 1, 2, 3]]


def test_a_bridge_over_a_third_record_is_a_bridge() -> None:
    pairs = {(0, 1): SURE, (3, 4): SURE, (1, 2): WEAK, (2, 3): 0.96}

    assert Case(5, pairs).clusters() == [[0, 1, 2], [3, 4]]


def test_weak_links_that_hang_on_one_record_are_a_bridge() -> None:
    pairs = {(0, 1): SURE, (2, 3): SURE, (1, 2): WEAK, (1, 3): WEAK}

    assert Case(4, pairs).clusters() == [[0, 1], [2, 3]]


def test_weak_links_between_several_records_on_either_side_are_no_bridge() -> None:
    pairs = {(0, 1): SURE, (2, 3): SURE, (1, 2): WEAK, (0, 3): WEAK}

    assert Case(4, pairs).clusters() == [[0, 1, 2, 3]]


def test_a_steward_opens_a_bridge() -> None:
    pairs = {(0, 1): SURE, (2, 3): SURE, (1, 2): WEAK}
    merged = Case(4, pairs, decisions=[Decision(1, 2, same=True)]).merged()

    assert merged.clusters == [[0, 1, 2, 3]]
    assert merged.bridges == []


def test_a_steward_closes_a_bridge() -> None:
    pairs = {(0, 1): SURE, (2, 3): SURE, (1, 2): WEAK}
    merged = Case(4, pairs, decisions=[Decision(1, 2, same=False)]).merged()

    assert sorted(merged.clusters) == [[0, 1], [2, 3]]
    assert merged.bridges == []


nodes = st.integers(0, 7)
graphs = st.dictionaries(
    st.tuples(nodes, nodes).filter(lambda pair: pair[0] < pair[1]),
    st.sampled_from([SURE, 0.992, 0.98, 0.96, 0.7]),
    max_size=14,
)


@settings(deadline=None)
@given(graphs)
def test_both_sides_of_a_bridge_are_apart(pairs: dict[tuple[int, int], float]) -> None:
    merged = Case(8, pairs).merged()

    at = {node: number for number, some in enumerate(merged.clusters) for node in some}
    assert all(at[b.left] != at[b.right] for b in merged.bridges)


@settings(deadline=None)
@given(graphs)
def test_what_is_sure_is_never_kept_apart_by_a_bridge(
    pairs: dict[tuple[int, int], float],
) -> None:
    at = {n: k for k, some in enumerate(Case(8, pairs).merged().clusters) for n in some}

    assert all(at[a] == at[b] for (a, b), p in pairs.items() if p >= 0.99)


def test_both_entities_of_a_bridge_are_flagged_with_the_pair(tmp_path: Path) -> None:
    office = Office(tmp_path, rules(bridge_below=0.9999999, tie_margin_bits=None))
    ann = person("Ann Smith", "1944-03-02", "AV1 1AA")
    near = person("Ann Smyth", "1944-03-02", "AV1 1AA")
    office.load([ann, ann, near, near])

    office.link()

    assert groups(office, 4) == [[1, 2], [3, 4]]
    assert office.flags() == [
        {"entity": entity, "reason": "bridge", "record_id_l": 1, "record_id_r": 3}
        for entity in (1, 3)
    ]
