"""Draws of link sets: by probability, by themselves, and never across a veto."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.snapshots.link_draws import (
    LinkDraws,
    LinkGraph,
    components,
    draw_links,
)


NODES = 8
node = st.integers(0, NODES - 1)
pairs_ = st.lists(st.tuples(node, node).filter(lambda p: p[0] != p[1]), max_size=12)
probabilities = st.floats(0.0, 1.0)


def graph(
    *uncertain: tuple[int, int, float],
    sure: Sequence[tuple[int, int]] = (),
    apart: Sequence[tuple[int, int]] = (),
    entities: Sequence[int] | None = None,
    nodes: int = NODES,
) -> LinkGraph:
    """Return identities 0, 1, 2 ..., each an entity by itself unless said otherwise."""
    numbers = np.arange(nodes)
    return LinkGraph(
        identities=numbers,
        entities=numbers if entities is None else np.array(entities),
        sure=_pairs(sure),
        uncertain=_pairs([(one, other) for one, other, _ in uncertain]),
        probability=np.array([p for *_, p in uncertain], float),
        apart=_pairs(apart),
    )


def _pairs(pairs: Sequence[tuple[int, int]]) -> Any:
    return np.array(pairs, np.int64).reshape(-1, 2)


def together(drawn: LinkDraws, one: int, other: int) -> Any:
    """Return in which draws two identities are one entity."""
    groups = dict(zip(drawn.identities.tolist(), drawn.groups.tolist(), strict=True))
    return drawn.labels[:, groups[one]] == drawn.labels[:, groups[other]]


def test_a_pair_holds_as_often_as_it_is_probable() -> None:
    drawn = draw_links(graph((0, 1, 0.3), (2, 3, 0.9)), 4_000)

    # Four standard errors: 4 * sqrt(.3 * .7 / 4000) = .03
    assert together(drawn, 0, 1).mean() == pytest.approx(0.3, abs=0.03)
    assert together(drawn, 2, 3).mean() == pytest.approx(0.9, abs=0.02)
    both = (together(drawn, 0, 1) & together(drawn, 2, 3)).mean()
    assert both == pytest.approx(0.27, abs=0.03)


def test_what_is_uncertain_about_others_changes_no_draw_of_a_pair() -> None:
    alone = draw_links(graph((4, 5, 0.5)), 50)
    among = draw_links(graph((0, 1, 0.7), (2, 3, 0.4), (4, 5, 0.5)), 50)

    assert (together(alone, 4, 5) == together(among, 4, 5)).all()


def test_more_draws_begin_with_the_same_ones() -> None:
    few, many = (draw_links(graph((0, 1, 0.5), (1, 2, 0.5)), n) for n in (20, 40))

    assert (few.labels == many.labels[:20]).all()


def test_between_two_groups_the_most_probable_pair_decides() -> None:
    many = [(0, 2, 0.4), (0, 3, 0.3), (1, 2, 0.4), (1, 3, 0.2)]
    drawn = draw_links(graph(*many, sure=[(0, 1), (2, 3)]), 4_000)

    assert together(drawn, 0, 3).mean() == pytest.approx(0.4, abs=0.03)


def test_what_is_sure_goes_together_in_every_draw() -> None:
    drawn = draw_links(graph((1, 2, 0.5), sure=[(0, 1)]), 50)

    assert together(drawn, 0, 1).all()
    assert (together(drawn, 0, 2) == together(drawn, 1, 2)).all()


def test_a_record_that_two_claim_goes_to_each_by_the_odds_and_never_to_both() -> None:
    # 0 and 1 may not be one; odds of 99 to 1 against 9 to 1
    drawn = draw_links(graph((0, 2, 0.99), (1, 2, 0.9), apart=[(0, 1)]), 4_000)

    first, second = together(drawn, 0, 2), together(drawn, 1, 2)
    assert not (first & second).any()
    # Both held in .99 * .9 = .891 of draws, and of these 11 in 12 go to the first.
    assert first.mean() == pytest.approx(0.099 + 0.891 * 11 / 12, abs=0.02)
    assert second.mean() == pytest.approx(0.009 + 0.891 / 12, abs=0.02)


def test_an_identity_that_was_left_out_is_alone_as_linked() -> None:
    drawn = draw_links(graph((0, 1, 0.5), (2, 1, 0.5), entities=[0, -1, 2]), 5)

    assert drawn.linked.tolist() == [0, 1, 2]


def test_without_an_uncertain_pair_nothing_is_drawn() -> None:
    drawn = draw_links(graph(sure=[(0, 1)]), 20)

    assert drawn.labels.shape == (20, 0)
    assert drawn.moved.tolist() == []


@given(pairs_, st.integers(0, 2))
def test_a_pair_of_probability_one_moves_nobody(
    pairs: list[tuple[int, int]], draws: int
) -> None:
    linked = components(_pairs(pairs), NODES)
    certain = [(one, other, 1.0) for one, other in pairs]

    drawn = draw_links(graph(*certain, entities=linked.tolist()), 20 + draws)

    assert not drawn.moved.any()


@given(st.lists(st.tuples(node, node, probabilities), max_size=12), pairs_)
def test_no_draw_brings_together_what_a_veto_keeps_apart(
    uncertain: list[tuple[int, int, float]], apart: list[tuple[int, int]]
) -> None:
    drawn = draw_links(graph(*uncertain, apart=apart), 25)

    held = set(drawn.identities.tolist())
    for one, other in apart:
        if {one, other} <= held:
            assert not together(drawn, one, other).any()


@given(pairs_)
def test_components_are_those_found_one_pair_at_a_time(
    pairs: list[tuple[int, int]],
) -> None:
    sets = {number: {number} for number in range(NODES)}
    for one, other in pairs:
        both = sets[one] | sets[other]
        sets |= dict.fromkeys(both, both)

    found = components(_pairs(pairs), NODES)

    assert found.tolist() == [min(sets[number]) for number in range(NODES)]
