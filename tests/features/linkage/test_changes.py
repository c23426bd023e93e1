"""What a linking moved is told by pseudonym, apart from what is merely new."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.faults import Misuse
from features.linkage.changes import KindChanges, changes_between
from tests.features.people import Office, linked, person


ANN = person("Ann Smith", "1944-03-02", "AV1 1AA")
ROSE = person("Rose Cole", "1971-11-20", "AV5 5ZZ")
ROSE_AS_ANN = {**ANN, "record": 2}


def changes(office: Office) -> KindChanges:
    found = changes_between(office.warehouse, office.place, "person")
    assert found
    return found


def names(office: Office) -> dict[int, str]:
    return {row["record_id"]: row["entity_id"] for row in office.links()}


def test_one_version_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN)

    assert changes_between(office.warehouse, office.place, "person") is None


def test_new_records_and_new_people_are_no_changes(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN)
    office.load([ANN, ROSE])
    office.link()

    found = changes(office)

    assert (found.moved, found.only_new_records, found.new_entities) == ((), 1, 1)
    assert (found.older, found.newer) == (1, 2)


def test_two_entities_that_become_one_are_both_named(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, {**ROSE, "record": 2})
    before = names(office)
    office.load([ROSE_AS_ANN])
    office.link()

    ann, rose = sorted(changes(office).moved, key=lambda c: -c.after)

    assert (ann.entity_id, ann.before, ann.after, ann.gained) == (before[1], 1, 2, 1)
    assert ann.merged == (before[2],)
    assert (rose.entity_id, rose.after, rose.lost) == (before[2], 0, 1)
    assert rose.split == (before[1],)


def test_an_entity_that_falls_apart_names_what_became_of_it(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ANN)
    before = names(office)
    office.load([{**ROSE, "record": 2}])
    office.link()
    after = names(office)

    left = {change.entity_id: change for change in changes(office).moved}

    assert set(left) == {before[1], after[2]}
    assert (left[before[1]].lost, left[before[1]].split) == (1, (after[2],))
    assert (left[after[2]].gained, left[after[2]].merged) == (1, ())


def test_a_record_that_is_left_without_an_entity_is_lost(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ANN)
    office.load([{**person(), "record": 2}])
    office.link()

    [ann] = changes(office).moved

    assert (ann.before, ann.after, ann.lost, ann.split) == (2, 1, 1, ())


def test_any_two_versions_can_be_compared(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN)
    for row in (ROSE, person("Vera Noakes", "1930-12-12", "AV8 8AA")):
        office.load([row])
        office.link()

    found = changes_between(office.warehouse, office.place, "person", older=1, newer=3)

    assert found
    assert found.new_entities == 2


@pytest.mark.parametrize(("older", "newer"), [(1, 9), (2, 1), (1, 1)])
def test_versions_that_do_not_follow_each_other_are_a_misuse(
    tmp_path: Path, older: int, newer: int
) -> None:
    office = linked(tmp_path, ANN)
    office.load([ROSE])
    office.link()

    with pytest.raises(Misuse, match="the older first"):
        changes_between(
            office.warehouse, office.place, "person", older=older, newer=newer
        )
