"""Link quality against looking at every pair, one by one."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from features.linkage.quality import judge_pairs, judge_placing, share


records = st.integers(1, 12)
links = st.dictionaries(records, st.integers(1, 4))
truths = st.dictionaries(records, st.sampled_from("abc"))


@settings(deadline=None)
@given(links, truths)
def test_pairs_are_judged_as_if_one_by_one(
    entities: dict[int, int], truth: dict[int, str]
) -> None:
    pairs = list(combinations(truth, 2))
    linked = {
        (a, b)
        for a, b in pairs
        if a in entities and b in entities and entities[a] == entities[b]
    }
    true = {(a, b) for a, b in pairs if truth[a] == truth[b]}

    quality = judge_pairs(entities, truth)

    assert (quality.precision.part, quality.precision.whole) == (
        len(linked & true),
        len(linked),
    )
    assert (quality.recall.part, quality.recall.whole) == (
        len(linked & true),
        len(true),
    )


def test_perfect_links_have_no_mixed_entity() -> None:
    quality = judge_pairs({1: 1, 2: 1, 3: 3}, {1: "a", 2: "a", 3: "b"})

    assert (quality.f1, quality.mixed_entities, quality.entities) == (1.0, 0, 2)


def test_an_entity_of_two_people_is_mixed() -> None:
    quality = judge_pairs({1: 1, 2: 1, 3: 1, 4: 4}, dict(enumerate("aab", start=1)))

    assert (quality.mixed_entities, quality.entities) == (1, 1)


def test_nothing_linked_has_no_precision_and_no_f1() -> None:
    quality = judge_pairs({}, {1: "a", 2: "a"})

    assert quality.precision.value is None
    assert quality.recall.value == 0
    assert quality.f1 is None


def test_records_are_judged_by_whom_of_the_reference_they_found() -> None:
    # 1 and 2 are the reference's entities a and b; the others should find them.
    truth = {1: "a", 2: "b", 3: "a", 4: "b", 5: "c", 6: "c", 7: "a"}
    entities = {1: 1, 2: 2, 3: 1, 4: 1, 5: 2, 6: 6}

    quality = judge_placing(entities, truth, reference={1, 2})

    # Linked: 3 right, 4 wrong, 5 wrong, as its own is not in the reference at all.
    assert (quality.precision.part, quality.precision.whole) == (1, 3)
    # To be found: 3, 4, 7.
    assert (quality.recall.part, quality.recall.whole) == (1, 3)
    assert quality.mixed_entities == 2


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(1, 50))
def test_a_share_lies_in_its_interval(part: int, more: int) -> None:
    found = share(part, part + more)

    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
