"""Linkage: one person's records together, and nobody else's among them."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.linkage.pseudonyms import pseudonym
from tests.features.people import (
    CROWD,
    KEY,
    ONE,
    THREE,
    TWO,
    Office,
    Row,
    groups,
    linked,
    person,
    rules,
)


ANN = person("Ann Smith", "1944-03-02", "AV1 1AA")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(person("Ann Smith", "1944-03-02", "AV1 1AA"), id="equal"),
        pytest.param(person("ann  SMITH", "1944-03-02", "av11aa"), id="spelling"),
        pytest.param(person("Smith Ann", "1944-03-02", "AV1 1AA"), id="swapped names"),
        pytest.param(person("Ann Smyth", "1944-03-02", "AV1 1AA"), id="misspelt"),
        pytest.param(person("Ann Smith", "1944-02-03", "AV1 1AA"), id="day for month"),
        pytest.param(person("A Smith", "1944-03-02", "AV1 1AA"), id="initial"),
        pytest.param(person("Ann Smith", "1944-03-02", "AV9 9ZZ"), id="moved"),
    ],
)
def test_one_person_written_down_in_two_ways_is_one(tmp_path: Path, other: Row) -> None:
    office = linked(tmp_path, ANN, other)

    assert groups(office, 2) == [[1, 2]]


def test_a_nickname_is_the_same_name(tmp_path: Path) -> None:
    office = linked(
        tmp_path,
        person("William Smith", "1944-03-02", "AV1 1AA"),
        person("Bill Smith", "1944-03-02", "AV1 1AA"),
    )

    assert groups(office, 2) == [[1, 2]]


def test_a_married_name_is_linked_by_the_number(tmp_path: Path) -> None:
    office = linked(
        tmp_path,
        person("Ann Smith", "1944-03-02", "AV1 1AA", ONE),
        person("Ann Jones", "1944-03-02", "AV7 7AA", ONE),
    )

    assert groups(office, 2) == [[1, 2]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            person("Ann Smith", "1944-03-02", "AV1 1AA"),
            person("Rose Smith", "1944-03-02", "AV1 1AA"),
            id="twins",
        ),
        pytest.param(
            person("John Smith", "1920-07-11", "AV1 1AA"),
            person("John Smith", "1944-03-02", "AV1 1AA"),
            id="father and son",
        ),
        pytest.param(
            person("John Smith", "1920-07-11", "AV1 1AA", ONE),
            person("John Smith", "1944-03-02", "AV1 1AA", ONE),
            id="father and son under one number",
        ),
        pytest.param(
            person("Ann Smith", "1944-03-02", "AV1 1AA", ONE),
            person("Ann Smith", "1944-03-02", "AV1 1AA", TWO),
            id="conflicting numbers",
        ),
        pytest.param(
            person("Ann Smith", "1944-03-02", "AV1 1AA", ONE),
            person("Rose Cole", "1971-11-20", "AV5 5ZZ", ONE),
            id="a reused number",
        ),
        pytest.param(
            person("Ann Smith", "1944-03-02", "AV1 1AA", "9434765918"),
            person("Rose Cole", "1971-11-20", "AV5 5ZZ", "9434765918"),
            id="one wrong number",
        ),
        pytest.param(
            person("Ann Smith", "1944-03-02", "AV1 1AA", "9999999999"),
            person("Rose Cole", "1971-11-20", "AV5 5ZZ", "9999999999"),
            id="a placeholder for the number",
        ),
        pytest.param(
            person("Ann Smith", "1900-01-01"),
            person("Ann Smith", "1900-01-01"),
            id="a placeholder for the birth date",
        ),
        pytest.param(person("Ann"), person("Ann"), id="a forename and no more"),
    ],
)
def test_two_people_stay_two(tmp_path: Path, one: Row, other: Row) -> None:
    office = linked(tmp_path, one, other)

    assert groups(office, 2) == [[1], [2]]


def test_a_placeholder_is_no_conflict(tmp_path: Path) -> None:
    office = linked(
        tmp_path,
        person("Ann Smith", "1944-03-02", "AV1 1AA", ONE),
        person("Ann Smith", "1944-03-02", "AV1 1AA", "9999999999"),
    )

    assert groups(office, 2) == [[1, 2]]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_no_third_record_brings_two_people_together(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    rows = [
        person("Ann Smith", "1944-03-02", "AV1 1AA", ONE),
        person("Ann Smith", "1944-03-02", "AV1 1AA"),
        person("Ann Smith", "1944-03-02", "AV1 1AA", TWO),
    ]
    office = linked(tmp_path, *(rows[n] for n in order))

    # The record without a number is as near to one as to the other: it has no entity.
    first, third = order.index(0) + 1, order.index(2) + 1
    assert sorted(groups(office, 3)) == sorted([[first], [third]])
    ties = [pair for pair in office.pairs() if pair["outcome"] == "tie"]
    assert len(ties) == 2


def test_the_nearer_of_two_people_gets_the_record(tmp_path: Path) -> None:
    office = linked(
        tmp_path,
        person("Ann Smith", "1944-03-02", "AV1 1AA", ONE),
        person("Ann Smith", "1944-03-02", "AV1 1AA"),
        person("Ann Smith", "1944-03-07", "AV6 6AA", TWO),
    )

    assert groups(office, 3) == [[1, 2], [3]]


def test_what_fits_two_holders_of_one_number_goes_to_neither(tmp_path: Path) -> None:
    office = linked(
        tmp_path,
        person("Ann Smith", "1944-03-02", "AV1 1AA", ONE),
        person("Rose Cole", "1971-11-20", "AV5 5ZZ", ONE),
        person(nhs=ONE),
    )

    assert groups(office, 3) == [[1], [2], [3]]


def test_a_record_that_says_nothing_has_no_entity(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, person())

    assert groups(office, 2) == [[1]]
    assert office.link().sources[0].unlinked == 1


def test_each_link_tells_its_method_and_probability(tmp_path: Path) -> None:
    office = linked(
        tmp_path,
        person("Ann Smith", "1944-03-02", "AV1 1AA", ONE),
        person("Ann Jones", "1944-03-02", "AV1 1AA", ONE),
        person("Ann Smyth", "1944-03-02", "AV1 1AA"),
        person("Rose Cole", "1971-11-20", "AV5 5ZZ"),
    )

    told = [(r["method"], r["probability"]) for r in office.links()[:4]]
    assert told[:2] == [("exact nhs_number", 1.0)] * 2
    assert told[2][0] == "splink"
    assert 0.95 <= told[2][1] < 1
    assert told[3] == ("alone", 1.0)


def test_an_exact_copy_changes_no_entity(tmp_path: Path) -> None:
    rows = [ANN, person("Ann Smyth", "1944-03-02", "AV1 1AA"), person("Rose Cole")]
    before = linked(tmp_path / "before", *rows).entities()

    after = linked(tmp_path / "after", *rows, crowd=False)
    after.load([*CROWD, *rows])
    after.link()

    kept = {record: after.entities()[record] for record in (1, 2, 3)}
    assert kept == {record: before[record] for record in (1, 2, 3)}


def test_entities_keep_their_names_when_more_records_come(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, person("Rose Cole", "1971-11-20", "AV5 5ZZ"))
    before = {row["record_id"]: row["entity_id"] for row in office.links()}

    office.load([ANN, person("Rose Cole", "1971-11-20", "AV6 6ZZ")], source="gp")
    report = office.link()

    after = {row["record_id"]: row["entity_id"] for row in office.links()}
    assert report.version == 2
    assert {record: after[record] for record in before} == before
    assert list(after.values())[-2:] == [before[1], before[2]]


def test_the_newest_version_of_a_record_counts(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, person("Rose Cole", "1971-11-20", "AV5 5ZZ"))

    office.load([{"record": 2, **ANN}])
    office.link()

    assert groups(office, 2) == [[1, 2]]


def test_linking_again_gives_the_same_version(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN)
    manifest = office.warehouse.manifest()

    report = office.link()

    assert report.version == 1
    assert office.warehouse.manifest() == manifest


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    rows = [ANN, person("Ann Smyth", "1944-03-02", "AV1 1AA")]
    one, other = (linked(tmp_path / name, *rows) for name in ("one", "other"))

    versions = [o.warehouse.manifest().links_of("person") for o in (one, other)]

    assert versions[0] == versions[1]


def test_another_rule_gives_another_version(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN)
    stricter = Office(tmp_path, rules(threshold=0.99))

    assert stricter.link().version == 2
    assert office.warehouse.manifest().links_of("person") is not None


def test_another_key_gives_other_names_to_the_same_people(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ANN)
    before = office.links()

    report = office.link(b"another key of thirty-two bytes or more")

    after = office.links()
    assert report.version == 2
    assert [r["entity"] for r in after] == [r["entity"] for r in before]
    names = [{r["entity_id"] for r in rows} for rows in (before, after)]
    assert not names[0] & names[1]
    assert names[0] == {pseudonym("person", r["entity"], KEY) for r in before}


def test_the_report_tells_how_far_each_source_is_linked(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, person())
    office.load([ANN], source="gp")

    report = office.link()

    register, gp = report.sources
    assert (register.source, register.records) == ("register", 2 + len(CROWD))
    assert register.by_method["alone"] == len(CROWD)
    assert (gp.linked_share, gp.unlinked) == (1.0, 0)
    assert report.entities == 1 + len(CROWD)
    assert report.notes == ("too few records to train on: declared weights were used",)


def test_vetoed_merges_are_counted(tmp_path: Path) -> None:
    rose = person("Rose Smith", "1944-03-02", "AV1 1AA")
    report = linked(tmp_path, ANN, rose).link()

    assert report.outcomes == {"vetoed: twins": 1}
    assert report.vetoed == 1


def test_nothing_that_names_a_person_leaves_the_identity_zone(tmp_path: Path) -> None:
    canary = person("Zzyzxa Qwyjibo", "1931-05-17", "QQ7 7QQ", ONE)
    told: list[str] = []
    office = linked(tmp_path, canary, {**canary, "forename": "Zzyzxo"})

    from features.linkage.linking import link_place

    link_place(office.warehouse, office.place, b"k" * 32, progress=told.append)

    texts = [t.lower() for t in ("Zzyzx", "Qwyjibo", "QQ77QQ", ONE, "1931-05-17")]
    files = (f for f in (tmp_path / "warehouse").rglob("*") if f.is_file())
    held = b"".join(file.read_bytes().lower() for file in files)
    assert all(text.encode() not in held for text in texts)
    assert all(text not in message for text in texts for message in told)


def test_few_records_without_declared_weights_are_linked_by_exact_keys(
    tmp_path: Path,
) -> None:
    bare = rules().model_dump(exclude_defaults=True)
    for comparison in bare["comparisons"]:
        for level in comparison["levels"]:
            level.pop("if_same")
            level.pop("if_other")
    office = linked(
        tmp_path,
        person("Ann Smith", "1944-03-02", "AV1 1AA", THREE),
        person("Ann Smyth", "1944-03-02", "AV1 1AA"),
        person("Ann Jones", "1944-03-02", None, THREE),
        comparisons=bare["comparisons"],
    )

    assert groups(office, 3) == [[1, 3], [2]]
    assert office.link().notes == ("too few records to train on: exact keys only",)


def test_records_that_bear_no_training_fall_back_to_declared_weights(
    tmp_path: Path,
) -> None:
    training = rules().model_dump()["training"] | {"least_identities": 2}

    office = linked(
        tmp_path,
        ANN,
        person("Ann Smyth", "1944-03-02", "AV1 1AA"),
        crowd=False,
        training=training,
    )

    assert groups(office, 2) == [[1, 2]]
    note = "the records do not bear training: declared weights were used"
    assert office.link().notes == (note,)


def test_a_kind_without_records_is_linked_to_nothing(tmp_path: Path) -> None:
    report = Office(tmp_path).link()

    assert (report.entities, report.sources[0].linked_share) == (0, None)


MIXED = [
    ANN,
    person("Ann Smyth", "1944-03-02", "AV1 1AA"),
    person("Smith Ann", "1944-03-02", None, ONE),
    person("Rose Smith", "1944-03-02", "AV1 1AA"),
    person("John Smith", "1920-07-11", "AV1 1AA"),
    person("John Smith", "1944-03-02", "AV1 1AA", TWO),
    person("J Smith", "1944-03-02", "AV1 1AA"),
    person(nhs=TWO),
    person("Ann"),
]


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.permutations(range(len(MIXED))))
def test_the_order_of_records_does_not_change_the_links(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    count = len(MIXED)
    plain = linked(tmp_path_factory.mktemp("plain"), *MIXED)
    mixed = linked(tmp_path_factory.mktemp("mixed"), *(MIXED[n] for n in order))

    # Record 1 of `mixed` is what `order[0]` says, and so on.
    renamed = [[order[r - 1] + 1 for r in group] for group in groups(mixed, count)]
    assert sorted(map(sorted, renamed)) == sorted(groups(plain, count))
