"""What is sure, uncertain and never one, out of the pairs that linking kept."""

from __future__ import annotations

from typing import Any

import pandas as pd

from features.snapshots.link_draws import LinkGraph
from features.snapshots.link_graph import graph_of


# Two entities: 1 with 2 and 3, and 4; identity 9 was left out.
NODES = {1: (1, 1.0), 2: (1, 0.97), 3: (1, 0.97), 4: (4, 1.0)}


def read(*pairs: tuple[int, int, float, str], nodes: Any = None) -> LinkGraph:
    rows = [(number, *said) for number, said in (nodes or NODES).items()]
    names = ["record_id_l", "record_id_r", "probability", "outcome"]
    table = pd.DataFrame(pairs, columns=names)
    held = pd.DataFrame(rows, columns=["identity", "entity", "probability"])
    return graph_of(held, table, sure=0.999)


def numbers(graph: LinkGraph, pairs: Any) -> list[tuple[int, ...]]:
    return sorted(tuple(sorted(pair)) for pair in graph.identities[pairs].tolist())


def test_a_merged_pair_is_sure_only_from_the_declared_probability_on() -> None:
    found = read((1, 2, 0.9991, "merged"), (1, 3, 0.9989, "merged"))

    assert numbers(found, found.sure) == [(1, 2)]
    assert numbers(found, found.uncertain) == [(1, 3)]


def test_exact_keys_and_decisions_are_sure_and_vetoes_are_never_drawn() -> None:
    found = read(
        (1, 2, 0.97, "merged"),
        (2, 3, 1.0, "exact"),
        (1, 4, 0.6, "decided same"),
        (3, 4, 0.99, "vetoed: twins"),
        (2, 4, 1.0, "contradicted: conflicting NHS numbers"),
    )

    assert numbers(found, found.sure) == [(1, 4), (2, 3)]
    assert numbers(found, found.uncertain) == [(1, 2)]
    assert numbers(found, found.apart) == [(2, 4), (3, 4)]


def test_pairs_that_were_not_merged_are_uncertain_too() -> None:
    found = read((1, 2, 0.97, "merged"), (1, 3, 0.96, "merged"), (3, 4, 0.4, "bridge"))

    assert numbers(found, found.uncertain) == [(1, 2), (1, 3), (3, 4)]
    assert found.probability.tolist() == [0.97, 0.96, 0.4]


def test_those_who_claim_what_was_left_out_stay_apart() -> None:
    found = read((1, 9, 0.9999, "tie"), (4, 9, 0.9998, "tie"))

    assert (1, 4) in numbers(found, found.apart)
    assert {(1, 9), (4, 9)} <= set(numbers(found, found.uncertain))


def test_what_no_kept_pair_holds_is_held_as_its_link_says() -> None:
    found = read()

    assert numbers(found, found.uncertain) == [(1, 2), (1, 3)]
    assert found.probability.tolist() == [0.97, 0.97]


def test_a_chain_of_sure_links_is_sure() -> None:
    found = read(nodes={1: (1, 1.0), 2: (1, 0.9995)})

    assert numbers(found, found.sure) == [(1, 2)]
