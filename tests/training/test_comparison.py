"""Two versions stand side by side, with what of them may be subtracted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from models.judging.gates import Gates
from models.tables.envelope import Calibration, Described, Envelope
from models.tables.table import TableModel
from models.tables.terms import Steps
from tests.features.small_place import contract, family, place
from tests.training.made_up_cases import score
from tests.training.made_up_evaluation import evaluation, figure, source
from training.cards.subject import Subject
from training.checks.same_cases import Drawn
from training.judging.comparison import Side, compare


DAY = dt.date(2024, 7, 1)
PLACE = place([contract("visits")], [family("count", label="Visits")])
FACTS = {"place_sha256": "a", "links": "", "data_from": "2020", "data_to": "2024"}


def model(names: dict[str, str], slope: float = 1.0) -> TableModel:
    terms = tuple(Steps(name, (1.0,), (-0.5, 0.5), missing=None) for name in names)
    described = tuple(Described(name, "", wording) for name, wording in names.items())
    envelope = Envelope(described, Calibration(slope=slope))
    return TableModel("additive", -2.0, terms, FACTS, envelope)


def side(number: int, drawn: Drawn | None = None, **changes: Any) -> Side:
    names = changes.pop("names", {"count": "words"})
    fitted = model(names, changes.pop("slope", 1.0))
    gates = Gates(least_lift=2.0, source_margin=0.0)
    definition = score(first=DAY, gates=gates)
    return Side(
        Subject(definition, PLACE, fitted, evaluation(**changes), number), drawn
    )


def drawn(auc: float, cases: str = "same") -> Drawn:
    rows = np.array([[auc], *([auc + 0.01], [auc - 0.01]) * 50])
    return Drawn(cases, 0.5, ("auc",), rows)


def row(rows: list[dict[str, str]], what: str) -> dict[str, str]:
    return next(each for each in rows if each["what"] == what)


def test_versions_stand_side_by_side():
    found = compare(side(1), side(2, fitted_rows=5_000))

    assert row(found["versions"], "fitted rows") == {
        "what": "fitted rows",
        "version 1": "4000",
        "version 2": "5000",
    }
    assert row(found["versions"], "data to")["version 1"] == "2024"
    assert (
        row(found["versions"], "model sha256")["version 2"]
        == model({"count": "words"}).sha256
    )


def test_figures_of_the_same_cases_are_subtracted():
    found = compare(side(1, drawn(0.80)), side(2, drawn(0.82)))

    assert (
        row(found["figures"], "AUC, later")["version 2 above"] == ".020 (.020 to .020)"
    )
    assert row(found["figures"], "AUC, later and new")["version 2 above"] == ""
    assert found["same cases"].startswith("yes")


def test_figures_of_other_cases_are_not_subtracted():
    found = compare(side(1, drawn(0.80)), side(2, drawn(0.82, "other")))

    auc = row(found["figures"], "AUC, later")
    assert auc["version 2 above"] == "cannot tell: other cases were judged"
    assert auc["version 1"] == ".810 (.780 to .840)"
    assert found["same cases"].startswith("no")
    assert compare(side(1), side(2))["same cases"].startswith("cannot tell")


def test_indicators_that_came_went_or_changed_their_words_are_named():
    one = side(1, names={"count": "words", "gone": "words", "same": "words"})
    other = side(2, names={"count": "new words", "added": "words", "same": "words"})

    found = compare(one, other)

    assert found["indicators"] == [
        {"indicator": "added", "change": "not in version 1"},
        {"indicator": "count", "change": "another unit or wording"},
        {"indicator": "gone", "change": "not in version 2"},
    ]


def test_gates_sources_and_calibration_stand_beside_each_other():
    worth = source("visits", figure(0.0, -0.01, 0.01))

    found = compare(side(1), side(2, sources=[worth], slope=0.9))

    earned = row(found["gates"], "visits earns its place")
    assert earned["version 1"].startswith("passed: .020")
    assert earned["version 2"].startswith("DID NOT PASS: 0 (-0.01 to 0.01)")
    lost = row(found["sources"], "lost without visits")
    assert (lost["version 1"], lost["version 2"]) == (
        ".020 (.010 to .030)",
        ".000 (-.010 to .010)",
    )
    applied = row(found["calibration"], "applied")
    assert applied["version 1"] == "none"
    assert applied["version 2"] == "log-odds times 0.9, plus 0"
