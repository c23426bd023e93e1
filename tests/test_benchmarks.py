from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.report import Report


ROOT = Path(__file__).parents[1]
NAMES = (
    *("audit", "causes", "chicago", "crash", "demand", "doubt", "expect", "explain"),
    *("fuzz", "indicators", "leaks", "linkage", "oulad", "serve", "town", "train"),
)


@pytest.mark.parametrize(
    ("figure", "target", "met"),
    [
        (3.5, (">=", 3.5), True),
        (3.4, (">=", 3.5), False),
        (4.0, ("<=", 4.0), True),
        (4.1, ("<=", 4.0), False),
    ],
)
def test_a_target_is_met_or_missed(figure: float, target: tuple[str, float], met: bool):
    assert Report("x", {"a": figure}, {"a": target}).met is met


def test_a_report_whose_figures_could_not_be_made_is_not_met():
    assert not Report("x", {"a": None}, {"a": (">=", 1.0)}).met


def test_a_figure_that_could_not_be_made_is_null_and_has_no_target():
    report = Report("x", {"a": None, "b": 2}, {"a": (">=", 1.0), "b": (">=", 1.0)})

    told = json.loads(report.as_json())

    assert told["figures"] == {"a": None, "b": 2}
    assert told["targets"] == {"b": [">=", 1.0]}
    assert told["met"] is True


def test_an_unknown_benchmark_is_a_misuse_that_names_the_known_ones():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nothing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert f"{{{','.join(NAMES)}}}" in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_every_benchmark_stands_in_the_readme(name: str):
    assert re.search(rf"`{name}`", (ROOT / "README.md").read_text())
