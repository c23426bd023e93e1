"""Presentations of modules: the Open University's files as dated extracts.

The files count days from the first day of a presentation. Contracts want dates, so
each presentation is given a first day: 1 February where its code ends in B, 1 October
where it ends in J. Nothing hangs on the very day: only the order of presentations and
what lies between two days of one of them are ever used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from features.faults import Fault, Misuse


# The last day that counts; scored is on the morning after.
SCORE_DAY = 28
_FIRST_DAYS = {"B": (2, 1), "J": (10, 1)}

_PRESENTATION = ["code_module", "code_presentation"]
_ENROLMENT = [*_PRESENTATION, "id_student"]
_FILES = {
    "students": "studentInfo.csv.gz",
    "registrations": "studentRegistration.csv.gz",
    "submissions": "studentAssessment.csv.gz",
    "assessments": "assessments.csv",
    "courses": "courses.csv",
}
_CLICKS = "vle_features_thirdparty.csv.gz"
_ADDED_UP = {
    "total_clicks": "clicks",
    "active_days": "active_days",
    "interactions": "visits",
}


@dataclass(frozen=True)
class Files:
    """The files that are read, each as a table.

    Attributes:
        enrolments: One row each, with the days of registering and of leaving.
        submissions: Each with its enrolment, and with the piece that was handed in.
        assessments: What is due when, by module and presentation.
        clicks: Sums by student and last day; None where there is no such file.
    """

    enrolments: pd.DataFrame
    submissions: pd.DataFrame
    assessments: pd.DataFrame
    clicks: pd.DataFrame | None

    @property
    def presentations(self) -> list[str]:
        """The codes of the presentations, earliest first."""
        return sorted(self.enrolments["code_presentation"].unique(), key=first_day)

    def only(self, students: Iterable[int]) -> Files:
        """Return the files of some students."""
        wanted = set(students)
        clicks = self.clicks
        return Files(
            self.enrolments[self.enrolments["id_student"].isin(wanted)],
            self.submissions[self.submissions["id_student"].isin(wanted)],
            self.assessments,
            None if clicks is None else clicks[clicks["id_student"].isin(wanted)],
        )


def first_day(presentation: str) -> dt.date:
    """Return the day that stands for day 0 of a presentation.

    >>> first_day("2013J")
    datetime.date(2013, 10, 1)
    """
    month, day = _FIRST_DAYS[presentation[-1]]
    return dt.date(int(presentation[:-1]), month, day)


def scored_on(presentation: str) -> dt.date:
    """Return the as-of date: the morning after day 28, so that all of it is known.

    >>> scored_on("2014B")
    datetime.date(2014, 3, 2)
    """
    return first_day(presentation) + dt.timedelta(days=SCORE_DAY + 1)


def read_files(folder: Path) -> Files:
    """Read the files of a folder.

    Raises:
        Misuse: A file is not there; all that are not are told. Clicks may be missing.
    """
    missing = [name for name in _FILES.values() if not (folder / name).is_file()]
    if missing:
        what, do = "the folder must hold the data set", "name another with --data DIR"
        got = f"without {', '.join(missing)}"
        raise Misuse([Fault(str(folder), what, got, do)])
    read = {key: pd.read_csv(folder / name) for key, name in _FILES.items()}
    enrolments = read["students"].merge(read["registrations"], on=_ENROLMENT)
    enrolments = enrolments.merge(read["courses"], on=_PRESENTATION)
    pieces = read["assessments"].rename(columns={"date": "due"})
    submissions = read["submissions"].merge(pieces, on="id_assessment")
    clicks = folder / _CLICKS
    return Files(
        _named(enrolments),
        _named(submissions),
        pieces,
        pd.read_csv(clicks) if clicks.is_file() else None,
    )


def write_extracts(files: Files, folder: Path) -> dict[str, Path]:
    """Write one CSV file a source that has rows; returns them by the source's name."""
    paths = {}
    for source, table_of in _EXTRACTS.items():
        table = table_of(files)
        if len(table):
            paths[source] = folder / f"{source}.csv"
            table.to_csv(paths[source], index=False, lineterminator="\n")
    return paths


