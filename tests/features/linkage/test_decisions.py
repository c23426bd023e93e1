"""A steward's decision: beats probabilities and names, never two valid numbers."""

from __future__ import annotations

from pathlib import Path

from features.linkage.decisions import Decision
from tests.features.people import ONE, TWO, Office, Row, groups, linked, person


ANN = person("Ann Smith", "1944-03-02", "AV1 1AA")
ROSE = person("Rose Smith", "1944-03-02", "AV1 1AA")
SAME, OTHER = Decision(1, 2, same=True), Decision(1, 2, same=False)


def decided(folder: Path, decision: Decision, *rows: Row) -> Office:
    office = linked(folder, *rows)
    office.link(decisions=[decision])
    return office


def outcomes(office: Office) -> set[str]:
    return {pair["outcome"] for pair in office.pairs()}


def test_two_records_that_a_steward_calls_one_are_one(tmp_path: Path) -> None:
    office = decided(tmp_path, SAME, ANN, person("Joan Cole", "1971-11-20", "AV9 9ZZ"))

    assert groups(office, 2) == [[1, 2]]
    assert office.links()[1]["method"] == "steward"
    assert outcomes(office) == {"decided same"}


def test_a_decision_beats_a_veto_that_looks_at_names(tmp_path: Path) -> None:
    office = decided(tmp_path, SAME, ANN, ROSE)

    assert groups(office, 2) == [[1, 2]]


def test_no_decision_beats_two_valid_numbers(tmp_path: Path) -> None:
    office = decided(
        tmp_path, SAME, {**ANN, "nhs_number": ONE}, {**ANN, "nhs_number": TWO}
    )

    assert groups(office, 2) == [[1], [2]]
    assert "contradicted: conflicting NHS numbers" in outcomes(office)
    report = office.link(decisions=[SAME])
    assert "a steward's decision contradicts valid numbers" in report.notes


def test_no_decision_beats_a_valid_number_elsewhere_in_the_cluster(
    tmp_path: Path,
) -> None:
    numbered = {**ANN, "nhs_number": ONE}
    ann = {**ANN, "forename": "Anne", "nhs_number": ONE}
    office = decided(
        tmp_path, Decision(1, 3, same=True), numbered, ann, {**ANN, "nhs_number": TWO}
    )

    assert groups(office, 3) == [[1, 2], [3]]


def test_two_records_that_a_steward_tells_apart_stay_apart(tmp_path: Path) -> None:
    office = decided(tmp_path, OTHER, ANN, person("Ann Smyth", "1944-03-02", "AV1 1AA"))

    assert groups(office, 2) == [[1], [2]]
    assert outcomes(office) == {"vetoed: a steward's decision"}


def test_two_records_that_say_the_same_may_be_told_apart(tmp_path: Path) -> None:
    office = decided(tmp_path, OTHER, ANN, ANN)

    assert groups(office, 2) == [[1], [2]]


def test_no_third_record_brings_together_what_a_steward_told_apart(
    tmp_path: Path,
) -> None:
    near = person("Ann Smyth", "1944-03-02", "AV1 1AA")
    office = decided(tmp_path, OTHER, ANN, near, person("Ann Smithe", "1944-03-02"))

    found = groups(office, 3)
    assert not any({1, 2} <= set(group) for group in found)


def test_what_is_like_one_of_two_that_were_called_one_joins_both(
    tmp_path: Path,
) -> None:
    office = decided(tmp_path, SAME, ANN, ROSE, ANN)

    assert groups(office, 3) == [[1, 2, 3]]


def test_a_decision_about_records_that_are_not_linked_changes_nothing(
    tmp_path: Path,
) -> None:
    office = decided(tmp_path, Decision(1, 999, same=True), ANN, person())

    assert groups(office, 2) == [[1]]


def test_records_of_one_identity_move_together(tmp_path: Path) -> None:
    office = linked(tmp_path, ANN, ANN, person("Ann Smyth", "1944-03-02", "AV1 1AA"))

    rows = office.links()[:3]

    assert [row["identity"] for row in rows] == [1, 1, 3]
    assert [row["entity"] for row in rows] == [1, 1, 1]
