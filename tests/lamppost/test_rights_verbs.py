"""The verbs about rights and forgetting, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lamppost.cli.app import app


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A starter place with an empty store."""
    assert CliRunner().invoke(app, ["init", str(tmp_path / "place")]).exit_code == 0
    return tmp_path


def typed(place: Path, *arguments: str) -> Result:
    where = ["--place", str(place / "place"), "--store", str(place / "store")]
    return CliRunner().invoke(app, [*arguments, *where])


def told(place: Path, *arguments: str) -> dict[str, Any]:
    shown = typed(place, *arguments, "--json")
    assert shown.exit_code == 0, shown.stderr
    answer: dict[str, Any] = json.loads(shown.stdout)
    return answer


def test_a_request_is_added_listed_and_answered(place: Path) -> None:
    asked = ("--owner", "Head of data", "--received", "2026-01-31")
    added = told(place, "rights", "add", "complaint", *asked)

    listed = told(place, "rights", "list")
    said = ("--outcome", "granted", "--text", "put right")
    told(place, "rights", "answer", str(added["request"]), *said)

    assert added["due"] == "2026-02-28"
    assert [row["owner"] for row in listed["requests"]] == ["Head of data"]
    assert told(place, "rights", "list")["requests"] == []
    assert len(told(place, "rights", "list", "--answered")["requests"]) == 1


def test_where_nothing_was_forgotten_there_is_nothing_to_replay(place: Path) -> None:
    assert told(place, "purge", "replay") == {"tombstones": 0, "records": 0, "rows": 0}
    assert told(place, "purge", "agreements") == {"sources": []}


def test_whom_nobody_knows_ends_with_status_1(place: Path) -> None:
    shown = typed(place, "purge", "person", "0" * 32, "--because", "asked")

    assert shown.exit_code == 1
    assert "a store must know whom to forget" in shown.stderr


def test_a_source_that_is_not_declared_is_a_misuse(place: Path) -> None:
    assert typed(place, "purge", "source", "sales").exit_code == 2


@pytest.mark.parametrize(
    "verb",
    [
        ("pack", "9"),
        ("show", "9"),
        ("choose", "9", "health", "keep", "--because", "hers"),
        ("release", "9", "--by", "max"),
    ],
)
def test_a_pack_that_is_not_there_ends_with_status_1(
    place: Path, verb: tuple[str, ...]
) -> None:
    shown = typed(place, "rights", *verb)

    assert shown.exit_code == 1
    assert "nothing of that number" in shown.stderr


def test_a_choice_that_is_neither_is_a_misuse(place: Path) -> None:
    verb = ("rights", "choose", "9", "health", "perhaps", "--because", "hers")

    assert typed(place, *verb).exit_code == 2
