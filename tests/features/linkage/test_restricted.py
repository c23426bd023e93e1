"""Restricted records are linked to nothing but what their own office numbers alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from features.linkage.pseudonyms import pseudonym
from features.linkage.restricted import RESTRICTED
from tests.features.people import (
    CROWD,
    KEY,
    MARKS,
    ONE,
    TWO,
    Office,
    Row,
    groups,
    person,
)


ANN = person("Ann Smith", "1944-03-02", "AV1 1AA", ONE)


def marked(row: Row, mark: str = "W", own_number: str | None = "7") -> Row:
    return {**row, "mark": mark, "own_number": own_number}


def office_of(folder: Path, *rows: Row, **more: Any) -> Office:
    office = Office(folder, marks=True, **more)
    office.load([*rows, *CROWD])
    office.link()
    return office


@pytest.mark.parametrize("mark", sorted(MARKS))
def test_a_marked_record_is_not_linked_to_an_equal_one_without_the_mark(
    tmp_path: Path, mark: str
) -> None:
    office = office_of(tmp_path, ANN, marked(ANN, mark))

    assert groups(office, 2) == [[1], [2]]


def test_who_was_given_another_identity_is_not_linked_to_the_older_one(
    tmp_path: Path,
) -> None:
    # The office kept its own number for her; the name, and the NHS number, are new.
    older = {**ANN, "own_number": "7"}
    newer = marked(person("Joanna Cole", "1944-03-02", "AV1 1AA", TWO), "G")

    office = office_of(tmp_path, older, newer)

    assert groups(office, 2) == [[1], [2]]


def test_marked_records_under_one_number_of_one_office_are_one_person(
    tmp_path: Path,
) -> None:
    office = office_of(
        tmp_path,
        marked(ANN),
        marked(person("Joanna Cole", "1971-11-20")),
        marked(ANN, own_number="8"),
    )

    assert groups(office, 3) == [[1, 2], [3]]


def test_two_offices_numbers_for_a_marked_person_are_not_compared(
    tmp_path: Path,
) -> None:
    office = Office(tmp_path, marks=True)
    office.load([marked(ANN), *CROWD])
    office.load([marked(ANN)], source="gp")
    office.link()

    first, last = office.links()[0], office.links()[-1]

    assert (first["method"], last["method"]) == (RESTRICTED, RESTRICTED)
    assert first["entity_id"] != last["entity_id"]


def test_a_marked_record_without_a_number_stays_alone(tmp_path: Path) -> None:
    office = office_of(
        tmp_path, marked(ANN, own_number=None), marked(ANN, own_number=None)
    )

    assert groups(office, 2) == [[1], [2]]


def test_a_mark_that_comes_later_parts_a_record_from_its_older_identity(
    tmp_path: Path,
) -> None:
    office = office_of(tmp_path, ANN, person("Ann Smith", "1944-03-02", "AV1 1AA"))
    before = office.links()[0]["entity_id"]
    assert groups(office, 2) == [[1, 2]]

    newer = person("Joanna Cole", "1944-03-02", "AV9 9ZZ", TWO)
    office.load([{**marked(newer, "A"), "record": 1}])
    office.link()

    after = {row["record_id"]: row["entity_id"] for row in office.links()}
    assert groups(office, 2) == [[1], [2]]
    # Not even by the pseudonym: what was said of the older one leads nowhere.
    assert after[1] not in (before, after[2], pseudonym("person", 1, KEY))


def test_a_mark_that_is_taken_back_lets_the_record_be_linked_again(
    tmp_path: Path,
) -> None:
    office = office_of(tmp_path, ANN, marked(ANN))
    assert groups(office, 2) == [[1], [2]]

    office.load([{**ANN, "record": 2}])
    office.link()

    assert groups(office, 2) == [[1, 2]]


def test_marked_records_that_come_later_join_those_of_their_number(
    tmp_path: Path,
) -> None:
    office = office_of(tmp_path, marked(ANN))
    before = office.links()[0]["entity_id"]

    office.load([marked(ANN)])
    office.link()

    assert {r["entity_id"] for r in office.links() if r["method"] == RESTRICTED} == {
        before
    }


def test_a_marked_record_is_compared_with_no_other(tmp_path: Path) -> None:
    almost = person("Ann Smyth", "1944-03-02", "AV1 1AA")
    office = office_of(tmp_path, ANN, marked(ANN), marked(almost), almost)

    compared = {r for p in office.pairs() for r in (p["record_id_l"], p["record_id_r"])}

    assert not compared & {2, 3}


def test_a_code_that_no_contract_maps_marks_nothing(tmp_path: Path) -> None:
    office = office_of(tmp_path, ANN, {**ANN, "mark": "N", "own_number": "7"})

    assert groups(office, 2) == [[1, 2]]
