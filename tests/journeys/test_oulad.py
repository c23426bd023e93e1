"""OULAD: the whole way, on some students of the real files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import oulad
from benchmarks.by_family import FAMILIES
from benchmarks.presentations import SCORE_DAY, Files, read_files, scored_on
from features.definitions.place import read_place
from features.faults import Misuse
from models.definitions.score_files import read_scores
from models.judging.intervals import LEAST_PEOPLE


ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LAMPPOST_DATA", ROOT.parent / "shared" / "data"))
JUDGED = "2014B"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir() and os.environ.get("CI") != "true",
    reason=f"needs the real data in {DATA}, or in the folder LAMPPOST_DATA names",
)


@pytest.fixture(scope="module")
def files() -> Files:
    return read_files(DATA / "oulad")


def options(judged: str = JUDGED) -> oulad.Options:
    return oulad.Options(DATA, judged, None)


def some(files: Files, one_in: int) -> Files:
    students = files.enrolments["id_student"].unique()
    return files.only(students[::one_in])


def indicators(files: Files, folder: Path) -> pd.DataFrame:
    place, score = oulad.definitions(options())
    folder.mkdir()
    warehouse, entry = oulad.built(place, score, files, folder)
    rows = pd.read_parquet(warehouse.path(entry.table))
    judged = rows[rows["as_of"] == scored_on(JUDGED)]
    return judged.set_index("entity_id")[score.indicators].sort_index()


def test_the_place_and_its_score_are_without_a_fault() -> None:
    place, faults = read_place(oulad.PLACE)
    assert place, faults

    scores, faults = read_scores(place)

    assert faults == []
    assert set(scores) == {oulad.SCORE}


def test_no_protected_attribute_and_no_day_of_leaving_is_read_by_an_indicator() -> None:
    place, _ = read_place(oulad.PLACE)
    assert place
    protected = {group.column for group in place.file.groups}

    families = [indicator.family for indicator in place.indicators.values()]

    read = {family.column for family in families}
    filters = " ".join(family.filter or "" for family in families)
    assert not read & {*protected, "left_day", "final_result"}
    assert not any(name in filters for name in (*protected, "left_day"))
    assert not {family.source for family in families} & {"results", "score_days"}


def test_the_judged_are_exactly_who_was_there_on_day_28(files: Files) -> None:
    few = some(files, 12)
    rows = few.enrolments[few.enrolments["code_presentation"] == JUDGED]
    left, registered = rows["date_unregistration"], rows["date_registration"]
    there = rows[(registered <= SCORE_DAY) & (left.isna() | (left >= SCORE_DAY))]

    report = oulad.judge(few, options())

    lost = there["final_result"].isin(["Fail", "Withdrawn"]).mean()
    assert report.figures["judged"] == len(there)
    assert report.figures["share_with_outcome"] == pytest.approx(lost, abs=1e-4)
    for family in FAMILIES:
        assert report.figures[f"unscored_{family}"] == 0
        assert 0.5 < (report.figures[f"auc_{family}"] or 0) < 1
    for name in ("gender_f", "age_band_0_35", "disability_false"):
        assert report.figures[f"auc_additive_{name}_low"] is not None


def test_what_comes_after_day_28_changes_no_indicator(
    files: Files, tmp_path: Path
) -> None:
    few = some(files, 150)
    sent, clicks = few.submissions, few.clicks
    assert clicks is not None
    then = replace(
        few,
        enrolments=few.enrolments.assign(final_result="Pass"),
        submissions=sent[sent["date_submitted"] <= SCORE_DAY],
        clicks=clicks[clicks["Days"] <= SCORE_DAY],
    )

    later, earlier = indicators(few, tmp_path / "a"), indicators(then, tmp_path / "b")

    assert len(later) > LEAST_PEOPLE
    pd.testing.assert_frame_equal(later, earlier)


def test_without_a_file_of_clicks_all_are_scored_all_the_same(files: Files) -> None:
    without = replace(some(files, 30), clicks=None)

    figures = oulad.judge(without, options("2013J")).figures

    assert figures["unscored_additive"] == 0
    assert figures["auc_additive"] == figures["auc_additive_without_clicks"]


@pytest.mark.parametrize(
    ("judged", "words"),
    [("2099B", "must be in the files"), ("2013B", "an earlier presentation")],
)
def test_a_presentation_that_cannot_be_judged_is_a_misuse(
    files: Files, judged: str, words: str
) -> None:
    with pytest.raises(Misuse, match=words):
        oulad.judge(files, options(judged))


def test_a_folder_without_the_files_is_a_misuse_that_names_them(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"studentInfo\.csv\.gz, studentRegistration"):
        read_files(tmp_path)
