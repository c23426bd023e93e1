"""Fuzzing: the whole API, as three users, by what it says of itself.

Schemathesis makes requests from the API's own description, well-formed and not, and
sends them as a worker and a manager of one team and a worker of another. No answer may
be a failure of the service or one that is not described, none may come without a token,
and none may tell anybody of the other team's people: no name, record, case or id.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.report import Report, progress
from tests.fuzzed import fuzz


CASES = 10_000
SEED = 1
TARGETS = {
    "cases": (">=", 9_000.0),
    "failures": ("<=", 0.0),
    "let_in_without_a_token": ("<=", 0.0),
    "others_shown": ("<=", 0.0),
}


def run(arguments: list[str]) -> Report:
    """Ask for what nobody would."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks fuzz")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = fuzz(Path(folder), cases=asked.cases, seed=asked.seed)
    progress(f"answers: {dict(sorted(found.statuses.items()))}")
    for what, often in Counter(found.failures + found.others_shown).most_common(20):
        progress(f"{often} times: {what}")
    figures: dict[str, float | None] = {
        "cases": sum(found.statuses.values()),
        "operations": len(found.operations),
        "failures": len(found.failures),
        "let_in_without_a_token": len(found.let_in),
        "others_shown": len(found.others_shown),
    }
    return Report("fuzz", figures, TARGETS)
