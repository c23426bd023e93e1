from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lamppost.cli.app import app


VERBS = [
    "demo",
    "init",
    "check",
    "load",
    "link",
    "people",
    "build",
    "train",
    "promote",
    "recalibrate",
    "score",
    "forecast",
    "expect",
    "card",
    "compare",
    "serve",
    "migrate",
    "monitor",
    "doctor",
    "town",
]
LINK_VERBS = ["review", "changes"]
AUDIT_VERBS = ["verify", "person", "restored", "guard"]


def run(*arguments: str | Path):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    place = tmp_path / "place"
    assert run("init", place).exit_code == 0
    return place


def change(place: Path, file: str, old: str, new: str) -> None:
    path = place / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_help_names_every_verb():
    shown = run("--help").stdout

    for verb in [*VERBS, "audit"]:
        assert f"  {verb}" in shown


def test_help_on_links_names_every_verb_about_them():
    shown = run("link", "--help").stdout

    for verb in LINK_VERBS:
        assert f"  {verb}" in shown


def test_help_on_the_audit_names_every_verb_about_it():
    shown = run("audit", "--help").stdout

    for verb in AUDIT_VERBS:
        assert f"  {verb}" in shown


GROUPED = [f"link {verb}" for verb in LINK_VERBS]
GROUPED += [f"audit {verb}" for verb in AUDIT_VERBS]


@pytest.mark.parametrize("verb", [*VERBS, *GROUPED])
def test_every_verb_has_help_and_can_answer_in_json(verb: str):
    shown = run(*verb.split(), "--help")

    assert shown.exit_code == 0
    assert "--json" in shown.stdout


def test_help_imports_nothing_heavy():
    heavy = (
        "pydantic duckdb ibis pandas numpy pyarrow sklearn lightgbm mlflow sqlalchemy "
        "alembic psycopg"
    )
    program = f"""
import sys
from typer.testing import CliRunner
from lamppost.cli.app import app
CliRunner().invoke(app, ["--help"])
print([name for name in {heavy.split()} if name in sys.modules])
"""

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_the_place_that_init_writes_checks(starter: Path):
    shown = run("check", "--place", starter)

    assert shown.exit_code == 0, shown.stderr
    assert "scores: care_package" in shown.stdout


def test_init_refuses_a_folder_that_holds_something(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("mine")

    shown = run("init", tmp_path)

    assert shown.exit_code == 2
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_check_tells_all_faults_of_all_files_at_once(starter: Path):
    change(
        starter, "place.toml", "suppression_threshold = 7", "suppression_threshold = 3"
    )
    change(starter, "sources/contacts.toml", 'delivery = "delta"', 'delivery = "daily"')
    change(starter, "indicators/contacts.toml", 'measure = "age"', 'measures = "age"')

    shown = run("check", "--place", starter)

    assert shown.exit_code == 1
    for where in (
        "place.toml: suppression_threshold",
        "sources/contacts.toml: file.delivery",
        "indicators/contacts.toml: indicators[2].measure",
    ):
        assert where in shown.stderr


def test_check_tells_faults_between_files(starter: Path):
    change(starter, "sources/contacts.toml", 'partner = "council"', 'partner = "nhs"')
    change(starter, "indicators/contacts.toml", "kind = 'REQUEST'", "sort = 'REQUEST'")

    shown = run("check", "--place", starter)

    assert shown.exit_code == 1
    assert "sources/contacts.toml: partner" in shown.stderr
    assert "indicators[0].filter" in shown.stderr


def test_faults_in_json_say_what_where_got_and_next(starter: Path):
    change(starter, "place.toml", 'name = "my_place"', 'name = "My Place"')

    shown = run("check", "--place", starter, "--json")

    (fault,) = json.loads(shown.stdout)["faults"]
    assert fault["where"].endswith("place.toml: name")
    assert fault["got"] == "'My Place'"
    assert fault["what"] and fault["next"]


def test_a_score_must_forbid_refusing_reducing_and_rationing(starter: Path):
    change(
        starter, "scores/care_package.toml", '"refuse", "reduce", "ration"', '"refuse"'
    )

    shown = run("check", "--place", starter)

    assert shown.exit_code == 1
    assert "['ration', 'reduce']" in shown.stderr


def test_a_store_inside_the_place_is_a_misuse(starter: Path):
    shown = run("check", "--place", starter, "--store", starter / "data")

    assert shown.exit_code == 2
    assert "data is kept apart from definitions" in shown.stderr


def test_an_unknown_source_is_a_misuse_that_names_the_known_ones(
    starter: Path, tmp_path: Path
):
    shown = run("load", tmp_path / "x.csv", "--source", "gp", "--place", starter)

    assert shown.exit_code == 2
    assert "name one of: contacts" in shown.stderr


def test_a_refused_extract_leaves_no_store(starter: Path, tmp_path: Path):
    extract = tmp_path / "contacts.csv"
    extract.write_text("contact_id,nhs_no\nA1,9434765919\n")
    store = tmp_path / "store"

    shown = run(
        "load", extract, "--source", "contacts", "--place", starter, "--store", store
    )

    assert shown.exit_code == 1
    assert "9434765919" not in shown.stdout + shown.stderr
    assert not list(store.rglob("*.parquet"))


def test_doctor_shows_where_each_setting_comes_from(
    starter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LAMPPOST_LEDGER", "sqlite:///elsewhere.db")

    shown = run("doctor", "--place", starter, "--store", tmp_path / "s", "--json")

    answer = json.loads(shown.stdout)
    origins = {row["setting"]: row["from"] for row in answer["settings"]}
    assert origins == {
        "store": "option",
        "ledger_url": "environment",
        "tracking_uri": "default",
        "key_file": "default",
        "audit_key_file": "default",
        "anchors": "default",
    }
    assert shown.exit_code == 0, answer["problems"]


def test_doctor_counts_a_place_with_faults_as_a_problem(starter: Path, tmp_path: Path):
    change(starter, "place.toml", 'name = "my_place"', "name = 1")

    shown = run("doctor", "--place", starter, "--store", tmp_path / "s")

    assert shown.exit_code == 1
    assert "run: lamppost check" in shown.stdout
