"""Findings: gathered, located, counted, and told without a value."""

from features.extracts.findings import Finding, Findings, faults_of
from features.extracts.headers import header_findings
from features.faults import Fault, Refusal


def finding(column: str | None = None) -> Finding:
    return Finding("type.date", "what", "got", "next", column)


def test_like_findings_are_one_with_its_first_lines_and_their_number() -> None:
    findings = Findings()

    for line in [2, 2, 3, 5, 7, 9, 11, 11, 13]:
        findings.add(finding(), line)

    assert [(f.lines, f.count) for f in findings] == [((2, 3, 5, 7, 9), 7)]


def test_a_finding_about_the_whole_file_names_no_line() -> None:
    findings = Findings()
    findings.add(finding())

    assert [fault.where for fault in faults_of(findings, "a.csv")] == ["a.csv"]


def test_at_most_a_thousand_faults_are_told_and_the_rest_counted() -> None:
    many = [Finding("r", "what", f"{n}", "next", "c", (n,), 1) for n in range(1_500)]

    faults = faults_of(many, "a.csv")

    assert len(faults) == 1_001
    assert faults[-1].got == "500 more"


def test_names_are_told_so_that_what_is_hidden_in_them_shows() -> None:
    [fault] = faults_of([finding("k\u0456nd\x1b")], "a\u202eb\n.csv")

    assert fault.where == "a\\u202eb\\x0a.csv: column 'k\\u0456nd\\x1b'"


def test_line_nine_comes_before_line_ten() -> None:
    places = [f"a.csv: line {line}" for line in (10, 9, 100, 1)]

    refusal = Refusal(Fault(place, "what", "got", "next") for place in places)

    assert [fault.where[-3:] for fault in refusal.faults] == [
        "e 1",
        "e 9",
        " 10",
        "100",
    ]


def test_a_header_in_capitals_is_renamed_and_not_missing() -> None:
    found = header_findings(["ID", " name "], ["id", "name"], ",")

    assert [(f.rule, f.column) for f in found] == [
        ("header.renamed", "id"),
        ("header.renamed", "name"),
    ]


def test_a_long_heading_is_cut() -> None:
    [found] = header_findings(["id", "x" * 99], ["id"], ",")

    assert found.column == "x" * 40


def test_a_record_in_place_of_the_header_is_not_shown() -> None:
    [found] = header_findings(["7", "Ann", "Bath"], ["id", "name", "town"], ",")

    assert found.rule == "header.absent"
    assert "Ann" not in str(found)
