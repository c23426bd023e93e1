"""Writers that are killed at random: what was acknowledged is there, and there once.

A process group scores, shows, promotes and serves over one ledger, in a file and on a
real Postgres, and is killed with SIGKILL again and again (`tests/crash_rig.py`). A
client of the service writes decisions, opinions and allocations, and sends again what
was not answered.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.databases import on_each_database
from benchmarks.report import Report, progress
from tests.crash_notes import Outcome
from tests.crash_rig import crash


KILLS = 200
SEED = 11
FAULTS = ("lost", "doubled", "unrecorded", "answered_otherwise", "broken")


def run(arguments: list[str]) -> Report:
    """Kill writers of each database, and count what was lost and what is doubled.

    Without a Postgres its figures are missing, and the benchmark says so.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks crash")
    parser.add_argument("--kills", type=int, default=KILLS, help="of each database")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args(arguments)

    def killed(folder: Path) -> Outcome:
        found = crash(folder, kills=asked.kills, seed=asked.seed)
        progress(str(found))
        return found

    figures: dict[str, float | None] = {}
    for database, found in on_each_database(killed).items():
        figures |= _figures(database, found)
    faults = [f"{d}_{name}" for d in ("sqlite", "postgres") for name in FAULTS]
    return Report("crash", figures, dict.fromkeys(faults, ("<=", 0)))


def _figures(database: str, found: Outcome | None) -> dict[str, float | None]:
    if found is None:
        return {f"{database}_{name}": None for name in FAULTS}
    return {f"{database}_{name}": count for name, count in vars(found).items()}
