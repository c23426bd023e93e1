"""Fuzzing: the whole API, as three users, by what it says of itself.

Schemathesis makes requests from the API's own description, well-formed and not, and
sends them as a worker and a manager of one team and a worker of another. No answer may
be a failure of the service or one that is not described, none may come without a token,
and none may tell anybody of the other team's people: no name, record, case or id.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from benchmarks.databases import on_each_database
from benchmarks.report import Report, progress
from tests.fuzzed import Found, fuzz


CASES = 10_000
# Some are drawn that cannot be written as a request, and some operations take nothing.
DRAWN = 1.1
SEED = 1
_NONE = ("failures", "let_in_without_a_token", "others_shown")
TARGETS = {
    f"{database}_{figure}": target
    for database in ("sqlite", "postgres")
    for figure, target in (
        ("cases", (">=", float(CASES))),
        *((name, ("<=", 0.0)) for name in _NONE),
    )
}


def run(arguments: list[str]) -> Report:
    """Ask for what nobody would, over a ledger on each database.

    Without a Postgres its figures are missing, and the benchmark says so.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks fuzz")
    parser.add_argument("--cases", type=int, default=CASES, help="on each database")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args(arguments)

    def fuzzed(folder: Path) -> Found:
        found = fuzz(folder, cases=int(DRAWN * asked.cases), seed=asked.seed)
        _tell(found)
        return found

    figures: dict[str, float | None] = {}
    for database, found in on_each_database(fuzzed).items():
        counts = _counts(found) if found else dict.fromkeys(("cases", *_NONE))
        figures |= {f"{database}_{name}": count for name, count in counts.items()}
    return Report("fuzz", figures, TARGETS)


def _tell(found: Found) -> None:
    progress(f"answers: {dict(sorted(found.statuses.items()))}")
    for what, often in Counter(found.failures + found.others_shown).most_common(20):
        progress(f"{often} times: {what}")


def _counts(found: Found) -> dict[str, float | None]:
    return {
        "cases": sum(found.statuses.values()),
        "operations": len(found.operations),
        "failures": len(found.failures),
        "let_in_without_a_token": len(found.let_in),
        "others_shown": len(found.others_shown),
    }