def _enrolments(files: Files) -> pd.DataFrame:
    rows = files.enrolments
    return pd.DataFrame(
        {
            "enrolment": rows["enrolment"],
            "student": rows["id_student"],
            "module": rows["code_module"],
            "presentation": rows["code_presentation"],
            "registered_on": _date(rows, rows["date_registration"]),
            "highest_education": rows["highest_education"],
            "previous_attempts": rows["num_of_prev_attempts"],
            "credits": rows["studied_credits"],
            "gender": rows["gender"],
            "age_band": rows["age_band"],
            "disability": rows["disability"],
            "imd_band": rows["imd_band"],
            "region": rows["region"],
        }
    )


def _score_days(files: Files) -> pd.DataFrame:
    rows = files.enrolments
    return pd.DataFrame(
        {
            "enrolment": rows["enrolment"],
            "scored_on": rows["code_presentation"].map(scored_on),
            "registered_day": rows["date_registration"].astype("Int64"),
            "left_day": rows["date_unregistration"].astype("Int64"),
        }
    )


def _deadlines(files: Files) -> pd.DataFrame:
    due = files.assessments.dropna(subset="due")
    rows = files.enrolments[[*_ENROLMENT, "enrolment"]].merge(due, on=_PRESENTATION)
    came = files.submissions[["enrolment", "id_assessment", "date_submitted"]]
    rows = rows.merge(came, on=["enrolment", "id_assessment"], how="left")
    return pd.DataFrame(
        {
            "enrolment": rows["enrolment"],
            "piece": rows["id_assessment"],
            "marked_by": rows["assessment_type"],
            "due_on": _date(rows, rows["due"]),
            "weight": rows["weight"],
            "came": rows["date_submitted"] <= rows["due"],
        }
    )


def _submissions(files: Files) -> pd.DataFrame:
    rows = files.submissions
    return pd.DataFrame(
        {
            "enrolment": rows["enrolment"],
            "piece": rows["id_assessment"],
            "marked_by": rows["assessment_type"],
            "handed_in_on": _date(rows, rows["date_submitted"]),
            "days_late": (rows["date_submitted"] - rows["due"]).astype("Int64"),
            "banked": rows["is_banked"].astype(bool),
        }
    )


def _marks(files: Files) -> pd.DataFrame:
    rows = files.submissions
    rows = rows[~rows["is_banked"].astype(bool) & rows["score"].notna()]
    return pd.DataFrame(
        {
            "enrolment": rows["enrolment"],
            "piece": rows["id_assessment"],
            "handed_in_on": _date(rows, rows["date_submitted"]),
            "mark": rows["score"],
        }
    )


def _activity(files: Files) -> pd.DataFrame:
    """Return the clicks of who has one enrolment, by two weeks; the others' are mixed.

    The file's sums run from the beginning, so the one before is taken off.
    """
    columns = ["enrolment", "through_day", "through", *_ADDED_UP.values(), "spread"]
    if files.clicks is None:
        return pd.DataFrame(columns=columns)
    once = files.enrolments.drop_duplicates("id_student", keep=False)
    once = once[["id_student", "code_presentation", "enrolment"]]
    rows = files.clicks[files.clicks["single_presentation"].astype(bool)]
    rows = rows.rename(columns={"Days": "through_day", "std_clicks": "spread"})
    rows = rows.rename(columns=_ADDED_UP).merge(once, on="id_student")
    rows = rows.sort_values(["enrolment", "through_day"])
    sums = rows[list(_ADDED_UP.values())]
    before = sums.groupby(rows["enrolment"]).shift(fill_value=0)
    rows[sums.columns] = (sums - before).clip(lower=0)
    rows["through"] = _date(rows, rows["through_day"])
    return rows[columns]


def _results(files: Files) -> pd.DataFrame:
    rows = files.enrolments
    return pd.DataFrame(
        {
            "enrolment": rows["enrolment"],
            "ended_on": _date(rows, rows["module_presentation_length"]),
            "final_result": rows["final_result"],
        }
    )


_EXTRACTS: dict[str, Callable[[Files], pd.DataFrame]] = {
    "enrolments": _enrolments,
    "score_days": _score_days,
    "deadlines": _deadlines,
    "submissions": _submissions,
    "marks": _marks,
    "activity": _activity,
    "results": _results,
}


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    parts = [rows[name].astype(str) for name in _ENROLMENT]
    return rows.assign(enrolment=parts[0] + "-" + parts[1] + "-" + parts[2])


def _date(rows: pd.DataFrame, day: pd.Series) -> pd.Series:
    """Return the date of a day counted from the first of the row's presentation."""
    first = pd.to_datetime(rows["code_presentation"].map(first_day))
    return (first + pd.to_timedelta(day, unit="D")).dt.strftime("%Y-%m-%d")
