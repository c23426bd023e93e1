"""The spine: a new load is linked against what is settled, and moves nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.linkage.decisions import Decision
from tests.features.people import (
    CROWD,
    ONE,
    Office,
    groups,
    linked,
    person,
    rules,
)


ANN = person("Ann Smith", "1944-03-02", "AV1 1AA")
ROSE = person("Rose Cole", "1971-11-20", "AV5 5ZZ")
# Ann as another office knows her, and what says that the two are one.
ANN_JONES = person("Ann Jones", "1944-03-02", "AV7 7AA", ONE)
BOTH = person("Ann Smith", "1944-03-02", "AV1 1AA", ONE)


def names(office: Office) -> dict[int, str]:
    return {row["record_id"]: row["entity_id"] for row in office.links()}


def test_a_new_record_joins_a_settled_person(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ROSE)

    office.load([person("Ann Smyth", "1944-03-02", "AV1 1AA")], source="gp")
    office.link()

    added = len(CROWD) + 3
    assert office.entities()[added] == 1
    version = office.warehouse.manifest().links_of("person")
    assert version and (version.number, version.spine) == (2, 1)


def test_a_new_record_never_joins_two_settled_people(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ANN_JONES)
    before = names(office)

    office.load([BOTH], source="gp")
    office.link()

    after = names(office)
    assert {record: after[record] for record in before} == before
    assert {flag["entity"] for flag in office.flags()} == {1, 2}
    assert "bridge" in {pair["outcome"] for pair in office.pairs()}


def test_linked_afresh_the_same_records_are_one_person(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ANN_JONES)
    office.load([BOTH], source="gp")
    office.link()

    office.link(afresh=True)

    assert groups(office, 2) == [[1, 2]]
    assert office.flags() == []


def test_a_flag_stays_until_a_steward_decides(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ANN_JONES)
    office.load([BOTH], source="gp")
    office.link()

    office.load([ROSE], source="gp")
    office.link()

    assert {flag["entity"] for flag in office.flags()} == {1, 2}


@pytest.mark.parametrize("same", [True, False])
def test_a_decision_takes_the_flag_away(tmp_path: Path, same: bool) -> None:
    office = linked(tmp_path, ANN, ANN_JONES)
    office.load([BOTH], source="gp")
    office.link()

    flag = office.flags()[0]
    records = (flag["record_id_l"], flag["record_id_r"])
    office.link(decisions=[Decision(*records, same)])

    assert office.flags() == []
    assert groups(office, 2) == ([[1, 2]] if same else [[1], [2]])


def test_of_two_people_who_become_one_the_older_stays(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ANN_JONES)
    before = names(office)

    office.link(decisions=[Decision(1, 2, same=True)])

    assert names(office) == {**before, 2: before[1]}


def test_one_person_whom_a_steward_calls_two_comes_apart(tmp_path: Path) -> None:
    near = person("Ann Smyth", "1944-03-02", "AV1 1AA")
    office = linked(tmp_path, ANN, near)
    before = names(office)

    office.link(decisions=[Decision(1, 2, same=False)])

    after = names(office)
    assert groups(office, 2) == [[1], [2]]
    assert {**after, 2: before[2]} == before


def test_a_record_that_says_something_else_may_leave(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ANN, ROSE)

    office.load([{"record": 2, **ROSE}])
    office.link()

    assert groups(office, 3) == [[1], [2, 3]]


def test_a_persons_name_never_passes_to_another_with_a_record(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ANN, ROSE)
    before = names(office)

    office.load([{"record": 1, **ROSE}])
    office.link()

    after = names(office)
    assert (after[2], after[3]) == (before[2], before[3])
    assert after[1] == before[3]


def test_a_record_that_left_alone_gets_a_name_of_its_own(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ANN)
    before = names(office)

    office.load([{"record": 1, **ROSE}])
    office.link()

    after = names(office)
    assert after[2] == before[2]
    assert after[1] not in before.values()


def test_who_moves_house_keeps_the_name(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ROSE)
    before = names(office)

    office.load([{"record": 1, **ANN, "postcode": "AV9 9ZZ"}])
    office.link()

    assert names(office) == before


def test_an_older_version_of_the_links_stays_readable(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN)
    [first] = office.warehouse.manifest().links
    held = office.warehouse.path(first.links).read_bytes()

    office.load([ROSE], source="gp")
    office.link()

    assert office.warehouse.manifest().links[0] == first
    assert office.warehouse.path(first.links).read_bytes() == held
    assert office.warehouse.damaged() == []


def test_the_weights_of_the_first_linking_are_kept(tmp_path: Path) -> None:
    training = rules().model_dump()["training"] | {"least_identities": 50}
    some = [BOTH, ANN, person("Ann Smyth", "1944-03-02", "AV1 1AA", ONE), ROSE, ROSE]
    office = linked(tmp_path, *some, *CROWD, training=training)
    first = office.warehouse.manifest().links_of("person")

    office.load([ANN, ROSE, *CROWD[:5]], source="gp")
    office.link()

    second = office.warehouse.manifest().links_of("person")
    assert first and first.model
    assert second and second.model
    assert second.model.sha256 == first.model.sha256


def test_the_same_loads_in_the_same_order_give_the_same_bytes(tmp_path: Path) -> None:
    offices = [linked(tmp_path / name, ANN, ANN_JONES) for name in ("one", "other")]
    for office in offices:
        office.load([BOTH, ROSE], source="gp")
        office.link()

    versions = [office.warehouse.manifest().links for office in offices]

    assert versions[0] == versions[1]


def test_linking_afresh_twice_gives_one_version(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN)
    office.load([ROSE], source="gp")
    office.link()

    found = [office.link(afresh=True).version for _ in range(2)]

    assert found == [3, 3]
