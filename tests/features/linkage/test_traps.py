"""The traps that real records set: each is walked into, and none closes."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from features.linkage.breaches import veto_breaches
from features.linkage.identities import Identities, read_identities
from tests.features.people import (
    ONE,
    TWO,
    Office,
    Row,
    groups,
    linked,
    person,
    rules,
)


ANN = person("Ann Smith", "1944-03-02", "AV1 1AA")


def numbered(row: Row, number: str) -> Row:
    return {**row, "nhs_number": number}


def test_two_valid_numbers_are_two_people_however_alike(tmp_path: Path) -> None:
    office = linked(tmp_path, numbered(ANN, ONE), numbered(ANN, TWO))

    assert groups(office, 2) == [[1], [2]]


def test_the_same_name_and_birth_date_with_another_number_is_another_person(
    tmp_path: Path,
) -> None:
    elsewhere = person("Ann Smith", "1944-03-02", "AV8 8ZZ", TWO)
    office = linked(tmp_path, numbered(ANN, ONE), elsewhere)

    assert groups(office, 2) == [[1], [2]]


def test_an_invalid_number_conflicts_with_nothing(tmp_path: Path) -> None:
    office = linked(tmp_path, numbered(ANN, ONE), numbered(ANN, "9434765918"))

    assert groups(office, 2) == [[1, 2]]


def test_a_placeholder_number_conflicts_with_nothing(tmp_path: Path) -> None:
    office = linked(tmp_path, numbered(ANN, ONE), numbered(ANN, "0000000000"))

    assert groups(office, 2) == [[1, 2]]


def test_a_placeholder_birth_date_makes_nobody_a_twin(tmp_path: Path) -> None:
    born = "1900-01-01"
    office = linked(
        tmp_path,
        person("Ann Smith", born, "AV1 1AA", ONE),
        person("Rosemary Smith", born, "AV1 1AA", ONE),
    )

    assert groups(office, 2) == [[1, 2]]


def test_twins_are_two_people(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, person("Rose Smith", "1944-03-02", "AV1 1AA"))

    assert groups(office, 2) == [[1], [2]]


def test_twins_stay_two_when_one_number_was_written_for_both(tmp_path: Path) -> None:
    rose = person("Rose Smith", "1944-03-02", "AV1 1AA")
    office = linked(tmp_path, numbered(ANN, ONE), numbered(rose, ONE))

    assert groups(office, 2) == [[1], [2]]


def test_a_nickname_is_no_twin(tmp_path: Path) -> None:
    office = linked(
        tmp_path,
        person("Margaret Smith", "1944-03-02", "AV1 1AA"),
        person("Peggy Smith", "1944-03-02", "AV1 1AA"),
    )

    assert groups(office, 2) == [[1, 2]]


def test_swapped_names_are_no_twin(tmp_path: Path) -> None:
    office = linked(
        tmp_path,
        person("Rosemary Thomas", "1944-03-02", "AV1 1AA"),
        person("Thomas Rosemary", "1944-03-02", "AV1 1AA"),
    )

    assert groups(office, 2) == [[1, 2]]


def test_swapped_names_do_not_make_one_number_two_peoples(tmp_path: Path) -> None:
    office = linked(
        tmp_path,
        person("Rosemary Thomas", "1944-03-02", "AV1 1AA", ONE),
        person("Thomas Rosemary", "1971-11-20", "AV1 1AA", ONE),
    )

    assert groups(office, 2) == [[1, 2]]


def test_an_initial_is_no_twin(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, person("A Smith", "1944-03-02", "AV1 1AA"))

    assert groups(office, 2) == [[1, 2]]


def test_father_and_son_of_one_name_and_home_are_two_people(tmp_path: Path) -> None:
    office = linked(
        tmp_path,
        person("John Smith", "1920-07-11", "AV1 1AA"),
        person("John Smith", "1948-03-02", "AV1 1AA"),
    )

    assert groups(office, 2) == [[1], [2]]


def test_father_and_son_stay_two_when_one_goes_by_a_nickname(tmp_path: Path) -> None:
    office = linked(
        tmp_path,
        person("William Smith", "1920-07-11", "AV1 1AA", ONE),
        person("Bill Smith", "1948-03-02", "AV1 1AA", ONE),
    )

    assert groups(office, 2) == [[1], [2]]


def test_a_number_that_is_given_to_another_person_joins_nobody(tmp_path: Path) -> None:
    office = linked(
        tmp_path,
        numbered(ANN, ONE),
        person("Rose Cole", "1971-11-20", "AV5 5ZZ", ONE),
    )

    assert groups(office, 2) == [[1], [2]]


def one_each(folder: Path, *rows: Row) -> Office:
    office = Office(folder)
    office.load(rows)
    office.hold_one_each("register")
    return office


def test_two_records_of_a_source_that_holds_one_each_are_two_people(
    tmp_path: Path,
) -> None:
    office = one_each(tmp_path, ANN, person("Ann Smyth", "1944-03-02", "AV1 1AA"))

    report = office.link()

    assert groups(office, 2) == [[1], [2]]
    assert report.outcomes == {"vetoed: two records of register": 1}


def test_even_equal_records_of_a_source_that_holds_one_each_are_two_people(
    tmp_path: Path,
) -> None:
    office = one_each(tmp_path, numbered(ANN, ONE), numbered(ANN, ONE))

    office.link()

    assert groups(office, 2) == [[1], [2]]


def test_a_record_of_another_source_joins_the_one_that_is_held(tmp_path: Path) -> None:
    office = one_each(tmp_path, ANN, person("Rose Cole", "1971-11-20", "AV5 5ZZ"))
    office.load([ANN, ANN], source="gp")
    office.hold_one_each("register")

    office.link()

    assert groups(office, 4) == [[1, 3, 4], [2]]


def test_no_third_record_joins_two_that_one_source_holds(tmp_path: Path) -> None:
    near = person("Ann Smyth", "1944-03-02", "AV1 1AA")
    office = one_each(tmp_path, ANN, near)
    office.load([person("Ann Smithe", "1944-03-02", "AV1 1AA")], source="gp")
    office.hold_one_each("register")

    office.link()

    assert not any({1, 2} <= set(group) for group in groups(office, 3))


def identities_of(office: Office) -> Identities:
    manifest = office.warehouse.manifest()
    contracts = office.place.contracts.values()
    return read_identities(office.warehouse, manifest, contracts, office.rules)


def test_an_entity_with_two_vetoed_members_is_a_breach(tmp_path: Path) -> None:
    rose = person("Rose Smith", "1944-03-02", "AV1 1AA")
    office = linked(tmp_path, ANN, rose, person("Rose Cole", "1971-11-20"), crowd=False)
    mixed = pa.table({"record_id": [1, 2, 3], "entity": [1, 1, 3]})
    right = pa.table({"record_id": [1, 2, 3], "entity": [1, 2, 2]})

    found = [veto_breaches(identities_of(office), rules(), t) for t in (mixed, right)]

    assert found == [1, 0]


def test_two_records_of_a_source_that_holds_one_each_are_a_breach(
    tmp_path: Path,
) -> None:
    office = one_each(tmp_path, ANN, person("Ann Smyth", "1944-03-02", "AV1 1AA"))
    mixed = pa.table({"record_id": [1, 2], "entity": [1, 1]})

    assert veto_breaches(identities_of(office), rules(), mixed) == 1
