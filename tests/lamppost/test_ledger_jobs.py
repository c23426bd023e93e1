from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lamppost.cli.app import app
from models.ledger.ledger import connect_ledger, read_version
from models.ledger.tables import VERSION


def run(*arguments: str | Path):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path, monkeypatch):
    """The address of a ledger without tables, as the environment names it."""
    address = f"sqlite:///{tmp_path / 'store' / 'ledger.db'}"
    if request.param == "postgres":
        address = request.getfixturevalue("postgres").empty()
    monkeypatch.setenv("LAMPPOST_LEDGER", address)
    return address


def version_of(url):
    ledger = connect_ledger(url)
    found = read_version(ledger)
    ledger.close()
    return found


def test_migrate_makes_the_tables_and_again_is_nothing(url, tmp_path):
    answers = [run("migrate", "--place", tmp_path, "--json") for _ in range(2)]

    told = [json.loads(answer.stdout) for answer in answers]
    assert [answer["was"] for answer in told] == ["without tables", VERSION]
    assert [answer["is"] for answer in told] == [VERSION, VERSION]
    assert version_of(url) == VERSION


def test_a_database_that_does_not_answer_is_told_of_in_a_sentence(
    tmp_path, monkeypatch
):
    gone = f"postgresql://lamppost:secret@/ledger?host={tmp_path}"
    monkeypatch.setenv("LAMPPOST_LEDGER", gone)

    shown = run("migrate", "--place", tmp_path)

    assert shown.exit_code == 1
    assert "its database must answer" in shown.stderr
    assert "secret" not in shown.output


def test_doctor_tells_of_a_ledger_that_cannot_be_used_and_shows_no_password(
    tmp_path, monkeypatch
):
    gone = f"postgresql://lamppost:secret@/ledger?host={tmp_path}"
    monkeypatch.setenv("LAMPPOST_LEDGER", gone)
    assert run("init", tmp_path / "place").exit_code == 0

    shown = run("doctor", "--place", tmp_path / "place", "--json")

    (problem,) = json.loads(shown.stdout)["problems"]
    assert "see that the database runs" in problem
    assert "secret" not in shown.output


def test_doctor_says_how_to_make_the_tables_of_a_server(
    tmp_path, postgres, monkeypatch
):
    monkeypatch.setenv("LAMPPOST_LEDGER", postgres.empty())
    assert run("init", tmp_path / "place").exit_code == 0

    shown = run("doctor", "--place", tmp_path / "place")

    assert "run: lamppost migrate" in shown.stdout
