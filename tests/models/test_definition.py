"""What a score's file may say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from features.faults import Fault
from models.definitions.definition import sources_of
from models.definitions.score_files import read_scores
from tests.features.small_place import contract, family, place


SCORE = """
name = "care"
question = "Will they?"
purpose = "planning"
forbidden_uses = ["refuse", "reduce", "ration"]
limits = ["It may be wrong."]
{caveat}
contact_role = "Head of care"
indicators = ["count"]
families = ["additive"]

[cohort]
entity = "person"
source = "visits"

[cohort.calendar]
first = 2024-01-01
every_months = 3

[outcome]
source = "visits"
filter = "kind = 'b'"
horizon_days = 365
recording_lag_days = 30
label = "A visit of kind B"

[[outcome.ends]]
name = "died first"
kind = "competing"
source = "{source}"
filter = "{filter}"

[judgement]
first = 2025-01-01
capacity = 10
rule = "count"

[[bands]]
name = "all"
label = "All"
from_rank = 0.0

[[approvals]]
role = "Board"
approved_on = 2026-01-01
expires = 2026-12-31
"""
CAVEAT = 'caveat = "predicts visits, not need"'
PLACE = place(
    [
        contract(),
        contract("deaths"),
        contract("areas", about=[{"kind": "area", "key": ["id"]}]),
    ],
    [family("count")],
)


def faults(
    folder: Path,
    caveat: str = CAVEAT,
    source: str = "deaths",
    filter_: str = "kind = 'a'",
) -> list[Fault]:
    """Return what is wrong with a score that people may die before."""
    return faults_of(folder, SCORE, caveat=caveat, source=source, filter_=filter_)


def faults_of(
    folder: Path,
    score: str,
    *,
    caveat: str = CAVEAT,
    source: str = "deaths",
    filter_: str = "kind = 'a'",
) -> list[Fault]:
    """Return what is wrong with a score's file."""
    (folder / "scores").mkdir(parents=True)
    text = score.format(caveat=caveat, source=source, filter=filter_)
    (folder / "scores" / "care.toml").write_text(text)
    scores, found = read_scores(replace(PLACE, root=folder))
    if not found:
        assert sources_of(scores["care"], PLACE) == {"visits", "deaths"}
    return found


def test_an_outcome_may_have_ends_that_other_sources_tell_of(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


def test_a_score_that_something_else_may_end_says_what_it_does_not_predict(
    tmp_path: Path,
) -> None:
    [fault] = faults(tmp_path, caveat="")

    assert "needs a `caveat`" in fault.what


def test_a_score_draws_twenty_link_sets_unless_its_file_says_more(
    tmp_path: Path,
) -> None:
    few, many = (f"{CAVEAT}\ndoubt = {{ draws = {n} }}" for n in (19, 40))

    [fault] = faults(tmp_path / "few", caveat=few)

    assert (fault.where.rpartition(": ")[2], fault.got) == ("doubt.draws", "19")
    assert faults(tmp_path / "many", caveat=many) == []


def test_an_end_that_cannot_be_read_is_named_where_it_stands(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, filter_="cause = 'a'")

    assert fault.where.endswith("care.toml: outcome.ends[0].filter")


def test_an_end_comes_from_a_source_about_those_who_are_scored(tmp_path: Path) -> None:
    [fault] = faults(tmp_path, source="areas")

    assert fault.where.endswith("care.toml: outcome.ends[0].source")
    assert "a source about a person must be declared" in fault.what


def test_practice_is_an_indicator_of_the_place(tmp_path: Path) -> None:
    named = 'rule = "count"\npractice = "{}"'
    for name, wrong in (("count", 0), ("diary", 1)):
        text = SCORE.replace('rule = "count"', named.format(name))
        found = faults_of(tmp_path / name, text)

        assert len(found) == wrong
        assert all(f.where.endswith("judgement.practice") for f in found)
