"""Cards and comparisons of versions that a registry really holds, by the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from features.snapshots.bearing import definition_sha256
from lamppost.cli.app import app
from lamppost.opened import Open, open_place
from lamppost.settings import read_settings
from models.registry.registry import RunRecord
from models.tables.table import TableModel
from models.tables.terms import Steps
from tests.training.made_up_evaluation import evaluation, figure
from training.cards.card import card_texts
from training.checks.same_cases import Drawn, drawn_texts


SCORE = "care_package"
POINTS = "# A scorecard\n\nAge: 3\n"


def run(*arguments: str | Path):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Open:
    folder = tmp_path_factory.mktemp("cards")
    assert run("init", folder / "place").exit_code == 0
    opened = open_place(read_settings(folder / "place", folder / "store"))
    now = definition_sha256(opened.place, opened.score(SCORE).plan())
    register(opened, now, auc=0.80)
    register(opened, now, auc=0.82, texts={"points_card.md": POINTS})
    register(opened, "of long ago", auc=0.7, texts={"card.md": "# As it was\n"})
    register(opened, "of long ago", auc=0.6)
    return opened


def register(
    opened: Open,
    definition: str,
    *,
    auc: float,
    texts: dict[str, str] | None = None,
) -> None:
    score = opened.score(SCORE)
    terms = tuple(Steps(n, (1.0,), (-auc, auc), 0.0) for n in score.indicators)
    model = TableModel(score.serve, -2.0, terms, {"definition_sha256": definition})
    table = np.array([[auc], *([auc + 0.01], [auc - 0.01]) * 50])
    drawn = drawn_texts(Drawn("the same", 0.5, ("auc",), table))
    found = {"evaluation.json": json.dumps(evaluation())}
    opened.registry().register(
        RunRecord(
            score=score.name,
            texts={**found, **drawn, **(texts or {})},
            model_json=model.to_json(),
        )
    )


def asked(opened: Open, verb: str, *more: str | Path):
    where = ("--place", opened.settings.place, "--store", opened.settings.store)
    return run(verb, *more, *where)


def test_a_card_is_printed_as_it_stands(opened: Open):
    shown = asked(opened, "card", "--version", "1")

    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.startswith("# ")
    assert "the card of its model, version 1" in shown.stdout
    assert "Registered as: my_place.care_package, version 1" in shown.stdout


def test_a_card_is_written_to_a_file_as_a_page(opened: Open, tmp_path: Path):
    out = tmp_path / "card.html"

    shown = asked(
        opened, "card", SCORE, "--version", "2", "--format", "html", "--out", out
    )

    assert f"file: {out}" in shown.stdout
    assert out.read_text().startswith("<!DOCTYPE html>")


def test_the_scorecard_on_paper_is_the_one_that_the_run_left(opened: Open):
    shown = asked(opened, "card", "--version", "2", "--format", "points")

    assert shown.stdout == POINTS


def test_a_score_that_does_not_fit_points_has_no_scorecard(opened: Open):
    shown = asked(opened, "card", "--version", "1", "--format", "points")

    assert shown.exit_code == 1
    assert "a scorecard is of the family `points`" in shown.stderr
    assert "add it to `families` in scores/care_package.toml" in shown.stderr


def test_once_definitions_have_changed_the_card_is_the_one_of_the_training(
    opened: Open,
):
    kept = asked(opened, "card", "--version", "3")
    without = asked(opened, "card", "--version", "4")

    assert kept.stdout == "# As it was\n"
    assert without.exit_code == 1
    assert "other definitions now, and a run that kept no card" in without.stderr


def test_a_version_that_cannot_be_meant_is_misuse(opened: Open):
    shown = asked(opened, "card", "--version", "best")

    assert shown.exit_code == 2
    assert "a version is a number or an alias" in shown.stderr


def test_a_promoted_version_s_card_tells_what_its_sealed_date_showed(opened: Open):
    registry = opened.registry()
    model = registry.version(SCORE, 2).tags["model_sha256"]
    found = {
        "model_sha256": model,
        "first": "2024-10-01",
        "last": "2024-10-01",
        "later": {"auc": figure(0.77, 0.7, 0.8)},
    }
    registry.log_result(
        SCORE, "sealed_date", json.dumps(found).encode(), metrics={}, tags={}
    )

    shown = asked(opened, "card", "--version", "2")

    assert "On 2024-10-01, sealed until its promotion" in shown.stdout
    assert "sealed until its" not in asked(opened, "card", "--version", "1").stdout


def test_two_versions_are_compared_by_number_and_alias(opened: Open):
    shown = asked(opened, "compare", SCORE, "1", "2", "--json")

    found: dict[str, Any] = json.loads(shown.stdout)
    auc = next(row for row in found["figures"] if row["what"] == "AUC, later")
    assert auc["version 2 above"] == ".020 (.020 to .020)"
    assert "version 4" in asked(opened, "compare", SCORE, "1", "challenger").stdout


def test_a_version_is_not_compared_with_itself(opened: Open):
    shown = asked(opened, "compare", SCORE, "4", "challenger")

    assert shown.exit_code == 2
    assert "two different versions are compared" in shown.stderr


def test_a_run_s_own_card_has_no_version_yet(opened: Open):
    model = TableModel("additive", -2.0, ())

    texts = card_texts(opened.score(SCORE), opened.place, model, evaluation())

    assert "version given when it is registered" in texts["card.md"]
